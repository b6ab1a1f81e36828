// The tables into which a month is loaded before it is put back.
import type { Queryable } from '../../db/database.ts'
import type { ArchivedTable } from './tables.ts'

/** With the tables that their rows are for. The first becomes a partition. */
export const staging = {
  orders: 'archive_orders',
  order_services: 'archive_order_services',
  banned_orders: 'archive_banned_orders',
  messages: 'archive_messages',
} as const satisfies Partial<Record<ArchivedTable, string>>

export async function dropStaging(db: Queryable): Promise<void> {
  await db.query(`drop table if exists ${Object.values(staging).join(', ')}`)
}
