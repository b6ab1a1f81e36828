// Rentals: a number for some days, for many messages, renewable. It is ours, or one that a supplier is
// asked for.
import type { Database, Tx } from '../../../db/database.ts'
import { spendWithKey } from '../../accounts/key-caps.ts'
import type { DefaultLimits } from '../../accounts/limits.ts'
import type { Annotations } from '../../annotations.ts'
import { DomainError } from '../../error.ts'
import { claimKey, noteOrders, type Once, type Repeated } from '../../idempotency/idempotency.ts'
import { takeBack } from '../../inventory/inventory.ts'
import { payNow } from '../../ledger/ledger.ts'
import { newTransferId } from '../../ledger/transfer-id.ts'
import type { Amount } from '../../money.ts'
import type { Settings } from '../../settings.ts'
import { move } from '../lifecycle.ts'
import { moves, type Order, type OrderState } from '../order.ts'
import { lockOrder } from '../orders.ts'
import {
  leaseNumber,
  type Source,
  type Taken,
  takeNumber,
  takeNumberOrSource,
} from './allocation.ts'
import type { Bought } from './buy.ts'
import { type Customer, lockCustomer, placeOrders } from './purchase.ts'
import { refusal } from './refusal.ts'
import type { Purchase, Selection } from './selection.ts'

/** The operator's settings for rentals. */
export type RentalTerms = {
  /** How long a number is kept for its customer after the end; a renewal is possible until then. */
  readonly graceS: number
  /** The times before the end at which the customer is reminded. */
  readonly remindersS: readonly number[]
}

export const rentalTermsIn = (settings: Settings): RentalTerms => ({
  graceS: settings.rental_grace_hours * 3600,
  remindersS: settings.rental_reminder_hours.map((hours) => hours * 3600),
})

export type Rental = {
  readonly accountId: number
  readonly selection: Selection
  /** Seconds; one of the durations of the offers of kind `rental`. */
  readonly durationS: number
  readonly annotations?: Annotations | undefined
  readonly once: Once | null
  /** Further work in the purchase's transaction: both are done, or neither is. */
  readonly alongside?: (tx: Tx, order: Order) => Promise<void>
} & Pick<Purchase, 'allocateS' | 'via'>

/**
 * Rents a number: the price is paid at once. If none of our own is left, a supplier may be asked for one: the
 * price is held until it is there.
 * @throws the errors of a purchase; offer_not_found if there is no offer for this duration
 */
export function rentNumber(
  db: Database,
  now: Date,
  terms: RentalTerms,
  limits: DefaultLimits,
  rental: Rental,
): Promise<Bought> {
  const { accountId, selection, durationS, once } = rental
  return db.begin(async (tx) => {
    if (!(await claimKey(tx, now, accountId, once))) return { repeated: true }
    const customer = await lockCustomer(tx, now, accountId, limits, 1)
    const serviceIds = selection.serviceId === null ? [] : [selection.serviceId]
    const wanted = { kind: 'rental', serviceIds, durationS, selection } as const
    const taken =
      rental.allocateS === undefined
        ? await takeNumber(tx, customer, wanted)
        : await takeNumberOrSource(tx, now, customer, wanted)
    const order =
      'sourceId' in taken
        ? await askFor(tx, now, customer, taken, rental)
        : await activate(tx, now, terms, customer, taken, rental)
    await rental.alongside?.(tx, order)
    await noteOrders(tx, accountId, once, [order.id])
    return { orders: [order] }
  })
}

/** What the orders of a rental have in common, whoever has its number. */
function draftOf(now: Date, taken: Taken | Source, { durationS, annotations }: Rental) {
  const { parts, country, operatorId, pool } = taken
  const [part] = parts
  if (!part) throw new Error('a number was taken for nothing')
  const expiresAt = new Date(now.getTime() + durationS * 1000)
  return {
    ...{ ...part, country, operatorId, pool, durationS, annotations, cancelAfter: now, expiresAt },
    kind: 'rental',
  } as const
}

/** Writes the order of a number of ours, with its lease. */
async function activate(
  tx: Tx,
  now: Date,
  terms: RentalTerms,
  customer: Customer,
  taken: Taken,
  rental: Rental,
): Promise<Order> {
  const { numberId, phone, shelfId } = taken
  const draft = { ...draftOf(now, taken, rental), state: 'active', numberId, phone } as const
  const [order] = await placeOrders(tx, now, customer, [draft], { post: true })
  if (!order) throw new Error('an order was placed and is not there')
  const { accountId } = customer
  const until = draft.expiresAt
  await leaseNumber(tx, now, {
    ...{ orderId: order.id, accountId, numberId, shelfId, serviceIds: [draft.serviceId], until },
    remindAt: nextReminder(terms, now, until),
  })
  return order
}

/** Writes the order of a number that a supplier is to be asked for. */
async function askFor(
  tx: Tx,
  now: Date,
  customer: Customer,
  source: Source,
  rental: Rental,
): Promise<Order> {
  const { allocateS = 0, via } = rental
  const allocateBy = new Date(now.getTime() + allocateS * 1000)
  const draft = { ...draftOf(now, source, rental), state: 'allocating', allocateBy } as const
  const [order] = await placeOrders(tx, now, customer, [draft], { post: false })
  if (!order) throw new Error('an order was placed and is not there')
  await tx.query(
    `select plan_allocations(p_now => $1, p_order => $2, p_source => $3, p_unwanted => '{}', p_via => $4)`,
    [now, [order.id], [source.sourceId], [via?.join(',') ?? null]],
  )
  return order
}

/** When the customer is next reminded that a rental ends; null if no reminder is left. */
export function nextReminder(terms: RentalTerms, now: Date, expiresAt: Date): Date | null {
  const times = terms.remindersS
    .map((beforeS) => expiresAt.getTime() - beforeS * 1000)
    .filter((time) => time > now.getTime())
  return times.length === 0 ? null : new Date(Math.min(...times))
}

/** A rental to renew. */
export type ToRenew = {
  readonly accountId: number
  readonly id: bigint
  readonly once: Once | null
  /** The most that the renewal may cost, in the account's currency; null: no limit. */
  readonly maxPrice?: Amount | null
}

/**
 * Extends a rental by its length from its previous end, at the current price. A rental can be renewed until
 * the grace time after its end is over.
 * @throws order_not_found, order_not_renewable, price_above_maximum, insufficient_balance, key_limit_reached,
 * account_suspended
 */
export function renewOrder(
  db: Database,
  now: Date,
  terms: RentalTerms,
  limits: DefaultLimits,
  target: ToRenew,
): Promise<Order | Repeated> {
  return db.begin(async (tx) => {
    if (!(await claimKey(tx, now, target.accountId, target.once))) return { repeated: true }
    const order = await lockOrder(tx, target)
    const durationS = assertRenewable(order, now, terms)
    // @NOTE a rental whose time is over but that no sweep has ended yet is renewed like any other
    const customer = await lockCustomer(tx, now, target.accountId, limits, 0)
    const price = await priceOfRenewal(tx, customer, order.offerId, target.maxPrice)
    const expiresAt = new Date(order.expiresAt.getTime() + durationS * 1000)
    if (order.state === 'ended') await reopen(tx, now, order)
    else await assertNotWithdrawn(tx, order)
    await spendWithKey(tx, now, price)
    await payNow(tx, now, customer, [
      { holdId: newTransferId(now), amount: price, orderId: order.id },
    ])
    await tx.query('update leases set until = $2, remind_at = $3 where order_id = $1', [
      order.id,
      expiresAt,
      nextReminder(terms, now, expiresAt),
    ])
    await tx.query('update orders set expires_at = $2, renewals = renewals + 1 where id = $1', [
      order.id,
      expiresAt,
    ])
    const [renewed] = await move(tx, now, [order.id], 'renew')
    if (!renewed) throw new Error('a locked order did not move')
    await noteOrders(tx, target.accountId, target.once, [order.id])
    return renewed
  })
}

export const notRenewable = (detail: string) => new DomainError('order_not_renewable', detail)
const notAvailable = () => notRenewable('The number is no longer available.')

/** Until when a rental can be renewed, as long as nobody else has its number; null: it cannot. Another
 * platform's number is renewed if the platform agrees. */
export function renewableUntil(order: Order, terms: RentalTerms): Date | null {
  if (order.kind !== 'rental' || order.durationS === null) return null
  if (!(moves.renew.from as readonly OrderState[]).includes(order.state)) return null
  // A renewal that would end before now would be worthless.
  const graceS = Math.min(terms.graceS, order.durationS)
  return new Date(order.expiresAt.getTime() + graceS * 1000)
}

export function assertRenewable(order: Order, now: Date, terms: RentalTerms): number {
  if (order.kind !== 'rental' || order.durationS === null)
    throw notRenewable('Only a rental can be renewed.')
  if (!(moves.renew.from as readonly OrderState[]).includes(order.state))
    throw notRenewable(`A rental in the state ${order.state} cannot be renewed.`)
  const until = renewableUntil(order, terms)
  if (until === null) throw notRenewable('This rental cannot be renewed.')
  if (now >= until) throw notRenewable('The rental ended too long ago.')
  return order.durationS
}

/** The price of now, if the customer has it and is willing to pay it.
 * @throws order_not_renewable, price_above_maximum, insufficient_balance */
export async function priceOfRenewal(
  tx: Tx,
  customer: Customer,
  offerId: number,
  maxPrice: Amount | null = null,
): Promise<Amount> {
  const [offer] = await tx.query<{ price: Amount }>(
    `select price_in(o.price, $2, $3) as price from offers o
       join services s on s.id = o.service_id and not s.closed
       join countries c on c.code = o.country and not c.closed
      where o.id = $1 and o.active`,
    [offerId, customer.rate, customer.decimals],
  )
  if (!offer) throw notRenewable('This rental is no longer offered.')
  const { price } = offer
  const { currency } = customer
  if (maxPrice !== null && price > maxPrice)
    throw refusal('price_above_maximum', { price, currency })
  if (price > customer.balance) throw refusal('insufficient_balance', { ...customer, price })
  return price
}

/** A rental that runs keeps a number that was taken out of sale until its end, and no longer. */
async function assertNotWithdrawn(tx: Tx, { numberId }: Order) {
  const withdrawn = await tx.query(`select from numbers where id = $1 and state = 'disabled'`, [
    numberId,
  ])
  if (withdrawn.length > 0) throw notAvailable()
}

/** Leases the number of an ended rental again, unless somebody else could have had it since. */
async function reopen(tx: Tx, now: Date, order: Order) {
  const { id, accountId, numberId, serviceId } = order
  if (numberId === null || serviceId === null) throw new Error('a rental has a number')
  const shelfId = await takeBack(tx, { numberId, serviceId, orderId: id })
  if (shelfId === null) throw notAvailable()
  await tx.query('delete from leases where order_id = $1', [id])
  const until = order.expiresAt
  await leaseNumber(tx, now, {
    orderId: id,
    accountId,
    numberId,
    shelfId,
    serviceIds: [serviceId],
    until,
  })
}
