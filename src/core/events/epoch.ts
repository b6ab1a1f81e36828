// Epochs: the histories of the database. When it turns out to be another one than before (a standby was
// promoted, a backup or a dump restored, the server upgraded), a new epoch begins: its events come after all
// earlier ones, and no number that was told is given again.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { isLockTimeout } from '../../db/errors.ts'
import { moveSequencesOn } from './sequences.ts'

export type Raised = { readonly epoch: number; readonly reason: string }

/** What the database knows of its epoch, and where it is. */
type Standing = {
  readonly epoch: number
  readonly isStandby: boolean
  readonly isOtherCluster: boolean
  readonly isOtherTimeline: boolean
  readonly isOtherDatabase: boolean
  /** Whether something was written by a transaction that this cluster has not come to yet. */
  readonly isBehind: boolean
  /** One more than the highest transaction that has ended. */
  readonly nextXid: string
}

/** Any number, the same in every version of this program. */
const lockId = 728_110_564
const lockTimeoutMs = 2_000
const triesAtStart = 15

/** Begins a new epoch if the database is not the one in which the current epoch began. Call it before
 * anything is written. On a standby it does nothing. @returns null if nothing has changed */
export async function ensureEpoch(db: Database, now: Date): Promise<Raised | null> {
  for (let tries = 1; ; tries++) {
    try {
      return whyRaise(await standingOf(db)) === null ? null : await raise(db, now, null)
    } catch (error) {
      // Transactions that have written events are still open; PostgreSQL waited for them.
      if (!isLockTimeout(error) || tries >= triesAtStart) throw error
    }
  }
}

/** Begins a new epoch in any case: after a restore that leaves no trace in the database itself.
 * @param also runs in the same transaction */
export function beginEpoch(
  db: Database,
  now: Date,
  reason: string,
  also: (tx: Tx, raised: Raised) => Promise<void> = async () => {},
): Promise<Raised> {
  return db.begin(async (tx) => {
    await takeTurn(tx)
    const raised = await begin(tx, now, reason)
    await also(tx, raised)
    return raised
  })
}

export type Epoch = Raised & {
  /** The system identifier, which says where it began; null if the database does not tell it. */
  readonly cluster: string | null
  readonly timeline: string | null
  readonly raisedAt: Date
}

/** The newest epochs, the current one first. */
export function listEpochs(db: Queryable): Promise<Epoch[]> {
  return db.query<Epoch>(
    `select epoch, reason, system_id as cluster, timeline, raised_at as "raisedAt"
       from event_epochs order by epoch desc limit 100`,
  )
}

export type EpochWatch = {
  /** Looks whether the database has changed under the running node. Cheap; called every half second.
   * @returns the new epoch if this call began one */
  check(now: Date): Promise<Raised | null>
}

/** A watch of a node. It also remembers how far the cluster's transactions have come: a server whose counter
 * is lower than that is another one, even if everything else is the same. */
export function epochWatch(db: Database): EpochWatch {
  let seen: { readonly epoch: number; readonly nextXid: string } | null = null
  return {
    async check(now) {
      const standing = await standingOf(db)
      const { epoch, nextXid, isStandby } = standing
      const fellBack =
        seen !== null &&
        seen.epoch === epoch &&
        !isStandby &&
        BigInt(nextXid) < BigInt(seen.nextXid)
      if (whyRaise(standing) === null && !fellBack) {
        if (!isStandby) seen = { epoch, nextXid }
        return null
      }
      const raised = await raise(
        db,
        now,
        fellBack ? 'the server’s transactions went back' : null,
        epoch,
      )
      seen = null
      return raised
    },
  }
}

async function standingOf(db: Queryable): Promise<Standing> {
  const [row] = await db.query<Standing>(
    `select e.epoch, pg_is_in_recovery() as "isStandby", c.next_xid::text as "nextXid",
            coalesce(c.system_id <> e.system_id, false) as "isOtherCluster",
            coalesce(c.timeline <> e.timeline, false) as "isOtherTimeline",
            c.database_id <> e.database_id as "isOtherDatabase",
            e.first_xid > c.next_xid
              or coalesce((select v.xid >= c.next_xid from events v where v.epoch = e.epoch
                            order by v.epoch desc, v.xid desc, v.id desc limit 1), false)
              or exists (select from event_readers r where r.epoch = e.epoch and r.xid > c.next_xid)
              as "isBehind"
       from event_epochs e cross join cluster_identity() c
      order by e.epoch desc limit 1`,
  )
  if (!row) throw new Error('the database has no row in event_epochs')
  return row
}

function whyRaise(standing: Standing): string | null {
  if (standing.isStandby) return null
  if (standing.isOtherCluster) return 'another cluster'
  if (standing.isOtherTimeline) return 'another timeline'
  if (standing.isOtherDatabase) return 'another database'
  if (standing.isBehind) return 'the server’s transactions are behind what is stored'
  return null
}

/** @param reason if the database itself names none; null: then nothing happens
 * @param over the epoch to be ended; null if another node was faster */
function raise(db: Database, now: Date, reason: string | null, over?: number) {
  return db.begin(async (tx): Promise<Raised | null> => {
    await takeTurn(tx)
    const standing = await standingOf(tx)
    if (over !== undefined && standing.epoch !== over) return null
    const why = whyRaise(standing) ?? reason
    return why === null ? null : begin(tx, now, why)
  })
}

/** One node at a time, and none waits long: its connection is one of few. */
async function takeTurn(tx: Tx): Promise<void> {
  await tx.query(`set local lock_timeout = ${lockTimeoutMs}`)
  await tx.query(`select pg_advisory_xact_lock(${lockId})`)
}

/** Waits for the transactions that have written events: those that follow write them in the new epoch.
 * Readers are not held up. */
async function begin(tx: Tx, now: Date, reason: string): Promise<Raised> {
  await tx.query('lock table events in share mode')
  const [row] = await tx.query<{ epoch: number }>('select begin_epoch($1) as epoch', [reason])
  await moveSequencesOn(tx, now)
  return { epoch: (row as { epoch: number }).epoch, reason }
}
