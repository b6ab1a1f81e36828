// Which months are in an archive, and which orders with them.
import type { Queryable } from '../../db/database.ts'

export type ArchivedMonth = {
  readonly month: string
  readonly orders: bigint
  readonly messages: bigint
  readonly texts: bigint
  readonly manifestHash: Buffer
  readonly archivedBy: string
  readonly archivedAt: Date
}

const columns = `month, orders, messages, texts, manifest_hash as "manifestHash",
  archived_by as "archivedBy", archived_at as "archivedAt"`

/** Whether an order belongs to the archived month `a`. */
const isOf = (order: string) => `${order} >= a.orders_from and ${order} < a.orders_to`

/** The SQL condition that an order is in an archived month. @param order its id, as an SQL expression */
export const isArchived = (order: string) =>
  `exists (select from archived_months a where ${isOf(order)})`

/** All of them, oldest first. */
export const archivedMonths = (db: Queryable): Promise<ArchivedMonth[]> =>
  db.query<ArchivedMonth>(`select ${columns} from archived_months order by month`)

/** @returns undefined if the month is not in an archive */
export async function archivedMonthNamed(
  db: Queryable,
  month: string,
): Promise<ArchivedMonth | undefined> {
  const [row] = await db.query<ArchivedMonth>(
    `select ${columns} from archived_months where month = $1`,
    [month],
  )
  return row
}

/** The archived month that an order's number belongs to; null if it is in none. */
export async function archiveOfOrder(db: Queryable, orderId: bigint): Promise<string | null> {
  const [row] = await db.query<{ month: string }>(
    `select a.month from archived_months a where ${isOf('$1')}`,
    [orderId],
  )
  return row?.month ?? null
}
