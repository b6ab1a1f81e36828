// Promise 2: a hold ends once, whatever races.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import { type Receive, receiver } from '../../src/core/messages/receive.ts'
import type { Order } from '../../src/core/orders/order.ts'
import type { Database } from '../../src/db/database.ts'
import { attempts } from '../harness/attempts.ts'
import { cancelOrder, endOverdueOrders, finishOrder } from '../harness/ending.ts'
import { serverOn, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import {
  anyNumberFor,
  dramaNumbers,
  expectCleanAudit,
  type Lots,
  lots,
  openMarket,
  outcomeOf,
  type ServiceName,
} from './market.ts'

const rounds = attempts(60, 400)
/** Orders whose rounds run at the same time; a sweep meets all of them. */
const roundsAtOnce = 20
const callsOfAKind = 50
const callsATurn = 40
/** One would gather all messages of a wave into a few transactions. */
const receiversANode = 10
const price = 4_000n

describe('200 concurrent cancels, finishes, expiries and messages on one order', async () => {
  const env = { NUMLET_CANCEL_COOLDOWN_S: '0' }
  const one = await testServer({ template: 'catalog', env })
  const two = await serverOn(one.databaseUrl, env)
  const apps = [one.app, two.app]
  const receivers = apps.flatMap((app) =>
    Array.from({ length: receiversANode }, () => receiver(app.db, app.catalog, () => {})),
  )
  const { db } = one
  const { supplierId } = await testSupplier(db)
  const { accountId } = await testCustomer(db, { credit: '1000' })
  await openMarket(db, supplierId, [
    {
      country: 'GB',
      operator: 'Drama',
      pool: '1',
      phones: dramaNumbers(rounds),
      prices: { whatsapp: '0.40', telegram: '0.40' },
    },
  ])

  const buy = async (now: Date, service: ServiceName, quantity: number) => {
    const purchase = { accountId, selection: anyNumberFor(service), quantity, once: null }
    return ((await one.app.orders.at(now).buy(purchase)) as { orders: readonly Order[] }).orders
  }

  it(`has one outcome in each of ${rounds} rounds`, { timeout: 600_000 }, async () => {
    const endings: string[] = []
    for (let wave = 0; wave < rounds / roundsAtOnce; wave++) {
      const lot = lots(wave)
      const now = new Date(one.app.now().getTime() + wave * 3_600_000)
      const orders = await buy(now, 'whatsapp', roundsAtOnce)
      const decided = await buy(now, 'telegram', 3)
      await raceAll({ apps, receivers, supplierId, orders, decided, now, lot })
      endings.push(...(await endingsOf(db, orders)))
      expect(await endingsOf(db, decided)).toEqual(right)
    }
    // Nothing else than these. Which of them come first how often depends on the machine.
    expect(right).toEqual(expect.arrayContaining([...new Set(endings)]))
    expect(endings).toHaveLength(rounds)
    await expectCleanAudit(db)
  })
})

/** All endings that there are, in the order of the decided ones. */
const right = [
  'cancelled: void order.cancelled',
  'finished: post order.finished',
  'expired: void order.expired',
]

type Wave = {
  readonly apps: readonly App[]
  readonly receivers: readonly Receive[]
  readonly supplierId: number
  readonly orders: readonly Order[]
  /** Three whose ending is decided before the race: a cancel comes first, a message comes first, neither ever
   * comes. All else races for them, too. */
  readonly decided: readonly Order[]
  readonly now: Date
  readonly lot: Lots
}

/** From where on cancels, finishes and messages are called, of the way from 0 to 1: each is the first of
 * some orders. */
const starting = [
  [0, 0, 0],
  [0, 0.3, 0.3],
  [0.3, 0, 0],
  [0.9, 0.9, 0],
] as const

/** Calls of all four kinds, on two nodes, in an order drawn by lot. All of them are legal all the time:
 * the cooldown is nothing, and each call brings the time that suits it. */
async function raceAll({ apps, receivers, supplierId, orders, decided, now, lot }: Wave) {
  const during = new Date(now.getTime() + 1_000)
  const after = new Date((orders[0] as Order).expiresAt.getTime() + 1_000)
  const anApp = () => lot.oneOf(apps)
  const kindsFor = ({ accountId, id, phone }: Order, sender: string) => ({
    cancel: () => cancelOrder(anApp().db, during, { accountId, id }),
    finish: () => finishOrder(anApp().db, during, { accountId, id }),
    message: () =>
      lot.oneOf(receivers)(during, {
        supplierId,
        supplierRef: null,
        channel: 'sms',
        phone: phone as string,
        sender,
        text: `Your ${sender} code: ${100 + lot.below(900)}-${100 + lot.below(900)}`,
        hint: { orderId: null, serviceId: null },
      }),
  })
  const calls: { at: number; run: () => Promise<unknown> }[] = []
  const add = (from: number, run: () => Promise<unknown>) => {
    for (let i = 0; i < callsOfAKind; i++) calls.push({ at: whenOf(lot, from), run })
  }
  for (const order of orders) {
    const { cancel, finish, message } = kindsFor(order, 'WhatsApp')
    const [cancels, finishes, messages] = lot.oneOf(starting)
    add(cancels, cancel)
    add(finishes, finish)
    add(messages, message)
  }
  const [cancelled, received, left] = decided.map((order) => kindsFor(order, 'Telegram'))
  await cancelled?.cancel()
  await received?.message()
  for (const kinds of [cancelled, received])
    for (const run of Object.values(kinds ?? {})) add(0, run)
  if (left) add(0, left.finish)
  // A sweep is for all orders: now the first is among the first calls, now it comes when many have run.
  add(lot.oneOf([0, 0.3]), () => endOverdueOrders(anApp().db, after))
  calls.sort((a, b) => a.at - b.at)
  const running: Promise<unknown>[] = []
  for (const [index, { run }] of calls.entries()) {
    running.push(outcomeOf(run()))
    if (index % callsATurn === 0) await nextTurn()
  }
  await Promise.all(running)
}

const whenOf = (lot: Lots, from: number) => from + (1 - from) * lot.share()

/** What became of each order, by its state, its money and its last event. */
async function endingsOf(db: Database, orders: readonly Order[]): Promise<string[]> {
  const rows = await db.query<{ ending: string; given_back: bigint; leases: bigint }>(
    `select o.state || ': ' || coalesce((select string_agg(t.kind, ' ') from transfers t
              where t.hold_id = o.hold_id and t.amount = o.price), 'nothing')
            || ' ' || coalesce((select string_agg(e.type, ' ') from events e
              where e.order_id = o.id and e.type in ('order.cancelled', 'order.expired',
                'order.finished', 'order.replaced', 'order.failed')), 'no event') as ending,
            (select coalesce(sum(t.amount), 0) from transfers t where t.hold_id = o.hold_id
              and t.kind <> 'post')::bigint as given_back,
            (select count(*) from leases l where l.order_id = o.id and l.ended_at is null) as leases
       from orders o where o.id = any($1) order by o.id`,
    [orders.map((order) => order.id)],
  )
  for (const row of rows) {
    expect(row.given_back).toBe(row.ending.startsWith('finished') ? 0n : price)
    expect(row.leases).toBe(0n)
  }
  return rows.map((row) => row.ending)
}
