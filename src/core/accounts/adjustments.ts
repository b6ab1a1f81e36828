// An operator's credits and debits, each reference once.
import type { Database, Tx } from '../../db/database.ts'
import { credit, debit } from '../ledger/ledger.ts'
import { transferIdFor } from '../ledger/transfer-id.ts'
import { type Amount, maxAmount } from '../money.ts'
import { getAccount, invalid } from './accounts.ts'

/** A manual change of a balance. */
export type Adjustment = {
  readonly accountId: number
  readonly amount: Amount
  /** The purpose. The same reference on the same account moves money only once. */
  readonly reference: string
}

/** The result of an adjustment. */
export type Adjusted = {
  /** False if the same adjustment was made before. */
  readonly moved: boolean
  readonly balance: Amount
  readonly currency: string
  readonly decimals: number
}

/** Credits an account manually. The same reference on the same account credits only once.
 * @throws not_found, invalid_request if the reference was used with another amount */
export async function creditAccount(
  db: Database,
  now: Date,
  order: Adjustment,
): Promise<{ credited: boolean; balance: Amount; currency: string }> {
  const { moved, ...rest } = await adjust(db, now, 'credit', order)
  return { credited: moved, ...rest }
}

/** Debits an account manually. The same reference on the same account debits only once.
 * @throws not_found, insufficient_balance, invalid_request if the reference was used with another amount */
export function debitAccount(db: Database, now: Date, order: Adjustment): Promise<Adjusted> {
  return adjust(db, now, 'debit', order)
}

function adjust(
  db: Database,
  now: Date,
  way: 'credit' | 'debit',
  order: Adjustment,
): Promise<Adjusted> {
  if (order.amount <= 0n || order.amount > maxAmount)
    throw invalid('amount', 'The amount must be greater than 0 and at most 100000000.')
  if (!/^[^\p{Cc}]{1,200}$/u.test(order.reference))
    throw invalid('reference', 'The reference must have 1 to 200 characters.')
  return db.begin(async (tx) => {
    const { id: accountId, currency, decimals } = await getAccount(tx, order.accountId)
    const id = transferIdFor(way, accountId, order.reference)
    const { amount, reference } = order
    const movement = { id, accountId, currency, amount, reference, now }
    const { moved, balance } =
      way === 'credit'
        ? await credit(tx, { ...movement, kind: 'credit', from: 'adjustments' })
        : await debit(tx, { ...movement, to: 'adjustments' })
    if (!moved) await assertSameAmount(tx, id, amount)
    return { moved, balance, currency, decimals }
  })
}

async function assertSameAmount(tx: Tx, transferId: string, amount: Amount) {
  const [row] = await tx.query<{ amount: Amount }>('select amount from transfers where id = $1', [
    transferId,
  ])
  if (row?.amount !== amount)
    throw invalid('reference', 'This reference was already used with another amount.')
}
