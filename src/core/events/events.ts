// The outbox: what happened, written in the transaction that made it happen.
import type { Tx } from '../../db/database.ts'

export type NewEvent = {
  readonly accountId: number
  readonly type: string
  readonly orderId?: bigint
  readonly data?: Record<string, unknown>
}

/** Writes events in their order. */
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
