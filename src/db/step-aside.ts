// Short transactions that lock whole tables, without anybody waiting for long.
import type { Database, Tx } from './database.ts'
import { isLockTimeout } from './errors.ts'

/** A lock is waited for no longer than this: whoever uses the table queues behind the one who waits. */
const lockMs = 500

/** How often it is tried, and the longest pause before the next try. */
export type Patience = { readonly maxTries: number; readonly maxPauseMs: number }

/** A transaction that gives up at a lock which somebody else has, lets them pass, and tries again. */
export async function stepAside<T>(
  db: Database,
  { maxTries, maxPauseMs }: Patience,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await db.begin(async (tx) => {
        await tx.query(`set local lock_timeout = ${lockMs}`)
        return work(tx)
      })
    } catch (error) {
      if (!isLockTimeout(error) || tries >= maxTries) throw error
      await new Promise((resolve) => setTimeout(resolve, Math.random() * maxPauseMs))
    }
  }
}
