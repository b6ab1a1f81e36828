// The queue of deliveries: filled from the outbox, each event once.
import type { Database, Tx } from '../../db/database.ts'
import { readOn } from '../events/reader.ts'
import type { EventRow } from '../events/tail.ts'
import type { Claimed, DeliveryCause } from './delivery.ts'
import { type Endpoint, isFast, wantsEvent } from './endpoint.ts'

const eventsATurn = 1_000

/**
 * Queues new events for the endpoints that want them, in the transaction that moves the reader's position:
 * each event once.
 * @returns the number of queued deliveries, and whether there may be more events to read
 */
export async function queueEvents(
  db: Database,
  now: Date,
): Promise<{ readonly queued: number; readonly isMore: boolean }> {
  const { used, isMore } = await readOn(db, 'webhooks', eventsATurn, (tx, events) =>
    queueFor(tx, now, events),
  )
  return { queued: used ?? 0, isMore }
}

type Subscriber = {
  id: number
  account_id: number
  format: string
  events: string[]
  order_id: bigint | null
}

async function queueFor(tx: Tx, now: Date, events: readonly EventRow[]): Promise<number> {
  const accounts = [...new Set(events.map((event) => event.accountId))]
  const subscribers = await tx.query<Subscriber>(
    `select id, account_id, format, events, order_id from webhook_endpoints
      where account_id = any($1) and active and (order_id is null or order_id = any($2)) order by id`,
    [accounts, events.flatMap(({ orderId }) => (orderId === null ? [] : [orderId]))],
  )
  const byAccount = Map.groupBy(subscribers, (one) => one.account_id)
  const rows = events.flatMap((event) =>
    (byAccount.get(event.accountId) ?? [])
      .filter((one) => one.order_id === null || one.order_id === event.orderId)
      .filter((one) => wantsEvent(one, event.type))
      .map((endpoint) => ({ endpoint, event })),
  )
  await insertDeliveries(tx, now, 'event', rows)
  return rows.length
}

/** An event for an endpoint, which is sent in the format that the endpoint has now. */
export type ToQueue = {
  readonly endpoint: Pick<Endpoint, 'id' | 'format'>
  readonly event: Claimed['event']
}

/** Queues events for endpoints, to be sent now. @returns the deliveries' ids, in order */
export async function insertDeliveries(
  tx: Tx,
  now: Date,
  cause: DeliveryCause,
  rows: readonly ToQueue[],
): Promise<bigint[]> {
  if (rows.length === 0) return []
  const events = rows.map(({ event }) => event)
  const made = await tx.query<{ id: bigint }>(
    `insert into webhook_deliveries (endpoint_id, account_id, cause, type, event_epoch, event_xid, event_id,
       order_id, data, happened_at, fast, format, due_at, created_at)
     select r.endpoint_id, r.account_id, $2, r.type, r.epoch, r.xid::xid8, r.id, r.order_id, r.data::jsonb,
            r.happened_at, r.fast, r.format, $1, $1
       from unnest($3::int[], $4::int[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::text[],
                   $10::timestamptz[], $11::boolean[], $12::int[], $13::text[]) with ordinality
            as r(endpoint_id, account_id, type, xid, id, order_id, data, happened_at, fast, epoch, format,
                 place)
      order by r.place
     returning id`,
    [
      now,
      cause,
      rows.map(({ endpoint }) => endpoint.id),
      events.map((event) => event.accountId),
      events.map((event) => event.type),
      events.map((event) => event.xid),
      events.map((event) => event.id),
      events.map((event) => event.orderId),
      events.map((event) => JSON.stringify(event.data)),
      events.map((event) => event.createdAt),
      events.map((event) => isFast(event.type)),
      events.map((event) => event.epoch),
      rows.map(({ endpoint }) => endpoint.format),
    ],
  )
  return made.map(({ id }) => id)
}

/** The number of pending deliveries, for the metrics. */
export async function countPending(db: Database): Promise<{ fast: boolean; pending: number }[]> {
  return db.query(
    `select fast, count(*)::int as pending from webhook_deliveries where state = 'pending' group by fast`,
  )
}

/** Whether there is any active endpoint. */
export async function hasActiveEndpoint(db: Database): Promise<boolean> {
  const rows = await db.query('select 1 as yes from webhook_endpoints where active limit 1')
  return rows.length > 0
}

/** Drops pending deliveries of an endpoint that was disabled or deleted. @returns the number dropped */
export async function dropOrphans(db: Database, now: Date): Promise<number> {
  const rows = await db.once(
    `with orphans as (
       select d.endpoint_id, d.id from webhook_deliveries d
        where d.state = 'pending'
          and not exists (select from webhook_endpoints e where e.id = d.endpoint_id and e.active)
        limit 5000 for update skip locked
     )
     update webhook_deliveries d set state = 'dropped', ended_at = $1 from orphans o
      where d.endpoint_id = o.endpoint_id and d.id = o.id returning 1 as yes`,
    [now],
  )
  return rows.length
}

/** Deletes deliveries created before a time, with their attempts. @returns the number; 5,000: maybe more */
export async function forgetDeliveries(db: Database, before: Date): Promise<number> {
  const rows = await db.once(
    `with old as (
         select endpoint_id, id from webhook_deliveries
          where created_at < $1 and state <> 'pending' limit 5000),
       gone as (
         delete from webhook_deliveries d using old
          where d.endpoint_id = old.endpoint_id and d.id = old.id returning d.id),
       told as (delete from webhook_attempts a using gone where a.delivery_id = gone.id)
     select 1 as yes from gone`,
    [before],
  )
  return rows.length
}
