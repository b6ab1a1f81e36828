// How far the readers of the events are behind.
import type { Queryable } from '../../db/database.ts'

export type ReaderLag = {
  readonly reader: string
  /** Events that it has not read; 10,000 means that there may be more. */
  readonly events: number
  /** The age of the oldest of them. */
  readonly seconds: number
  /** How much older it is than the newest event. */
  readonly behindS: number
  /** Whether it stands after events that do not exist yet: it would miss them. */
  readonly isAhead: boolean
}

/** Counting on would make the metric the more costly the worse things are. */
const maxCounted = 10_000
const freshMs = 5_000

/** Reads the lag of all readers, including events that wait for an older open transaction. */
export function readerLags(db: Queryable, now: Date): Promise<ReaderLag[]> {
  return db.query<ReaderLag>(
    `select r.name as reader, unread.events,
            coalesce(greatest(extract(epoch from $1::timestamptz - unread.since), 0), 0)::float8
              as seconds,
            coalesce(greatest(extract(epoch from newest.at - unread.since), 0), 0)::float8 as "behindS",
            r.epoch > last.epoch
              or (r.epoch = last.epoch and r.xid > pg_snapshot_xmax(pg_current_snapshot()))
              as "isAhead"
       from event_readers r
      cross join (select max(epoch) as epoch from event_epochs) last
      left join lateral (
        select e.created_at as at from events e order by e.epoch desc, e.xid desc, e.id desc limit 1) newest
        on true
      cross join lateral (
        select count(*)::int as events, min(n.created_at) as since from (
          select e.created_at from events e where (e.epoch, e.xid, e.id) > (r.epoch, r.xid, r.id)
           order by e.epoch, e.xid, e.id limit ${maxCounted}) n) unread
      order by r.name`,
    [now],
  )
}

/** The lag for metrics and health, read every five seconds at most, however many ask. */
export function lagWatch(db: Queryable, clock: () => Date) {
  let known: Promise<ReaderLag[]> | null = null
  let readAt = Number.NEGATIVE_INFINITY
  return {
    /** @throws if the database does not answer */
    current(): Promise<ReaderLag[]> {
      if (known && performance.now() - readAt < freshMs) return known
      readAt = performance.now()
      const reading = readerLags(db, clock())
      known = reading
      reading.catch(() => {
        if (known === reading) known = null
      })
      return reading
    },
  }
}
export type LagWatch = ReturnType<typeof lagWatch>
