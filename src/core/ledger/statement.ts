// A customer's statement: every transfer of the account, newest first.
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
  /** The change of the balance: 0 if held money was earned by the platform. */
  readonly change: Amount
  readonly balanceAfter: Amount | null
  readonly currency: string
  readonly orderId: bigint | null
  /** The deposit that was credited or refunded. */
  readonly depositId: bigint | null
  /** The customer's reference of the order or deposit; for other movements the operator's reference. */
  readonly reference: string
  readonly createdAt: Date
}

/** @param wanted.since only lines at or after this time
 * @param wanted.until only lines before this time
 * @param wanted.before only lines older than this `seq`: the last of the previous page
 * @param wanted.kinds only lines of these kinds; all if there are none
 * @param wanted.orderId only lines of this order */
export async function statement(
  db: Queryable,
  wanted: {
    readonly accountId: number
    readonly before?: bigint | undefined
    readonly since?: Date | undefined
    readonly until?: Date | undefined
    readonly kinds?: readonly StatementLine['kind'][] | undefined
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
    deposit_id: bigint | null
    reference: string
    created_at: Date
  }>(
    `select t.id, t.seq, t.kind, t.amount,
            case when w.id = t.credit_id then t.amount when w.id = t.debit_id then -t.amount
                 else 0 end as change,
            t.balance_after, t.currency, t.order_id, t.created_at,
            d.id as deposit_id,
            case when d.id is not null then coalesce(d.customer_reference, '')
                 else coalesce(o.reference, t.reference) end as reference
       from transfers t
       join ledger_accounts w on w.kind = 'customer' and w.account_id = t.account_id
        and w.currency = t.currency
       left join orders o on o.id = t.order_id
       left join deposits d on d.account_id = t.account_id and d.id = case
         when t.kind in ('deposit', 'debit', 'credit')
         then substring(t.reference from '^deposit ([0-9]{1,18}) by ')::bigint end
      where t.account_id = $1 and ($2::bigint is null or t.seq < $2)
        and ($4::bigint is null or t.order_id = $4)
        and ($5::timestamptz is null or t.created_at >= $5)
        and ($6::timestamptz is null or t.created_at < $6)
        and ($7::text[] is null or t.kind = any($7))
      order by t.seq desc limit $3`,
    [
      wanted.accountId,
      wanted.before ?? null,
      wanted.limit,
      wanted.orderId ?? null,
      wanted.since ?? null,
      wanted.until ?? null,
      wanted.kinds?.length ? wanted.kinds : null,
    ],
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
    depositId: row.deposit_id,
    reference: row.reference,
    createdAt: row.created_at,
  }))
}
