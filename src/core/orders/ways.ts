// Of a dialect with several ways to the same stock: the way that an order came by. It moves no money and
// opens nothing; it only says which of the dialect's rules the order is shown by.
import type { Database } from '../../db/database.ts'

/** Notes the way of orders that were bought just now. Safe to repeat. */
export async function noteWay(
  db: Database,
  orderIds: readonly bigint[],
  way: string,
): Promise<void> {
  await db.once('update orders set way = $2 where id = any($1) and way is null', [orderIds, way])
}
