// The threshold for low-balance events. The database (migrations/0003-ledger.sql) writes the event in
// the transaction that takes the balance below the threshold.
import type { Database, Queryable } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { type Amount, maxAmount } from '../money.ts'

/** The account's threshold; null if none is set. */
export async function lowBalanceOf(db: Queryable, accountId: number): Promise<Amount | null> {
  const [wallet] = await db.query<{ low_balance: Amount | null }>(
    `select w.low_balance from ledger_accounts w join accounts a on a.id = w.account_id
      and a.currency = w.currency where w.kind = 'customer' and w.account_id = $1`,
    [accountId],
  )
  return wallet?.low_balance ?? null
}

/** Sets or removes the threshold. @throws invalid_request, not_found */
export async function setLowBalance(
  db: Database,
  accountId: number,
  mark: Amount | null,
): Promise<void> {
  if (mark !== null && (mark <= 0n || mark > maxAmount))
    throw new DomainError('invalid_request', 'The low-balance threshold must be greater than 0.', {
      fields: [{ pointer: '/low_balance', detail: 'must be greater than 0' }],
    })
  const rows = await db.once(
    `update ledger_accounts w set low_balance = $2 from accounts a
      where a.id = w.account_id and a.currency = w.currency and w.kind = 'customer'
        and w.account_id = $1 returning w.id`,
    [accountId, mark],
  )
  if (rows.length === 0) throw new DomainError('not_found', 'There is no such account.')
}
