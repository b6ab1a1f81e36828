// What an account used, and what of it ends soon, as one object with the database and the clock inside.
import type { Database } from '../../db/database.ts'
import { type RunningLow, runningLow } from './running-low.ts'
import { readUsage, type Usage, type UsageWanted } from './usage.ts'

export type UsageReads = {
  /** Usage by group. */
  read(wanted: UsageWanted): Promise<Usage[]>
  /** Rentals and keys that end soon. */
  runningLow(accountId: number): Promise<RunningLow>
}

export const usageReads = (db: Database, clock: () => Date): UsageReads => ({
  read: (wanted) => readUsage(db, wanted),
  runningLow: (accountId) => runningLow(db, clock(), accountId),
})
