// Creating and finding deposits. A gateway is called only after the deposit is committed, with Numlet's own
// reference: if an answer is lost, the invoice is requested again and never created twice.
import type { Database, Queryable } from '../../db/database.ts'
import { type AnnotationChange, changed, metadataColumn } from '../annotations.ts'
import type { Deposit, DepositState } from './deposit.ts'
import {
  type DepositRow,
  depositColumns,
  depositNotFound,
  lockDeposit,
  readDeposit,
  toDeposit,
} from './rows.ts'

export { depositNotFound } from './rows.ts'

export type DepositTarget = { readonly accountId: number; readonly id: bigint }

/** Gets a deposit of this account. @throws deposit_not_found */
export async function findDeposit(db: Queryable, wanted: DepositTarget): Promise<Deposit> {
  const deposit = await readDeposit(db, { id: wanted.id })
  if (deposit.accountId !== wanted.accountId) throw depositNotFound()
  return deposit
}

/** Updates the customer's reference and metadata on a deposit in any state.
 * @throws deposit_not_found, invalid_request */
export function annotateDeposit(
  db: Database,
  wanted: DepositTarget,
  change: AnnotationChange,
): Promise<Deposit> {
  return db.begin(async (tx) => {
    const deposit = await lockDeposit(tx, { id: wanted.id })
    if (deposit.accountId !== wanted.accountId) throw depositNotFound()
    const annotations = changed(deposit.annotations, change)
    await tx.query('update deposits set customer_reference = $2, metadata = $3 where id = $1', [
      deposit.id,
      annotations.reference,
      metadataColumn(annotations.metadata),
    ])
    return { ...deposit, annotations }
  })
}

/** Gets the deposit of a payer's page. @throws deposit_not_found */
export const findByPayToken = (db: Queryable, payToken: string): Promise<Deposit> =>
  readDeposit(db, { payToken })

export type DepositFilter = {
  readonly accountId: number
  /** The state at the time of the call, swept or not. */
  readonly state?: DepositState | undefined
  /** The customer's reference, exact match. */
  readonly reference?: string | undefined
  /** Only deposits created at or after the first time, and before the second. */
  readonly since?: Date | undefined
  readonly until?: Date | undefined
  /** Only deposits with a smaller id: the last of the previous page. */
  readonly before?: bigint | undefined
  readonly limit: number
}

/** Lists an account's deposits, newest first. */
export async function listDeposits(
  db: Queryable,
  now: Date,
  wanted: DepositFilter,
): Promise<Deposit[]> {
  const { reference } = wanted
  const rows = await db.query<DepositRow>(
    `select ${depositColumns} from deposits d
      where d.account_id = $1 and ($2::text is null or $2 =
              case when d.state = 'pending' and not d.confirming and d.expires_at <= $5 then 'expired'
                   else d.state end)
        and ($3::bigint is null or d.id < $3)
        and ($6::timestamptz is null or d.created_at >= $6)
        and ($7::timestamptz is null or d.created_at < $7)
        ${reference === undefined ? '' : 'and d.customer_reference = $8'}
      order by d.id desc limit $4`,
    [
      wanted.accountId,
      wanted.state ?? null,
      wanted.before ?? null,
      wanted.limit,
      now,
      wanted.since ?? null,
      wanted.until ?? null,
      ...(reference === undefined ? [] : [reference]),
    ],
  )
  return rows.map(toDeposit)
}
