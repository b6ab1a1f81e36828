// Feeds of a supplier, such as the list of its open orders: each is read by one node at a time, and rests
// between two readings. A lease says who reads, and no lock: when it is over, another node goes on.
import type { Queryable } from '../../db/database.ts'

export type Feed = 'list' | 'stream' | 'balance'

export type FeedOf = { readonly supplierId: number; readonly feed: Feed }

/** A feed that is being read. */
export type ClaimedFeed = {
  /** To be told when the reading ends. */
  readonly claims: number
  /** Where a stream goes on; null: nothing of it was read. */
  readonly cursor: string | null
}

type Claimed = FeedOf & Pick<ClaimedFeed, 'claims'>

/**
 * How far ahead of its rest a feed may be read for what cannot wait. Such readings make the rest longer, so
 * that the supplier's rate holds over time; and if they leave no room for all others, they wait as well.
 */
const aheadS = 30
const sweptWithinS = 60

/** Claims a feed for some seconds. @param isUrgent although it rests; not if the supplier asks to be left
 * alone @returns undefined if it rests, or another node reads it */
export async function claimFeed(
  db: Queryable,
  now: Date,
  { supplierId, feed }: FeedOf,
  leaseS: number,
  isUrgent = false,
): Promise<ClaimedFeed | undefined> {
  await db.query(
    `insert into supplier_feeds (supplier_id, feed, due_at) values ($1, $2, $3)
     on conflict do nothing`,
    [supplierId, feed, now],
  )
  const [claimed] = await db.query<ClaimedFeed>(
    `update supplier_feeds
        set claims = claims + 1, leased_until = $3::timestamptz + make_interval(secs => $4)
      where supplier_id = $1 and feed = $2 and (leased_until is null or leased_until <= $3)
        and (barred_until is null or barred_until <= $3)
        and (due_at <= $3 or ($5 and due_at <= $3::timestamptz + interval '${aheadS} seconds'
          and swept_at > $3::timestamptz - interval '${sweptWithinS} seconds'))
     returning claims, cursor`,
    [supplierId, feed, now, leaseS, isUrgent],
  )
  return claimed
}

/** Goes on reading a feed for some seconds. @param cursor where it would go on; null: as before
 * @returns false if somebody else reads it by now: nothing has changed */
export async function keepFeed(
  db: Queryable,
  now: Date,
  { supplierId, feed, claims }: Claimed,
  { leaseS, cursor }: { readonly leaseS: number; readonly cursor: string | null },
): Promise<boolean> {
  const rows = await db.query(
    `update supplier_feeds
        set leased_until = $4::timestamptz + make_interval(secs => $5), cursor = coalesce($6, cursor)
      where supplier_id = $1 and feed = $2 and claims = $3 returning 1 as yes`,
    [supplierId, feed, claims, now, leaseS, cursor],
  )
  return rows.length > 0
}

/** How a reading ends. */
export type FeedEnd = {
  /** How long the feed rests at least. */
  readonly restS: number
  /** Whether it was urgent: its rest is added to that of before. */
  readonly isUrgent?: boolean
  /** How long the supplier asks to be left alone. */
  readonly barredS?: number
  /** Where a stream goes on; null: from the moment on. Absent: as before. */
  readonly cursor?: string | null
}

/** Ends the reading of a feed. @returns false if somebody else reads it by now: nothing has changed */
export async function restFeed(
  db: Queryable,
  now: Date,
  { supplierId, feed, claims }: Claimed,
  { restS, isUrgent = false, barredS = 0, cursor }: FeedEnd,
): Promise<boolean> {
  const rows = await db.query(
    `update supplier_feeds
        set due_at = case when $6 then greatest(due_at, $4) else $4::timestamptz end
                     + make_interval(secs => $5),
            swept_at = case when $6 then swept_at else $4 end,
            barred_until = $4::timestamptz + make_interval(secs => $7),
            cursor = case when $8 then $9 else cursor end, leased_until = null
      where supplier_id = $1 and feed = $2 and claims = $3 returning 1 as yes`,
    [supplierId, feed, claims, now, restS, isUrgent, barredS, cursor !== undefined, cursor ?? null],
  )
  return rows.length > 0
}

/** Has a supplier's balance read at once: it may have changed. */
export async function hurryBalance(
  db: Queryable,
  now: Date,
  supplierIds: readonly number[],
): Promise<void> {
  await db.query(
    `update supplier_feeds set due_at = $2
      where supplier_id = any($1) and feed = 'balance' and due_at > $2`,
    [supplierIds, now],
  )
}
