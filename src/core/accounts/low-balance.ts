// The mark below which a customer wants to hear of its balance. The event is written by the database
// (migrations/0015-low-balance.sql), in whichever transaction makes the balance fall below it.
import type { Database, Queryable } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { type Amount, maxAmount } from '../money.ts'

/** The account's mark; null where none is set. */
export async function lowBalanceOf(db: Queryable, accountId: number): Promise<Amount | null> {
  const [wallet] = await db.query<{ low_balance: Amount | null }>(
    `select w.low_balance from ledger_accounts w join accounts a on a.id = w.account_id
      and a.currency = w.currency where w.kind = 'customer' and w.account_id = $1`,
    [accountId],
  )
  return wallet?.low_balance ?? null
}

/** Sets the mark, or takes it away. @throws invalid_request, not_found */
export async function setLowBalance(
  db: Database,
  accountId: number,
  mark: Amount | null,
): Promise<void> {
  if (mark !== null && (mark <= 0n || mark > maxAmount))
    throw new DomainError('invalid_request', 'The mark must be more than nothing.', {
      fields: [{ pointer: '/low_balance', detail: 'must be more than nothing' }],
    })
  const rows = await db.once(
    `update ledger_accounts w set low_balance = $2 from accounts a
      where a.id = w.account_id and a.currency = w.currency and w.kind = 'customer'
        and w.account_id = $1 returning w.id`,
    [accountId, mark],
  )
  if (rows.length === 0) throw new DomainError('not_found', 'There is no such account.')
}
