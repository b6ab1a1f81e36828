// The audit that an operator runs: full while the ledger is small, by increments when it is large.
import type { Database, Queryable } from '../../db/database.ts'
import { isReadOnly } from '../../db/errors.ts'
import { type AuditReport, audit, checks } from './audit.ts'
import {
  type Checkpoint,
  type Reach,
  reachOf,
  readCheckpoint,
  settledTransfers,
  writeCheckpoint,
} from './checkpoint.ts'
import { changedSince, everything } from './scope.ts'

/** A full audit of so many transfers takes some seconds. */
const smallLedger = 300_000

export type DueReport = AuditReport & {
  /** The time of the audit whose result this one continues; null: everything was checked. */
  readonly since: Date | null
}

/**
 * Audits everything, or, on a large ledger that was audited before, what has changed since. A clean result is
 * remembered for the next time.
 * @param options `full`: everything in any case; `smallLedger`: up to how many transfers count as few
 */
export async function auditDue(
  db: Database,
  now: Date,
  options: { readonly full?: boolean; readonly smallLedger?: number } = {},
): Promise<DueReport> {
  const isFull = options.full === true || (await isSmall(db, options.smallLedger ?? smallLedger))
  const before = isFull ? null : await readCheckpoint(db)
  const settled = await settledTransfers(db)
  let reach: Reach | null = null
  const report = await audit(db, now, checks, async (tx) => {
    if (settled !== null) reach = await reachOf(tx, settled)
    return before === null ? everything : changedSince(tx, before)
  })
  if (report.ok && reach !== null) await remember(db, now, reach, before)
  return { ...report, since: before?.provedAt ?? null }
}

async function isSmall(db: Queryable, most: number): Promise<boolean> {
  const [row] = await db.query<{ transfers: number }>(
    'select count(*)::int as transfers from (select from transfers limit $1) t',
    [most + 1],
  )
  return (row?.transfers ?? 0) <= most
}

async function remember(db: Database, now: Date, reach: Reach, before: Checkpoint | null) {
  const [row] = await db.query<{ standby: boolean }>('select pg_is_in_recovery() as standby')
  if (row?.standby) return
  try {
    await writeCheckpoint(db, now, reach, before)
  } catch (error) {
    // What can only be read remembers nothing, like a standby; the next audit starts where this one did.
    if (!isReadOnly(error)) throw error
  }
}
