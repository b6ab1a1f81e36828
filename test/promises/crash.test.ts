// Promise 4: what was acknowledged is there after `kill -9` of the server or of PostgreSQL, each thing once.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createAccount } from '../../src/core/accounts/accounts.ts'
import { creditAccount } from '../../src/core/accounts/adjustments.ts'
import { createKey } from '../../src/core/accounts/keys.ts'
import { parseAmount } from '../../src/core/money.ts'
import { attempts } from '../harness/attempts.ts'
import { withEmbedded } from '../harness/embedded.ts'
import { prepareDataDir } from '../harness/prepared.ts'
import { eventually, killAll, type Program, startProgram, unlimited } from '../harness/program.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'
import { testSupplier } from '../harness/server.ts'
import { expectAcknowledged } from './acknowledged.ts'
import { Load } from './crash-load.ts'
import { expectCleanAudit, lots } from './market.ts'

const rounds = attempts(1, 8)
/** A kill comes after so many answers more, up to twice as many: at no fixed moment. */
const answersBeforeKill = 40

describe.skipIf(process.platform !== 'linux')('after kill -9', async () => {
  const scratch = await newScratch()
  const dataDir = join(scratch, 'data')
  await prepareDataDir(dataDir)
  const start = () =>
    startProgram({
      NUMLET_DATA: dataDir,
      ...unlimited,
      NUMLET_LOG: 'silent',
    })
  let program: Program = await start()
  const { accountId, load } = await openAccount()
  const seen = { replayed: 0, notReady: 0 }

  afterAll(async () => {
    expect(await program.end('SIGTERM'), program.output()).toBe(0)
    await dropScratch(scratch)
  })

  it(`of the server, ${rounds} times under load, everything acknowledged is there once`, {
    timeout: 600_000,
  }, async () => {
    for (let round = 0; round < rounds; round++) {
      await underLoad(round, async () => void (await program.end('SIGKILL')))
      program = await start()
      await checkEverything()
    }
    // Without requests that were cut off nothing was tested.
    expect(seen.replayed).toBeGreaterThan(rounds)
  })

  it(`of PostgreSQL, ${rounds} times under load, it comes back by itself and nothing is lost`, {
    timeout: 600_000,
  }, async () => {
    const { pid } = program
    for (let round = 0; round < rounds; round++) {
      await underLoad(1_000 + round, async () => {
        killAll(await postmasterPid(dataDir))
        const down = await eventually(async () => {
          const answer = await fetch(`${program.url}/health/ready`)
          return answer.status === 503 ? answer : null
        })
        expect(await down.json()).toEqual({
          status: 'not ready',
          missing: [expect.stringMatching(/^the database cannot be reached/)],
          details: expect.any(Object),
        })
        expect(down.headers.get('retry-after')).toMatch(/^\d+$/)
        seen.notReady++
        await eventually(async () => (await fetch(`${program.url}/health/ready`)).ok)
      })
      await checkEverything()
    }
    expect(seen.notReady).toBe(rounds)
    expect(load.unavailable).toBeGreaterThan(0)
    expect(program.pid).toBe(pid)
  })

  /** Runs the load, kills in the midst of it, and lets the load go on until the killing is over. */
  async function underLoad(seed: number, kill: () => Promise<void>) {
    const lot = lots(seed)
    let isOver = false
    const killAt = load.acknowledged + answersBeforeKill + lot.below(answersBeforeKill)
    const running = load.run(program, lot, () => isOver)
    try {
      await eventually(async () => load.acknowledged >= killAt)
      await kill()
    } finally {
      isOver = true
      await running
    }
  }

  async function checkEverything() {
    seen.replayed += load.unanswered.length
    await load.retry(program)
    expect(load.wrong).toEqual([])
    await withEmbedded(dataDir, async (db) => {
      await expectAcknowledged(db, { accountId, load })
      await expectCleanAudit(db)
    })
  }

  function openAccount() {
    return withEmbedded(dataDir, async (db) => {
      const { id } = await createAccount(db, { email: 'crash@example.com', currency: 'USD' })
      const amount = parseAmount('1000000') as bigint
      await creditAccount(db, new Date(), { accountId: id, amount, reference: 'test' })
      const { key } = await createKey(db, new Date(), { accountId: id })
      const { secret } = await testSupplier(db)
      return { accountId: id, load: new Load(key, secret) }
    })
  }
})

async function postmasterPid(dataDir: string): Promise<number> {
  const file = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')
  return Number(file.split('\n')[0])
}
