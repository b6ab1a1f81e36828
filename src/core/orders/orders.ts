// Verbs on existing orders. One verb, one transaction.
import type { Database, Tx } from '../../db/database.ts'
import type { DefaultLimits } from '../accounts/limits.ts'
import { openCommand } from '../allocations/commands.ts'
import { type AnnotationChange, changed, metadataColumn } from '../annotations.ts'
import { DomainError } from '../error.ts'
import { emitMany, ofOrder } from '../events/events.ts'
import { claimKey, noteOrders, type Once, type Repeated } from '../idempotency/idempotency.ts'
import { inNewestCell } from '../months/cells.ts'
import { readSettings } from '../settings.ts'
import { takeNumber, takeNumberOrSource } from './buying/allocation.ts'
import { activate } from './buying/multi-service.ts'
import { lockCustomer } from './buying/purchase.ts'
import { anyNumber, type OrderTerms, type Purchase } from './buying/selection.ts'
import { type Closers, move } from './lifecycle.ts'
import { cooldownLeftS, type Order } from './order.ts'
import { notFound } from './read.ts'
import { type OrderRow, orderColumns, toOrder } from './rows.ts'

/** The account and the order. An order of another account is not found. */
export type Target = { readonly accountId: number; readonly id: bigint }

/** The result of a verb, and whether this call changed something: a repeated request changes nothing, and
 * each dialect decides how to report that. */
export type Outcome = { readonly order: Order; readonly changed: boolean }

/**
 * Cancels an order and returns its money: after the cooldown and before a code; a rental only inside its
 * refund window and before any message. An inbox has no cooldown, and costs its domain's fee. An order that
 * has no number yet has no cooldown, either. Safe to repeat.
 * @throws order_not_found, cancel_cooldown (with retryAfterS), order_not_cancellable
 */
export function cancelOrder(
  db: Database,
  now: Date,
  closers: Closers,
  target: Target,
): Promise<Outcome> {
  return db.begin(async (tx) => {
    const order = await lockOrder(tx, target)
    if (order.state === 'cancelled') return { order, changed: false }
    if (order.state === 'allocating')
      return { order: moved(await move(tx, now, [order.id], 'abandon', closers)), changed: true }
    if (order.kind === 'rental') {
      await assertRefundable(tx, now, order)
      return { order: moved(await move(tx, now, [order.id], 'giveBack')), changed: true }
    }
    if (order.state !== 'waiting') throw notCancellable(order)
    const left = cooldownLeftS(order, now)
    if (left > 0)
      throw new DomainError('cancel_cooldown', `The order can be cancelled in ${left} seconds.`, {
        retryAfterS: left,
      })
    // An inbox whose window is over is expired even if the sweep has not run yet: all money is returned.
    const name = order.kind === 'email' && order.expiresAt > now ? 'cancelForFee' : 'cancel'
    return { order: moved(await move(tx, now, [order.id], name, closers)), changed: true }
  })
}

export const notCancellable = ({ state }: Order) =>
  new DomainError(
    'order_not_cancellable',
    state === 'received'
      ? 'This order has received a code and cannot be cancelled.'
      : `This order is ${state} and cannot be cancelled.`,
  )

/** Until when a rental can be cancelled, if no message comes; null: it cannot.
 * @param minutes after its purchase */
export function refundableUntil(order: Order, minutes: number): Date | null {
  if (order.state !== 'active' || order.messageCount > 0 || order.renewals > 0) return null
  return new Date(order.createdAt.getTime() + minutes * 60_000)
}

/** @throws order_not_cancellable */
export async function assertRefundable(tx: Tx, now: Date, order: Order) {
  const { rental_refund_minutes: minutes } = await readSettings(tx)
  const until = refundableUntil(order, minutes)
  if (until === null)
    throw new DomainError('order_not_cancellable', 'A rental with a message cannot be cancelled.')
  if (now > until)
    throw new DomainError('order_not_cancellable', 'The rental’s refund window is over.')
}

/**
 * Finishes an order that has its code. Safe to repeat.
 * @throws order_not_found, order_not_finishable
 */
export function finishOrder(
  db: Database,
  now: Date,
  closers: Closers,
  target: Target,
): Promise<Outcome> {
  return db.begin(async (tx) => {
    const order = await lockOrder(tx, target)
    if (order.state === 'finished') return { order, changed: false }
    if (order.state !== 'received')
      throw new DomainError('order_not_finishable', 'Only an order with a code can be finished.')
    return { order: moved(await move(tx, now, [order.id], 'finish', closers)), changed: true }
  })
}

/**
 * Requests another code on the same number, free of charge; one request at a time.
 * @throws order_not_found, order_not_resendable, resend_pending
 */
export function resendOrder(
  db: Database,
  now: Date,
  target: Target & { readonly once: Once | null },
): Promise<Order | Repeated> {
  return db.begin(async (tx) => {
    if (!(await claimKey(tx, now, target.accountId, target.once))) return { repeated: true }
    const order = await lockOrder(tx, target)
    if (order.state !== 'received' || order.kind !== 'activation' || order.expiresAt <= now)
      throw new DomainError(
        'order_not_resendable',
        'Another code can be requested only after the first one.',
      )
    if (order.resendPending)
      throw new DomainError(
        'resend_pending',
        'Another code was already requested and has not arrived yet.',
      )
    const [row] = await tx.query<OrderRow>(
      `update orders o set resend_count = o.resend_count + 1, resend_pending = true
        where o.id = $1 returning ${orderColumns}`,
      [order.id],
    )
    if (order.allocationId !== null)
      await openCommand(tx, now, {
        ...{ allocationId: order.allocationId, verb: 'resend', askedBy: 'customer' },
      })
    await emitMany(tx, now, [ofOrder('order.resend_requested', order)])
    await noteOrders(tx, target.accountId, target.once, [order.id])
    return toOrder(row as OrderRow)
  })
}

/** What is replaced, and for how long suppliers may be asked for the new number. */
export type Replacing = Target & { readonly once: Once | null } & Pick<
    Purchase,
    'allocateS' | 'via'
  >

/** None of our own numbers can replace the order's, but a supplier may have one: nothing has changed yet. */
export class SupplierWanted extends Error {}

/**
 * Replaces a number without a code with a new one of ours, of the same offer: the old hold is voided and the
 * current price is held. It is another number, and has none of the prefixes that the customer excluded. If
 * none can be had, nothing changes.
 * @returns the new order
 * @throws order_not_found, order_not_replaceable, and the errors of a purchase; SupplierWanted if a supplier
 * may be asked, and shows some
 */
export function replaceOrder(
  db: Database,
  now: Date,
  terms: OrderTerms,
  limits: DefaultLimits,
  target: Replacing,
): Promise<Order | Repeated> {
  return db.begin(async (tx) => {
    if (!(await claimKey(tx, now, target.accountId, target.once))) return { repeated: true }
    const order = await lockOrder(tx, target)
    await assertReplaceable(tx, now, order)
    await move(tx, now, [order.id], 'replace')
    const fresh = await buySame(tx, now, terms, limits, { ...target, order })
    await tx.query('update orders set replaced_by = $2 where id = $1', [order.id, fresh.id])
    await tx.query('update orders set replaces = $2 where id = $1', [fresh.id, order.id])
    await noteOrders(tx, target.accountId, target.once, [fresh.id])
    return { ...fresh, replaces: order.id }
  })
}

/** @throws order_not_replaceable, also if a supplier is being asked for its replacement */
export async function assertReplaceable(tx: Tx, now: Date, order: Order): Promise<void> {
  if (order.state !== 'waiting' || order.kind !== 'activation' || order.services !== null)
    throw notReplaceable()
  const underWay = await tx.query(
    `select 1 as yes from allocations where order_id = $1 and purpose = 'replace'
        and (state in ('planned', 'asking') or state = 'unknown' and allocate_by > $2)`,
    [order.id, now],
  )
  if (underWay.length > 0)
    throw new DomainError('order_not_replaceable', 'This order is being replaced already.')
}

export const notReplaceable = () =>
  new DomainError('order_not_replaceable', 'Only an order that waits for its code can be replaced.')

async function buySame(
  tx: Tx,
  now: Date,
  terms: OrderTerms,
  limits: DefaultLimits,
  { order, allocateS }: Replacing & { readonly order: Order },
): Promise<Order> {
  const { accountId, serviceId, country, offerId, phone } = order
  const [kept] = await tx.query<{ unwanted: string[] | null }>(
    'select unwanted from orders where id = $1',
    [order.id],
  )
  const same = phone === null ? [] : [phone.replace('+', '')]
  const exclude = [...(kept?.unwanted ?? []), ...same]
  const selection = { ...anyNumber, serviceId, country, offerId, exclude }
  const customer = await lockCustomer(tx, now, accountId, limits, 1)
  const serviceIds = serviceId === null ? [] : [serviceId]
  const wanted = { kind: 'activation', serviceIds, durationS: null, selection } as const
  const taken =
    allocateS === undefined
      ? await takeNumber(tx, customer, wanted)
      : await takeNumberOrSource(tx, now, customer, wanted)
  if ('sourceId' in taken) throw new SupplierWanted()
  const how = { isSplit: false, annotations: order, exclude }
  const [fresh] = await activate(tx, now, terms, customer, taken, how)
  if (!fresh) throw new Error('nothing was bought, and nothing refused')
  return fresh
}

/** What a customer changes on an order of theirs; `undefined` leaves a part unchanged. */
export type OrderChange = AnnotationChange & { readonly note?: string | null | undefined }

/** Updates the customer's reference, metadata and note on an order in any state.
 * @throws order_not_found, invalid_request */
export function annotateOrder(db: Database, target: Target, change: OrderChange): Promise<Order> {
  return db.begin(async (tx) => {
    const order = await lockOrder(tx, target)
    const { reference, metadata } = changed(order, change)
    const note = change.note === undefined ? order.note : change.note
    const [row] = await tx.query<OrderRow>(
      `update orders o set reference = $2, metadata = $3, note = $4 where o.id = $1
       returning ${orderColumns}`,
      [target.id, reference, metadataColumn(metadata), note],
    )
    return toOrder(row as OrderRow)
  })
}

/** Reads an order of this account and locks it until the transaction ends. */
export async function lockOrder(tx: Tx, target: Target): Promise<Order> {
  const [row] = await tx.query<OrderRow>(
    `select ${orderColumns} from orders o
      where o.id = $1 and o.account_id = $2 ${inNewestCell('o.id', [target.id])} for no key update`,
    [target.id, target.accountId],
  )
  if (!row) throw notFound()
  return toOrder(row)
}

function moved(orders: readonly Order[]): Order {
  const [order] = orders
  if (!order) throw new Error('a locked order did not move')
  return order
}
