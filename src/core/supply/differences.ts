// Differences: where what a supplier says is not what was booked. Each is open until a person settles it.
import type { Queryable, Tx } from '../../db/database.ts'
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

/** Notes a difference. One that is open already is not repeated: it shows what was found last, and how
 * often. */
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

export type ListedDifference = Difference & {
  readonly id: bigint
  readonly supplier: string
  /** Null for those of a whole account. */
  readonly orderId: bigint | null
  readonly firstSeen: Date
  readonly lastSeen: Date
  readonly times: number
  readonly state: 'open' | 'settled'
  readonly settledBy: string | null
  readonly settledAt: Date | null
  readonly reason: string | null
  /** What it was settled with; null: nothing had to move. */
  readonly transferId: string | null
}

const listed = `d.id, d.supplier_id as "supplierId", p.name as supplier, d.kind,
  d.allocation_id as "allocationId", a.order_id as "orderId", d.expected, d.found, d.currency,
  d.first_seen as "firstSeen", d.last_seen as "lastSeen", d.times, d.state, d.settled_by as "settledBy",
  d.settled_at as "settledAt", d.reason, d.transfer_id::text as "transferId"`
const from = `differences d join suppliers p on p.id = d.supplier_id
  left join allocations a on a.id = d.allocation_id`

/** Lists differences, newest first.
 * @param wanted null: of all suppliers; only open ones, or all */
export function listDifferences(
  db: Queryable,
  wanted: {
    readonly supplierId: number | null
    readonly onlyOpen: boolean
    readonly limit: number
  },
): Promise<ListedDifference[]> {
  return db.query<ListedDifference>(
    `select ${listed} from ${from}
      where ($1::int is null or d.supplier_id = $1) and (not $2 or d.state = 'open')
      order by d.id desc limit $3`,
    [wanted.supplierId, wanted.onlyOpen, wanted.limit],
  )
}

/** A difference of a supplier, if it is there. */
export async function differenceById(
  db: Queryable,
  supplierId: number,
  id: bigint,
  lock: '' | 'for no key update' = '',
): Promise<ListedDifference | undefined> {
  const [row] = await db.query<ListedDifference>(
    `select ${listed} from ${from} where d.id = $1 and d.supplier_id = $2 ${lock && `${lock} of d`}`,
    [id, supplierId],
  )
  return row
}

/** Notes what an open difference was settled with. */
export async function closeDifference(
  tx: Tx,
  now: Date,
  settled: {
    readonly id: bigint
    readonly by: string
    readonly reason: string
    readonly transferId: string | null
  },
): Promise<void> {
  await tx.query(
    `update differences set state = 'settled', settled_at = $2, settled_by = $3, reason = $4, transfer_id = $5
      where id = $1 and state = 'open'`,
    [settled.id, now, settled.by, settled.reason, settled.transferId],
  )
}
