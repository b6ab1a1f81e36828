// Buying the number of a past activation again, for the same service and the same customer.
import type { Database, Queryable, Tx } from '../../../db/database.ts'
import type { DefaultLimits } from '../../accounts/limits.ts'
import { DomainError } from '../../error.ts'
import { claimKey, noteOrders } from '../../idempotency/idempotency.ts'
import { takeBack } from '../../inventory/inventory.ts'
import type { Amount } from '../../money.ts'
import { isClosed, type Order } from '../order.ts'
import { lockOrder, type Target } from '../orders.ts'
import { orderOf } from '../read.ts'
import type { Bought } from './buy.ts'
import { activate, idsOf } from './multi-service.ts'
import { lockCustomer } from './purchase.ts'
import { askAgain, type CanRebuy, originOf } from './rebuy-at-supplier.ts'
import type { OrderTerms, Purchase } from './selection.ts'

export type Quote = { readonly price: Amount; readonly currency: string; readonly order: Order }

/** Gets the price of buying a past order's number again.
 * @throws order_not_found, order_not_repeatable */
export async function quoteRebuy(
  db: Queryable,
  target: Target,
  canRebuy: CanRebuy,
): Promise<Quote> {
  const order = await orderOf(db, target.accountId, target.id)
  assertRepeatable(order)
  if (order.allocationId !== null && (await originOf(db, order, canRebuy)) === null)
    throw notRepeatable()
  const { price } = await offerNow(db, order)
  return { price, currency: order.currency, order }
}

/** What is bought again, and for how long its supplier may be asked for it. */
export type Rebuying = Target &
  Pick<Purchase, 'annotations' | 'allocateS' | 'via' | 'once'> & { readonly canRebuy: CanRebuy }

/**
 * Buys the same number for the same service again, as a new order at the current price. If it is a
 * supplier's, only this supplier is asked for it.
 * @throws order_not_found, order_not_repeatable, and the errors of a purchase
 */
export function rebuyNumber(
  db: Database,
  now: Date,
  terms: OrderTerms,
  limits: DefaultLimits,
  target: Rebuying,
): Promise<Bought> {
  return db.begin(async (tx) => {
    if (!(await claimKey(tx, now, target.accountId, target.once))) return { repeated: true }
    const order = await lockOrder(tx, target)
    assertRepeatable(order)
    const customer = await lockCustomer(tx, now, target.accountId, limits, 1)
    const offer = await offerNow(tx, order)
    if (order.allocationId !== null) {
      const origin = await originOf(tx, order, target.canRebuy)
      if (origin === null || target.allocateS === undefined) throw notRepeatable()
      const { allocateS } = target
      const wanted = { ...target, ...offer, order, origin, allocateS }
      const orders = await askAgain(tx, now, terms, customer, wanted)
      await noteOrders(tx, target.accountId, target.once, idsOf(orders))
      return { orders }
    }
    const { numberId, phone, country, operatorId, pool, serviceId } = order
    if (numberId === null || phone === null || serviceId === null) throw notRepeatable()
    if (country === null || operatorId === null || pool === null) throw notRepeatable()
    const shelfId = await takeBack(tx, { numberId, serviceId, orderId: order.id })
    if (shelfId === null) throw notRepeatable()
    const parts = [{ serviceId, offerId: order.offerId, price: offer.price }]
    const taken = { numberId, phone, shelfId, country, operatorId, pool, parts }
    const orders = await activate(tx, now, terms, customer, taken, {
      isSplit: false,
      annotations: target.annotations,
    })
    await noteOrders(tx, target.accountId, target.once, idsOf(orders))
    return { orders }
  })
}

export const notRepeatable = () =>
  new DomainError('order_not_repeatable', 'This number cannot be bought again for this service.')

function assertRepeatable(order: Order) {
  if (order.kind !== 'activation' || order.services !== null || !isClosed(order.state))
    throw notRepeatable()
}

async function offerNow(db: Queryable | Tx, order: Order): Promise<{ price: Amount }> {
  const [offer] = await db.query<{ price: Amount }>(
    `select price_in(o.price, r.rate, r.decimals) as price from offers o
       join services s on s.id = o.service_id and not s.closed
       join countries c on c.code = o.country and not c.closed
       join rates r on r.currency = $2
      where o.id = $1 and o.active`,
    [order.offerId, order.currency],
  )
  if (!offer) throw notRepeatable()
  return offer
}
