// Short transactions that lock whole tables, without anybody waiting for long.
import type { Database, Tx } from '../../db/database.ts'
import { sqlState } from '../../db/errors.ts'

/** A lock is waited for no longer than this: whoever uses the table queues behind the one who waits. */
const lockMs = 500
const maxTries = 40
const maxPauseMs = 1_500
const lockNotAvailable = '55P03'

/** A transaction that gives up at a lock which somebody else has, lets them pass, and tries again. */
export async function stepAside<T>(db: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await db.begin(async (tx) => {
        await tx.query(`set local lock_timeout = ${lockMs}`)
        return work(tx)
      })
    } catch (error) {
      if (sqlState(error) !== lockNotAvailable || tries >= maxTries) throw error
      await new Promise((resolve) => setTimeout(resolve, Math.random() * maxPauseMs))
    }
  }
}
