// Orders are partitioned by their ids, a month each: beginning a month loses nothing and refuses nobody.
import { expect, it, onTestFinished } from 'vitest'
import { audit } from '../../src/core/audit/audit.ts'
import { catalogSource } from '../../src/core/catalog/catalog.ts'
import { beginEpoch } from '../../src/core/events/epoch.ts'
import { receiver } from '../../src/core/messages/receive.ts'
import { graceMs, keepMonths } from '../../src/core/months/begin.ts'
import {
  dropMonth,
  holds,
  makeMonth,
  monthsOfOrders,
  nextOrderId,
  partitionsOfOrders,
} from '../../src/core/months/months.ts'
import { buyer } from '../../src/core/orders/buying/buy.ts'
import { anyNumber } from '../../src/core/orders/buying/selection.ts'
import { listOrders } from '../../src/core/orders/list.ts'
import type { Order } from '../../src/core/orders/order.ts'
import { orderReader } from '../../src/core/orders/read.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { testDatabase } from '../harness/database.ts'
import { cancelOrder } from '../harness/ending.ts'
import { eventually } from '../harness/program.ts'
import { testCustomer } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'

const month = (number: number, day = 15) => new Date(Date.UTC(2031, number - 1, day))

async function platform(numbers: number) {
  const { db, url } = await testDatabase('demo')
  const { accountId } = await testCustomer(db, { credit: '10000' })
  const { id: serviceId } = await ownService(db, { numbers })
  return { db, url, buyOn: (own: Database) => buyerOn(own, accountId, serviceId), accountId }
}

function buyerOn(db: Database, accountId: number, serviceId: number) {
  const terms = { cancelCooldownS: 0, activationWindowS: 1_200 }
  const limits = { maxOpenOrders: null, maxOrdersADay: null, maxCancelledPercent: null }
  const buy = buyer(db, terms, () => limits)
  return async (now: Date): Promise<Order> => {
    const selection = { ...anyNumber, serviceId }
    const result = await buy(now, { accountId, selection, quantity: 1, once: null })
    if ('repeated' in result) throw new Error('no key was given')
    return result.orders[0] as Order
  }
}

/** Another node's connections. */
function node(url: string): Database {
  const db = openDatabase({ url, poolSize: 4, kind: 'requests' })
  onTestFinished(() => db.end())
  return db
}

// @NOTE first: which ids are the newest is known to the process
it('reads and changes the orders of a month without a look at those before', async () => {
  const { db, url, buyOn, accountId } = await platform(20)
  // Sessions report their counts when they end.
  const sessions = async () =>
    (await db.query('select from pg_stat_activity where datname = current_database()')).length
  const there = await sessions()
  const first = openDatabase({ url, poolSize: 1 })
  for (const number of [1, 2, 3]) {
    await buyOn(first)(month(number))
    await keepMonths(first, month(number + 1))
  }
  const { id } = await buyOn(first)(month(4))
  const current = (await partitionsOfOrders(first)).find((one) => holds(one, id))
  // From now on this process knows which ids are the newest.
  await orderReader(first)(accountId, id)
  await first.end()
  await eventually(async () => (await sessions()) <= there)
  const looks = async () => {
    const rows = await db.query<{ is_current: boolean; looks: number }>(
      `select c.oid = m.oid as is_current,
              sum(pg_stat_get_numscans(c.oid) + pg_stat_get_numscans(i.indexrelid))::int as looks
         from pg_partition_tree('orders') t join pg_class c on c.oid = t.relid and t.isleaf
         join pg_index i on i.indrelid = c.oid
         join (select $1::regclass::oid) m(oid) on c.oid <= m.oid
        group by 1`,
      [current?.table],
    )
    return {
      current: rows.find((row) => row.is_current)?.looks ?? 0,
      before: rows.find((row) => !row.is_current)?.looks ?? 0,
    }
  }
  const session = openDatabase({ url, poolSize: 1 })
  const [buy, read] = [buyOn(session), orderReader(session)]
  const receive = receiver(session, catalogSource(session), () => {})
  // Tables of a few orders are read as a whole otherwise.
  await session.query('set enable_seqscan = off')
  const before = await looks()
  for (let times = 0; times < 8; times++) {
    const [order, other] = [await buy(month(4)), await buy(month(4))]
    expect(await read(accountId, order.id)).toEqual(order)
    const received = await receive(month(4), {
      supplierId: 1,
      supplierRef: `of-${order.id}`,
      channel: 'sms',
      phone: order.phone as string,
      sender: 'Example',
      text: `Your code is 135790`,
      hint: { orderId: order.id, serviceId: order.serviceId },
    })
    expect(received.state).toBe('delivered')
    await cancelOrder(session, month(4), other)
    expect(await listOrders(session, { accountId, limit: 2 })).toHaveLength(2)
  }
  await session.end()
  const after = await eventually(async () => {
    const now = await looks()
    return now.current > before.current && now
  })
  expect(after.before).toBe(before.before)
})

it('begins one partition with each month, and only then', async () => {
  const { db, buyOn } = await platform(10)
  const buy = buyOn(db)
  const tables = async () => (await partitionsOfOrders(db)).map(({ table }) => table)
  const before = await tables()
  await keepMonths(db, month(1))
  expect(await tables()).toEqual(before)

  const january = [await buy(month(1, 1)), await buy(month(1, 31))]
  for (let times = 0; times < 3; times++) await keepMonths(db, month(1, 31))
  expect(await tables()).toEqual(before)
  await keepMonths(db, month(2, 1))
  expect(await tables()).toEqual(before)
  for (let times = 0; times < 3; times++)
    await keepMonths(db, new Date(month(2, 1).getTime() + graceMs))
  // Nobody buys in February.
  const march = [await buy(month(3, 1))]
  await keepMonths(db, month(3, 2))
  expect(await tables()).toHaveLength(before.length + 1)

  const months = await monthsOfOrders(db)
  expect(months.map(({ since, until, isCurrent }) => ({ since, until, isCurrent }))).toEqual([
    { since: month(1, 1), until: month(1, 31), isCurrent: false },
    { since: month(3, 1), until: month(3, 1), isCurrent: true },
  ])
  const stored = await db.query(
    `select tableoid::regclass::text as table, id from orders where created_at >= $1 order by id`,
    [month(1, 1)],
  )
  expect(stored).toEqual([
    ...january.map(({ id }) => ({ table: months[0]?.table, id })),
    ...march.map(({ id }) => ({ table: months[1]?.table, id })),
  ])
})

it('loses and refuses no purchase while months begin on two nodes', async () => {
  const { db, url, buyOn } = await platform(500)
  const nodes = [node(url), node(url)].map((own) => ({ own, buy: buyOn(own) }))
  const bought: Order[] = []
  const customer = async (own: Database, buy: ReturnType<typeof buyOn>, now: Date) => {
    for (let times = 0; times < 5; times++) {
      const order = await buy(now)
      bought.push(order)
      if (bought.length % 7 === 0) await cancelOrder(own, now, order)
    }
  }
  for (let number = 1; number <= 6; number++) {
    await Promise.all([
      ...nodes.flatMap(({ own, buy }) =>
        Array.from({ length: 8 }, () => customer(own, buy, month(number))),
      ),
      ...nodes.map(({ own }) => keepMonths(own, month(number))),
    ])
    bought.push(await buyOn(db)(month(number)))
  }
  const now = month(6)

  const ids = bought.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  const stored = await db.query<{ id: bigint }>('select id from orders where created_at >= $1', [
    month(1),
  ])
  expect(stored.map(({ id }) => id).sort()).toEqual([...ids].sort())
  expect(await monthsOfOrders(db)).toHaveLength(6)
  expect((await audit(db, now)).checks.filter(({ ok }) => !ok)).toEqual([])
})

it('goes on where a node was killed that began a month', async () => {
  const { db, url, buyOn } = await platform(10)
  await buyOn(db)(month(1))
  const before = await partitionsOfOrders(db)
  const next = await nextOrderId(db)
  // It has its first locks, and waits for this one.
  const killed = node(url)
  const beginning = db.begin(async (tx) => {
    await tx.query('select from orders limit 1')
    const outcome = keepMonths(killed, month(2)).catch((error: Error) => error)
    await eventually(
      async () =>
        (
          await db.query(`select pg_terminate_backend(pid) from pg_locks
                           where not granted and relation = 'orders'::regclass`)
        ).length > 0,
    )
    return outcome
  })
  expect(await beginning).toBeInstanceOf(Error)
  expect(await partitionsOfOrders(db)).toEqual(before)
  expect(await nextOrderId(db)).toBe(next)

  await keepMonths(db, month(2))
  const order = await buyOn(db)(month(2))
  expect(await partitionsOfOrders(db)).toHaveLength(before.length + 1)
  expect(order.id).toBe(before.at(-1)?.from)
})

it('gives an end to the last partition if ids have come to it, and keeps its orders', async () => {
  const { db, buyOn } = await platform(10)
  const buy = buyOn(db)
  const first = await buy(month(1))
  const last = (await partitionsOfOrders(db)).at(-1)
  // As after a promotion.
  while ((await nextOrderId(db)) < (last?.from ?? 0n)) await beginEpoch(db, month(1), 'a test')
  const second = await buy(month(1))
  await keepMonths(db, month(1))

  const partitions = await partitionsOfOrders(db)
  expect(partitions.at(-2)?.table).toBe(last?.table)
  expect(partitions.at(-1)?.from).toBe(partitions.at(-2)?.upto)
  expect(partitions.at(-1)?.upto).toBeNull()
  const third = await buy(month(1))
  const ids = [first.id, second.id, third.id]
  expect(third.id).toBe(second.id + 1n)
  expect(await db.query('select id from orders where id = any($1) order by id', [ids])).toEqual(
    ids.map((id) => ({ id })),
  )
  await keepMonths(db, month(2))
  expect((await buy(month(2))).id).toBe(partitions.at(-1)?.from)
})

it('drops a month that is over, and makes room for it again', async () => {
  const { db, buyOn } = await platform(10)
  const buy = buyOn(db)
  await buy(month(1))
  await keepMonths(db, month(2))
  const kept = await buy(month(2))
  const [january, february] = await monthsOfOrders(db)
  if (!january || !february) throw new Error('there are two months')
  const inside = (range: { from: bigint | null; upto: bigint | null }) => () =>
    db.begin((tx) => dropMonth(tx, range))
  await expect(inside(february)).rejects.toThrow(`${february.table} is in use`)
  await expect(inside({ from: null, upto: null })).rejects.toThrow('there is no partition')

  const rows = await db.query(`select to_jsonb(o) as row from orders o where id < $1`, [
    january.upto,
  ])
  await inside(january)()
  expect(await monthsOfOrders(db)).toEqual([february])
  expect(await db.query('select id from orders')).toEqual([{ id: kept.id }])
  await db.begin(async (tx) => {
    await makeMonth(tx, january)
    await tx.query(
      `insert into orders select o.*
         from unnest($1::jsonb[]) r cross join jsonb_populate_record(null::orders, r) o`,
      [rows.map(({ row }) => JSON.stringify(row))],
    )
  })
  expect(await monthsOfOrders(db)).toEqual([january, february])
})
