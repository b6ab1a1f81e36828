// Classifies database errors by SQLSTATE.
// https://www.postgresql.org/docs/18/errcodes-appendix.html

/** Rolled back by PostgreSQL because of another transaction: a retry may succeed. */
const retryable = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
])

/** The server or the connection to it is temporarily unavailable. */
const unavailable = new Set([
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '53300', // too_many_connections
  '53100', // disk_full
  '53200', // out_of_memory
  '25006', // read_only_sql_transaction: a standby, after a failover
  '57014', // query_canceled: ran over the statement timeout
])

/** The same for the operating system's codes. They count only if the database's own connection failed: a
 * customer's connection fails with the same codes. */
const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT', // the unix socket is not there
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EMFILE', // this process has no file descriptor left for a connection
  'ENFILE',
])

const lostConnection =
  /Connection terminated|connection is closed|timeout exceeded when trying to connect|Query read timeout|not queryable|Client was closed/

export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : undefined
}

/** True if the database can only be read: it is a standby, or set to be read-only. */
export const isReadOnly = (error: unknown) => sqlState(error) === '25006'

export const isRetryable = (error: unknown) => retryable.has(sqlState(error) ?? '')

const fromDatabase = new WeakSet<object>()

/** Marks an error as coming from a connection to the database, and throws it. */
export function throwAsDatabaseError(error: unknown): never {
  throw markAsDatabaseError(error)
}

/** Marks an error as coming from a connection to the database. */
export function markAsDatabaseError(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) fromDatabase.add(error)
  return error
}

/** Too much of the same kind, or of the same account, is waiting for the database. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded'
}

/** True if a lock was waited for in vain: somebody else had it for longer than `lock_timeout`. */
export const isLockTimeout = (error: unknown) => sqlState(error) === '55P03'

/** True if a row was locked, or the connections were in use, for longer than a caller may wait. */
export const isBusy = (error: unknown): boolean =>
  error instanceof Overloaded || isLockTimeout(error)

/** True if the database could not be reached or was shutting down: the caller may retry later. */
export function isUnavailable(error: unknown): boolean {
  const code = sqlState(error) ?? ''
  if (isBusy(error) || unavailable.has(code) || /^08...$/.test(code)) return true
  // PostgreSQL uses FATAL to refuse or end a whole connection: closed for now, full, shutting down.
  if ((error as { severity?: string } | null)?.severity === 'FATAL') return true
  return error instanceof Error && fromDatabase.has(error) && isUnreachable(error)
}

function isUnreachable(error: Error): boolean {
  if (error instanceof AggregateError) return error.errors.some(isUnreachable)
  return unreachable.has(sqlState(error) ?? '') || lostConnection.test(error.message)
}

export const isConnectionError = (error: unknown) => {
  const code = sqlState(error) ?? ''
  return isUnavailable(error) && !(isBusy(error) || /^(53|25|57014)/.test(code))
}

export const isUniqueViolation = (error: unknown, constraint: string) =>
  sqlState(error) === '23505' && (error as { constraint?: string }).constraint === constraint
