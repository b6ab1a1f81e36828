// What each supplier does, by the hour, for operators. Nodes count in memory and write once a second, so that
// a refused request costs the database nothing.
import type { Database, Queryable } from '../../db/database.ts'
import type { Messages } from '../messages/verbs.ts'

type Hour = {
  readonly supplierId: number
  readonly hour: Date
  messages: number
  refused: number
  lastMessageAt: Date | null
}

export type SupplierActivity = {
  /** A request with a missing or wrong signature. */
  refused(supplierId: number, now: Date): void
  /** The same verbs, which count the messages. */
  ofMessages(verbs: Messages): Messages
  /** Writes what was counted since the last time. */
  flush(): Promise<void>
}

const hourMs = 3_600_000
const hoursShown = 24
const rowsASweep = 1_000

export function supplierActivity(db: Database): SupplierActivity {
  let hours = new Map<string, Hour>()
  const hourOf = (supplierId: number, now: Date): Hour => {
    const hour = new Date(Math.floor(now.getTime() / hourMs) * hourMs)
    const name = `${supplierId} ${hour.getTime()}`
    const one = hours.get(name) ?? {
      ...{ supplierId, hour, messages: 0, refused: 0 },
      lastMessageAt: null,
    }
    hours.set(name, one)
    return one
  }
  const received = (supplierId: number, now: Date) => {
    const hour = hourOf(supplierId, now)
    hour.messages++
    if (hour.lastMessageAt === null || hour.lastMessageAt < now) hour.lastMessageAt = now
  }
  return {
    refused: (supplierId, now) => void hourOf(supplierId, now).refused++,
    ofMessages: (verbs) => ({
      ...verbs,
      async receive(now, message) {
        const receipt = await verbs.receive(now, message)
        if (!receipt.duplicate) received(message.supplierId, now)
        return receipt
      },
    }),
    async flush() {
      if (hours.size === 0) return
      const counted = [...hours.values()]
      hours = new Map()
      try {
        await write(db, counted)
      } catch (error) {
        for (const one of counted) {
          const hour = hourOf(one.supplierId, one.hour)
          hour.messages += one.messages
          hour.refused += one.refused
          hour.lastMessageAt ??= one.lastMessageAt
        }
        throw error
      }
    },
  }
}

async function write(db: Database, hours: readonly Hour[]): Promise<void> {
  await db.once(
    `insert into supplier_hours as h (supplier_id, hour, messages, refused, last_message_at)
     select * from unnest($1::int[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::timestamptz[]) n
      order by 1, 2
     on conflict (supplier_id, hour) do update
       set messages = h.messages + excluded.messages, refused = h.refused + excluded.refused,
           last_message_at = greatest(h.last_message_at, excluded.last_message_at)`,
    [
      hours.map((one) => one.supplierId),
      hours.map((one) => one.hour),
      hours.map((one) => one.messages),
      hours.map((one) => one.refused),
      hours.map((one) => one.lastMessageAt),
    ],
  )
}

export type SupplierReport = {
  readonly lastMessageAt: Date | null
  /** In the last 24 hours, counted by full hours. */
  readonly messages: number
  readonly refused: number
  /** Requests that were set aside, of any age. */
  readonly unreadable: number
}

/** What a supplier has done lately. */
export async function reportOn(
  db: Queryable,
  now: Date,
  supplierId: number,
): Promise<SupplierReport> {
  const [row] = await db.query<SupplierReport>(
    `select max(h.last_message_at) as "lastMessageAt",
            coalesce(sum(h.messages) filter (where h.hour > $2), 0)::int as messages,
            coalesce(sum(h.refused) filter (where h.hour > $2), 0)::int as refused,
            (select count(*) from inbound_requests r
              where r.supplier_id = $1 and r.state <> 'new')::int as unreadable
       from supplier_hours h where h.supplier_id = $1`,
    [supplierId, new Date(now.getTime() - hoursShown * hourMs)],
  )
  return row as SupplierReport
}

/** Forgets hours before a time, but not the last one with a message. @returns how many; a full batch (1,000)
 * means that there may be more */
export async function forgetHours(db: Database, before: Date): Promise<number> {
  const rows = await db.once(
    `delete from supplier_hours where (supplier_id, hour) in (
       select h.supplier_id, h.hour from supplier_hours h
        where h.hour < $1 and (h.last_message_at is null or exists (
          select from supplier_hours n where n.supplier_id = h.supplier_id and n.hour > h.hour
             and n.last_message_at is not null))
        limit ${rowsASweep}) returning hour`,
    [before],
  )
  return rows.length
}
