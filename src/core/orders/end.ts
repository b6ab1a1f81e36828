// A rental that its customer is done with ends before its time.
import type { Database } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { move } from './close.ts'
import { lockOrder, type Outcome, type Target } from './orders.ts'

/**
 * Ends a rental now; nothing of its price comes back. Safe to repeat.
 * @throws order_not_found, order_not_finishable
 */
export function endRental(db: Database, now: Date, target: Target): Promise<Outcome> {
  return db.begin(async (tx) => {
    const order = await lockOrder(tx, target)
    if (order.state === 'ended') return { order, changed: false }
    if (order.state !== 'active')
      throw new DomainError('order_not_finishable', 'Only a rental that runs can be ended.')
    const [ended] = await move(tx, now, [order.id], 'end')
    if (!ended) throw new Error('a locked order did not move')
    return { order: ended, changed: true }
  })
}
