// The oldest supported PostgreSQL keeps the first promises, and a dump that is restored into a fresh cluster
// goes on where it was.
import { describe, expect, it, onTestFinished } from 'vitest'
import { createAccount } from '../../src/core/accounts/accounts.ts'
import { creditAccount } from '../../src/core/accounts/adjustments.ts'
import { createKey } from '../../src/core/accounts/keys.ts'
import { parseAmount } from '../../src/core/money.ts'
import { openDatabase } from '../../src/db/database.ts'
import { numletOn } from '../cli/program.ts'
import { testKey } from '../harness/database.ts'
import { eventually, unlimited } from '../harness/program.ts'
import { allowLocal, openReceiver } from '../harness/receiver.ts'
import { call, testSupplier } from '../harness/server.ts'
import { listen } from '../harness/stream.ts'
import { expectAcknowledged } from '../promises/acknowledged.ts'
import { Load } from '../promises/crash-load.ts'
import { lots } from '../promises/market.ts'
import { startNumlet } from '../start/program.ts'
import { dump, hasPostgres15, openPostgres15 } from './postgres-15.ts'

const patienceMs = 120_000

/** The whole program on a database: schema, server and jobs. */
async function startOn(url: string) {
  const { child, ended, ready } = startNumlet({
    ...allowLocal,
    DATABASE_URL: url,
    NUMLET_ENCRYPTION_KEY: testKey,
    NUMLET_DEMO: '1',
    ...unlimited,
  })
  return {
    url: await ready(),
    async stop() {
      child.kill('SIGTERM')
      expect(await ended).toBe(0)
    },
  }
}

async function openCustomer(url: string) {
  const db = openDatabase({ url, poolSize: 3 })
  onTestFinished(() => db.end())
  const { id } = await createAccount(db, { email: 'fifteen@example.com', currency: 'USD' })
  const amount = parseAmount('1000000') as bigint
  await creditAccount(db, new Date(), { accountId: id, amount, reference: 'test' })
  const { key } = await createKey(db, new Date(), { accountId: id })
  const { secret } = await testSupplier(db)
  return { db, accountId: id, key, load: new Load(key, secret) }
}

async function runLoad(load: Load, at: { url: string }, seed: number, answers: number) {
  let isOver = false
  const until = load.acknowledged + answers
  const running = load.run(at, lots(seed), () => isOver)
  await eventually(async () => load.acknowledged >= until, patienceMs)
  isOver = true
  await running
  await load.retry(at)
}

async function expectCleanBooks(url: string) {
  const { code, stdout, stderr } = await numletOn(url)(['audit', '--full'])
  expect(code, `${stdout}${stderr}`).toBe(0)
}

async function openHook(at: { url: string }, key: string) {
  const receiver = await openReceiver()
  const hook = { url: receiver.url, events: ['*'] }
  expect((await call(at, key, 'POST', '/v1/webhooks', hook)).status).toBe(201)
  return {
    told: () => receiver.received.map(({ headers }) => headers['webhook-id'] as string),
    forget: () => {
      receiver.received.length = 0
    },
  }
}

async function eventsOf(url: string, accountId: number): Promise<string[]> {
  const db = openDatabase({ url, poolSize: 1 })
  const rows = await db.query<{ id: string }>(
    `select 'evt_' || epoch || '_' || xid::text || '_' || id as id from events e
      where account_id = $1 order by e.epoch, e.xid, e.id`,
    [accountId],
  )
  await db.end()
  return rows.map(({ id }) => id)
}

describe.skipIf(!hasPostgres15())('on PostgreSQL 15', { timeout: 3 * patienceMs }, () => {
  it('each purchase, message and refund is there once, and is told', async () => {
    const url = await openPostgres15()
    const program = await startOn(url)
    const { db, accountId, key, load } = await openCustomer(url)
    const hook = await openHook(program, key)
    const stream = await listen(program, key, '/v1/events')
    await runLoad(load, program, 15, 200)
    expect(load.wrong).toEqual([])
    await expectAcknowledged(db, { accountId, load })
    const events = await eventsOf(url, accountId)
    await eventually(async () => new Set(hook.told()).size >= events.length, patienceMs)
    expect([...new Set(hook.told())].sort()).toEqual(events.toSorted())
    await eventually(async () => stream.told.length >= events.length, patienceMs)
    expect(stream.told.map(({ id }) => id)).toEqual(events)
    stream.stop()
    await program.stop()
    await expectCleanBooks(url)
  })

  it('a dump of a busy platform goes on in a fresh cluster', async () => {
    const before = await openPostgres15()
    const old = await startOn(before)
    const { db, accountId, key, load } = await openCustomer(before)
    const hook = await openHook(old, key)
    const stream = await listen(old, key, '/v1/events')
    // The fresh cluster's counter of transactions is far behind.
    await db.query(
      'do $$ begin for i in 1..5000 loop perform pg_current_xact_id(); commit; end loop; end $$',
    )
    await runLoad(load, old, 1, 60)
    const dumping = dump(before)
    await runLoad(load, old, 2, 40)
    const restore = await dumping
    await runLoad(load, old, 3, 40)
    const last = await eventsOf(before, accountId)
    await eventually(async () => stream.told.length >= last.length, patienceMs)
    const told = stream.told.map(({ id }) => id)
    stream.stop()
    await old.stop()

    const after = await openPostgres15()
    await restore(after)
    const kept = await eventsOf(after, accountId)
    expect(kept.length).toBeLessThan(told.length)
    const toldBefore = new Set(hook.told())
    hook.forget()
    const begun = performance.now()
    const restored = await startOn(after)
    const seconds = (performance.now() - begun) / 1_000
    // From an event that was kept, and from one that was lost.
    const fromKept = await listen(restored, key, '/v1/events', {
      'last-event-id': kept[9] as string,
    })
    const fromLost = await listen(restored, key, '/v1/events', {
      'last-event-id': told.at(-1) as string,
    })
    await runLoad(load, restored, 4, 60)
    expect(load.wrong).toEqual([])
    const all = await eventsOf(after, accountId)
    const fresh = all.slice(kept.length)
    await eventually(async () => fromKept.told.length >= all.length - 10, patienceMs)
    expect(fromKept.told.map(({ id }) => id)).toEqual(all.slice(10))
    await eventually(async () => fromLost.told.length >= fresh.length, patienceMs)
    expect(fromLost.told.map(({ id }) => id)).toEqual(fresh)
    await eventually(async () => fresh.every((id) => hook.told().includes(id)), patienceMs)
    for (const stream of [fromKept, fromLost]) stream.stop()
    // No id was told for two things, also none of a lost order.
    for (const [id, things] of load.named) expect([...things], id).toHaveLength(1)
    const again = new Set(hook.told().filter((id) => toldBefore.has(id)))
    process.stderr.write(
      `restored: ready ${seconds.toFixed(1)} s after the start; ${told.length - kept.length} events lost; ` +
        `webhooks told ${again.size} events again, streams none\n`,
    )
    await restored.stop()
    await expectCleanBooks(after)
  })
})
