// Cancelling an order whose number a supplier gave: the supplier is asked first, and the caller waits for its
// answer.
import type { Database, Queryable } from '../../db/database.ts'
import { openCommand } from '../allocations/commands.ts'
import { DomainError } from '../error.ts'
import type { OrderWatch } from '../events/watch.ts'
import { cooldownLeftS, type Order } from './order.ts'
import { assertRefundable, lockOrder, notCancellable, type Outcome, type Target } from './orders.ts'
import { orderOf } from './read.ts'
import { openRenewals } from './renewal-holds.ts'

/** How long a caller waits for the supplier's answer unless it says otherwise. */
const defaultWaitS = 10
/** What another node has recorded without an event is noticed within this time. */
const lookMs = 500
/** A wait that ends so much too early was ended by the node, which stops. */
const earlyMs = lookMs / 2
const retryAfterS = 5

/** Whether its cancellation needs a supplier's yes. */
export const isAtSupplier = ({ state, kind, allocationId }: Order) =>
  allocationId !== null && state === (kind === 'rental' ? 'active' : 'waiting')

/** How long a caller waits for a supplier's answer. */
export type Waiting = { readonly waitS?: number }

/** `ban`: its service knows the number already. */
type CancelVerb = 'cancel' | 'ban'

export type CancelParts = {
  readonly db: Database
  readonly clock: () => Date
  readonly watch: Pick<OrderWatch, 'next' | 'listening'>
  readonly changed: (orderId: bigint) => void
}

/**
 * Cancels an order at its supplier, or reports its number there. The money is returned when the supplier has
 * said yes, or at the end of the window; a code that comes before is the order's. Safe to repeat: one request
 * is under way at a time.
 * @throws order_not_found, cancel_cooldown (with retryAfterS), order_not_cancellable, supplier_rejected, and
 * supply_pending if there is no answer within ten seconds, or within `waitS`
 */
export async function cancelAtSupplier(
  parts: CancelParts,
  target: Target & Waiting,
  verb: CancelVerb = 'cancel',
): Promise<Outcome> {
  const { db, clock, watch } = parts
  await watch.listening()
  const { id } = await requestCancel(db, clock(), target, verb)
  parts.changed(id)
  const waitS = target.waitS ?? defaultWaitS
  for (const end = performance.now() + waitS * 1000; ; ) {
    const { order, isRequested } = await cancelStateOf(db, target)
    if (order.state === 'cancelled') return { order, changed: true }
    if (!isAtSupplier(order)) throw notCancellable(order)
    if (!isRequested) throw refused(order, clock())
    const leftMs = end - performance.now()
    if (leftMs <= 0) throw pending()
    const lookAt = performance.now() + Math.min(leftMs, lookMs)
    const why = await watch.next(id, lookAt - performance.now(), new AbortController().signal)
    // @NOTE a node that stops ends all waits at once, and each further one as soon as it begins
    if (why === 'over' && lookAt - performance.now() > earlyMs) throw pending()
  }
}

/**
 * Wants an order with a supplier's number cancelled, and writes what the supplier is to be told. Safe to
 * repeat.
 * @returns the order, which still waits or runs
 * @throws order_not_found, cancel_cooldown (with retryAfterS), order_not_cancellable
 */
export function requestCancel(
  db: Database,
  now: Date,
  target: Target,
  verb: CancelVerb = 'cancel',
): Promise<Order> {
  return db.begin(async (tx) => {
    const order = await lockOrder(tx, target)
    if (!isAtSupplier(order) || order.allocationId === null) throw notCancellable(order)
    if (verb === 'ban' && order.kind !== 'activation') throw notCancellable(order)
    if (order.kind === 'rental') await assertRefundable(tx, now, order)
    const renewing = await tx.query(
      `select 1 as yes from allocations where order_id = $1 and ${openRenewals}`,
      [order.id],
    )
    if (renewing.length > 0) throw pending('renewed')
    const left = cooldownLeftS(order, now)
    if (left > 0) throw cooldown(left)
    await tx.query(
      'update orders set cancel_requested_at = coalesce(cancel_requested_at, $2) where id = $1',
      [order.id, now],
    )
    const { allocationId } = order
    await openCommand(tx, now, { allocationId, verb, askedBy: 'customer' })
    return order
  })
}

/** @NOTE the request is read before the order: a refusal is recorded after the code that is its reason */
async function cancelStateOf(db: Queryable, { accountId, id }: Target) {
  const [row] = await db.query<{ requested: boolean }>(
    'select cancel_requested_at is not null as requested from orders where id = $1',
    [id],
  )
  return { order: await orderOf(db, accountId, id), isRequested: row?.requested === true }
}

function refused(order: Order, now: Date): DomainError {
  const left = cooldownLeftS(order, now)
  if (left > 0) return cooldown(left)
  const goesOn = order.kind === 'rental' ? 'It runs on.' : 'It waits for its code.'
  return new DomainError('supplier_rejected', `The order cannot be cancelled now. ${goesOn}`)
}

const cooldown = (seconds: number) =>
  new DomainError('cancel_cooldown', `The order can be cancelled in ${seconds} seconds.`, {
    retryAfterS: seconds,
  })

export const pending = (what = 'cancelled') =>
  new DomainError('supply_pending', `The order is being ${what}. Look at it again shortly.`, {
    retryAfterS,
  })
