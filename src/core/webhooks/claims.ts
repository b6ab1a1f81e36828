// Claiming due deliveries. If a sender crashes, its claim expires and the delivery is due again.
import type { Database } from '../../db/database.ts'
import {
  type Claimed,
  type DeliveryCause,
  type DeliveryEventRow,
  toDeliveryEvent,
} from './delivery.ts'

/** The length of a claim: longer than any attempt, including those for its host before it. */
const leaseS = 30
/** The number of endpoints per run. */
const maxQueues = 10_000

/** The queue of one endpoint. */
export type Queue = {
  readonly endpointId: number
  readonly accountId: number
  readonly url: string
  readonly fast: boolean
  /** When its oldest delivery was due. */
  readonly dueAt: Date
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
     select e.id as "endpointId", e.account_id as "accountId", e.url, h.fast,
            h.due_at as "dueAt"
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
       d.event_id, d.account_id, d.order_id, d.data, d.happened_at, due.endpoint_id,
       coalesce(d.format, due.format) as format, due.url,
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
