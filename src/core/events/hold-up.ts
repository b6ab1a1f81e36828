// What holds up the events: the oldest transaction that has written and is still open. Readers of the outbox
// go no further, because that transaction could still add an event.
import type { Queryable } from '../../db/database.ts'

export type OldTransaction = {
  /** Null for a prepared transaction. */
  readonly pid: number | null
  readonly application: string
  readonly database: string
  /** What its session is doing, such as `idle in transaction`; null if this user may not see it. */
  readonly state: string | null
  readonly seconds: number
}

export type HoldUps = {
  /** Looks at the database again. @returns the oldest transaction of the whole cluster */
  look(): Promise<OldTransaction | null>
  /** What the last look has seen. */
  oldest(): OldTransaction | null
  /** The same, if it has been open so long that customers notice. */
  current(): OldTransaction | null
}

/** A transaction of ours ends within this time, unless it is a large job. */
const noticedS = 5

type Row = Omit<OldTransaction, 'seconds'> & {
  readonly xid: string
  readonly seconds: number | null
}

/** Watches the oldest transaction. */
export function holdUpWatch(db: Queryable): HoldUps {
  let seen: { readonly xid: string; readonly atMs: number } | null = null
  let oldest: OldTransaction | null = null
  return {
    async look() {
      const row = await oldestTransaction(db)
      if (row === undefined) {
        seen = null
        oldest = null
        return null
      }
      // @NOTE the age of another user's transaction is hidden: then it is as old as we have known it
      if (seen?.xid !== row.xid) seen = { xid: row.xid, atMs: performance.now() }
      const { xid: _xid, seconds, ...facts } = row
      const knownS = (performance.now() - seen.atMs) / 1000
      oldest = { ...facts, seconds: Math.round(Math.max(seconds ?? 0, knownS) * 10) / 10 }
      return oldest
    },
    oldest: () => oldest,
    current: () => (oldest !== null && oldest.seconds >= noticedS ? oldest : null),
  }
}

async function oldestTransaction(db: Queryable): Promise<Row | undefined> {
  const [row] = await db.query<Row>(
    `select t.pid, t.application, t.database, t.state, t.xid::text as xid,
            extract(epoch from clock_timestamp() - t.since)::float8 as seconds
       from (select a.pid, coalesce(a.application_name, '') as application,
                    coalesce(a.datname, '') as database, a.state, a.backend_xid as xid, a.xact_start as since
               from pg_stat_activity a
              where a.backend_xid is not null and a.pid <> pg_backend_pid()
             union all
             select null, 'prepared transaction ' || p.gid, p.database, 'prepared', p.transaction, p.prepared
               from pg_prepared_xacts p) t
      order by age(t.xid) desc, t.pid limit 1`,
  )
  return row
}

/** What holds up the events, in words. */
export const wordsOfHoldUp = ({ pid, application, database, state, seconds }: OldTransaction) =>
  `events wait for a transaction that has been open for ${Math.round(seconds)} s: ` +
  [
    pid === null ? application : `process ${pid}${application === '' ? '' : ` (${application})`}`,
    `database ${database}`,
    ...(state === null ? [] : [state]),
  ].join(', ')
