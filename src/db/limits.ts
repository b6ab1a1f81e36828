// How long a database session may take, for each kind of work. Every connection sets these limits itself.

/** Limits of a session, in milliseconds. */
export type SessionLimits = {
  /** For one statement, after which PostgreSQL cancels it; 0: no limit. */
  readonly statementMs: number
  /** For one lock that another transaction holds. */
  readonly lockMs: number
  /** Between two statements of a transaction, after which PostgreSQL ends the session and frees its locks. */
  readonly idleInTransactionMs: number
}

/** For a connection to be made, or for one of the pool to be free. */
export const connectionMs = 5_000
/** Of several hosts, each has this long, so that a dead one does not use up a request's time. */
export const connectionOfSeveralMs = 2_000
/** How much longer than the server the driver waits for the end of a statement. It gives up only if the
 * server does not answer at all: a statement that it abandons alone would go on, and keep its locks. */
export const driverGraceMs = 500

const minuteMs = 60_000
const hourMs = 60 * minuteMs

export const sessionLimits = {
  /** A customer waits for it, and retries: five seconds in all. A process that is frozen in the middle of a
   * transaction must not keep a wallet from others. */
  requests: { statementMs: 4_500, lockMs: 2_000, idleInTransactionMs: 5_000 },
  /** Health, metrics and the event tail: as short, and never behind writes. */
  watch: { statementMs: 4_500, lockMs: 2_000, idleInTransactionMs: 5_000 },
  /** Sweeps and purges of thousands of rows. They lock the same rows as requests do, and run again. */
  jobs: { statementMs: minuteMs, lockMs: 5_000, idleInTransactionMs: 10_000 },
  /** One command of an operator: an import is long, and may wait for customers' transactions. */
  commands: { statementMs: minuteMs, lockMs: 10_000, idleInTransactionMs: minuteMs },
  /** Reports and the audit read millions of rows in one snapshot and lock nothing. */
  reports: { statementMs: hourMs, lockMs: 10_000, idleInTransactionMs: minuteMs },
  /** Builds indexes on large tables, and reads and changes whole ones. */
  migrations: { statementMs: 0, lockMs: minuteMs, idleInTransactionMs: minuteMs },
} as const satisfies Record<string, SessionLimits>

export type SessionKind = keyof typeof sessionLimits

/** The server notices within some 25 seconds that the other side of a connection is gone. */
const keepalives = {
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '25s',
  /** And at once, if a statement is running or waiting for a lock. */
  client_connection_check_interval: '2s',
} as const

/** The settings that one transaction can set for itself. */
export const transactionSettings = (limits: SessionLimits) => ({
  statement_timeout: `${limits.statementMs}ms`,
  lock_timeout: `${limits.lockMs}ms`,
  idle_in_transaction_session_timeout: `${limits.idleInTransactionMs}ms`,
})

/** The settings of a session that belongs to one process. */
export const settingsOfSession = (limits: SessionLimits): Readonly<Record<string, string>> => ({
  ...transactionSettings(limits),
  ...keepalives,
})
