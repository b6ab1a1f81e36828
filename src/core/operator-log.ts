// The operator log: who did what to what, when and why. Each entry is written in the transaction of the
// action and never changed.
import type { Database, Queryable, Tx } from '../db/database.ts'
import { DomainError } from './error.ts'

/** Who acts and why: an argument of every operator verb. */
export type By = { readonly actor: string; readonly reason: string | null }

/** A job that acts by the operator's rules. */
export const jobOf = (name: string): By => ({ actor: `job ${name}`, reason: null })

/** The kinds of objects that operators act on. */
const subjectTypes = [
  'account',
  'batch',
  'country',
  'deposit',
  'domain',
  'epoch',
  'key',
  'message',
  'month',
  'number',
  'offer',
  'operator',
  'order',
  'plan',
  'pool',
  'rate',
  'service',
  'setting',
  'staff_key',
  'supplier',
  'user',
  'webhook',
] as const
export type SubjectType = (typeof subjectTypes)[number]

/** One object: the number of its row, or its name if it is known by name. */
export type Subject = { readonly type: SubjectType; readonly id: string | number | bigint }

export type LogEntry = {
  /** Noun and verb: `account.suspend`. */
  readonly action: string
  readonly subject?: Subject | null
  /** The account that it concerns. */
  readonly accountId?: number | null
  /** Further details, with values before and after. Never a secret, code, text or phone number. */
  readonly detail?: Readonly<Record<string, unknown>>
}

export type LoggedEntry = {
  readonly id: bigint
  readonly actor: string
  readonly action: string
  readonly subjectType: SubjectType | null
  readonly subjectId: string | null
  readonly accountId: number | null
  readonly reason: string | null
  readonly detail: Readonly<Record<string, unknown>>
  readonly createdAt: Date
}

export const maxReasonLength = 500

/** Normalises a reason: one line of 1 to 500 characters; null if none was given.
 * @throws invalid_request */
export function statedReason(text: string | null | undefined): string | null {
  if (text === null || text === undefined) return null
  const reason = text.trim()
  if (reason === '' || reason.length > maxReasonLength || /\p{Cc}/u.test(reason))
    throw new DomainError(
      'invalid_request',
      `The reason must be one line of 1 to ${maxReasonLength} characters.`,
    )
  return reason
}

/** The same, for actions that require a reason. @throws invalid_request */
export function needReason(by: By): By & { readonly reason: string } {
  const reason = statedReason(by.reason)
  if (reason === null)
    throw new DomainError(
      'invalid_request',
      'A reason is required. It is kept in the operator log.',
    )
  return { actor: by.actor, reason }
}

/** Appends an entry to the log. */
export async function append(db: Queryable, by: By, entry: LogEntry): Promise<void> {
  await appendMany(db, by, [entry])
}

/** Appends entries to the log, all by one operator for one reason. */
export async function appendMany(
  db: Queryable,
  by: By,
  entries: readonly LogEntry[],
): Promise<void> {
  if (entries.length === 0) return
  await db.query(
    `insert into audit_log (actor, reason, action, subject_type, subject_id, account_id, detail)
     select $1, $2, e.action, e.subject_type, e.subject_id, e.account_id, e.detail::jsonb
       from unnest($3::text[], $4::text[], $5::text[], $6::int[], $7::text[])
            with ordinality as e(action, subject_type, subject_id, account_id, detail, place)
      order by e.place`,
    [
      by.actor,
      statedReason(by.reason),
      entries.map((entry) => entry.action),
      entries.map((entry) => entry.subject?.type ?? null),
      entries.map((entry) => (entry.subject ? String(entry.subject.id) : null)),
      entries.map((entry) => entry.accountId ?? null),
      entries.map((entry) => JSON.stringify(entry.detail ?? {}, plainBigint)),
    ],
  )
}

/** JSON has no bigint: small values become numbers, others text. */
function plainBigint(_name: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
}

/**
 * Runs verbs and logs them in one transaction: both happen, or neither does.
 * @param entry returns the log entry; null if nothing was done
 */
export function logged<T>(
  db: Database,
  by: By,
  work: (db: Database, tx: Tx) => Promise<T>,
  entry: (result: T) => LogEntry | null,
): Promise<T> {
  return db.begin(async (tx) => {
    const result = await work(within(tx), tx)
    const line = entry(result)
    if (line) await append(tx, by, line)
    return result
  })
}

export type LogFilter = {
  readonly actor?: string | null
  /** A full action, or a noun alone: `account` matches `account.create` and all other account actions. */
  readonly action?: string | null
  readonly accountId?: number | null
  readonly subject?: Subject | null
  readonly since?: Date | null
  readonly until?: Date | null
  /** Only entries older than this one: the last of the previous page. */
  readonly before?: bigint | null
  readonly limit: number
}

/** Lists entries, newest first. */
export function readLog(db: Queryable, filter: LogFilter): Promise<LoggedEntry[]> {
  return db.query<LoggedEntry>(
    `select id, actor, action, subject_type as "subjectType", subject_id as "subjectId",
            account_id as "accountId", coalesce(reason, detail->>'reason') as reason, detail,
            created_at as "createdAt"
       from audit_log
      where ($1::text is null or actor = $1)
        and ($2::text is null or action = $2 or split_part(action, '.', 1) = $2)
        and ($3::int is null or account_id = $3)
        and ($4::text is null or (subject_type = $4 and subject_id = $5))
        and ($6::timestamptz is null or created_at >= $6)
        and ($7::timestamptz is null or created_at < $7)
        and ($8::bigint is null or id < $8)
      order by id desc limit $9`,
    [
      filter.actor ?? null,
      filter.action ?? null,
      filter.accountId ?? null,
      filter.subject?.type ?? null,
      filter.subject ? String(filter.subject.id) : null,
      filter.since ?? null,
      filter.until ?? null,
      filter.before ?? null,
      filter.limit,
    ],
  )
}

/** Presents a transaction as a database: verbs that would begin a transaction join this one. */
export const within = (tx: Tx): Database => ({
  query: tx.query,
  once: tx.query,
  begin: (work) => work(tx),
  snapshot: (work) => work(tx),
  outside: () => Promise.reject(new Error('this is a transaction')),
  end: async () => {},
})
