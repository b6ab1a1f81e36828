// The connection to PostgreSQL: a pool, single statements, and transactions with retries.
import pg from 'pg'
import {
  type ConnectionCounts,
  type ConnectionOptions,
  type Connections,
  openConnections,
} from './connections.ts'
import {
  isConnectionError,
  isRetryable,
  markAsDatabaseError,
  sqlState,
  throwAsDatabaseError,
} from './errors.ts'
import {
  type SessionKind,
  type SessionLimits,
  sessionLimits,
  transactionSettings,
} from './limits.ts'
import type { Share, sharesOf } from './shares.ts'
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
  /** One statement that PostgreSQL refuses in a transaction, such as `create index concurrently`. It waits
   * for locks as long as it must, which stops nobody else. */
  outside(text: string): Promise<void>
  /** One statement in its own transaction, retried like `begin`. */
  once<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>
  end(): Promise<void>
}

export type DatabaseOptions = {
  readonly url: string
  readonly poolSize: number
  /** The work that the connections are for, which sets their time limits; `commands` by default. */
  readonly kind?: SessionKind
  /** The bulkheads of a pool that serves requests. */
  readonly shares?: ReturnType<typeof sharesOf>
} & Pick<ConnectionOptions, 'name' | 'onIdleError' | 'onTrouble'>

const maxAttempts = 10

/** A database, and what its pool is doing. */
export type PooledDatabase = Database & { counts(): ConnectionCounts }

/** Opens a pool. Connections are made when they are needed, so this never fails. */
export function openDatabase(options: DatabaseOptions): PooledDatabase {
  const limits = sessionLimits[options.kind ?? 'commands']
  const connections = openConnections({ ...options, limits })
  const session: Session = {
    connections,
    preamble: preambleOf(limits),
    statement: namedStatements(),
  }
  const { reads = open, writes = open } = options.shares ?? {}
  const query = <Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) =>
    inShare(reads, () => single<Row>(session, text, values))
  return {
    query,
    once: (text, values) => inShare(writes, () => retrying(() => single(session, text, values))),
    begin: (work) => inShare(writes, () => retrying(() => transaction(session, 'begin', work))),
    snapshot: (work) =>
      inShare(reads, () =>
        retrying(() =>
          transaction(session, 'begin transaction isolation level repeatable read read only', work),
        ),
      ),
    outside: (text) => outside(session, text),
    counts: connections.counts,
    end: connections.end,
  }
}

/** A share without limits. */
const open: Share = { take: async () => () => {} }

async function inShare<T>(share: Share, work: () => Promise<T>): Promise<T> {
  const leave = await share.take()
  try {
    return await work()
  } finally {
    leave()
  }
}

type Session = {
  readonly connections: Connections
  /** Behind a pooler, each transaction begins with it. */
  readonly preamble: string
  /** A statement for a direct connection. */
  readonly statement: (text: string, values: readonly unknown[] | undefined) => pg.QueryConfig
}

/** Sets the limits of the one transaction. @NOTE the values are our own constants, never input */
const preambleOf = (limits: SessionLimits) =>
  Object.entries(transactionSettings(limits))
    .map(([name, value]) => `;set local ${name}='${value}'`)
    .join('')

/** Statements with values are prepared once per direct connection, which saves a third of the cost of a small
 * one. */
function namedStatements(): Session['statement'] {
  const names = new Map<string, string>()
  return (text, values) => {
    if (values === undefined) return { text }
    let name = names.get(text)
    if (name === undefined) {
      name = `s${names.size}`
      names.set(text, name)
    }
    return { name, text, values: values as unknown[] }
  }
}

/** One statement. Behind a pooler it goes with its limits, as a transaction, in one round trip. */
async function single<Row extends pg.QueryResultRow>(
  { connections, preamble, statement }: Session,
  text: string,
  values: readonly unknown[] | undefined,
): Promise<Row[]> {
  const client = await connections.take()
  let broken: Error | undefined
  try {
    if (!connections.isPooled(client))
      return (await client.query<Row>(statement(text, values))).rows
    // @NOTE sent together. A failed statement turns the commit into a rollback, so its own error suffices.
    const around = [
      client.query(`begin${preamble}`),
      client.query<Row>({ text, values: values as unknown[] }),
    ]
    const [begun, result, committed] = await Promise.allSettled([...around, client.query('commit')])
    for (const one of [begun, result, committed]) if (one?.status === 'rejected') throw one.reason
    return (result as PromiseFulfilledResult<pg.QueryResult<Row>>).value.rows
  } catch (error) {
    if (mustLeave(markAsDatabaseError(error))) broken = error as Error
    throw error
  } finally {
    client.release(broken)
  }
}

/** @NOTE the limits of the session end with the connection. Behind a pooler they are the pooler's. */
async function outside({ connections }: Session, text: string): Promise<void> {
  const client = await connections.take()
  try {
    if (!connections.isPooled(client)) {
      await client.query('set lock_timeout = 0')
      await client.query('set statement_timeout = 0')
    }
    await client.query(text)
  } catch (error) {
    throwAsDatabaseError(error)
  } finally {
    client.release(true)
  }
}

/** Whether a connection is of no more use: it is broken, or its host has become read-only. */
const mustLeave = (error: unknown) => isConnectionError(error) || sqlState(error) === '25006'

async function transaction<T>(
  { connections, preamble, statement }: Session,
  begin: string,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const client = await connections.take()
  const isPooled = connections.isPooled(client)
  const run = <Row extends pg.QueryResultRow>(query: string | pg.QueryConfig) =>
    client.query<Row>(query as pg.QueryConfig).catch(throwAsDatabaseError)
  let broken: Error | undefined
  let open = true
  const tx = {
    async query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) {
      if (!open) throw new Error('a statement was run on a transaction that has ended')
      const query = isPooled ? { text, values: values as unknown[] } : statement(text, values)
      return (await run<Row>(query)).rows
    },
  } as Tx
  try {
    await run(isPooled ? `${begin}${preamble}` : begin)
    const result = await work(tx)
    const { command } = await run('commit')
    // The commit of a failed transaction is answered with ROLLBACK and no error.
    if (command !== 'COMMIT') throw new Error(`the transaction was not committed: ${command}`)
    return result
  } catch (error) {
    if (mustLeave(error)) broken = error as Error
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
