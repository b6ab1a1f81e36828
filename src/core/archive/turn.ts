// One archive command at a time.
import type { Database } from '../../db/database.ts'
import { DomainError } from '../error.ts'

/** Any number, the same in every version of this program. */
const lockId = 728_110_567
const aliveEveryMs = 10_000

/**
 * Runs `work` while no other command archives or restores. The lock is that of a transaction that does
 * nothing else, so it ends with the process, and it works behind a pooler.
 * @param work gets a function that throws if the lock was lost
 * @throws unavailable if another one is running
 */
export function inTurn<T>(db: Database, work: (assertHeld: () => void) => Promise<T>): Promise<T> {
  return db.begin(async (tx) => {
    const [row] = await tx.query<{ taken: boolean }>(
      `select pg_try_advisory_xact_lock(${lockId}) as taken`,
    )
    if (!row?.taken)
      throw new DomainError(
        'unavailable',
        'Another numlet archive run or restore is at work. Nothing was done; try again when it has ended.',
      )
    let lost: unknown
    let asking: Promise<unknown> = Promise.resolve()
    // An idle transaction is ended after a minute.
    const timer = setInterval(() => {
      asking = asking
        .then(() => tx.query('select'))
        .catch((error) => {
          lost = error
        })
    }, aliveEveryMs)
    try {
      return await work(() => {
        if (lost !== undefined) throw lost
      })
    } finally {
      clearInterval(timer)
      await asking
    }
  })
}
