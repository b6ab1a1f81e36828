// The connection to PostgreSQL: a pool, single statements, and transactions with retries.
import pg from 'pg'
import { isConnectionError, isRetryable, throwAsDatabaseError } from './errors.ts'
import { timestampParser } from './timestamps.ts'

// bigint stays bigint end to end: money and order ids do not fit a double.
pg.types.setTypeParser(pg.types.builtins.INT8, BigInt)
const timestamptz = pg.types.builtins.TIMESTAMPTZ
pg.types.setTypeParser(timestamptz, timestampParser(pg.types.getTypeParser(timestamptz)))
pg.types.setTypeParser(1016 as number, (value) => parseBigintArray(value as string))

/** What both the pool and a transaction can do. */
export type Queryable = {
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>
}

declare const inTransaction: unique symbol
/** A transaction in progress. Functions that must run inside one take this, not a `Database`. */
export type Tx = Queryable & { readonly [inTransaction]: true }

export type Database = Queryable & {
  /** Runs `work` in one READ COMMITTED transaction. After a serialization failure or a deadlock it is rolled
   * back and retried, so `work` must have no effect outside the database. */
  begin<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** A read-only transaction on one snapshot, for reports on a live system. */
  snapshot<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** One statement in its own transaction, retried like `begin`. */
  once<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>
  end(): Promise<void>
}

export type DatabaseOptions = {
  readonly url: string
  readonly poolSize: number
  /** Called with errors on idle connections, which would otherwise be lost. */
  readonly onIdleError?: (error: Error) => void
}

const maxAttempts = 10
const connectTimeoutMs = 5_000
const statementTimeoutMs = 60_000

/** Opens a pool. Connections are made when they are needed, so this never fails. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: statementTimeoutMs,
    idleTimeoutMillis: 30_000,
  })
  let isEnding = false
  // @NOTE the pool's end does not wait until its connections are closed: a stopping server may terminate the
  // last of them, which does no harm
  pool.on('error', (error) => {
    if (!isEnding) options.onIdleError?.(error)
  })
  // @NOTE a connection that breaks during a transaction also emits an error here; without a listener the
  // process would end. Its statements fail anyway.
  pool.on('connect', (client) => client.on('error', () => {}))
  const prepared = preparedStatements(pool)
  const query = async <Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) =>
    (await pool.query<Row>(prepared.statement(text, values)).catch(throwAsDatabaseError)).rows
  return {
    query,
    once: (text, values) => retrying(() => query(text, values)),
    begin: (work) => retrying(() => transaction(pool, prepared, 'begin', work)),
    snapshot: (work) =>
      retrying(() =>
        transaction(
          pool,
          prepared,
          'begin transaction isolation level repeatable read read only',
          work,
        ),
      ),
    end() {
      isEnding = true
      return pool.end()
    },
  }
}

type PreparedStatements = {
  statement(text: string, values: readonly unknown[] | undefined): pg.QueryConfig
}

/**
 * Statements with values are prepared once per connection, which saves a third of the cost of a small
 * one. This works only on direct connections to PostgreSQL. A pooler such as PgBouncer in transaction
 * mode gives each transaction another session. It is detected by the backend's pid, which then differs
 * from the one that the connection received at the start.
 */
function preparedStatements(pool: pg.Pool): PreparedStatements {
  const names = new Map<string, string>()
  let state: 'unknown' | 'asking' | 'direct' | 'pooled' = 'unknown'
  const ask = async () => {
    state = 'asking'
    const client = await pool.connect()
    try {
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
      const { processID } = client as unknown as { processID: number }
      state = rows[0]?.pid === processID ? 'direct' : 'pooled'
    } finally {
      client.release()
    }
  }
  return {
    statement(text, values) {
      if (values === undefined) return { text }
      if (state === 'unknown')
        ask().catch(() => {
          state = 'unknown'
        })
      if (state !== 'direct') return { text, values: values as unknown[] }
      let name = names.get(text)
      if (name === undefined) {
        name = `s${names.size}`
        names.set(text, name)
      }
      return { name, text, values: values as unknown[] }
    },
  }
}

async function transaction<T>(
  pool: pg.Pool,
  prepared: PreparedStatements,
  begin: string,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const client = await pool.connect().catch(throwAsDatabaseError)
  const run = <Row extends pg.QueryResultRow>(statement: string | pg.QueryConfig) =>
    client.query<Row>(statement as pg.QueryConfig).catch(throwAsDatabaseError)
  let broken: Error | undefined
  let open = true
  const tx = {
    async query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) {
      if (!open) throw new Error('a statement was run on a transaction that has ended')
      return (await run<Row>(prepared.statement(text, values))).rows
    },
  } as Tx
  try {
    await run(begin)
    const result = await work(tx)
    const { command } = await run('commit')
    // The commit of a failed transaction is answered with ROLLBACK and no error.
    if (command !== 'COMMIT') throw new Error(`the transaction was not committed: ${command}`)
    return result
  } catch (error) {
    if (isConnectionError(error)) broken = error as Error
    else
      await client.query('rollback').catch((failure: Error) => {
        broken = failure
      })
    throw error
  } finally {
    open = false
    client.release(broken)
  }
}

async function retrying<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt()
    } catch (error) {
      if (tries >= maxAttempts || !isRetryable(error)) throw error
      // @NOTE the delay grows and is random, so that two transactions that collided do not collide again
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 ** tries))
    }
  }
}

function parseBigintArray(value: string): bigint[] {
  const inner = value.slice(1, -1)
  return inner === '' ? [] : inner.split(',').map(BigInt)
}
