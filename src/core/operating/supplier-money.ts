// Operators' verb on the money at a supplier: what was paid to it, or what it had at the beginning.
import type { Database } from '../../db/database.ts'
import { DomainError } from '../error.ts'
import { getSupplier } from '../inventory/suppliers.ts'
import { topUp } from '../ledger/suppliers.ts'
import { type Amount, formatAmount } from '../money.ts'
import { type By, logged } from '../operator-log.ts'
import { endDryness } from '../supply/balances.ts'

export type TopUp = {
  readonly supplier: string
  readonly currency: string
  readonly amount: Amount
  /** Counts once at a supplier. */
  readonly reference: string
}

const maxReferenceLength = 200

/** Books what was paid to a supplier. The same reference counts once. @returns whether it counted now
 * @throws not_found, invalid_request */
export function topUpSupplier(
  db: Database,
  now: Date,
  by: By,
  { supplier, currency, amount, reference }: TopUp,
): Promise<{ toppedUp: boolean }> {
  if (amount <= 0n) throw new DomainError('invalid_request', 'The amount must be above zero.')
  if (reference.trim() === '' || reference.length > maxReferenceLength)
    throw new DomainError(
      'invalid_request',
      `The reference must have 1 to ${maxReferenceLength} characters.`,
    )
  return logged(
    db,
    by,
    async (_within, tx) => {
      const { id } = await getSupplier(tx, supplier, 'for no key update')
      const toppedUp = await topUp(tx, now, { supplierId: id, currency, amount, reference })
      if (toppedUp) await endDryness(tx, now, id)
      return { toppedUp }
    },
    ({ toppedUp }) =>
      toppedUp
        ? {
            action: 'supplier.topup',
            subject: { type: 'supplier', id: supplier },
            detail: { amount: formatAmount(amount, 2), currency, reference },
          }
        : null,
  )
}
