// An account's limits: those of the platform, and those that an operator has set.
import type { Queryable } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import type { AccountLimits } from './accounts.ts'

/** The default limits of an account; null is no limit. */
export type DefaultLimits = {
  readonly maxOpenOrders: number | null
  readonly maxOrdersADay: number | null
  readonly maxCancelledPercent: number | null
}

/** An account's own limits and its open orders. @throws not_found */
export async function readLimits(
  db: Queryable,
  accountId: number,
): Promise<AccountLimits & { readonly openOrders: number }> {
  const [row] = await db.query<{
    max_open_orders: number | null
    max_orders_a_day: number | null
    max_cancelled_percent: number | null
    open_orders: number
  }>(
    `select a.max_open_orders, a.max_orders_a_day, a.max_cancelled_percent,
            coalesce(u.open_orders, 0) as open_orders
       from accounts a left join account_usage u on u.account_id = a.id where a.id = $1`,
    [accountId],
  )
  if (!row) throw new DomainError('not_found', 'There is no such account.')
  return {
    maxOpenOrders: row.max_open_orders,
    maxOrdersADay: row.max_orders_a_day,
    maxCancelledPercent: row.max_cancelled_percent,
    openOrders: row.open_orders,
  }
}
