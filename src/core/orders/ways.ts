// In dialects with several APIs for the same stock: the API that an order was bought with. It moves no money
// and grants no access; it only selects the rules by which the dialect shows the order.
import type { Database } from '../../db/database.ts'

/** Records the API of new orders. Safe to repeat. */
export async function noteWay(
  db: Database,
  orderIds: readonly bigint[],
  way: string,
): Promise<void> {
  await db.once('update orders set way = $2 where id = any($1) and way is null', [orderIds, way])
}
