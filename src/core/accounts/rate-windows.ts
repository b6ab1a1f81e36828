// The request counter that all servers share. Each server reserves some requests and spends them locally.
import type { Database } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'

/** The length of a window. */
export const rateWindowS = 60

export type Ask = {
  readonly name: string
  /** Requests in a window. */
  readonly limit: number
  /** The number of requests to reserve. */
  readonly count: number
  readonly now: Date
}

export type Grant = {
  /** The number reserved: at most the number wanted; 0 if the window is used up. */
  readonly granted: number
  /** The number left for all servers after this. */
  readonly left: number
  readonly endsAt: Date
}

/** Reserves requests in a window, and starts a new window if the last one is over. Concurrent calls are
 * combined into one statement; do not pass the same name twice at once. */
export function rateWindows(db: Database): (ask: Ask) => Promise<Grant> {
  return gather<Ask, Grant>({
    name: 'rate windows',
    maxBatch: 500,
    maxRunning: 2,
    run: async (asks) => {
      const sorted = asks.toSorted((a, b) => (a.name < b.name ? -1 : 1))
      const rows = await db.once<{ name: string; used: number; ends_at: Date }>(
        `insert into rate_windows as w (name, used, ends_at)
         select a.name, a.count, a.now + make_interval(secs => $4)
           from unnest($1::text[], $2::int[], $3::timestamptz[]) as a(name, count, now)
         on conflict (name) do update set (used, ends_at) = (
           select case when is_over then excluded.used else w.used + excluded.used end,
                  case when is_over then excluded.ends_at else w.ends_at end
             from (select w.ends_at <= excluded.ends_at - make_interval(secs => $4) as is_over) w_end)
         returning name, used, ends_at`,
        [
          sorted.map((ask) => ask.name),
          sorted.map((ask) => ask.count),
          sorted.map((ask) => ask.now),
          rateWindowS,
        ],
      )
      const byName = new Map(rows.map((row) => [row.name, row]))
      return asks.map(({ name, limit, count }) => {
        const row = byName.get(name)
        if (!row) throw new Error('a requested rate window is missing')
        const before = row.used - count
        return {
          granted: Math.max(0, Math.min(count, limit - before)),
          left: Math.max(0, limit - row.used),
          endsAt: row.ends_at,
        }
      })
    },
  })
}

/** Deletes windows that are over. @returns the number deleted; 5,000 means that there may be more */
export async function forgetRateWindows(db: Database, now: Date): Promise<number> {
  const rows = await db.once(
    `with old as (select name from rate_windows where ends_at < $1 limit 5000 for update skip locked)
     delete from rate_windows w using old where w.name = old.name returning 1 as yes`,
    [now],
  )
  return rows.length
}
