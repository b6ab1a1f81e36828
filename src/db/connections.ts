// The connections of one pool: to the host that can be written, each with the limits of its kind of work.
import pg from 'pg'
import { throwAsDatabaseError } from './errors.ts'
import { hostsOf } from './hosts.ts'
import {
  connectionMs,
  connectionOfSeveralMs,
  driverGraceMs,
  type SessionLimits,
  settingsOfSession,
} from './limits.ts'

export type ConnectionOptions = {
  readonly url: string
  readonly poolSize: number
  readonly limits: SessionLimits
  /** Shown in `pg_stat_activity`; the URL's own name has precedence. */
  readonly name?: string | undefined
  /** Called with errors on idle connections, which would otherwise be lost. */
  readonly onIdleError?: ((error: Error) => void) | undefined
  /** Called with the reason when a connection cannot be made, and with null when one can be made again. */
  readonly onTrouble?: ((trouble: Error | null) => void) | undefined
}

export type ConnectionCounts = {
  readonly open: number
  readonly idle: number
  /** Callers that wait for a connection. */
  readonly waiting: number
  /** How often a connection could not be made. */
  readonly failures: number
}

export type Connections = {
  /** A connection, which the caller releases. Waits at most five seconds for it. */
  take(): Promise<pg.PoolClient>
  /** Whether a pooler such as PgBouncer is between the client and PostgreSQL. */
  isPooled(client: pg.PoolClient): boolean
  counts(): ConnectionCounts
  end(): Promise<void>
}

/** How long the pool makes do with its open connections after one more could not be made. */
const probeMs = 1_000

/** The host is a standby, or was one when the connection was made. */
export class ReadOnlyHost extends Error {
  /** read_only_sql_transaction */
  readonly code = '25006'
  constructor() {
    super('the host is read-only')
  }
}

/** Opens a pool. Connections are made when they are needed, so this never fails. */
export function openConnections(options: ConnectionOptions): Connections {
  const { urls, mustWrite } = hostsOf(options.url)
  const place = hostPlace(urls)
  const trouble = troubles(options.onTrouble)
  const config = (): pg.PoolConfig => ({
    ...clientConfig(place.url(), options.name, urls.length),
    ...(options.limits.statementMs > 0 && {
      query_timeout: options.limits.statementMs + driverGraceMs,
    }),
  })
  const { pool, open, pooled } = openPool(options, config(), mustWrite)
  pool.on('connect', () => trouble.end())
  const useHost = () => {
    pool.options.connectionString = place.url()
  }
  const probing = prober(async () => {
    await probe(config(), place, mustWrite).catch((error) => {
      trouble.begin(error)
      throw error
    })
    useHost()
    pool.options.max = options.poolSize
    trouble.end()
    // @NOTE those who wait for one of the few connections are served again when one is released
    void pool.connect().then((client) => client.release(), ignore)
  })
  /** No host gives one more connection: callers wait for those that are open, and a probe asks for more. */
  const makeDo = () => {
    pool.options.max = Math.max(1, open.size)
    probing.begin()
  }
  let isEnding = false
  return {
    async take() {
      const giveUpAt = performance.now() + connectionMs
      for (let tries = 1; ; tries++) {
        const tried = place.url()
        try {
          const client = pool.connect()
          return await (pool.idleCount > 0 ? client : whileAwake(client))
        } catch (error) {
          if (isQueueTimeout(error) || isEnding) throwAsDatabaseError(error)
          place.leave(tried)
          useHost()
          if (tries < urls.length) continue
          trouble.begin(error as Error)
          if (open.size === 0 || performance.now() >= giveUpAt) throwAsDatabaseError(error)
          makeDo()
        }
      }
    },
    isPooled: (client) => pooled.has(client),
    counts: () => ({
      open: open.size,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
      failures: trouble.count(),
    }),
    end() {
      isEnding = true
      probing.stop()
      return pool.end()
    },
  }
}

/** A client that hangs up when the server refuses it: the driver's pool forgets such a client, and the server
 * keeps its connection, and so the process, for a minute. */
class ClosingClient extends pg.Client {
  override connect(): Promise<pg.Client>
  override connect(callback: Connected): void
  override connect(callback?: Connected): Promise<pg.Client> | undefined {
    if (callback === undefined) return super.connect()
    super.connect((error: Error) => {
      if (error) this.end().catch(ignore)
      ;(callback as (error: Error) => void)(error)
    })
    return undefined
  }
}

type Connected = ((error: Error) => void) | ((error: null, client: pg.Client) => void)

/** The driver's pool, its connections that were made, and those of them that go through a pooler. */
function openPool(options: ConnectionOptions, config: pg.PoolConfig, mustWrite: boolean) {
  const pooled = new WeakSet<object>()
  const open = new Set<object>()
  const pool = new pg.Pool({
    ...config,
    Client: ClosingClient,
    max: options.poolSize,
    idleTimeoutMillis: 30_000,
    onConnect: async (client) => {
      if (await prepareSession(client, options.limits, mustWrite)) pooled.add(client)
    },
  })
  // @NOTE the pool's end does not wait until its connections are closed: a stopping server may terminate the
  // last of them, which does no harm
  pool.on('error', (error) => {
    if (!pool.ending) options.onIdleError?.(error)
  })
  // @NOTE a connection that breaks during a transaction also emits an error here; without a listener the
  // process would end. Its statements fail anyway.
  pool.on('connect', (client) => {
    client.on('error', () => {})
    open.add(client)
  })
  pool.on('remove', (client) => open.delete(client))
  return { pool, open, pooled }
}

/** The configuration of every connection. @param hosts the number of hosts that are tried in turn */
function clientConfig(url: string, name: string | undefined, hosts: number): pg.ClientConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: hosts > 1 ? connectionOfSeveralMs : connectionMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // @NOTE of several pools of one process, each says what it is for
    ...(name === undefined ? {} : { application_name: name }),
  }
}

/** Nothing is to be done: whoever needs a connection next meets the same failure, and reports it. */
const ignore = () => {}

/** Keeps the process alive while a caller waits: the pool's own timers do not. */
async function whileAwake<T>(work: Promise<T>): Promise<T> {
  const timer = setTimeout(ignore, 2 * connectionMs)
  return work.finally(() => clearTimeout(timer))
}

const isQueueTimeout = (error: unknown) =>
  (error as Error | null)?.message === 'timeout exceeded when trying to connect'

/** The host that is in use. The next one is tried when it fails. */
function hostPlace(urls: readonly string[]) {
  let place = 0
  return {
    url: () => urls[place] as string,
    count: urls.length,
    /** Goes on to the next host, unless another caller has done so. */
    leave(failed: string) {
      if (urls[place] === failed) place = (place + 1) % urls.length
    },
  }
}

/** Tells each failure, and the first success after it. */
function troubles(tell: ((trouble: Error | null) => void) | undefined) {
  let isOn = false
  let count = 0
  return {
    begin(error: Error) {
      count++
      isOn = true
      tell?.(error)
    },
    end() {
      if (!isOn) return
      isOn = false
      tell?.(null)
    },
    count: () => count,
  }
}

/** Tries again and again, once at a time, until it succeeds or is stopped. */
function prober(attempt: () => Promise<void>) {
  let timer: NodeJS.Timeout | null = null
  let isStopped = false
  const plan = () => {
    if (isStopped) return
    timer = setTimeout(() => {
      // @NOTE the attempt that failed first has reported why
      attempt().then(() => {
        timer = null
      }, plan)
    }, probeMs).unref()
  }
  return {
    begin() {
      if (timer === null) plan()
    },
    stop() {
      isStopped = true
      if (timer) clearTimeout(timer)
    },
  }
}

/** Connects once to the host in use, or else to another one. */
async function probe(
  config: pg.ClientConfig,
  place: ReturnType<typeof hostPlace>,
  mustWrite: boolean,
): Promise<void> {
  const url = place.url()
  const client = new pg.Client(config)
  client.on('error', () => {})
  try {
    await client.connect()
    if (mustWrite) await assertWritable(client)
  } catch (error) {
    place.leave(url)
    throw error
  } finally {
    await client.end().catch(() => {})
  }
}

/** @throws ReadOnlyHost */
export async function assertWritable(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ is_read_only: boolean }>(
    `select current_setting('transaction_read_only')::boolean as is_read_only`,
  )
  if (rows[0]?.is_read_only) throw new ReadOnlyHost()
}

/**
 * Sets the limits of a new session, in one statement, unless the session is shared. A pooler such as
 * PgBouncer in transaction mode gives each transaction another session. It is detected by the backend's pid,
 * which then differs from the one that the connection received at the start.
 * @returns whether there is a pooler
 * @throws ReadOnlyHost if the host must be writable and is not
 */
async function prepareSession(
  client: pg.ClientBase,
  limits: SessionLimits,
  mustWrite: boolean,
): Promise<boolean> {
  const settings = settingsOfSession(limits)
  const { processID } = client as unknown as { processID: number }
  // @NOTE a server on Windows cannot check its connections, and refuses the setting
  const { rows } = await client.query<{ is_read_only: boolean; is_ours: boolean }>(
    `select current_setting('transaction_read_only')::boolean as is_read_only,
            pg_backend_pid() = $1 as is_ours,
            case when pg_backend_pid() = $1 then
              (select count(set_config(s.name, s.value, false))
                 from unnest($2::text[], $3::text[]) as s(name, value)
                where s.name <> 'client_connection_check_interval' or version() !~* 'windows|mingw|visual c')
            end as settings`,
    [processID, Object.keys(settings), Object.values(settings)],
  )
  const [session] = rows
  if (mustWrite && session?.is_read_only) throw new ReadOnlyHost()
  const isPooled = session?.is_ours !== true
  // @NOTE lets a transaction of one statement, with its limits, go in one round trip (`database.ts`)
  if (isPooled) (client as { pipeline?: boolean }).pipeline = true
  return isPooled
}
