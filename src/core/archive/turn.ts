// One archive command at a time.
import type { Database } from '../../db/database.ts'
import type { Patience } from '../../db/step-aside.ts'
import { DomainError } from '../error.ts'

/** Any number, the same in every version of this program. */
const lockId = 728_110_567
const aliveEveryMs = 10_000

/** How long a command keeps trying to lock `orders`: it has spent far longer on the files by then. */
export const patience: Patience = { maxTries: 40, maxPauseMs: 1_500 }

/** Asks the database whether the lock is still held. @throws Error if it is not */
export type AssertHeld = () => Promise<void>

/**
 * Runs `work` while no other command archives or restores. The lock is that of a transaction that does
 * nothing else, so it ends with the process, and it works behind a pooler.
 * @param work awaits what it gets before each step that must not run beside another command
 * @throws unavailable if another one is running
 */
export function inTurn<T>(db: Database, work: (assertHeld: AssertHeld) => Promise<T>): Promise<T> {
  return db.begin(async (tx) => {
    const [row] = await tx.query<{ taken: boolean }>(
      `select pg_try_advisory_xact_lock(${lockId}) as taken`,
    )
    if (!row?.taken)
      throw new DomainError(
        'unavailable',
        'Another numlet archive run or restore is at work. Nothing was done; try again when it has ended.',
      )
    // One statement after the other. Once one has failed, all that follow fail with its error.
    let asking: Promise<unknown> = Promise.resolve()
    const assertHeld = async () => {
      asking = asking.then(() => tx.query('select'))
      await asking
    }
    // An idle transaction is ended after a minute. Who relies on the lock is told of a failure.
    const timer = setInterval(() => void assertHeld().catch(() => undefined), aliveEveryMs)
    try {
      return await work(assertHeld)
    } finally {
      clearInterval(timer)
      // The work has ended; the commit fails if the lock was lost.
      await asking.catch(() => undefined)
    }
  })
}
