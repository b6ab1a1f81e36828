// Orders as one object: every verb and read, with the database, the clock, the terms and the limits inside.
import type { Database } from '../../db/database.ts'
import type { DefaultLimits } from '../accounts/limits.ts'
import type { Annotations } from '../annotations.ts'
import { DomainError } from '../error.ts'
import type { OrderWatch } from '../events/watch.ts'
import type { Once, Repeated } from '../idempotency/idempotency.ts'
import { bannedAmong, banOrder } from './ban.ts'
import { hasNumber, type NumberWaits, numberWaits, type Patience } from './buying/await-numbers.ts'
import { type Bought, buyer } from './buying/buy.ts'
import { buyWithExclusions } from './buying/exclusions.ts'
import { buyMultiService, type MultiServicePurchase } from './buying/multi-service.ts'
import { type MultiServiceQuote, quoteMultiService, type WantedServices } from './buying/quote.ts'
import { notRepeatable, type Quote, quoteRebuy, rebuyNumber } from './buying/rebuy.ts'
import type { CanRebuy } from './buying/rebuy-at-supplier.ts'
import type { Explain, PurchaseRequest } from './buying/refusal.ts'
import {
  type Rental,
  type RentalTerms,
  renewOrder,
  rentNumber,
  type ToRenew,
} from './buying/rent.ts'
import type { OrderTerms, Purchase } from './buying/selection.ts'
import { cancelAtSupplier, isAtSupplier, type Waiting } from './cancel-at-supplier.ts'
import { claimOrder } from './claim.ts'
import { endOverdueOrders, failOverdueAllocations, remindOfEnds } from './deadlines.ts'
import { endRental, failOrders } from './end.ts'
import { type HistoryPage, openOrdersOf, orderHistory } from './history.ts'
import type { Closers } from './lifecycle.ts'
import { listOrders, type OrderFilter } from './list.ts'
import { type OfferStatistics, offerStatistics } from './offer-statistics.ts'
import type { Order, OrderKind } from './order.ts'
import {
  annotateOrder,
  cancelOrder,
  finishOrder,
  type OrderChange,
  type Outcome,
  replaceOrder,
  resendOrder,
  SupplierWanted,
  type Target,
} from './orders.ts'
import { notFound, orderOf, orderReader, ordersById } from './read.ts'
import { dropOverdueRenewals, renewAtSupplier } from './renew-at-supplier.ts'
import { dropOverdueReplacements, replaceAtSupplier } from './replace-at-supplier.ts'
import { type OrderService, servicesReader } from './services.ts'

/** The target of a verb that is executed once for each idempotency key. */
export type OnceTarget = Target & { readonly once: Once | null }

/** How suppliers may be asked, and for whom; without patience, only our own numbers are sold. */
export type Asking = Pick<Purchase, 'via'> & { readonly patience?: Patience | null }

/** The verbs. Each is one transaction (`endOverdue` has one for each way to end), throws as the function of
 * its file does, and reports the order that it changed to those who wait for it, after the commit. */
export type OrderVerbs = {
  buy(purchase: Purchase): Promise<Bought>
  /** Buys, and waits for numbers that suppliers are asked for; it is no transaction. Without patience, only
   * our own numbers are sold. */
  buyAndAwait(
    purchase: Omit<Purchase, 'allocateS'> & { readonly patience: Patience | null },
  ): Promise<Bought>
  /** Buys one number for several services. */
  buyMultiService(order: MultiServicePurchase): Promise<Bought>
  /** Buys the number of a past order again. Waits as `buyAndAwait`. */
  rebuy(
    target: OnceTarget & Asking & { readonly annotations?: Annotations | undefined },
  ): Promise<Bought>
  /** Rents a number. Waits as `buyAndAwait`. */
  rent(rental: Omit<Rental, keyof Asking | 'allocateS'> & Asking): Promise<Bought>
  renew(target: ToRenew & Waiting): Promise<Order | Repeated>
  /** Pays for a late code. */
  claim(target: OnceTarget): Promise<Outcome | Repeated>
  /** Requests another code on the same number. */
  resend(target: OnceTarget): Promise<Order | Repeated>
  /** Cancels the order and buys another number of its offer. Waits for a supplier's, and changes nothing if
   * there is none. */
  replace(target: OnceTarget & Asking): Promise<Order | Repeated>
  finish(target: Target): Promise<Outcome>
  cancel(target: Target & Waiting): Promise<Outcome>
  /** Cancels the order and withdraws its number for the service. */
  ban(target: Target & Waiting): Promise<Outcome>
  /** Ends a rental. */
  end(target: Target): Promise<Outcome>
  /** Fails orders without a code that their supplier cannot serve. @returns those that had none */
  fail(ids: readonly bigint[]): Promise<bigint[]>
  /** Ends some orders whose time is over. @returns the number ended */
  endOverdue(): Promise<number>
  /** Fails some orders that have no number in time. @returns the number of them */
  failOverdue(): Promise<number>
  /** Reminds some customers whose rentals end soon. @returns the number reminded */
  remindOfEnds(): Promise<number>
}

export type OrderReads = {
  /** @throws order_not_found */
  read(accountId: number, id: bigint): Promise<Order>
  /** As `read`, for callers who know no orders without a number: these are not found.
   * @throws order_not_found */
  readNumbered(accountId: number, id: bigint): Promise<Order>
  /** Orders of any account, in no particular sequence. */
  byId(ids: readonly bigint[]): Promise<Order[]>
  list(filter: OrderFilter): Promise<Order[]>
  /** One numbered page, and the total. */
  history(page: HistoryPage): ReturnType<typeof orderHistory>
  /** The number of an account's open orders, and the money held for them. */
  openOf(accountId: number): ReturnType<typeof openOrdersOf>
  /** The services of an order for several, each with its price and code. */
  services(orderId: bigint): Promise<OrderService[]>
  /** The orders among these whose number was reported. */
  bannedAmong(ids: readonly bigint[]): Promise<Set<bigint>>
  quoteMultiService(wanted: WantedServices): Promise<MultiServiceQuote>
  /** The price of buying a past order's number again. */
  quoteRebuy(target: Target): Promise<Quote>
  /** How often codes came for some offers lately, and how soon. */
  offerStatistics(offerIds: readonly number[]): Promise<OfferStatistics[]>
  /** Updates the customer's reference, metadata and note. */
  annotate(target: Target, change: OrderChange): Promise<Order>
}

export type Orders = OrderVerbs &
  OrderReads &
  Pick<NumberWaits, 'stand'> & {
    /** The verbs at a given time. */
    at(now: Date): OrderVerbs
  }

export type OrderParts = {
  readonly db: Database
  readonly clock: () => Date
  readonly terms: OrderTerms
  readonly limits: () => DefaultLimits
  readonly rentalTerms: () => RentalTerms
  readonly closers: Closers
  readonly explain: Explain
  readonly canRebuy: CanRebuy
  readonly canRenew: CanRebuy
  /** Called for each order that a verb has changed, after the commit. */
  readonly changed: (orderId: bigint) => void
  readonly watch: Pick<OrderWatch, 'next' | 'listening'>
}

/** Composes the verbs of this folder. */
export function orderVerbs(parts: OrderParts): Orders {
  const reads = reading(parts)
  const waits = numberWaits({ ...parts, read: reads.read })
  const buy = buyer(parts.db, parts.terms, parts.limits)
  const verbsAt = (clock: () => Date): OrderVerbs => ({
    ...buying({ ...parts, read: reads.read }, clock, buy, waits),
    ...changing(parts, clock),
    ...sweeping(parts, clock),
  })
  const { stand } = waits
  return { ...verbsAt(parts.clock), ...reads, stand, at: (now) => verbsAt(() => now) }
}

function buying(
  parts: OrderParts & Pick<OrderReads, 'read'>,
  clock: () => Date,
  buyShared: ReturnType<typeof buyer>,
  waits: NumberWaits,
) {
  const { db, terms, limits, rentalTerms, explain, changed, canRebuy, read } = parts
  const buy = (now: Date, purchase: Purchase) =>
    (purchase.selection.exclude ?? []).length > 0
      ? buyWithExclusions(db, now, terms, limits(), purchase)
      : buyShared(now, purchase)
  return {
    buy(purchase) {
      const now = clock()
      return explain(now, requestFor('activation', purchase), buy(now, purchase))
    },
    buyAndAwait({ patience, ...purchase }) {
      const now = clock()
      const { accountId } = purchase
      const work = waits.buyAndAwait({ accountId, patience }, (allocateS) =>
        buy(now, { ...purchase, allocateS }),
      )
      return explain(now, requestFor('activation', purchase), work)
    },
    buyMultiService(order) {
      const now = clock()
      const work = buyMultiService(db, now, terms, limits(), order)
      return explain(now, { kind: 'activation', ...order }, work)
    },
    async replace({ patience = null, ...target }) {
      const { accountId, id } = target
      const wanted = { ...target, allocateS: patience?.allocateS }
      const atSupplier = () => {
        const work = () => replaceAtSupplier({ ...parts, clock, read }, wanted)
        return waits.waitFor(accountId, work)
      }
      const done = await replaceOrder(db, clock(), terms, limits(), wanted).catch((error) => {
        if (error instanceof SupplierWanted) return atSupplier()
        throw error
      })
      if (!('repeated' in done)) changed(id)
      return done
    },
    rebuy({ patience = null, ...target }) {
      const now = clock()
      const { accountId } = target
      const work = waits.buyAndAwait({ accountId, patience }, (allocateS) =>
        rebuyNumber(db, now, terms, limits(), { ...target, canRebuy, allocateS }),
      )
      return explain(now, { kind: 'activation', accountId }, work.catch(throwNotRepeatable))
    },
    rent({ patience = null, ...rental }) {
      const now = clock()
      const { accountId, durationS } = rental
      const request = { ...requestFor('rental', rental), durationS }
      const work = waits.buyAndAwait({ accountId, patience }, (allocateS) =>
        rentNumber(db, now, rentalTerms(), limits(), { ...rental, allocateS }),
      )
      return explain(now, request, work)
    },
  } satisfies Partial<OrderVerbs>
}

/** There is one number that could be had, and its supplier does not give it. */
function throwNotRepeatable(error: unknown): never {
  const isOut = error instanceof DomainError && error.code === 'out_of_stock'
  throw isOut ? notRepeatable() : error
}

function requestFor(
  kind: OrderKind,
  {
    accountId,
    selection,
    quantity,
  }: Pick<Purchase, 'accountId' | 'selection'> & { quantity?: number },
): PurchaseRequest {
  const { serviceId, country, pool, area, offerId, maxPrice } = selection
  const place = { country, pool, area }
  return { accountId, kind, serviceIds: [serviceId], ...place, offerId, maxPrice, quantity }
}

function changing(parts: OrderParts, clock: () => Date) {
  const { db, limits, rentalTerms, closers, explain, changed } = parts
  /** Reports the order once the verb is done, unless it changed nothing. */
  const reporting = async <Result extends Order | Repeated | Outcome>(
    { id }: Target,
    verb: Promise<Result>,
  ): Promise<Result> => {
    const result = await verb
    const isSame = 'repeated' in result || ('changed' in result && !result.changed)
    if (!isSame) changed(id)
    return result
  }
  return {
    async renew(target) {
      const now = clock()
      const { accountId, id, maxPrice = null } = target
      const { allocationId } = await orderOf(db, accountId, id)
      const work =
        allocationId === null
          ? renewOrder(db, now, rentalTerms(), limits(), target)
          : renewAtSupplier({ ...parts, clock }, target)
      const request = { kind: 'rental', accountId, maxPrice } as const
      return reporting(target, explain(now, request, work))
    },
    claim(target) {
      const now = clock()
      const request = { kind: 'activation', accountId: target.accountId } as const
      return reporting(target, explain(now, request, claimOrder(db, now, limits(), target)))
    },
    resend: (target) => reporting(target, resendOrder(db, clock(), target)),
    finish: (target) => reporting(target, finishOrder(db, clock(), closers, target)),
    async cancel(target) {
      const order = await orderOf(db, target.accountId, target.id)
      if (isAtSupplier(order)) return cancelAtSupplier({ ...parts, clock }, target)
      return reporting(target, cancelOrder(db, clock(), closers, target))
    },
    async ban(target) {
      const order = await orderOf(db, target.accountId, target.id)
      if (isAtSupplier(order)) return cancelAtSupplier({ ...parts, clock }, target, 'ban')
      return reporting(target, banOrder(db, clock(), target))
    },
    end: (target) => reporting(target, endRental(db, clock(), target)),
    async fail(ids) {
      const failed = await failOrders(db, clock(), closers, ids)
      failed.forEach(changed)
      return failed
    },
  } satisfies Partial<OrderVerbs>
}

const sweeping = ({ db, rentalTerms, closers, changed }: OrderParts, clock: () => Date) =>
  ({
    endOverdue: () => endOverdueOrders(db, clock(), closers),
    async failOverdue() {
      const failed = await failOverdueAllocations(db, clock(), closers)
      failed.forEach(changed)
      const renewals = await dropOverdueRenewals(db, clock())
      return failed.length + renewals + (await dropOverdueReplacements(db, clock()))
    },
    remindOfEnds: () => remindOfEnds(db, clock(), rentalTerms()),
  }) satisfies Partial<OrderVerbs>

function reading({ db, canRebuy }: Pick<OrderParts, 'db' | 'canRebuy'>): OrderReads {
  const read = orderReader(db)
  return {
    read,
    async readNumbered(accountId, id) {
      const order = await read(accountId, id)
      if (!hasNumber(order)) throw notFound()
      return order
    },
    byId: (ids) => ordersById(db, ids),
    list: (filter) => listOrders(db, filter),
    history: (page) => orderHistory(db, page),
    openOf: (accountId) => openOrdersOf(db, accountId),
    services: servicesReader(db),
    bannedAmong: (ids) => bannedAmong(db, ids),
    quoteMultiService: (wanted) => quoteMultiService(db, wanted),
    quoteRebuy: (target) => quoteRebuy(db, target, canRebuy),
    offerStatistics: (offerIds) => offerStatistics(db, offerIds),
    annotate: (target, change) => annotateOrder(db, target, change),
  }
}
