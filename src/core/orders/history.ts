// An account's orders in numbered pages, for dialects without cursors.
import type { Queryable } from '../../db/database.ts'
import type { Amount } from '../money.ts'
import { isNumbered } from './list.ts'
import type { Order, OrderKind } from './order.ts'
import { type OrderRow, orderColumns, toOrder } from './rows.ts'

/** The maximum that is counted; older orders are not counted and cannot be reached. */
export const maxCounted = 10_000

export type HistoryPage = {
  readonly accountId: number
  readonly kind: OrderKind
  readonly limit: number
  readonly offset: number
  readonly newestFirst: boolean
}

/** Leaves out orders without a number.
 * @returns one page, and the total number of orders of the kind, at most `maxCounted` */
export async function orderHistory(
  db: Queryable,
  page: HistoryPage,
): Promise<{ orders: Order[]; total: number }> {
  const rows = await db.query<OrderRow>(
    `select ${orderColumns} from orders o
      where o.account_id = $1 and o.kind = $2 and ${isNumbered}
      order by o.id ${page.newestFirst ? 'desc' : 'asc'} limit $3 offset $4`,
    [page.accountId, page.kind, page.limit, page.offset],
  )
  const [counted] = await db.query<{ total: number }>(
    `select count(*)::int as total from
       (select 1 from orders o
        where o.account_id = $1 and o.kind = $2 and ${isNumbered} limit $3) as seen`,
    [page.accountId, page.kind, maxCounted],
  )
  return { orders: rows.map(toOrder), total: counted?.total ?? 0 }
}

/** The number of an account's open orders, and the money held for them. */
export async function openOrdersOf(
  db: Queryable,
  accountId: number,
): Promise<{ count: number; held: Amount }> {
  const [row] = await db.query<{ count: number; held: bigint }>(
    `select count(*)::int as count,
            coalesce(sum(o.price) filter (where o.state in ('allocating', 'waiting')), 0)::bigint as held
       from orders o
      where o.account_id = $1 and o.state in ('allocating', 'waiting', 'received', 'active')`,
    [accountId],
  )
  return row ?? { count: 0, held: 0n }
}
