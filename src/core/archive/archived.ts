// Which months are in an archive, and which orders with them.
import type { Queryable } from '../../db/database.ts'

export type ArchivedMonth = {
  readonly month: string
  readonly ordersFrom: bigint
  readonly ordersTo: bigint
  readonly messagesFrom: bigint
  readonly messagesTo: bigint
  readonly orders: bigint
  readonly messages: bigint
  readonly texts: bigint
  readonly manifestHash: Buffer
  readonly archivedBy: string
  readonly archivedAt: Date
}

const columns = `month, orders_from as "ordersFrom", orders_to as "ordersTo",
  messages_from as "messagesFrom", messages_to as "messagesTo", orders, messages, texts,
  manifest_hash as "manifestHash", archived_by as "archivedBy", archived_at as "archivedAt"`

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
    'select month from archived_months where $1 >= orders_from and $1 < orders_to',
    [orderId],
  )
  return row?.month ?? null
}
