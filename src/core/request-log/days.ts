// The partitions of the request log: one for each day (UTC), dropped as a whole.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { type Patience, stepAside } from '../../db/step-aside.ts'
import { dayMs, firstIdAt } from './line.ts'

/** Whoever reads the log is let pass. */
const patience: Patience = { maxTries: 10, maxPauseMs: 1_000 }
/** Any number, the same in every version of this program. */
const lockId = 728_110_566

/** `2026-11-20` */
export const dayOf = (at: Date): string => at.toISOString().slice(0, 10)

const tableOf = (day: string) => `request_log_${day.replaceAll('-', '')}`

/** Makes the partitions of days that have none. Can be repeated, and run on many nodes. */
export async function makeDays(db: Database, days: readonly string[]): Promise<void> {
  const there = new Set(await madeDays(db))
  for (const day of days)
    if (!there.has(day))
      await locked(db, async (tx) => {
        const begin = new Date(`${day}T00:00:00Z`)
        const end = new Date(begin.getTime() + dayMs)
        await tx.query(
          `create table if not exists ${tableOf(day)} partition of request_log
             for values from (${firstIdAt(begin)}) to (${firstIdAt(end)})`,
        )
      })
}

/** Keeps the partitions of today and tomorrow, and drops those that ended before a time.
 * @returns 0: nothing is left to do */
export async function keepDays(db: Database, now: Date, before: Date): Promise<0> {
  await makeDays(db, [dayOf(now), dayOf(new Date(now.getTime() + dayMs))])
  const last = dayOf(before)
  for (const day of await madeDays(db))
    if (day < last)
      await locked(db, async (tx) => void (await tx.query(`drop table if exists ${tableOf(day)}`)))
  return 0
}

/** The days that have a partition. Others that an operator has added are not looked at. */
async function madeDays(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'request_log'::regclass order by name`,
  )
  return rows.flatMap(({ name }) => {
    const [, year, month, day] = /^request_log_(\d{4})(\d\d)(\d\d)$/.exec(name) ?? []
    return year === undefined ? [] : [`${year}-${month}-${day}`]
  })
}

/** One node at a time, with locks that are given up soon if somebody else has them. */
const locked = (db: Database, work: (tx: Tx) => Promise<void>) =>
  stepAside(db, patience, async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(${lockId})`)
    await work(tx)
  })
