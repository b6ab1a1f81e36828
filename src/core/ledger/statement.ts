// A customer's statement: every transfer that concerns the account, newest first.
import type { Queryable } from '../../db/database.ts'
import type { Amount } from '../money.ts'

export const transferKinds = [
  'hold',
  'post',
  'void',
  'release',
  'refund',
  'credit',
  'debit',
  'deposit',
] as const

export type StatementLine = {
  readonly id: string
  readonly seq: bigint
  readonly kind: (typeof transferKinds)[number]
  readonly amount: Amount
  /** What it did to the balance: nothing where what was held became the platform's. */
  readonly change: Amount
  readonly balanceAfter: Amount | null
  readonly currency: string
  readonly orderId: bigint | null
  readonly reference: string
  readonly createdAt: Date
}

/** @param wanted.before only lines older than this `seq`: where the page before ended
 * @param wanted.orderId only lines about this order */
export async function statement(
  db: Queryable,
  wanted: {
    readonly accountId: number
    readonly before?: bigint
    readonly orderId?: bigint
    readonly limit: number
  },
): Promise<StatementLine[]> {
  const rows = await db.query<{
    id: string
    seq: bigint
    kind: StatementLine['kind']
    amount: bigint
    change: bigint
    balance_after: bigint | null
    currency: string
    order_id: bigint | null
    reference: string
    created_at: Date
  }>(
    `select t.id, t.seq, t.kind, t.amount,
            case when w.id = t.credit_id then t.amount when w.id = t.debit_id then -t.amount
                 else 0 end as change,
            t.balance_after, t.currency, t.order_id, t.reference, t.created_at
       from transfers t
       join ledger_accounts w on w.kind = 'customer' and w.account_id = t.account_id
        and w.currency = t.currency
      where t.account_id = $1 and ($2::bigint is null or t.seq < $2)
        and ($4::bigint is null or t.order_id = $4)
      order by t.seq desc limit $3`,
    [wanted.accountId, wanted.before ?? null, wanted.limit, wanted.orderId ?? null],
  )
  return rows.map((row) => ({
    id: row.id,
    seq: row.seq,
    kind: row.kind,
    amount: row.amount,
    change: row.change,
    balanceAfter: row.balance_after,
    currency: row.currency,
    orderId: row.order_id,
    reference: row.reference,
    createdAt: row.created_at,
  }))
}
