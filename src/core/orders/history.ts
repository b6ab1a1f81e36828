// An account's orders as pages that are counted through, for dialects without cursors.
import type { Queryable } from '../../db/database.ts'
import type { Amount } from '../money.ts'
import type { Order, OrderKind } from './order.ts'
import { type OrderRow, orderColumns, toOrder } from './rows.ts'

/** What a page is counted from: what lies further back is not counted, and not reached. */
export const maxCounted = 10_000

export type HistoryPage = {
  readonly accountId: number
  readonly kind: OrderKind
  readonly limit: number
  readonly offset: number
  readonly newestFirst: boolean
}

/** @returns one page, and how many orders of the kind there are, at most `maxCounted` */
export async function orderHistory(
  db: Queryable,
  page: HistoryPage,
): Promise<{ orders: Order[]; total: number }> {
  const rows = await db.query<OrderRow>(
    `select ${orderColumns} from orders o
      where o.account_id = $1 and o.kind = $2
      order by o.id ${page.newestFirst ? 'desc' : 'asc'} limit $3 offset $4`,
    [page.accountId, page.kind, page.limit, page.offset],
  )
  const [counted] = await db.query<{ total: number }>(
    `select count(*)::int as total from
       (select 1 from orders o where o.account_id = $1 and o.kind = $2 limit $3) as seen`,
    [page.accountId, page.kind, maxCounted],
  )
  return { orders: rows.map(toOrder), total: counted?.total ?? 0 }
}

/** How many orders an account has open, and what money is held for them. */
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
