// Changes of a customer's balance in numbered pages, for dialects without cursors.
import type { Queryable } from '../../db/database.ts'
import type { Amount } from '../money.ts'
import type { StatementLine } from './statement.ts'

/** The maximum that is counted; older changes are not counted and cannot be reached. */
const maxCounted = 10_000

export type BalanceChange = Pick<StatementLine, 'seq' | 'kind' | 'orderId' | 'createdAt'> & {
  readonly change: Amount
  readonly balanceAfter: Amount
}

/** @returns one page, and the total number of changes, at most 10,000 */
export async function balanceHistory(
  db: Queryable,
  page: {
    readonly accountId: number
    readonly limit: number
    readonly offset: number
    readonly newestFirst: boolean
  },
): Promise<{ changes: BalanceChange[]; total: number }> {
  const changes = await db.query<BalanceChange>(
    `select t.seq, t.kind, case when w.id = t.credit_id then t.amount else -t.amount end as change,
            t.balance_after as "balanceAfter", t.order_id as "orderId", t.created_at as "createdAt"
       from transfers t
       join ledger_accounts w on w.kind = 'customer' and w.account_id = t.account_id
        and w.currency = t.currency
      where t.account_id = $1 and t.balance_after is not null
      order by t.seq ${page.newestFirst ? 'desc' : 'asc'} limit $2 offset $3`,
    [page.accountId, page.limit, page.offset],
  )
  const [counted] = await db.query<{ total: number }>(
    `select count(*)::int as total from
       (select 1 from transfers where account_id = $1 and balance_after is not null limit $2) as seen`,
    [page.accountId, maxCounted],
  )
  return { changes, total: counted?.total ?? 0 }
}
