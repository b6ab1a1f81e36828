// Connections to the embedded PostgreSQL: the file that describes it, the URL, and the ownership lock.
import { readFile } from 'node:fs/promises'
import pg from 'pg'
import { databaseUser } from './cluster.ts'
import type { Home } from './home.ts'
import { settingsName } from './settings.ts'

/** Where a server listens: a socket's directory or, on Windows, the loopback address. */
export type Address = { readonly host: string; readonly port: number }

/** The content of postgres.json while a server runs. */
export type Facts = Address & {
  readonly user: string
  readonly database: string
  readonly password: string
  readonly owner: { readonly pid: number; readonly identity: string | null }
  /** Set while the owner is about to stop. */
  readonly stopping?: true
}

/** The result of an attempt to own a server. */
export type Claim =
  | {
      readonly state: 'owned'
      readonly client: pg.Client
      /** Settles when the connection is lost, and with it the lock. */
      readonly lost: Promise<void>
      readonly settings: string
    }
  | { readonly state: 'held'; readonly pid: number | null }
  | { readonly state: 'starting' }
  /** No connection: nobody listens there (yet), or the server refuses Numlet. */
  | { readonly state: 'unreachable'; readonly isListening: boolean; readonly cause: string }

export const databaseName = 'numlet'

/** The owner's session lock, "numlet" as a number: it is released when the process ends. */
const ownershipLock = '121424957465972'
const ownerName = 'numlet owner'
const connectTimeoutMs = 5_000
const createTimeoutMs = 120_000

const notYet = new Set(['57P03', '53300'])
const nobodyThere = new Set(['ENOENT', 'ECONNREFUSED'])
const noDatabase = '3D000'
const madeMeanwhile = new Set(['42P04', '23505'])

/** The connection string, as pg, libpq and `new URL` read it. */
export function urlOf(address: Address, password: string, database = databaseName): string {
  const isSocket = address.host.startsWith('/')
  const host = isSocket ? 'localhost' : address.host
  const query = isSocket ? `?host=${encodeURI(address.host)}` : ''
  return `postgres://${databaseUser}:${password}@${host}:${address.port}/${database}${query}`
}

/** The file about the current or last server; null if it was stopped cleanly, or the file is damaged. */
export async function readFacts(home: Home): Promise<Facts | null> {
  try {
    return toFacts(JSON.parse(await readFile(home.facts, 'utf8')))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    if (code === 'EACCES')
      throw new Error(`${home.facts} belongs to another user: run this as that user`)
    // Missing or damaged: the server is found by other means, and the next owner writes the file again.
    return null
  }
}

function toFacts(value: unknown): Facts | null {
  const facts = value as Partial<Facts> | null
  const isWhole =
    typeof facts?.host === 'string' &&
    typeof facts.port === 'number' &&
    typeof facts.password === 'string' &&
    typeof facts.owner?.pid === 'number'
  return isWhole ? (facts as Facts) : null
}

/** Connects and takes the ownership lock, creating the database first if it is missing. */
export async function claim(address: Address, password: string): Promise<Claim> {
  try {
    return await tryClaim(address, password)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === noDatabase) {
      await createDatabase(address, password)
      return claim(address, password)
    }
    if (code && notYet.has(code)) return { state: 'starting' }
    if (code?.startsWith('28')) throw new Error(`PostgreSQL refused Numlet's password: ${message}`)
    return {
      state: 'unreachable',
      isListening: !code || !nobodyThere.has(code),
      cause: code ? `${message} (${code})` : message,
    }
  }
}

/** Whether a server answers; true also if it has no free connections. */
export async function answers(address: Address, password: string): Promise<boolean | 'starting'> {
  const client = newClient(urlOf(address, password), 'numlet probe')
  try {
    await client.connect()
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === '53300') return true
    return code === '57P03' ? 'starting' : false
  } finally {
    await client.end().catch(() => {})
  }
}

async function tryClaim(address: Address, password: string): Promise<Claim> {
  const client = newClient(urlOf(address, password), `${ownerName} ${process.pid}`)
  const lost = new Promise<void>((resolve) => client.once('end', resolve))
  let isOwned = false
  try {
    await client.connect()
    await client.query('set idle_session_timeout = 0')
    const { rows } = await client.query(
      `select pg_try_advisory_lock($1) as owned, current_setting('${settingsName}', true) as settings`,
      [ownershipLock],
    )
    isOwned = rows[0].owned
    if (isOwned) return { state: 'owned', client, lost, settings: rows[0].settings ?? '' }
    return { state: 'held', pid: await holder(client) }
  } finally {
    if (!isOwned) await client.end().catch(() => {})
  }
}

/** The process that holds the lock, by the application name of its connection. */
async function holder(client: pg.Client): Promise<number | null> {
  const { rows } = await client.query(
    `select a.application_name as name
       from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.granted and a.application_name like $1`,
    [`${ownerName} %`],
  )
  return Number(rows[0]?.name.slice(ownerName.length)) || null
}

async function createDatabase(address: Address, password: string): Promise<void> {
  const client = newClient(urlOf(address, password, 'postgres'), 'numlet set-up', createTimeoutMs)
  try {
    await client.connect()
    await client.query(`create database ${databaseName}`)
  } catch (error) {
    if (!madeMeanwhile.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    await client.end().catch(() => {})
  }
}

function newClient(url: string, name: string, queryTimeoutMs = connectTimeoutMs): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
  })
  // The 'end' event reports a lost server; without this listener the error would end the process.
  client.on('error', () => {})
  return client
}
