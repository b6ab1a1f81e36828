// Which numbers of suppliers are due to be read, and when each is read next.
import type { Database } from '../../db/database.ts'

/** A number to be read at its supplier. */
export type DueNumber = {
  readonly allocationId: bigint
  readonly orderId: bigint
  readonly ref: string
  /** Null if it is not the order's: its messages are nobody's. */
  readonly phone: string | null
  readonly serviceId: number | null
  /** How many resends the supplier has acknowledged. */
  readonly resendEpoch: number
  /** How many of its messages are stored. */
  readonly messages: number
}

/** How long a reading may take before it is due again. */
const leaseS = 15

/**
 * Claims numbers that are due to be read. A number is read until its supplier has said its last word: every
 * three seconds while its order is new, then every ten, and every minute when the order is over.
 */
export function claimReadings(
  db: Database,
  now: Date,
  supplierId: number,
  limit: number,
): Promise<DueNumber[]> {
  return db.once<DueNumber>(
    `with due as (
       select id from allocations
        where supplier_id = $1 and poll_at <= $2 and state in ('got', 'given_up') and last_word is null
        order by poll_at limit $3 for no key update skip locked)
     update allocations a
        set polls = a.polls + 1, poll_at = $2::timestamptz + make_interval(secs => ${leaseS})
       from due where a.id = due.id
     returning a.id as "allocationId", a.order_id as "orderId", a.upstream_ref as ref,
       case a.state when 'got' then a.phone end as phone,
       (select o.service_id from orders o where o.id = a.order_id) as "serviceId",
       a.resend_epoch as "resendEpoch",
       (select count(*)::int from messages m
         where m.order_id = a.order_id and m.supplier_id = a.supplier_id) as messages`,
    [supplierId, now, limit],
  )
}

/** Sets when numbers that were read are read next. Those that are over are not. */
export async function restReadings(
  db: Database,
  now: Date,
  allocationIds: readonly bigint[],
): Promise<void> {
  if (allocationIds.length === 0) return
  await db.once(
    `update allocations a set poll_at = case
         when a.over_since is not null then least(a.poll_at, $2::timestamptz + interval '10 seconds')
         when o.closed_at is not null then $2::timestamptz + interval '1 minute'
         when a.asked_at > $2::timestamptz - interval '2 minutes' then $2::timestamptz + interval '3 seconds'
         -- The last reading is a moment before the end.
         when o.expires_at between $2::timestamptz + interval '3 seconds'
                               and $2::timestamptz + interval '13 seconds'
           then o.expires_at - interval '3 seconds'
         else $2::timestamptz + interval '10 seconds' end
       from orders o
      where a.id = any($1) and o.id = a.order_id and a.last_word is null`,
    [allocationIds, now],
  )
}
