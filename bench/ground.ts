// The setting of the benchmarks: an embedded PostgreSQL in a temporary directory, and real server processes.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { createAccount } from '../src/core/accounts/accounts.ts'
import { creditAccount } from '../src/core/accounts/adjustments.ts'
import { createKey } from '../src/core/accounts/keys.ts'
import { installCatalog } from '../src/core/catalog/install.ts'
import { importNumbers } from '../src/core/inventory/import.ts'
import { createSupplier, type StoredSettings } from '../src/core/inventory/suppliers.ts'
import { type Amount, parseAmount } from '../src/core/money.ts'
import { type Database, openDatabase } from '../src/db/database.ts'
import { startEmbedded } from '../src/db/embedded/embedded.ts'
import { migrate } from '../src/db/migrate.ts'
import { perSecond } from './measure.ts'

export type BenchServer = {
  /** Creates a database on the server. @returns its URL */
  createDatabase(name: string): Promise<string>
  stop(): Promise<void>
}

export async function openBenchServer(): Promise<BenchServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'numlet-bench-'))
  const quiet = { dataDir, progress: () => {} }
  const first = await startEmbedded(quiet)
  await withAdmin(first.url, (db) => db.query('alter system set max_connections = 200'))
  await first.stop()
  const embedded = await startEmbedded(quiet)
  const admin = openDatabase({ url: embedded.url, poolSize: 1 })
  return {
    async createDatabase(name) {
      await admin.query(`drop database if exists ${name} with (force)`)
      await admin.query(`create database ${name}`)
      return embedded.url.replace(/\/[^/?]*(\?|$)/, `/${name}$1`)
    },
    async stop() {
      await admin.end()
      await embedded.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function withAdmin(url: string, work: (db: Database) => Promise<unknown>) {
  const db = openDatabase({ url, poolSize: 1 })
  await work(db)
  await db.end()
}

export type Platform = {
  readonly url: string
  readonly db: Database
  readonly keys: readonly string[]
  readonly secret: string
}

const wealth = parseAmount('10000000') as Amount

/** A platform with a catalog, `numbers` numbers in several countries, and accounts with money. */
export async function fillPlatform(
  ground: BenchServer,
  name: string,
  size: {
    readonly numbers: number
    readonly accounts: number
    readonly supplier?: { readonly kind: string; readonly settings: StoredSettings }
  },
): Promise<Platform> {
  const url = await ground.createDatabase(name)
  const db = openDatabase({ url, poolSize: 4 })
  await migrate(db)
  await db.begin((tx) => installCatalog(tx, new Date()))
  const { kind = 'http-callback', settings } = size.supplier ?? {}
  const { supplier, secret } = await createSupplier(db, { name: 'bench', kind }, settings)
  await stockNumbers(db, supplier.id, size.numbers)
  const keys: string[] = []
  for (let i = 0; i < size.accounts; i++) {
    const account = await createAccount(db, { email: `bench${i}@example.com`, currency: 'USD' })
    await creditAccount(db, new Date(), {
      accountId: account.id,
      amount: wealth,
      reference: 'bench',
    })
    keys.push((await createKey(db, new Date(), { accountId: account.id })).key)
  }
  await db.query('vacuum analyze')
  return { url, db, keys, secret }
}

/** Five countries with two operators and two pools each. No country has the numbers' calling code. */
export const benchCountries = ['US', 'GB', 'DE', 'IN', 'ID'] as const

async function stockNumbers(db: Database, supplierId: number, count: number) {
  const operators = await db.query<{ id: number; country: string }>(
    `select id, country from (select o.*, row_number() over (partition by country order by id) as n
       from operators o where country = any($1)) t where n <= 2 order by country, id`,
    [benchCountries],
  )
  const shelves = operators.flatMap((operator) => ['1', '2'].map((pool) => ({ operator, pool })))
  const each = Math.ceil(count / shelves.length)
  for (const [place, { operator, pool }] of shelves.entries())
    await importNumbers(db, {
      supplierId,
      country: operator.country,
      operatorId: operator.id,
      pool,
      phones: Array.from(
        { length: each },
        (_, i) => `+999${String(place * each + i).padStart(9, '0')}`,
      ),
    })
}

export type ServerProcess = {
  readonly pid: number
  readonly host: string
  readonly port: number
  stop(): Promise<void>
}

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** `numlet serve` in a separate process, or `numlet start`, which runs the jobs, too. */
export async function startServer(
  url: string,
  env: Record<string, string> = {},
  command: 'serve' | 'start' = 'serve',
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [main, command], {
    env: {
      ...process.env,
      DATABASE_URL: url,
      PORT: '0',
      NUMLET_SMTP_PORT: '0',
      NUMLET_RATE_LIMIT: '0',
      NUMLET_SIMULATOR_AUTO: '0',
      NUMLET_LOG: 'warn',
      NUMLET_DRAIN_S: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const port = await portOf(child)
  return {
    pid: child.pid as number,
    host: '127.0.0.1',
    port,
    stop: stopper(child),
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('there is no port')
  return address.port
}

/** Stops a process cleanly and waits for its end. */
export const stopper = (child: ChildProcess) => () =>
  new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })

/** The port that a server process prints when it is ready. */
export function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = ''
    child.stdout?.on('data', (chunk) => {
      output += chunk
      const port = /ready on http:\/\/[^\s]*:(\d+)/.exec(output)?.[1]
      if (port) resolve(Number(port))
    })
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
  })
}

/** One connection per client, each running `work` in a loop while `going` is true. @returns how often */
export async function loopsOnConnections(
  url: string,
  clients: number,
  seconds: number,
  work: (client: pg.Client) => Promise<unknown>,
): Promise<number> {
  const connections = await Promise.all(
    Array.from({ length: clients }, async () => {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      return client
    }),
  )
  const figure = await perSecond(seconds, async (going) => {
    let done = 0
    const loop = async (client: pg.Client) => {
      for (; going(); done++) await work(client)
    }
    await Promise.all(connections.map(loop))
    return done
  })
  await Promise.all(connections.map((client) => client.end()))
  return figure
}
