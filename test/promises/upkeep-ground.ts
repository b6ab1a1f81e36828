// Numbers with results: shelves of suppliers of their own, orders that wait in vain, messages, and the jobs
// that judge them.
import { expect, vi } from 'vitest'
import type { App } from '../../src/app.ts'
import { listOffers } from '../../src/core/catalog/offers.ts'
import { returnRestedNumbers } from '../../src/core/inventory/inventory.ts'
import type { Order } from '../../src/core/orders/order.ts'
import { writeSetting } from '../../src/core/settings.ts'
import { countResults } from '../../src/core/upkeep/results.ts'
import { noteMessages } from '../../src/core/upkeep/silent.ts'
import { endOverdueOrders } from '../harness/ending.ts'
import { serverOn, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import {
  anyNumberFor,
  dramaNumbers,
  openMarket,
  outcomeOf,
  type ServiceName,
  services,
} from './market.ts'

export const minuteMs = 60_000
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs
export const by = { actor: 'test', reason: null }

/** A shelf with a supplier and an operator of its own. */
export type Shelf = {
  readonly name: string
  readonly phones: readonly string[]
  readonly supplierId: number
  readonly operatorId: number
  readonly operator: string
}

/** Two nodes on one database. Numbers may be sold again for a service at once. */
export async function openUpkeep() {
  const market = await openShelves()
  return { ...market, ...judging(market) }
}

async function openShelves() {
  const env = { NUMLET_CANCEL_COOLDOWN_S: '0' }
  const one = await testServer({ template: 'catalog', env })
  const two = await serverOn(one.databaseUrl, env)
  const apps = [one.app, two.app] as const
  const { db } = one
  await writeSetting(db, new Date(), by, 'reuse_after_days', 0)
  const buyers = await Promise.all(Array.from({ length: 8 }, () => testCustomer(db)))
  const now = one.app.now()
  const later = (ms: number) => new Date(now.getTime() + ms)
  let used = 0
  let shelves = 0

  /** Fresh numbers of a supplier and an operator of their own, for sale for two services. */
  async function shelf(count: number): Promise<Shelf> {
    const operator = `Upkeep ${++shelves}`
    const name = `upkeep-${shelves}`
    const phones = dramaNumbers(count, used)
    used += count
    const { supplierId } = await testSupplier(db, name)
    const prices = { whatsapp: '0.01', telegram: '0.01' }
    const at = { country: 'GB', operator, pool: '1', phones, prices }
    const operators = await openMarket(db, supplierId, [at])
    const operatorId = operators.get(operator) as number
    return { name, phones, supplierId, operatorId, operator: name }
  }

  const tryToBuy = (app: App, place: Shelf, at: Date, service: ServiceName, buyer = 0) =>
    outcomeOf(
      app.orders
        .at(at)
        .buy({
          accountId: buyers[buyer]?.accountId as number,
          selection: { ...anyNumberFor(service), country: 'GB', operatorId: place.operatorId },
          quantity: 1,
          once: null,
        })
        .then((bought) => (bought as { orders: readonly Order[] }).orders[0] as Order),
    )

  async function buy(
    place: Shelf,
    at: Date,
    service: ServiceName = 'telegram',
    buyer = 0,
  ): Promise<Order> {
    const order = await tryToBuy(one.app, place, at, service, buyer)
    if (typeof order === 'string') throw new Error(order)
    return order
  }

  const send = (place: Shelf, phone: string, at: Date, text = 'Telegram code: 48213') =>
    one.app.messages.receive(at, {
      ...{ supplierId: place.supplierId, supplierRef: null, channel: 'sms', phone },
      ...{ sender: 'Telegram', text, hint: { orderId: null, serviceId: null } },
    })

  return { db, apps, buyers, now, later, shelf, tryToBuy, buy, send }
}

function judging({ db, buy, buyers }: Awaited<ReturnType<typeof openShelves>>) {
  let turn = 0
  /** Counts all events. Other tests' transactions on the same PostgreSQL may hold them up for a while. */
  const count = () =>
    vi.waitFor(
      async () => {
        await countResults(db)
        const behind = await db.query(
          `select from events e join event_readers r on (e.epoch, e.xid, e.id) > (r.epoch, r.xid, r.id)
            where r.name = 'number-results' limit 1`,
        )
        expect(behind).toEqual([])
      },
      { timeout: 30_000, interval: 20 },
    )

  /** Buys a number that gets no message, until its window is over; then it is for sale again. Each customer
   * has a turn unless one is given. */
  async function waitInVain(
    place: Shelf,
    at: Date,
    service: ServiceName = 'telegram',
    buyer = ++turn % buyers.length,
  ) {
    const order = await buy(place, at, service, buyer)
    const end = new Date(at.getTime() + hourMs)
    await endOverdueOrders(db, end)
    await count()
    await returnRestedNumbers(db, end)
    return order
  }

  /** Notes all messages up to a time. @returns how many numbers came back */
  async function note(at: Date) {
    let all = 0
    for (;;) {
      const { back, isMore } = await noteMessages(db, at)
      all += back
      if (!isMore) return all
    }
  }

  const stockOf = async (place: Shelf, service: ServiceName = 'telegram') => {
    const wanted = { currency: 'USD', serviceId: services[service], operatorId: place.operatorId }
    return (await listOffers(db, { ...wanted, limit: 10 }))[0]?.stock
  }

  /** Results as they would be after weeks: of a shelf's numbers, the first `heard` had a message today. */
  async function weeksLater(place: Shelf, heard: number, at: Date) {
    await db.query(
      `insert into number_results (number_id, orders, last_message_at, silent_orders, silent_since)
       select n.id, 9, case when n.place <= $2 then $3::timestamptz - interval '1 hour' end,
              case when n.place <= $2 then 0 else 4 end,
              case when n.place > $2 then $3::timestamptz - interval '20 days' end
         from (select id, row_number() over (order by phone) as place from numbers
                where supplier_id = $1) n
       on conflict (number_id) do update set last_message_at = excluded.last_message_at,
         silent_orders = excluded.silent_orders, silent_since = excluded.silent_since`,
      [place.supplierId, heard, at],
    )
  }

  return { count, waitInVain, note, stockOf, weeksLater }
}
