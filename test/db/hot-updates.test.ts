// Updates of orders stay in their pages and touch no index (docs/decisions/0015).
import { expect, it } from 'vitest'
import { catalogSource } from '../../src/core/catalog/catalog.ts'
import { receiver } from '../../src/core/messages/receive.ts'
import { buyer } from '../../src/core/orders/buying/buy.ts'
import { anyNumber, type Selection } from '../../src/core/orders/buying/selection.ts'
import type { Order } from '../../src/core/orders/order.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { attempts } from '../harness/attempts.ts'
import { testDatabase } from '../harness/database.ts'
import { cancelOrder, endOverdueOrders, finishOrder } from '../harness/ending.ts'
import { eventually } from '../harness/program.ts'
import { testCustomer } from '../harness/server.ts'
import { lots } from '../promises/market.ts'

/** What the statements of an order's life change; a rental or an inbox may also change the deadline. */
const changing = [
  ...['state', 'code', 'code_as_written', 'message_count', 'resend_count', 'resend_pending'],
  ...['replaces', 'replaced_by', 'expires_at', 'received_at', 'closed_at', 'renewals'],
]

it('no index of orders names a column that changes, not even in its predicate', async () => {
  const { db } = await testDatabase()
  const named = await db.query<{ index: string; column: string }>(
    `select distinct i.indexrelid::regclass::text as index, a.attname as column
       from pg_index i
       join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = i.indexrelid
        and d.refclassid = 'pg_class'::regclass and d.refobjid = i.indrelid
       join pg_attribute a on a.attrelid = i.indrelid and a.attnum = d.refobjsubid
      where i.indrelid in (select relid from pg_partition_tree('orders'))`,
  )
  for (const column of ['account_id', 'service_id', 'kind', 'country'])
    expect(named).toContainEqual({ index: 'orders_listed', column })
  expect(named).toContainEqual({ index: 'orders_0_listed', column: 'account_id' })
  expect(named).toContainEqual({ index: 'orders_0_noted', column: 'note' })
  expect(named.filter(({ column }) => changing.includes(column))).toEqual([])
  const columns = await db.query<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = 'orders'::regclass and attnum > 0`,
  )
  expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining(changing))
})

const rounds = attempts(12, 36)
const ordersARound = 100
const roundS = 10
const windowS = 60

/** 0.98 and more on a quiet machine; none if an index has a column that changes. Versions are pruned once no
 * transaction sees them: on a busy machine one that waits to run holds them. */
const minShare = 0.75
const maxTries = 3

it('nearly all updates of activations are HOT, whatever becomes of them', async () => {
  const shares: number[] = []
  while (shares.length < maxTries && (shares.at(-1) ?? 0) <= minShare) shares.push(await hotShare())
  expect(Math.max(...shares), `shares: ${shares}`).toBeGreaterThan(minShare)
})

/** The share of HOT updates over the lives of some thousand orders. */
async function hotShare(): Promise<number> {
  const { db: watching, url } = await testDatabase('demo')
  const { accountId } = await testCustomer(watching, { credit: '10000' })
  const before = await updates(watching)
  // Its sessions report their counts when they end.
  const db = openDatabase({ url, poolSize: 4 })
  await live(db, accountId)
  const [ended] = await db.query<Record<string, number>>(
    `select count(*)::int as orders, count(closed_at)::int as closed,
            count(*) filter (where state = 'cancelled')::int as cancelled,
            count(*) filter (where state = 'finished')::int as finished,
            count(*) filter (where state = 'expired')::int as expired,
            count(*) + count(received_at) - count(*) filter (where closed_at is null) as changes
       from orders where account_id = $1`,
    [accountId],
  )
  await db.end()
  const { orders = 0, changes = 0, ...counts } = ended ?? {}
  expect(orders).toBe(rounds * ordersARound)
  for (const [what, count] of Object.entries(counts))
    expect(count, what).toBeGreaterThan(10 * rounds)

  const counted = await eventually(async () => {
    const now = await updates(watching)
    return now.all - before.all >= changes && now
  })
  return (counted.hot - before.hot) / (counted.all - before.all)
}

async function updates(db: Database): Promise<{ all: number; hot: number }> {
  const [row] = await db.query<{ all: number; hot: number }>(
    `select sum(n_tup_upd)::int as all, sum(n_tup_hot_upd)::int as hot from pg_stat_user_tables
      where relid in (select relid from pg_partition_tree('orders'))`,
  )
  return row ?? { all: 0, hot: 0 }
}

/** In each round orders are bought, some open ones are cancelled, get a code or are finished, and those whose
 * window is over are ended. */
async function live(db: Database, accountId: number) {
  const buyOne = await buyerFor(db, accountId)
  const receive = receiver(db, catalogSource(db), () => {})
  const { share } = lots(7)
  const start = Date.now()
  let open: { order: Order; hasCode: boolean }[] = []
  for (let round = 0; round < rounds + windowS / roundS; round++) {
    const now = new Date(start + round * roundS * 1000)
    if (round < rounds) {
      const bought = Array.from({ length: ordersARound }, () => buyOne(now))
      open.push(...(await Promise.all(bought)).map((order) => ({ order, hasCode: false })))
    }
    while ((await endOverdueOrders(db, now)) > 0);
    open = open.filter(({ order }) => order.expiresAt > now)
    const acting = new Set(open.filter(() => share() < 0.2))
    const kept = [...acting].map(async (one) => {
      const { order, hasCode } = one
      if (hasCode) await finishOrder(db, now, order)
      else if (share() < 0.4) await cancelOrder(db, now, order)
      else {
        expect((await receive(now, messageFor(order))).state).toBe('delivered')
        return [{ order, hasCode: true }]
      }
      return []
    })
    open = [...open.filter((one) => !acting.has(one)), ...(await Promise.all(kept)).flat()]
  }
}

/** Buys one number at a time, for one service after the other: the demo has few numbers of each. */
async function buyerFor(db: Database, accountId: number): Promise<(now: Date) => Promise<Order>> {
  const terms = { cancelCooldownS: 0, activationWindowS: windowS }
  const limits = { maxOpenOrders: null, maxOrdersADay: null, maxCancelledPercent: null }
  const buy = buyer(db, terms, () => limits)
  const services = await db.query<{ id: number }>(
    `select s.service_id as id from stock s join services v on v.id = s.service_id and v.test is null
      where s.for_sale and not s.reserved group by 1 having sum(s.remaining) >= 60 order by 1`,
  )
  let bought = 0
  return async (now) => {
    const serviceId = services[Math.floor(bought++ / 60)]?.id as number
    const selection: Selection = { ...anyNumber, serviceId }
    const result = await buy(now, { accountId, selection, quantity: 1, once: null })
    if ('repeated' in result) throw new Error('no key was given')
    return result.orders[0] as Order
  }
}

const messageFor = (order: Order) => ({
  supplierId: 1,
  supplierRef: `life-${order.id}`,
  channel: 'sms' as const,
  phone: order.phone as string,
  sender: 'Example',
  text: `Your code is ${100_000 + Number(order.id % 900_000n)}`,
  hint: { orderId: order.id, serviceId: order.serviceId },
})
