// The checkpoint: what a clean audit has proved, so that the next one proves what has changed since.
import type { Database, Queryable, Tx } from '../../db/database.ts'

export type Checkpoint = {
  readonly transferSeq: bigint
  readonly eventEpoch: number
  readonly eventXid: string
  readonly messageId: bigint
  readonly provedAt: Date
  readonly fullAt: Date
}

/** How far an audit can prove: what changes up to these places leaves a trace after them. */
export type Reach = Pick<Checkpoint, 'transferSeq' | 'eventEpoch' | 'eventXid' | 'messageId'>

/** Below the newest message some may still commit: a call takes at most a few hundred ids. */
const messagesBehind = 10_000
const patienceMs = 5_000
const pollMs = 50

export async function readCheckpoint(db: Queryable): Promise<Checkpoint | null> {
  const [row] = await db.query<Checkpoint>(
    `select transfer_seq as "transferSeq", event_epoch as "eventEpoch", event_xid::text as "eventXid",
            message_id as "messageId", proved_at as "provedAt", full_at as "fullAt"
       from audit_checkpoint`,
  )
  return row ?? null
}

/**
 * The last transfer of which all before it have committed or never will. Whoever moves money locks a wallet
 * or an order before drawing a number, and so has a transaction id.
 * @returns null if an older transaction does not end within seconds
 */
export async function settledTransfers(db: Database): Promise<bigint | null> {
  const [drawn] = await db.query<{ seq: bigint }>(
    'select case when is_called then last_value else 0 end as seq from transfers_seq_seq',
  )
  const [next] = await db.query<{ xid: string }>(
    'select pg_snapshot_xmax(pg_current_snapshot())::text as xid',
  )
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; ) {
    const [row] = await db.query<{ ended: boolean }>(
      'select pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 as ended',
      [next?.xid],
    )
    if (row?.ended) return drawn?.seq ?? 0n
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  return null
}

/** How far the audit on this snapshot proves. */
export async function reachOf(tx: Tx, transferSeq: bigint): Promise<Reach> {
  const [row] = await tx.query<Omit<Reach, 'transferSeq'>>(
    `select (select max(epoch) from event_epochs) as "eventEpoch",
            pg_snapshot_xmin(pg_current_snapshot())::text as "eventXid",
            greatest((select coalesce(max(id), 0) from messages) - ${messagesBehind}, 0) as "messageId"`,
  )
  return { transferSeq, ...(row as Omit<Reach, 'transferSeq'>) }
}

/** Writes what an audit has proved, unless another one has done so meanwhile.
 * @param before the checkpoint from which an increment started; null for a full audit */
export function writeCheckpoint(
  db: Database,
  now: Date,
  reach: Reach,
  before: Checkpoint | null,
): Promise<void> {
  return db.begin(async (tx) => {
    await tx.query('lock table audit_checkpoint in share row exclusive mode')
    const found = await readCheckpoint(tx)
    const isOlder = (found?.transferSeq ?? 0n) > reach.transferSeq
    if (isOlder || (before !== null && found?.transferSeq !== before.transferSeq)) return
    if (before === null) await tx.query('delete from audit_sums')
    // Transfers do not change, so their sums are those of the snapshot.
    await tx.query(
      `insert into audit_sums as s (ledger_account_id, amount)
       select e.id, sum(e.amount)
         from (select debit_id as id, -amount as amount from transfers where seq > $1 and seq <= $2
               union all
               select credit_id, amount from transfers where seq > $1 and seq <= $2) e
        group by e.id
       on conflict (ledger_account_id) do update set amount = s.amount + excluded.amount`,
      [before?.transferSeq ?? -1n, reach.transferSeq],
    )
    await tx.query(
      `insert into audit_checkpoint
         (transfer_seq, event_epoch, event_xid, message_id, proved_at, full_at)
       values ($1, $2, $3::xid8, $4, $5, $6)
       on conflict (one) do update set (transfer_seq, event_epoch, event_xid, message_id, proved_at, full_at)
         = (excluded.transfer_seq, excluded.event_epoch, excluded.event_xid, excluded.message_id,
            excluded.proved_at, excluded.full_at)`,
      [
        reach.transferSeq,
        reach.eventEpoch,
        reach.eventXid,
        reach.messageId,
        now,
        before?.fullAt ?? now,
      ],
    )
  })
}
