// Whether the readers of the events follow: webhooks and success rates depend on them.
import type { Queryable } from '../../db/database.ts'
import { readerLags } from '../events/lag.ts'
import type { Finding } from './check.ts'

/** Workers read every few seconds. After a pause of all workers they catch up faster than this. */
const mostSeconds = 10 * 60

/** Wrong is a reader that is ten minutes behind the newest event, or ahead of everything: nobody runs the
 * jobs, or the database is another one and no new epoch has begun. */
export async function readersFinding(db: Queryable, now: Date): Promise<Finding> {
  const lags = await readerLags(db, now)
  return {
    name: 'readers-follow-events',
    ok: lags.every(({ behindS, isAhead }) => !isAhead && behindS < mostSeconds),
    detail: lags
      .map(({ reader, events, seconds, isAhead }) =>
        isAhead
          ? `${reader} is ahead of all events`
          : `${reader} has ${events} to read${events > 0 ? ` (${Math.round(seconds)} s)` : ''}`,
      )
      .join(', '),
  }
}
