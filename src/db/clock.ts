// The database's time, as this node knows it: one clock for all nodes, whatever their own clocks say.
import { performance } from 'node:perf_hooks'
import type { Queryable } from './database.ts'

export type DatabaseClock = {
  /** The database's time. It never goes back. */
  now(): Date
  /** Compares the clocks by the result of a query that was sent and answered at these moments.
   * @param databaseMs the database's time, somewhere in between */
  compare(span: { readonly sentMs: number; readonly answeredMs: number }, databaseMs: number): void
  /** How far this machine's clock is ahead of the database's; null before the first comparison. */
  aheadMs(): number | null
}

export type LocalClocks = {
  /** A clock that only goes forward, and that nobody sets. */
  readonly steady: () => number
  /** The machine's time. */
  readonly wall: () => number
}

const ownClocks: LocalClocks = { steady: () => performance.now(), wall: () => Date.now() }

/**
 * Time runs on this process's steady clock; comparisons set it. A comparison bounds the difference by the
 * round trip: the difference is changed only if it is outside these bounds, so that a slow answer does not
 * disturb it. If the clock turns out to be ahead, it runs at half speed until the database's has caught up.
 */
export function databaseClock(local = ownClocks): DatabaseClock {
  let difference: number | null = null
  let told = 0
  let toldAt = local.steady()
  return {
    now() {
      const at = local.steady()
      const time = difference === null ? local.wall() : at + difference
      told = time >= told ? time : told + (at - toldAt) / 2
      toldAt = at
      return new Date(told)
    },
    compare({ sentMs, answeredMs }, databaseMs) {
      const least = databaseMs - answeredMs
      const most = databaseMs - sentMs
      if (difference === null) {
        difference = (least + most) / 2
        // What was told before the first comparison was only a guess.
        told = 0
      } else difference = Math.min(most, Math.max(least, difference))
    },
    aheadMs: () => (difference === null ? null : local.wall() - (local.steady() + difference)),
  }
}

/** The database's time, for a single use. */
export async function databaseTime(db: Queryable): Promise<Date> {
  const [row] = await db.query<{ now: Date }>('select clock_timestamp() as now')
  if (!row) throw new Error('the database did not tell the time')
  return row.now
}
