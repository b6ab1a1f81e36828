// The audit log: what operators did, written in the transaction that did it, and never changed.
import type { Database, Queryable, Tx } from '../../db/database.ts'

export type LogEntry = {
  readonly actor: string
  /** A noun and a verb: `account.suspend`. */
  readonly action: string
  readonly accountId?: number | null
  /** What it was done to. Never a secret, a code or a text. */
  readonly detail?: Readonly<Record<string, unknown>>
}

export type LoggedEntry = Required<LogEntry> & { readonly id: bigint; readonly createdAt: Date }

/** Adds a line to the log. */
export async function append(db: Queryable, entry: LogEntry): Promise<void> {
  await db.query(
    'insert into audit_log (actor, action, account_id, detail) values ($1, $2, $3, $4)',
    [entry.actor, entry.action, entry.accountId ?? null, entry.detail ?? {}],
  )
}

/**
 * Runs verbs and logs what they did, all in one transaction: both happen, or neither does.
 * @param entry the line for what was done; null when nothing was
 */
export function logged<T>(
  db: Database,
  work: (db: Database) => Promise<T>,
  entry: (result: T) => LogEntry | null,
): Promise<T> {
  return db.begin(async (tx) => {
    const result = await work(within(tx))
    const line = entry(result)
    if (line) await append(tx, line)
    return result
  })
}

/** The newest lines first. */
export async function readLog(db: Queryable, limit: number): Promise<LoggedEntry[]> {
  const rows = await db.query<{
    id: bigint
    actor: string
    action: string
    account_id: number | null
    detail: Record<string, unknown>
    created_at: Date
  }>(
    `select id, actor, action, account_id, detail, created_at from audit_log
      order by id desc limit $1`,
    [limit],
  )
  return rows.map((row) => ({
    id: row.id,
    actor: row.actor,
    action: row.action,
    accountId: row.account_id,
    detail: row.detail,
    createdAt: row.created_at,
  }))
}

/** A transaction in the form of a database: verbs that begin one take part in this one. */
const within = (tx: Tx): Database => ({
  query: tx.query,
  once: tx.query,
  begin: (work) => work(tx),
  snapshot: (work) => work(tx),
  end: async () => {},
})
