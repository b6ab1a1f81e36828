// Totals of the ledger, for the metrics.
import type { Queryable } from '../../db/database.ts'
import { amountAsNumber } from '../money.ts'

export type MoneyTotal = {
  /** The kind of transfer; `deposit_refund` for a debit that gives a deposit back. */
  readonly movement: string
  readonly currency: string
  /** In units of the currency. */
  readonly amount: number
}

/** Reads all transfers: do not call it often. */
export async function readMoneyTotals(db: Queryable): Promise<MoneyTotal[]> {
  const rows = await db.query<{ movement: string; currency: string; amount: bigint }>(
    `select case when p.id is null then t.kind else 'deposit_refund' end as movement, t.currency,
            sum(t.amount)::bigint as amount
       from transfers t
       left join ledger_accounts p
         on t.kind = 'debit' and p.id = t.credit_id and p.kind = 'deposits'
      group by 1, 2`,
  )
  return rows.map(({ amount, ...rest }) => ({ ...rest, amount: amountAsNumber(amount) }))
}
