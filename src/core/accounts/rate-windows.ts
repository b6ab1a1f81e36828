// The one count of requests that all servers share. A server takes some at a time and gives them out itself.
import type { Database } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'

/** Length of a window. */
export const rateWindowS = 60

export type Ask = {
  readonly name: string
  /** Requests in a window. */
  readonly limit: number
  /** How many are wanted. */
  readonly count: number
  readonly now: Date
}

export type Grant = {
  /** At most as many as were wanted; 0 when the window is used up. */
  readonly granted: number
  /** What is left for all servers after this. */
  readonly left: number
  readonly endsAt: Date
}

/** Takes requests out of a window, a new one where the last is over. Asks of the same
 * time go together; a name must not be asked for twice at once. */
export function rateWindows(db: Database): (ask: Ask) => Promise<Grant> {
  return gather<Ask, Grant>({
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
        if (!row) throw new Error('a window was asked for and is not there')
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

/** Forgets windows that are over. @returns how many; 5,000 means that there may be more */
export async function forgetRateWindows(db: Database, now: Date): Promise<number> {
  const rows = await db.once(
    `with old as (select name from rate_windows where ends_at < $1 limit 5000 for update skip locked)
     delete from rate_windows w using old where w.name = old.name returning 1 as yes`,
    [now],
  )
  return rows.length
}
