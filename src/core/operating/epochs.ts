// What operators do with epochs: they begin one after a restore that the database itself cannot tell.
import type { Database } from '../../db/database.ts'
import { beginEpoch, type Raised } from '../events/epoch.ts'
import { append, type By, needReason } from '../operator-log.ts'

/** Begins a new epoch. @throws invalid_request without a reason */
export function beginEpochByHand(db: Database, now: Date, by: By): Promise<Raised> {
  const stated = needReason(by)
  return beginEpoch(db, now, 'begun by an operator', (tx, { epoch }) =>
    append(tx, stated, { action: 'epoch.begin', subject: { type: 'epoch', id: epoch } }),
  )
}
