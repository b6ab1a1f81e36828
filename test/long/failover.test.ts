// The primary is killed under load and its standby promoted, three times each: synchronous replication loses
// nothing that was acknowledged. With both kinds, streams and webhooks go on and no id is given twice.
import { describe, expect, it, onTestFinished } from 'vitest'
import { createAccount } from '../../src/core/accounts/accounts.ts'
import { creditAccount } from '../../src/core/accounts/adjustments.ts'
import { createKey } from '../../src/core/accounts/keys.ts'
import { placeOfEventId } from '../../src/core/events/event-id.ts'
import { isAfter, type Place } from '../../src/core/events/tail.ts'
import { parseAmount } from '../../src/core/money.ts'
import { publicIds } from '../../src/core/public-id.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { openPair, type Pair, type Waits } from '../epochs/pair.ts'
import { testKey } from '../harness/database.ts'
import { eventually, unlimited } from '../harness/program.ts'
import { allowLocal, openReceiver } from '../harness/receiver.ts'
import { call, testSupplier } from '../harness/server.ts'
import type { Told } from '../harness/stream.ts'
import { expectAcknowledged } from '../promises/acknowledged.ts'
import { Load } from '../promises/crash-load.ts'
import { expectCleanAudit, lots } from '../promises/market.ts'
import { startNumlet } from '../start/program.ts'
import { eachInTurn, follow, payIn, type Target, untilServed } from './failover-clients.ts'

const answersBeforeKill = 60
const answersAfter = 60
/** What an asynchronous standby lacks. */
const answersNotSent = 20
const patienceMs = 300_000

/** Two servers and a worker, which are never restarted. */
async function openNodes(url: string) {
  const env = {
    ...allowLocal,
    DATABASE_URL: url,
    NUMLET_ENCRYPTION_KEY: testKey,
    // The sandbox takes deposits.
    NUMLET_DEMO: '1',
    ...unlimited,
  }
  const nodes = [['serve'], ['serve'], ['work']].map((args) => startNumlet(env, { args }))
  const [one, two, worker] = nodes as [(typeof nodes)[0], (typeof nodes)[0], (typeof nodes)[0]]
  const urls = [await one.ready(), await two.ready()]
  await worker.says(/The worker is running/)
  return {
    urls,
    async stop() {
      for (const { child } of nodes) child.kill('SIGTERM')
      for (const { ended } of nodes) expect(await ended).toBe(0)
    },
  }
}

async function openAccount(db: Database, email: string) {
  const { id } = await createAccount(db, { email, currency: 'USD' })
  const amount = parseAmount('1000000') as bigint
  await creditAccount(db, new Date(), { accountId: id, amount, reference: 'test' })
  const { key } = await createKey(db, new Date(), { accountId: id })
  return { accountId: id, key }
}

type Customer = Awaited<ReturnType<typeof openCustomer>>

/** A customer who buys, pays in, follows the streams of both servers and has a webhook. */
async function openCustomer(db: Database, urls: readonly string[]) {
  const { accountId, key } = await openAccount(db, 'standby@example.com')
  const other = await openAccount(db, 'waiting@example.com')
  const { secret } = await testSupplier(db)
  const receiver = await openReceiver()
  const at = eachInTurn(urls)
  const hook = await call<{ id: string }>(at, key, 'POST', '/v1/webhooks', {
    url: receiver.url,
    events: ['*'],
  })
  expect(hook.status).toBe(201)
  return {
    accountId,
    key,
    waitingKey: other.key,
    at,
    load: new Load(key, secret),
    receiver,
    payer: payIn(at, key),
    streams: [follow(at, key), follow(eachInTurn([...urls].reverse()), key)],
    /** Deliveries as they were listed before and after each kill. */
    deliveries: async () =>
      (
        await call<{ data: { id: string; event_id: string }[] }>(
          at,
          key,
          'GET',
          `/v1/webhooks/${hook.body.id}/deliveries?limit=100`,
        )
      ).body.data,
  }
}

/** What each id was told for. */
class Names {
  readonly #named = new Map<string, Set<string>>()

  add(id: string, thing: string): void {
    this.#named.set(id, (this.#named.get(id) ?? new Set()).add(thing))
  }

  expectOneEach(): void {
    for (const [id, things] of this.#named) expect([...things], id).toHaveLength(1)
  }
}

/** No id was told for two things, by whatever way. */
function expectOneNameEach({ load, payer, streams, receiver }: Customer, all: Names): void {
  for (const [id, things] of [...load.named, ...payer.named])
    for (const thing of things) all.add(id, thing)
  const tell = (id: string, { type, timestamp, data }: Omit<Told, 'id'>) =>
    all.add(id, `${type} ${timestamp} ${data.id}`)
  for (const { told } of streams) for (const one of told) tell(one.id, one)
  for (const { headers, body } of receiver.received)
    tell(headers['webhook-id'] as string, JSON.parse(body))
  all.expectOneEach()
}

const eventsOf = async (db: Database, accountId: number) =>
  (
    await db.query<{ id: string }>(
      `select 'evt_' || epoch || '_' || xid::text || '_' || id as id from events e
        where account_id = $1 order by e.epoch, e.xid, e.id`,
      [accountId],
    )
  ).map(({ id }) => id)

/** Streams have told all that is there, in its order; webhooks have told all of it. @returns what was told
 * twice by a webhook, and what was told of things that are lost */
async function expectTold(db: Database, { accountId, streams, receiver }: Customer) {
  const events = await eventsOf(db, accountId)
  const lacks = (ids: Iterable<string>) => {
    const there = new Set(ids)
    return events.some((id) => !there.has(id))
  }
  for (const { told } of streams) {
    await eventually(async () => !lacks(told.map(({ id }) => id)), patienceMs)
    const places = told.map(({ id }) => placeOfEventId(id) as Place)
    for (let at = 1; at < places.length; at++)
      expect(isAfter(places[at] as Place, places[at - 1] as Place), told[at]?.id).toBe(true)
  }
  const pushed = () => receiver.received.map(({ headers }) => headers['webhook-id'] as string)
  await eventually(async () => !lacks(pushed()), patienceMs)
  const kept = new Set(events)
  const told = new Set([...pushed(), ...streams.flatMap((one) => one.told.map(({ id }) => id))])
  return {
    twice: pushed().length - new Set(pushed()).size,
    ofLost: [...told].filter((id) => !kept.has(id)).length,
  }
}

/** A kill in the midst of purchases, messages, cancels and deposits, and more of them afterwards. */
async function failOver(pair: Pair, customer: Customer, at: Target, seed: number, waits: Waits) {
  const { load } = customer
  await pair.follow(waits)
  let isOver = false
  const start = load.acknowledged
  const running = load.run(at, lots(seed), () => isOver)
  try {
    await eventually(async () => load.acknowledged > start + answersBeforeKill, patienceMs)
    if (waits === null) {
      await pair.leaveBehind()
      const sent = load.acknowledged
      await eventually(async () => load.acknowledged > sent + answersNotSent, patienceMs)
    }
    await pair.killPrimary()
    const served = untilServed(at, customer.waitingKey, patienceMs)
    await pair.promoteStandby()
    const { seconds } = await served
    const then = load.acknowledged
    await eventually(async () => load.acknowledged > then + answersAfter, patienceMs)
    return seconds
  } finally {
    isOver = true
    await running
    await load.retry(at)
  }
}

describe.skipIf(process.platform !== 'linux').each([
  { kind: 'synchronous', commits: ['on', 'remote_apply', 'on'] as const },
  { kind: 'asynchronous', commits: [null, null, null] as const },
])('with $kind replication', ({ kind, commits }) => {
  it(`${commits.length} kills of the primary`, { timeout: 3 * patienceMs }, async () => {
    const pair = await openPair()
    onTestFinished(() => pair.end())
    const nodes = await openNodes(pair.url)
    const db = openDatabase({ url: pair.url, poolSize: 4 })
    onTestFinished(() => db.end())
    const customer = await openCustomer(db, nodes.urls)
    const { load, payer, streams, accountId, at } = customer
    const names = new Names()
    const unserved: number[] = []
    for (const [round, waits] of commits.entries()) {
      unserved.push(await failOver(pair, customer, at, round, waits))
      if (waits !== null) {
        expect([...load.wrong, ...payer.wrong]).toEqual([])
        await expectAcknowledged(db, { accountId, load })
      } else expect(load.wrong.filter((one) => !/^cancel: 404/.test(one))).toEqual([])
      await eventually(async () => (await customer.deliveries()).length > 0, patienceMs)
      for (const { id, event_id } of await customer.deliveries()) names.add(id, event_id)
    }
    await payer.stop()
    const { twice, ofLost } = await expectTold(db, customer)
    await Promise.all(streams.map((one) => one.stop()))
    expectOneNameEach(customer, names)
    const lost = await lostOf(db, customer)
    if (kind === 'synchronous')
      expect({ ...lost, ofLost }).toEqual({ orders: 0, paid: 0, ofLost: 0 })
    // Otherwise nothing of this was tested.
    else expect(lost.orders).toBeGreaterThan(0)
    await expectCleanAudit(db)
    const epochs = await db.query<{ reason: string }>(
      'select reason from event_epochs order by epoch',
    )
    expect(epochs.map(({ reason }) => reason)).toEqual([
      'the first',
      ...commits.map(() => 'another timeline'),
    ])
    await nodes.stop()
    process.stderr.write(
      `${kind}: ${load.acknowledged} acknowledged, lost ${lost.orders} orders and ${lost.paid} payments; ` +
        `unserved ${unserved.map((s) => s.toFixed(1)).join(', ')} s; ${load.unavailable} answers 503; ` +
        `webhooks told ${twice} events twice; ${ofLost} events told that are lost\n`,
    )
  })
})

/** Acknowledged orders and payments that are not there. */
async function lostOf(db: Database, { accountId, load, payer }: Customer) {
  const [row] = await db.query<{ id_key: Buffer }>('select id_key from installation')
  const ids = publicIds((row as { id_key: Buffer }).id_key)
  const orders = await db.query<{ id: bigint }>('select id from orders where account_id = $1', [
    accountId,
  ])
  const paid = await db.query<{ id: bigint }>(
    `select id from deposits where account_id = $1 and state = 'success'`,
    [accountId],
  )
  const tokens = (kind: 'ord' | 'dep', rows: readonly { id: bigint }[]) =>
    new Set(rows.map(({ id }) => ids.toToken(kind, id)))
  const there = { orders: tokens('ord', orders), paid: tokens('dep', paid) }
  return {
    orders: [...load.bought.values()].filter(({ id }) => !there.orders.has(id)).length,
    paid: [...payer.paid].filter((id) => !there.paid.has(id)).length,
  }
}
