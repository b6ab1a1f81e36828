// Messages by SMPP under `kill -9`: what was acknowledged is stored, and nothing is stored twice.
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { run } from '../cli/program.ts'
import { attempts } from '../harness/attempts.ts'
import { withEmbedded } from '../harness/embedded.ts'
import { prepareDataDir } from '../harness/prepared.ts'
import { eventually, killAll, type Program, startProgram, unlimited } from '../harness/program.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'
import { message, newPhone, partMessage, password } from '../supply/smpp/node.ts'
import { patience, testSmsc } from '../supply/smpp/smsc.ts'
import { expectCleanAudit, lots } from './market.ts'

const rounds = attempts(1, 5)
const senders = 6

describe.skipIf(process.platform !== 'linux')('messages by SMPP after kill -9', async () => {
  const scratch = await newScratch()
  const dataDir = join(scratch, 'data')
  await prepareDataDir(dataDir)
  const start = () => startProgram({ ...unlimited, NUMLET_DATA: dataDir, NUMLET_LOG: 'silent' })
  let program: Program = await start()

  afterAll(async () => {
    expect(await program.end('SIGTERM'), program.output()).toBe(0)
    await dropScratch(scratch)
  })

  it(`are stored once, ${rounds} times under load`, { timeout: 600_000 }, async () => {
    const smsc = await testSmsc()
    const added = await run(
      [
        ...['suppliers', 'add', 'carrier', '--kind', 'smpp', '--secret', `password=${password}`],
        ...['--set', `url=smpp://127.0.0.1:${smsc.port}`, '--set', 'system_id=numlet', '--json'],
      ],
      { NUMLET_DATA: dataDir, NUMLET_OPERATOR: 'tester' },
    )
    expect(added.code, added.stderr).toBe(0)
    await smsc.session()
    const sent = new Map<string, string>()
    const lot = lots(23)
    for (let round = 0; round < rounds; round++) {
      let isOver = false
      let acknowledged = 0
      const send = async () => {
        while (!isOver) {
          const phone = newPhone()
          const texts = [`Code ${sent.size}, `, 'in two ', 'or three parts']
          sent.set(phone, texts.join(''))
          const all = texts.map((text, i) =>
            partMessage(phone, { reference: 9, total: 3, number: i + 1 }, text),
          )
          const parts = sent.size % 2 === 0 ? all : [message(phone, texts.join(''))]
          for (const one of parts) await smsc.persist(one)
          acknowledged++
        }
      }
      const load = Promise.all(Array.from({ length: senders }, send))
      const killAt = 30 + lot.below(30)
      await eventually(async () => acknowledged >= killAt)
      // With PostgreSQL, as a power cut would, and the server alone.
      if (round % 2 === 0) killAll(program.pid)
      const killed = program.end('SIGKILL')
      isOver = true
      await killed
      program = await start()
      await load
    }
    await withEmbedded(dataDir, async (db) => {
      // A message whose last part was stored just before the end is handed out by a job, a minute later.
      await db.query(`update split_messages set due_at = now() where state <> 'handed'`)
      await vi.waitFor(async () => {
        const open = await db.query(`select 1 from split_messages where state <> 'handed'`)
        expect(open).toEqual([])
      }, patience)
      const rows = await db.query<{ phone: string; text: string }>(
        `select m.phone, m.text from messages m join suppliers s on s.id = m.supplier_id
          where s.name = 'carrier' order by m.id`,
      )
      expect(rows.map(({ phone, text }) => `${phone} ${text}`).sort()).toEqual(
        [...sent].map(([phone, text]) => `${phone} ${text}`).sort(),
      )
      await expectCleanAudit(db)
    })
  })
})
