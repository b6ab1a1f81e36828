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

/** Claims a feed for some seconds. @returns undefined if it rests, or another node reads it */
export async function claimFeed(
  db: Queryable,
  now: Date,
  { supplierId, feed }: FeedOf,
  leaseS: number,
): Promise<ClaimedFeed | undefined> {
  await db.query(
    `insert into supplier_feeds (supplier_id, feed, due_at) values ($1, $2, $3)
     on conflict do nothing`,
    [supplierId, feed, now],
  )
  const [claimed] = await db.query<ClaimedFeed>(
    `update supplier_feeds
        set claims = claims + 1, leased_until = $3::timestamptz + make_interval(secs => $4)
      where supplier_id = $1 and feed = $2 and due_at <= $3
        and (leased_until is null or leased_until <= $3)
     returning claims, cursor`,
    [supplierId, feed, now, leaseS],
  )
  return claimed
}

/** Ends the reading of a feed. @returns false if somebody else reads it by now: nothing has changed */
export async function restFeed(
  db: Queryable,
  { supplierId, feed, claims }: FeedOf & Pick<ClaimedFeed, 'claims'>,
  until: Date,
): Promise<boolean> {
  const rows = await db.query(
    `update supplier_feeds set due_at = $4, leased_until = null
      where supplier_id = $1 and feed = $2 and claims = $3 returning 1 as yes`,
    [supplierId, feed, claims, until],
  )
  return rows.length > 0
}
