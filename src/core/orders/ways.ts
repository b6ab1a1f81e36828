// Of a dialect with several ways to the same stock: the way that an order came by. It moves no money and
// opens nothing; it only says which of the dialect's rules the order is shown by.
import type { Database } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'

/** Notes the way of orders that were bought just now. Safe to repeat. */
export async function noteWay(
  db: Database,
  orderIds: readonly bigint[],
  way: string,
): Promise<void> {
  await db.once(
    `insert into order_ways (order_id, way) select unnest($1::bigint[]), $2
     on conflict (order_id) do nothing`,
    [orderIds, way],
  )
}

/** Reads the ways of orders; those asked for together are read together. Null where none was noted. */
export function wayReader(db: Database): (orderId: bigint) => Promise<string | null> {
  return gather<bigint, string | null>({
    maxBatch: 500,
    maxRunning: 2,
    run: async (orderIds) => {
      const rows = await db.query<{ order_id: bigint; way: string }>(
        'select order_id, way from order_ways where order_id = any($1)',
        [orderIds],
      )
      const ways = new Map(rows.map((row) => [row.order_id, row.way]))
      return orderIds.map((id) => ways.get(id) ?? null)
    },
  })
}
