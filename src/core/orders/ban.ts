// Reporting a number that its service already knows: the order is cancelled, and the number is never sold for
// the service again. The supplier of a number that is not ours is asked first (cancel-at-supplier.ts).
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { keepOffSale } from '../inventory/inventory.ts'
import { move } from './lifecycle.ts'
import { cooldownLeftS } from './order.ts'
import { lockOrder, notCancellable, type Outcome, type Target } from './orders.ts'

/**
 * Cancels an order after the cooldown and before a code, and withdraws the number for the service. Safe to
 * repeat.
 * @throws order_not_found, cancel_cooldown (with retryAfterS), order_not_cancellable
 */
export function banOrder(db: Database, now: Date, target: Target): Promise<Outcome> {
  return db.begin(async (tx) => {
    const order = await lockOrder(tx, target)
    if ((await bannedAmong(tx, [order.id])).has(order.id)) return { order, changed: false }
    if (order.kind !== 'activation' || order.state !== 'waiting') throw notCancellable(order)
    const left = cooldownLeftS(order, now)
    if (left > 0)
      throw new DomainError('cancel_cooldown', `The order can be cancelled in ${left} seconds.`, {
        retryAfterS: left,
      })
    const [cancelled] = await move(tx, now, [order.id], 'cancel')
    if (!cancelled) throw new Error('a locked order did not move')
    await tx.query('insert into banned_orders (order_id, created_at) values ($1, $2)', [
      order.id,
      now,
    ])
    await keepOffSale(tx, order.id)
    return { order: cancelled, changed: true }
  })
}

/** Notes that an order's number was reported, if that is why its supplier was asked to cancel it. */
export async function noteBan(
  tx: Tx,
  now: Date,
  { orderId, id }: { readonly orderId: bigint; readonly id: bigint },
): Promise<void> {
  await tx.query(
    `insert into banned_orders (order_id, created_at)
     select $1, $3 where 'ban' = (select c.verb from supplier_commands c
       where c.allocation_id = $2 and c.asked_by = 'customer' order by c.id desc limit 1)
     on conflict do nothing`,
    [orderId, id, now],
  )
}

/** The orders among these that were reported. */
export async function bannedAmong(db: Queryable, ids: readonly bigint[]): Promise<Set<bigint>> {
  if (ids.length === 0) return new Set()
  const rows = await db.query<{ order_id: bigint }>(
    'select order_id from banned_orders where order_id = any($1)',
    [ids],
  )
  return new Set(rows.map((row) => row.order_id))
}
