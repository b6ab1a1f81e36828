// A backup of the embedded database under load, and what a restore makes of it.
import { copyFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAccount } from '../../src/core/accounts/accounts.ts'
import { creditAccount } from '../../src/core/accounts/adjustments.ts'
import { createKey } from '../../src/core/accounts/keys.ts'
import { parseAmount } from '../../src/core/money.ts'
import { writeBackup } from '../../src/db/embedded/backup.ts'
import { findEmbedded } from '../../src/db/embedded/embedded.ts'
import { homeOf } from '../../src/db/embedded/home.ts'
import { jsonOf, run } from '../cli/program.ts'
import { withEmbedded } from '../harness/embedded.ts'
import { eventually, type Program, startProgram, unlimited } from '../harness/program.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'
import { call, testSupplier } from '../harness/server.ts'
import { listen } from '../harness/stream.ts'
import { Load } from '../promises/crash-load.ts'
import { lots } from '../promises/market.ts'

const environment = (dataDir: string) => ({
  NUMLET_DATA: dataDir,
  ...unlimited,
  NUMLET_LOG: 'silent',
})

function openAccount(dataDir: string) {
  return withEmbedded(dataDir, async (db) => {
    const { id } = await createAccount(db, { email: 'backup@example.com', currency: 'USD' })
    const amount = parseAmount('1000000') as bigint
    await creditAccount(db, new Date(), { accountId: id, amount, reference: 'test' })
    const { key } = await createKey(db, new Date(), { accountId: id })
    const { secret } = await testSupplier(db)
    return { key, load: new Load(key, secret) }
  })
}

describe.skipIf(process.platform !== 'linux')('a backup', { timeout: 300_000 }, () => {
  const kept: { stop(): Promise<unknown> }[] = []
  let scratch: string
  let old: Program
  let oldData: string
  let file: string
  let account: Awaited<ReturnType<typeof openAccount>>
  beforeAll(async () => {
    scratch = await newScratch()
    oldData = await newScratch()
    file = join(scratch, 'numlet.tar.gz')
    old = await startProgram(environment(oldData))
    kept.push({ stop: () => old.end('SIGTERM') })
    account = await openAccount(oldData)
  }, 120_000)
  afterAll(async () => {
    for (const { stop } of kept) await stop()
    await dropScratch(oldData)
    await dropScratch(scratch)
  })
  const backUp = (to: string, ...more: string[]) =>
    run(['backup', to, ...more, '--json'], { NUMLET_DATA: oldData })
  const restore = (from: string, to: string) => run(['restore', from, '--data', to, '--json'], {})

  it('is made under load, and goes on where it ended', async () => {
    const { key, load } = account
    const stream = await listen(old, key, '/v1/events')
    let isOver = false
    const running = load.run(old, lots(1), () => isOver)
    await eventually(async () => load.bought.size > 30)
    const before = [...load.bought.values()].map(({ id }) => id)
    const seen = stream.told.length
    const made = await backUp(file)
    expect(made, made.stderr).toMatchObject({ code: 0 })
    expect(jsonOf(made)).toMatchObject({ file, has_key: false })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    await eventually(async () => stream.told.length > seen + 30)
    isOver = true
    await running
    expect(load.wrong).toEqual([])
    stream.stop()

    const newData = join(scratch, 'data')
    const restored = await restore(file, newData)
    expect(restored, restored.stderr).toMatchObject({ code: 0 })
    expect(jsonOf(restored)).toMatchObject({ data: newData, audit: 'ok', epoch: 2 })
    expect(restored.stderr).toContain(`NUMLET_DATA=${newData} npm start`)
    expect(await readdir(newData)).not.toContain('encryption.key')

    const fresh = await startProgram(environment(newData))
    kept.push({ stop: () => fresh.end('SIGTERM') })
    for (const id of before)
      expect(await call(fresh, key, 'GET', `/v1/orders/${id}`)).toMatchObject({ status: 200 })
    const last = stream.told.at(-1)?.id as string
    const again = await listen(fresh, key, '/v1/events', { 'last-event-id': last })
    const wanted = { service: 'telegram' }
    const bought: string[] = []
    for (let count = 0; count < 5; count++)
      bought.push(String((await call(fresh, key, 'POST', '/v1/orders', wanted)).body.id))
    const given = new Set([...load.bought.values()].map(({ id }) => id))
    for (const id of bought) expect(given.has(id)).toBe(false)
    expect((await again.until(5)).map(({ data }) => data.id)).toEqual(bought)
    again.stop()
  })

  it('is refused if it is damaged, and nothing is left', async () => {
    const cutOff = join(scratch, 'cut-off.tar.gz')
    await copyFile(file, cutOff)
    await truncate(cutOff, (await stat(file)).size - 100)
    const changed = join(scratch, 'changed.tar.gz')
    const bytes = await readFile(file)
    const at = Math.floor(bytes.length / 2)
    bytes[at] = (bytes[at] as number) ^ 1
    await writeFile(changed, bytes)
    for (const one of [cutOff, changed]) {
      const outcome = await restore(one, join(scratch, 'nowhere'))
      expect(outcome).toMatchObject({ code: 1, stdout: '' })
      expect(outcome.stderr).toMatch(
        /is not a whole backup of Numlet: .*\. Nothing was restored\.\n$/,
      )
    }
    expect(await readdir(scratch)).not.toContain('nowhere')
  })

  it('is never restored over anything, and overwrites no file', async () => {
    await writeFile(join(oldData, 'note'), '')
    const over = await restore(file, oldData)
    expect(over).toMatchObject({ code: 1, stderr: expect.stringContaining('is not empty') })
    const again = await backUp(file)
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('exists already') })
  })

  it('leaves no file if it is stopped', async () => {
    const stopped = new AbortController()
    const target = join(scratch, 'stopped.tar.gz')
    const home = homeOf(oldData)
    const url = (await findEmbedded(oldData)) as string
    const writing = writeBackup({ home, url, file: target, key: null, signal: stopped.signal })
    await eventually(async () => (await readdir(scratch)).some((name) => name.endsWith('.partial')))
    stopped.abort()
    await expect(writing).rejects.toThrow()
    expect((await readdir(scratch)).filter((name) => name.includes('stopped'))).toEqual([])
    const [slots] = await withEmbedded(oldData, (db) =>
      db.query('select count(*)::int as left from pg_replication_slots'),
    )
    expect(slots).toEqual({ left: 0 })
  })

  it('has the key only if it was asked for', async () => {
    const key = await readFile(join(oldData, 'encryption.key'), 'utf8')
    const withKey = join(scratch, 'with-key.tar.gz')
    const made = await backUp(withKey, '--with-key')
    expect(jsonOf(made)).toMatchObject({ has_key: true })
    expect(made.stderr).toContain('The encryption key is in the backup')
    const target = join(scratch, 'with-key')
    expect(await restore(withKey, target)).toMatchObject({ code: 0 })
    const restored = join(target, 'encryption.key')
    expect(await readFile(restored, 'utf8')).toBe(key)
    expect((await stat(restored)).mode & 0o777).toBe(0o600)
  })
})
