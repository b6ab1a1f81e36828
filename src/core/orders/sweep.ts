// The deadlines: orders whose window is over are ended by set-based statements, some hundreds at a time.
import type { Database } from '../../db/database.ts'
import { type Closing, move } from './close.ts'
import { moves } from './order.ts'

const ordersASweep = 500

/** Ends the orders whose window is over: refunded if no code came, else finished.
 * @returns how many were ended; a full sweep (500) means that there may be more */
export async function endOverdueOrders(db: Database, now: Date): Promise<number> {
  const expired = await endSome(db, now, 'expire')
  const finished = await endSome(db, now, 'finish')
  return expired + finished
}

function endSome(db: Database, now: Date, name: Closing): Promise<number> {
  return db.begin(async (tx) => {
    const due = await tx.query<{ id: bigint }>(
      `select id from orders
        where state in ('allocating', 'waiting', 'received', 'active') and state = any($1)
          and expires_at <= $2 and kind in ('activation', 'email')
        order by expires_at limit $3 for no key update skip locked`,
      [[...moves[name].from], now, ordersASweep],
    )
    const ended = await move(
      tx,
      now,
      due.map((row) => row.id),
      name,
    )
    return ended.length
  })
}
