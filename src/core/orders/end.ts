// Ending orders early: rentals at their customer's request, and orders whose supplier fails.
import type { Database, Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { pending } from './cancel-at-supplier.ts'
import { type Closers, move } from './lifecycle.ts'
import { lockOrder, type Outcome, type Target } from './orders.ts'
import { openRenewals } from './renewal-holds.ts'

/**
 * Fails orders that their supplier cannot serve, if they have no code yet. The money is returned, with the
 * event `order.failed`.
 * @returns the ids of those that had none
 */
export function failOrders(
  db: Database,
  now: Date,
  closers: Closers,
  ids: readonly bigint[],
): Promise<bigint[]> {
  return db.begin(async (tx) => {
    const failed = await move(tx, now, ids, 'fail', closers)
    return failed.map((order) => order.id)
  })
}

/** As `failOrders`, inside a transaction, and with the reason, for operators. */
export async function fail(
  tx: Tx,
  now: Date,
  closers: Closers | undefined,
  failing: { readonly ids: readonly bigint[]; readonly reason: string },
): Promise<bigint[]> {
  const failed = (await move(tx, now, failing.ids, 'fail', closers)).map((order) => order.id)
  if (failed.length > 0)
    await tx.query('update orders set fail_reason = $2 where id = any($1)', [
      failed,
      failing.reason,
    ])
  return failed
}

/**
 * Ends a rental now, without a refund. Safe to repeat.
 * @throws order_not_found, order_not_finishable, and supply_pending while a supplier is asked to renew or to
 * cancel it
 */
export function endRental(db: Database, now: Date, target: Target): Promise<Outcome> {
  return db.begin(async (tx) => {
    const order = await lockOrder(tx, target)
    if (order.state === 'ended') return { order, changed: false }
    if (order.state !== 'active')
      throw new DomainError('order_not_finishable', 'Only a rental that runs can be ended.')
    const [asked] = await tx.query(
      `select 1 as yes from orders o where o.id = $1 and (o.cancel_requested_at is not null
         or exists (select from allocations a where a.order_id = o.id and a.${openRenewals}))`,
      [order.id],
    )
    if (asked) throw pending('renewed or cancelled')
    const [ended] = await move(tx, now, [order.id], 'end')
    if (!ended) throw new Error('a locked order did not move')
    return { order: ended, changed: true }
  })
}
