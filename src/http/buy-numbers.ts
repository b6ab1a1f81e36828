// Buying a number for a caller who waits for it: our own at once, or one that suppliers are asked for.
import type { FastifyRequest } from 'fastify'
import type { App } from '../app.ts'
import type { Annotations } from '../core/annotations.ts'
import type { Repeated } from '../core/idempotency/idempotency.ts'
import type { Patience } from '../core/orders/buying/await-numbers.ts'
import type { Bought } from '../core/orders/buying/buy.ts'
import type { Rental } from '../core/orders/buying/rent.ts'
import type { Purchase } from '../core/orders/buying/selection.ts'
import type { Order } from '../core/orders/order.ts'
import type { Asking, OnceTarget } from '../core/orders/verbs.ts'
import { callerOf, rightOf } from './dialect.ts'

/** How long a caller waits for a number, unless it says otherwise. */
export const usualWaitS = 15
/** How long suppliers are asked for a caller who comes back for the answer. */
const patientS = 60
/** A request that came through this many platforms is not passed on. */
const maxPlatforms = 3

/** A purchase of the caller's account. `waitS` is set by callers who take an order without a number yet. */
export type NumberPurchase = Omit<Purchase, 'accountId' | 'allocateS' | 'via'> & {
  readonly waitS?: number | undefined
  /** The time of `performance.now()` at which a wait with others before it ends. */
  readonly untilMs?: number | undefined
}

/**
 * Buys numbers, and waits for those that suppliers are asked for: 15 seconds, or `waitS`, after which the
 * order may still be `allocating`.
 * @throws out_of_stock if no number came in time, and what `buyAndAwait` throws; unauthorized if the key was
 * revoked meanwhile (the order stays the account's)
 */
export function buyNumbers(
  app: App,
  request: FastifyRequest,
  { waitS, untilMs, ...purchase }: NumberPurchase,
): Promise<Bought> {
  const { accountId } = callerOf(request)
  return asking(app, request, { waitS, untilMs }, ({ patience = null, ...how }) =>
    app.orders.buyAndAwait({ ...purchase, ...how, accountId, patience }),
  )
}

/**
 * Replaces the number of an order, and waits as `buyNumbers`.
 * @throws out_of_stock if no number came in time, and what `replace` throws
 */
export const replaceNumber = (
  app: App,
  request: FastifyRequest,
  target: OnceTarget,
): Promise<Order | Repeated> =>
  asking(app, request, {}, (how) => app.orders.replace({ ...target, ...how }))

/**
 * Buys the number of a past order again, and waits as `buyNumbers`.
 * @throws order_not_repeatable if its supplier does not give it, and what `rebuy` throws
 */
export const rebuyNumber = (
  app: App,
  request: FastifyRequest,
  target: OnceTarget & { readonly annotations?: Annotations },
): Promise<Bought> => asking(app, request, {}, (how) => app.orders.rebuy({ ...target, ...how }))

/** A rental for the caller's account; `waitS` as in `NumberPurchase`. */
export type NumberRental = Omit<Rental, 'accountId' | 'allocateS' | 'via'> &
  Pick<NumberPurchase, 'waitS'>

/**
 * Rents a number, and waits as `buyNumbers`.
 * @throws out_of_stock if no number came in time, and what `rent` throws
 */
export function rentNumber(
  app: App,
  request: FastifyRequest,
  { waitS, ...rental }: NumberRental,
): Promise<Bought> {
  const { accountId } = callerOf(request)
  return asking(app, request, { waitS }, (how) => app.orders.rent({ ...rental, ...how, accountId }))
}

/** Buys for a caller who waits, and looks whether it may still have the answer. */
async function asking<T>(
  app: App,
  request: FastifyRequest,
  wait: Pick<NumberPurchase, 'waitS' | 'untilMs'>,
  buy: (how: Asking) => Promise<T>,
): Promise<T> {
  const mayStill = rightOf(app, request)
  const began = performance.now()
  const via = listOf(request.headers['numlet-via'])
  const isCircle =
    via.length >= maxPlatforms || (via.length > 0 && via.includes(await app.supply.ownId()))
  const patience = isCircle ? null : patienceFor(request, wait)
  const bought = await buy({ patience, ...(via.length > 0 ? { via } : {}) })
  if (performance.now() - began > 1000) await mayStill()
  return bought
}

/** Null if there is no time to ask suppliers. A platform that asks us says in `Numlet-Deadline` how many
 * seconds are left, and in `Numlet-Via` the ids of those that the request came through: none is asked in a
 * circle. */
function patienceFor(
  { headers }: FastifyRequest,
  { waitS, untilMs }: Pick<NumberPurchase, 'waitS' | 'untilMs'>,
): Patience | null {
  if (waitS !== undefined) return { allocateS: patientS, waitS }
  const deadline = Number(headers['numlet-deadline'] ?? Number.NaN)
  const told = Number.isNaN(deadline) ? usualWaitS : Math.floor(deadline) - 1
  const rest = untilMs === undefined ? usualWaitS : (untilMs - performance.now()) / 1000
  const left = Math.min(usualWaitS, told, Math.round(rest))
  return left < 1 ? null : { allocateS: left, waitS: left }
}

/** Ids are opaque; what cannot be one is passed over. */
const listOf = (header: string | string[] | undefined): string[] =>
  [header ?? []]
    .flat()
    .join(',')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => /^[\w-]{1,64}$/.test(one))
    .slice(0, maxPlatforms)
