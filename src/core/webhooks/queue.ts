// The queue of deliveries: filled from the outbox, each event once; claimed by senders. If a sender crashes,
// nothing is lost.
import type { Database, Tx } from '../../db/database.ts'
import { readOn } from '../events/reader.ts'
import type { EventRow } from '../events/tail.ts'
import {
  type Claimed,
  type DeliveryCause,
  type DeliveryEventRow,
  toDeliveryEvent,
} from './delivery.ts'
import { isFast, wantsEvent } from './endpoint.ts'

const eventsATurn = 1_000
/** The length of a claim: longer than any attempt, including those for its host before it. */
const leaseS = 30
/** The number of endpoints per run. */
const maxQueues = 10_000

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
      .map(({ id }) => ({ endpointId: id, event })),
  )
  await insertDeliveries(tx, now, 'event', rows)
  return rows.length
}

/** Queues events for endpoints, to be sent now. @returns the deliveries' ids, in order */
export async function insertDeliveries(
  tx: Tx,
  now: Date,
  cause: DeliveryCause,
  rows: readonly { readonly endpointId: number; readonly event: Claimed['event'] }[],
): Promise<bigint[]> {
  if (rows.length === 0) return []
  const events = rows.map(({ event }) => event)
  const made = await tx.query<{ id: bigint }>(
    `insert into webhook_deliveries (endpoint_id, account_id, cause, type, event_epoch, event_xid, event_id,
       order_id, data, happened_at, fast, due_at, created_at)
     select r.endpoint_id, r.account_id, $2, r.type, r.epoch, r.xid::xid8, r.id, r.order_id, r.data::jsonb,
            r.happened_at, r.fast, $1, $1
       from unnest($3::int[], $4::int[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::text[],
                   $10::timestamptz[], $11::boolean[], $12::int[]) with ordinality
            as r(endpoint_id, account_id, type, xid, id, order_id, data, happened_at, fast, epoch, place)
      order by r.place
     returning id`,
    [
      now,
      cause,
      rows.map(({ endpointId }) => endpointId),
      events.map((event) => event.accountId),
      events.map((event) => event.type),
      events.map((event) => event.xid),
      events.map((event) => event.id),
      events.map((event) => event.orderId),
      events.map((event) => JSON.stringify(event.data)),
      events.map((event) => event.createdAt),
      events.map((event) => isFast(event.type)),
      events.map((event) => event.epoch),
    ],
  )
  return made.map(({ id }) => id)
}

/** The queue of one endpoint. */
export type Queue = {
  readonly endpointId: number
  readonly accountId: number
  readonly url: string
  readonly fast: boolean
}

/** The endpoints for which something is due: each is found with one index lookup. */
export function dueQueues(db: Database, now: Date): Promise<Queue[]> {
  return db.query<Queue>(
    `with recursive heads as (
       (select fast, endpoint_id, due_at from webhook_deliveries where state = 'pending'
         order by fast, endpoint_id, due_at limit 1)
       union all
       select next.* from heads h cross join lateral (
         select d.fast, d.endpoint_id, d.due_at from webhook_deliveries d
          where d.state = 'pending' and (d.fast, d.endpoint_id) > (h.fast, h.endpoint_id)
          order by d.fast, d.endpoint_id, d.due_at limit 1) next
     )
     select e.id as "endpointId", e.account_id as "accountId", e.url, h.fast
       from heads h join webhook_endpoints e on e.id = h.endpoint_id
      where h.due_at <= $1 and e.active and (e.quiet_until is null or e.quiet_until <= $1)
      limit ${maxQueues}`,
    [now],
  )
}

/** How much to claim from a queue. */
export type Wanted = Pick<Queue, 'endpointId' | 'fast'> & { readonly count: number }

type ClaimedRow = DeliveryEventRow & {
  id: bigint
  claims: number
  cause: DeliveryCause
  fast: boolean
  attempts: number
  endpoint_id: number
  format: string
  url: string
  failing: boolean
  secrets: string[]
}

/** Claims deliveries that are due, the longest due first. If its claimer does not report, a delivery is due
 * again when the claim expires.
 * @NOTE a claim that is lost in a crash of the database does no harm: the delivery is claimed again. So its
 * commit does not wait for the disk. */
export async function claim(
  db: Database,
  now: Date,
  wanted: readonly Wanted[],
): Promise<Claimed[]> {
  if (wanted.length === 0) return []
  const rows = await db.once<ClaimedRow>(
    `with due as materialized (
       select q.id, e.id as endpoint_id, e.format, e.url, e.failing_since is not null as failing,
              array_remove(e.secret || case when e.old_secret_until > $1
                then array[e.old_secret, e.older_secret] else '{}' end, null) as secrets
         from (select set_config('synchronous_commit', 'off', true)) unhurried,
              unnest($2::int[], $3::boolean[], $4::int[]) as w(endpoint_id, fast, count)
         join webhook_endpoints e on e.id = w.endpoint_id and e.active
        cross join lateral (
          select d.id from webhook_deliveries d
           where d.state = 'pending' and d.fast = w.fast and d.endpoint_id = w.endpoint_id
             and d.due_at <= $1
           order by d.due_at limit w.count for update skip locked) q
     )
     update webhook_deliveries d
        set due_at = $1::timestamptz + make_interval(secs => ${leaseS}), claims = d.claims + 1
       from due where d.endpoint_id = due.endpoint_id and d.id = due.id
     returning d.id, d.claims, d.cause, d.fast, d.attempts, d.type, d.event_epoch, d.event_xid::text as xid,
       d.event_id, d.account_id, d.order_id, d.data, d.happened_at, due.endpoint_id, due.format, due.url,
       due.failing, due.secrets`,
    [
      now,
      wanted.map((one) => one.endpointId),
      wanted.map((one) => one.fast),
      wanted.map((one) => one.count),
    ],
  )
  return rows.map(toClaimed)
}

const toClaimed = (row: ClaimedRow): Claimed => ({
  id: row.id,
  claim: row.claims,
  cause: row.cause,
  fast: row.fast,
  attempts: row.attempts,
  event: toDeliveryEvent(row),
  endpoint: {
    id: row.endpoint_id,
    accountId: row.account_id,
    format: row.format,
    url: row.url,
    isFailing: row.failing,
    secrets: row.secrets,
  },
})

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
