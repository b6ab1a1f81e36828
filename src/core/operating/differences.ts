// Operators' verb on differences: where what a supplier says is not what was booked.
import type { Database } from '../../db/database.ts'
import { getSupplier } from '../inventory/suppliers.ts'
import { formatAmount } from '../money.ts'
import { type By, logged, needReason } from '../operator-log.ts'
import type { ListedDifference } from '../supply/differences.ts'
import { type Settlement, settleDifference } from '../supply/settlement.ts'

/** Settles a difference of a supplier. Repeating it changes nothing.
 * @throws not_found, invalid_request without a reason, or if that cannot be what became of the money */
export function settle(
  db: Database,
  now: Date,
  by: By,
  wanted: { readonly supplier: string; readonly id: bigint; readonly as: Settlement },
): Promise<ListedDifference> {
  const { actor, reason } = needReason(by)
  const { supplier, id, as } = wanted
  return logged(
    db,
    by,
    async (_within, tx) => {
      const { id: supplierId } = await getSupplier(tx, supplier)
      return settleDifference(tx, now, { supplierId, id, as, by: actor, reason })
    },
    ({ difference, changed }) =>
      changed
        ? {
            action: 'supplier.settle',
            subject: { type: 'supplier', id: supplier },
            detail: {
              ...{ difference: id, kind: difference.kind, as, order: difference.orderId },
              expected: formatAmount(difference.expected, 2),
              found: formatAmount(difference.found, 2),
              ...{ currency: difference.currency, transfer: difference.transferId },
            },
          }
        : null,
  ).then(({ difference }) => difference)
}
