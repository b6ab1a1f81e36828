// Reporting a number that its service knows already: cancelled like any other, and never let for it again.
import type { Database, Queryable } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { keepOffSale } from '../inventory/inventory.ts'
import { move } from './close.ts'
import { cooldownLeftS } from './order.ts'
import { lockOrder, type Outcome, type Target } from './orders.ts'

/**
 * Gives the money back, after the cooldown and before a code, and takes the number off sale for the service.
 * Safe to repeat.
 * @throws order_not_found, cancel_cooldown (with retryAfterS), order_not_cancellable
 */
export function banOrder(db: Database, now: Date, target: Target): Promise<Outcome> {
  return db.begin(async (tx) => {
    const order = await lockOrder(tx, target)
    if ((await bannedAmong(tx, [order.id])).has(order.id)) return { order, changed: false }
    if (order.kind !== 'activation' || order.state !== 'waiting')
      throw new DomainError('order_not_cancellable', `An order that is ${order.state} stays so.`)
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

/** Which of these orders were reported. */
export async function bannedAmong(db: Queryable, ids: readonly bigint[]): Promise<Set<bigint>> {
  if (ids.length === 0) return new Set()
  const rows = await db.query<{ order_id: bigint }>(
    'select order_id from banned_orders where order_id = any($1)',
    [ids],
  )
  return new Set(rows.map((row) => row.order_id))
}
