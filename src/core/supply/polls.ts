// Which numbers of suppliers are due to be read, and when each is read next. One node at a time reads those
// of a supplier, no more often than the supplier allows.
import type { Database, Tx } from '../../db/database.ts'
import { claimFeed, restFeed } from './feeds.ts'

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

/** Numbers to be read, and the claim that they are read under. */
export type Sweep = { readonly claims: number; readonly due: readonly DueNumber[] }

/** What came of a sweep. */
export type SweepEnd = {
  readonly supplierId: number
  readonly claims: number
  /** The allocations of which the supplier has said something. */
  readonly read: readonly bigint[]
  /** Those of which it has said nothing. The others of the sweep come first in the next one. */
  readonly unread: readonly bigint[]
  /** How long the supplier is to be left alone. */
  readonly pauseS: number
}

/** How long a sweep may take before another node reads: longer than any takes (src/supply/asking/read.ts). */
const leaseS = 45
/** What is due within this time is read as well: a list has it anyway. */
const aheadS = 3
/** After how long a number is read again of which the supplier has said nothing. */
const silentS = 15

/**
 * Claims the numbers of a supplier that are due to be read, the longest due first. A number is read until its
 * supplier has said its last word: every three seconds while its order is new, then every ten, and every
 * minute when the order is over. @returns null if there are none, or if the supplier is to be left alone
 */
export async function claimSweep(
  db: Database,
  now: Date,
  supplierId: number,
  limit: number,
): Promise<Sweep | null> {
  const [any] = await db.query(
    `select 1 as yes from allocations a
      where supplier_id = $1 and poll_at <= $2 and state in ('got', 'given_up') and last_word is null
        and not exists (select 1 from supplier_feeds f where f.supplier_id = $1 and f.feed = 'list'
          and (f.due_at > $2 or f.leased_until > $2))
      limit 1`,
    [supplierId, now],
  )
  if (!any) return null
  return db.begin(async (tx) => {
    const feed = await claimFeed(tx, now, { supplierId, feed: 'list' }, leaseS)
    if (!feed) return null
    const until = new Date(now.getTime() + aheadS * 1000)
    return { claims: feed.claims, due: await readDue(tx, until, supplierId, limit) }
  })
}

const readDue = (tx: Tx, until: Date, supplierId: number, limit: number): Promise<DueNumber[]> =>
  tx.query<DueNumber>(
    `select a.id as "allocationId", a.order_id as "orderId", a.upstream_ref as ref,
            case a.state when 'got' then a.phone end as phone,
            (select o.service_id from orders o where o.id = a.order_id) as "serviceId",
            a.resend_epoch as "resendEpoch",
            (select count(*)::int from messages m
              where m.order_id = a.order_id and m.supplier_id = a.supplier_id) as messages
       from allocations a
      where a.supplier_id = $1 and a.poll_at <= $2 and a.state in ('got', 'given_up')
        and a.last_word is null
      order by a.poll_at, a.id limit $3`,
    [supplierId, until, limit],
  )

/** Ends a sweep: sets when its numbers are read next, and how long the supplier is left alone. Those that are
 * over are not read again. */
export function endSweep(db: Database, now: Date, sweep: SweepEnd): Promise<void> {
  return db.begin(async (tx) => {
    const { supplierId, claims, read, unread, pauseS } = sweep
    const least = await leastPauseS(tx, now, supplierId)
    const until = new Date(now.getTime() + Math.max(least, pauseS) * 1000)
    if (!(await restFeed(tx, { supplierId, feed: 'list', claims }, until))) return
    if (read.length > 0) await restReadings(tx, now, read)
    if (unread.length > 0)
      await tx.query(
        `update allocations set poll_at = $2, polls = polls + 1
          where id = any($1) and poll_at is not null and last_word is null`,
        [unread, new Date(now.getTime() + silentS * 1000)],
      )
  })
}

/** How long a supplier is left alone at least: less while an order is new. */
async function leastPauseS(tx: Tx, now: Date, supplierId: number): Promise<number> {
  const [row] = await tx.query<{ isNew: boolean }>(
    `select exists (select 1 from allocations
        where supplier_id = $1 and poll_at is not null and state = 'got' and last_word is null
          and asked_at > $2::timestamptz - interval '2 minutes') as "isNew"`,
    [supplierId, now],
  )
  return row?.isNew ? 3 : 5
}

async function restReadings(tx: Tx, now: Date, allocationIds: readonly bigint[]): Promise<void> {
  await tx.query(
    `update allocations a set polls = a.polls + 1, poll_at = case
         when a.over_since is not null
           then least(case when a.poll_at > $2 then a.poll_at end,
             $2::timestamptz + interval '10 seconds')
         when o.id is null or o.closed_at is not null then $2::timestamptz + interval '1 minute'
         when a.asked_at > $2::timestamptz - interval '2 minutes' then $2::timestamptz + interval '3 seconds'
         -- The last reading is a moment before the end.
         when o.expires_at between $2::timestamptz + interval '3 seconds'
                               and $2::timestamptz + interval '13 seconds'
           then o.expires_at - interval '3 seconds'
         else $2::timestamptz + interval '10 seconds' end
       from allocations b left join orders o on o.id = b.order_id
      where a.id = any($1) and b.id = a.id and a.last_word is null`,
    [allocationIds, now],
  )
}
