// The outbox: events, written in the transaction that caused them.
import type { Database, Tx } from '../../db/database.ts'
import type { EventType } from './catalog.ts'

export type NewEvent = {
  readonly accountId: number
  readonly type: EventType
  readonly orderId?: bigint
  readonly data?: Record<string, unknown>
}

/** An event of an order. */
export const ofOrder = (
  type: EventType,
  { id, accountId }: { readonly id: bigint; readonly accountId: number },
): NewEvent => ({ accountId, type, orderId: id })

/** Writes events in order. */
export async function emitMany(tx: Tx, now: Date, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return
  await tx.query(
    `insert into events (account_id, type, order_id, data, created_at)
     select e.account_id, e.type, e.order_id, e.data::jsonb, $1
       from unnest($2::int[], $3::text[], $4::bigint[], $5::text[])
            with ordinality as e(account_id, type, order_id, data, place)
      order by e.place`,
    [
      now,
      events.map((event) => event.accountId),
      events.map((event) => event.type),
      events.map((event) => event.orderId ?? null),
      events.map((event) => JSON.stringify(event.data ?? {})),
    ],
  )
}

/** Deletes events older than a time. @returns the number deleted; 5,000 means that there may be more */
export async function forgetEvents(db: Database, before: Date): Promise<number> {
  const rows = await db.once(
    `with old as (select epoch, xid, id from events order by epoch, xid, id limit 5000)
     delete from events e using old
      where e.epoch = old.epoch and e.xid = old.xid and e.id = old.id and e.created_at < $1
     returning 1 as yes`,
    [before],
  )
  return rows.length
}
