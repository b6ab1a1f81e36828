// Activations of one number for several services, which the hot path (buy.ts) does not support.
import type { Database, Tx } from '../../../db/database.ts'
import type { DefaultLimits } from '../../accounts/limits.ts'
import type { Annotations } from '../../annotations.ts'
import { DomainError } from '../../error.ts'
import { claimKey, noteOrders, type Once } from '../../idempotency/idempotency.ts'
import type { Order } from '../order.ts'
import { leaseNumber, type Taken, takeNumber } from './allocation.ts'
import type { Bought } from './buy.ts'
import { type Customer, type Draft, lockCustomer, placeOrders } from './purchase.ts'
import type { OrderTerms, Purchase, Selection } from './selection.ts'

/** The number of services that can share one number. */
export const servicesPerOrder = { min: 2, max: 5 } as const

export type MultiServicePurchase = {
  readonly accountId: number
  /** 2 to 5, without duplicates. */
  readonly serviceIds: readonly number[]
  readonly country: string | null
  readonly operatorId: number | null
  readonly pool: string | null
  readonly maxPrice?: Selection['maxPrice']
  readonly exclude?: readonly string[]
  /** True: one order per service, each with its own price and end; otherwise one order for all. */
  readonly isSplit: boolean
  readonly annotations?: Annotations | undefined
  readonly once: Once | null
}

/**
 * Buys one number for several services. The price of each is held separately: its own first code pays for it,
 * and the rest is refunded when the order ends (`services.ts`).
 * @throws invalid_request, and the errors of a purchase
 */
export async function buyMultiService(
  db: Database,
  now: Date,
  terms: OrderTerms,
  limits: DefaultLimits,
  order: MultiServicePurchase,
): Promise<Bought> {
  const ids = order.serviceIds
  assertDistinctServices(ids)
  const selection = {
    country: order.country,
    operatorId: order.operatorId,
    pool: order.pool,
    offerId: null,
    area: null,
    maxPrice: order.maxPrice ?? null,
    exclude: order.exclude,
  }
  return db.begin(async (tx) => {
    if (!(await claimKey(tx, now, order.accountId, order.once))) return { repeated: true }
    const count = order.isSplit ? ids.length : 1
    const customer = await lockCustomer(tx, now, order.accountId, limits, count)
    const wanted = { kind: 'activation', serviceIds: ids, durationS: null, selection } as const
    const taken = await takeNumber(tx, customer, wanted)
    const orders = await activate(tx, now, terms, customer, taken, order)
    await noteOrders(tx, order.accountId, order.once, idsOf(orders))
    return { orders }
  })
}

/** @throws invalid_request */
export function assertDistinctServices(serviceIds: readonly number[]) {
  const { min, max } = servicesPerOrder
  const { size } = new Set(serviceIds)
  if (size < min || size > max || size !== serviceIds.length)
    throw new DomainError('invalid_request', `Name ${min} to ${max} different services.`, {
      fields: [{ pointer: '/services', detail: `must be ${min} to ${max} different services` }],
    })
}

export const idsOf = (orders: readonly Order[]) => orders.map((order) => order.id)

/** Writes the orders for a number that was taken, with their leases. */
export async function activate(
  tx: Tx,
  now: Date,
  terms: OrderTerms,
  customer: Customer,
  taken: Taken,
  {
    isSplit,
    annotations,
    channel,
    exclude,
  }: Pick<MultiServicePurchase, 'isSplit' | 'annotations' | 'exclude'> & Pick<Purchase, 'channel'>,
): Promise<Order[]> {
  const expiresAt = new Date(now.getTime() + terms.activationWindowS * 1000)
  const [first] = taken.parts
  if (!first) throw new Error('a number was taken for nothing')
  const all = taken.parts.map((part) => part.serviceId)
  const draft: Omit<Draft, 'serviceId' | 'offerId' | 'price'> = {
    kind: 'activation',
    state: 'waiting',
    country: taken.country,
    operatorId: taken.operatorId,
    pool: taken.pool,
    numberId: taken.numberId,
    phone: taken.phone,
    cancelAfter: new Date(now.getTime() + terms.cancelCooldownS * 1000),
    expiresAt,
    annotations,
    channel,
    unwanted: exclude,
  }
  const total = taken.parts.reduce((sum, part) => sum + part.price, 0n)
  const drafts: Draft[] = isSplit
    ? taken.parts.map((part) => ({ ...draft, ...part }))
    : taken.parts.length === 1
      ? [{ ...draft, ...first }]
      : [{ ...draft, ...first, services: all, price: total, parts: taken.parts }]
  const orders = await placeOrders(tx, now, customer, drafts, { post: false })
  for (const [index, order] of orders.entries())
    await leaseNumber(tx, now, {
      orderId: order.id,
      accountId: customer.accountId,
      numberId: taken.numberId,
      shelfId: taken.shelfId,
      serviceIds: isSplit ? [(taken.parts[index] as Taken['parts'][number]).serviceId] : all,
      until: expiresAt,
    })
  return orders
}
