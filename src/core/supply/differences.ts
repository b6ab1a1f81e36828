// Differences: where what a supplier says is not what was booked. Each is open until a person settles it.
import type { Tx } from '../../db/database.ts'
import type { Amount } from '../money.ts'

export type DifferenceKind =
  | 'wrong_charge'
  | 'refund_missing'
  | 'charge_after_refund'
  | 'balance'
  | 'foreign_order'

export type Difference = {
  readonly supplierId: number
  readonly kind: DifferenceKind
  /** Null for those of a whole account. */
  readonly allocationId: bigint | null
  readonly expected: Amount
  readonly found: Amount
  readonly currency: string
}

/** Notes a difference. One that is open already is not repeated: it grows. */
export async function noteDifference(tx: Tx, now: Date, difference: Difference): Promise<void> {
  const { supplierId, kind, allocationId, expected, found, currency } = difference
  await tx.query(
    `insert into differences as d (supplier_id, kind, allocation_id, expected, found, currency, first_seen,
       last_seen)
     values ($1, $2, $3, $4, $5, $6, $7, $7)
     on conflict (supplier_id, kind, allocation_id) where state = 'open'
       do update set found = excluded.found, last_seen = excluded.last_seen, times = d.times + 1`,
    [supplierId, kind, allocationId, expected, found, currency, now],
  )
}
