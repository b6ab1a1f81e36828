// Decides which order a message belongs to. No I/O.
import type { Sign } from './identify.ts'

/** A lease of the number that received the message. An order for several services has one for each. */
export type LeaseInForce = {
  readonly orderId: bigint
  /** Null in a result: the message belongs to the order, but its service is unknown. */
  readonly serviceId: number | null
  readonly takesAny: boolean
  /** Null while the lease is open. */
  readonly endedAt: Date | null
}

/** What a supplier says about a message besides its text. */
export type Hint = {
  readonly orderId: bigint | null
  readonly serviceId: number | null
}

/**
 * The order that a message is for, or null. In this order:
 * 1. the order that the supplier names, if it has this number;
 * 2. the service that the supplier names;
 * 3. the leased service with the strongest signs in the message (if two are equal: the order that has
 *    both, or else none);
 * 4. the one open lease of a service that takes anything;
 * 5. the only open lease, or the only open order for several services, if the message has no signs of
 *    another service. A message without any signs is given to no order for some minutes after another
 *    lease of the number has ended: it may be a late one of that lease, and nobody may read another
 *    customer's messages. Ended leases are tried last and in the same way: such a message is late and
 *    shown to nobody.
 */
export function match(
  leases: readonly LeaseInForce[],
  hint: Hint,
  signs: readonly Sign[],
  now: Date,
): LeaseInForce | null {
  const open = leases.filter((lease) => lease.endedAt === null)
  const ended = leases
    .filter((lease) => lease.endedAt !== null)
    .sort((a, b) => Number(b.endedAt) - Number(a.endedAt) || Number(b.orderId - a.orderId))
  return (
    byHint([...open, ...ended], hint, signs) ??
    bySigns(open, signs) ??
    // The signs belong to another lease that has ended: the message is late, and for nobody else.
    lateBySigns(open, ended, signs) ??
    (signs.length > 0 || !hasJustEnded(ended, now) ? unsigned(open, signs) : null) ??
    (open.length === 0 && signs.length === 0 ? (ended[0] ?? null) : null)
  )
}

/**
 * Whether a message can be for no other order than that of its lease. Only then may its customer pay for it
 * when it comes late. Another order that takes any message may have brought it about, whatever its signs.
 * @param leases all of the number: open ones, and those that ended lately
 */
export function isSure(
  leases: readonly LeaseInForce[],
  lease: LeaseInForce,
  hint: Hint,
  signs: readonly Sign[],
): boolean {
  const { orderId, serviceId } = lease
  if (hint.orderId === orderId || (serviceId !== null && hint.serviceId === serviceId)) return true
  const others = leases.filter((one) => one.orderId !== orderId)
  if (signs.length === 0) return others.length === 0
  const own = weightIn(signs, serviceId)
  return (
    signs.every(({ weight }) => weight <= own) &&
    others.every(
      (one) =>
        one.serviceId === serviceId || (!one.takesAny && weightIn(signs, one.serviceId) < own),
    )
  )
}

const weightIn = (signs: readonly Sign[], serviceId: number | null) =>
  signs.find((sign) => sign.serviceId === serviceId)?.weight ?? 0

/** How long a text may be in transit: about as long as codes are usually valid. */
const onItsWayMs = 10 * 60 * 1000

const hasJustEnded = (ended: readonly LeaseInForce[], now: Date) =>
  ended.some((lease) => now.getTime() - Number(lease.endedAt) < onItsWayMs)

function unsigned(open: readonly LeaseInForce[], signs: readonly Sign[]): LeaseInForce | null {
  return (
    theOnly(open.filter((lease) => lease.takesAny)) ??
    (signs.length === 0 ? theOnlyOrder(open) : null)
  )
}

/** The only lease, or all of them if they belong to one order. */
function theOnlyOrder(leases: readonly LeaseInForce[]): LeaseInForce | null {
  const [first, ...others] = leases
  if (!first || others.some((lease) => lease.orderId !== first.orderId)) return null
  return others.length === 0 ? first : { ...first, serviceId: null }
}

/** @param leases the open ones, then those that ended, the newest end first */
function byHint(
  leases: readonly LeaseInForce[],
  hint: Hint,
  signs: readonly Sign[],
): LeaseInForce | null {
  const open = (lease: LeaseInForce) => lease.endedAt === null
  const named = leases.filter((lease) => lease.orderId === hint.orderId)
  const service = leases.filter((lease) => lease.serviceId === hint.serviceId)
  return (
    ofOrder(named.filter(open), hint, signs) ??
    service.find(open) ??
    ofOrder(named, hint, signs) ??
    service[0] ??
    null
  )
}

/** The lease of an order that the supplier names or the signs identify. */
function ofOrder(
  leases: readonly LeaseInForce[],
  hint: Hint,
  signs: readonly Sign[],
): LeaseInForce | null {
  return (
    leases.find((lease) => lease.serviceId === hint.serviceId) ??
    bySigns(leases, signs) ??
    theOnlyOrder(leases)
  )
}

function bySigns(leases: readonly LeaseInForce[], signs: readonly Sign[]): LeaseInForce | null {
  const weightOf = (lease: LeaseInForce) => weightIn(signs, lease.serviceId)
  const strongest = Math.max(0, ...leases.map(weightOf))
  return strongest === 0 ? null : theOnlyOrder(leases.filter((one) => weightOf(one) === strongest))
}

function lateBySigns(
  open: readonly LeaseInForce[],
  ended: readonly LeaseInForce[],
  signs: readonly Sign[],
): LeaseInForce | null {
  if (open.some((lease) => signs.some((sign) => sign.serviceId === lease.serviceId))) return null
  return ended.find((lease) => signs.some((sign) => sign.serviceId === lease.serviceId)) ?? null
}

const theOnly = <T>(list: readonly T[]): T | null => (list.length === 1 ? (list[0] as T) : null)
