// Which numbers of suppliers are due to be read, and when each is read next. One node at a time reads those
// of a supplier, no more often than the supplier allows.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import type { Amount } from '../money.ts'
import { claimFeed, restFeed } from './feeds.ts'
import { unreadS } from './pace.ts'

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
  /** The references of the latest of them. */
  readonly messageRefs: readonly string[]
  /** Whether its order is open, and its cost is kept for a code: to read that there is one says nothing. */
  readonly isCodeBooked: boolean
  /** What it costs, as far as is known. */
  readonly cost: Amount | null
  /** Whether its supplier has said that it is over, without being believed yet. */
  readonly isSaidOver: boolean
}

/** Numbers to be read, and the claim that they are read under. */
export type Sweep = {
  readonly claims: number
  /** Whether these are only the numbers that cannot wait. */
  readonly isUrgent: boolean
  readonly startedAt: Date
  readonly due: readonly DueNumber[]
}

/** What came of a sweep. */
export type SweepEnd = Omit<Sweep, 'due'> & {
  readonly supplierId: number
  /** The allocations of which the supplier has said something. */
  readonly read: readonly bigint[]
  /** Those of which it has said nothing. */
  readonly unread: readonly bigint[]
  /** Those that there was no room for. They come first in the next sweep. */
  readonly left: readonly bigint[]
  /** How long the supplier is to be left alone, by its rate. */
  readonly restS: number
  /** How long it asks to be left alone. */
  readonly barredS: number
}

/** How long a sweep may take before another node reads: longer than any takes (src/supply/asking/read.ts). */
const leaseS = 45
/** What is due within this time is read as well: a list has it anyway. */
const aheadS = 3
/** After how long a number is read again of which the supplier has said nothing. */
const silentS = 15
/** As many messages of a number are known by their references; others are looked up when they come again. */
const maxRefs = 100
const open = `a.supplier_id = $1 and a.state in ('got', 'given_up') and a.last_word is null`

/**
 * Claims the numbers of a supplier that are due to be read, the longest due first. A number is read until its
 * supplier has said its last word: every three seconds while its order is new, then every ten, and every
 * minute when the order is over. A rental is read the more seldom the older it is, after ten hours every ten
 * minutes: its messages come over days, and a supplier that can tells of each. A number that the supplier has
 * named, and one whose order is about to end, are read at once. Ordinary readings wait until what else the
 * supplier was asked leaves room for them.
 * @returns null if there are none, or if the supplier is to be left alone
 */
export async function claimSweep(
  db: Database,
  now: Date,
  supplierId: number,
  limit: number,
): Promise<Sweep | null> {
  const [due] = await db.query<{ ordinary: boolean; urgent: boolean }>(
    `select exists (select 1 from allocations a where ${open} and a.poll_at <= $2)
              and coalesce(f.due_at <= $2, true)
              and (coalesce(p.all_until <= $2, true)
                or coalesce(f.swept_at, (select min(a.poll_at) from allocations a where ${open}))
                  <= $2::timestamptz - interval '${unreadS} seconds') as ordinary,
            exists (select 1 from allocations a
              where ${open} and a.poll_at <= $2 and a.poll_at = a.hinted_at) as urgent
       from (select 1) one
       left join supplier_pace p on p.supplier_id = $1
       left join supplier_feeds f on f.supplier_id = $1 and f.feed = 'list'
      where f.supplier_id is null or (coalesce(f.leased_until <= $2, true)
        and coalesce(f.barred_until <= $2, true))`,
    [supplierId, now],
  )
  if (!due?.ordinary && !due?.urgent) return null
  const isUrgent = !due.ordinary
  return db.begin(async (tx) => {
    const feed = await claimFeed(tx, now, { supplierId, feed: 'list' }, leaseS, isUrgent)
    if (!feed) return null
    const until = isUrgent ? now : new Date(now.getTime() + aheadS * 1000)
    const numbers = await readDue(tx, { supplierId, until, isUrgent, limit })
    await takeHints(tx, now, numbers)
    return { claims: feed.claims, isUrgent, startedAt: now, due: numbers }
  })
}

type Wanted = {
  readonly supplierId: number
  readonly until: Date
  readonly isUrgent: boolean
  readonly limit: number
}

const numberColumns = `a.id as "allocationId", a.order_id as "orderId", a.upstream_ref as ref,
  case a.state when 'got' then a.phone end as phone, o.service_id as "serviceId",
  a.resend_epoch as "resendEpoch", a.cost, a.over_since is not null as "isSaidOver",
  (select count(*)::int from messages m
    where m.order_id = a.order_id and m.supplier_id = a.supplier_id) as messages,
  array(select m.supplier_ref from messages m
    where m.order_id = a.order_id and m.supplier_id = a.supplier_id
    order by m.id desc limit ${maxRefs}) as "messageRefs",
  a.cost_state = 'posted' and a.state = 'got'
    and coalesce(o.allocation_id = a.id and o.closed_at is null, false) as "isCodeBooked"`

const readDue = (tx: Tx, { supplierId, until, isUrgent, limit }: Wanted): Promise<DueNumber[]> =>
  tx.query<DueNumber>(
    `select ${numberColumns} from allocations a left join orders o on o.id = a.order_id
      where ${open} and a.poll_at <= $2 and (not $4 or a.poll_at = a.hinted_at)
      order by a.poll_at, a.id limit $3`,
    [supplierId, until, limit, isUrgent],
  )

/** Reads what is known of a number that its supplier was told to do something with. */
export async function numberToldOf(db: Queryable, allocationId: bigint): Promise<DueNumber> {
  const [number] = await db.query<DueNumber>(
    `select ${numberColumns} from allocations a left join orders o on o.id = a.order_id where a.id = $1`,
    [allocationId],
  )
  if (!number) throw new Error(`there is no allocation ${allocationId}`)
  return number
}

/** A hint that comes while a number is read has it read once more. */
async function takeHints(tx: Tx, now: Date, numbers: readonly DueNumber[]): Promise<void> {
  await tx.query(
    `update allocations set poll_at = $2::timestamptz + make_interval(secs => $3)
      where id = any($1) and poll_at = hinted_at and last_word is null`,
    [numbers.map(({ allocationId }) => allocationId), now, leaseS],
  )
}

/** Ends a sweep: sets when its numbers are read next, and how long the supplier is left alone. Those that are
 * over are not read again. */
export function endSweep(db: Database, now: Date, sweep: SweepEnd): Promise<void> {
  return db.begin(async (tx) => {
    const { supplierId, claims, isUrgent, read, unread, left, barredS } = sweep
    const least = isUrgent ? 0 : await leastPauseS(tx, now, supplierId)
    const restS = Math.max(least, sweep.restS)
    const feed = { supplierId, feed: 'list', claims } as const
    if (!(await restFeed(tx, now, feed, { restS, isUrgent, barredS }))) return
    if (read.length > 0) await restReadings(tx, now, { ids: read, since: sweep.startedAt, restS })
    if (unread.length > 0)
      await tx.query(
        `update allocations set poll_at = $2, polls = polls + 1
          where id = any($1) and poll_at is not null and last_word is null`,
        [unread, new Date(now.getTime() + silentS * 1000)],
      )
    if (left.length > 0)
      await tx.query(
        `update allocations set poll_at = hinted_at
          where id = any($1) and poll_at > $2 and hinted_at <= $2 and last_word is null`,
        [left, now],
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

type Rested = {
  readonly ids: readonly bigint[]
  /** When the sweep began: what the supplier has named since then is read once more. */
  readonly since: Date
  readonly restS: number
}

async function restReadings(tx: Tx, now: Date, { ids, since, restS }: Rested): Promise<void> {
  await tx.query(
    `with planned as (
       select a.id, l.is_last, case
           when a.hinted_at > $3 then a.hinted_at
           when a.over_since is not null
             then least(case when a.poll_at > $2 then a.poll_at end,
               $2::timestamptz + interval '10 seconds')
           when o.id is null or o.closed_at is not null then $2::timestamptz + interval '1 minute'
           when l.is_last then o.expires_at - interval '3 seconds'
           when a.asked_at > $2::timestamptz - interval '2 minutes'
             then $2::timestamptz + interval '3 seconds'
           when o.kind = 'rental' then $2::timestamptz
             + least(greatest(($2 - a.asked_at) / 60, interval '10 seconds'), interval '10 minutes')
           else $2::timestamptz + interval '10 seconds' end as due
         from allocations a left join orders o on o.id = a.order_id
        cross join lateral (select o.closed_at is null
          and o.expires_at > $2::timestamptz + interval '3 seconds'
          and o.expires_at <= $2::timestamptz
            + make_interval(secs => 10 + greatest(3, $4::float8))) l(is_last)
        where a.id = any($1) and a.last_word is null)
     -- The last reading is a moment before the end, and cannot wait.
     update allocations a set polls = a.polls + 1, poll_at = p.due,
            hinted_at = case when p.is_last then p.due else a.hinted_at end
       from planned p
      where a.id = p.id and a.last_word is null`,
    [ids, now, since, restS],
  )
}
