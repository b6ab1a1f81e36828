// Backs up the embedded database while it runs: its files and the log written meanwhile, in one compressed
// tar file. The manifest with the checksums comes last: a file that is cut off is never taken for whole.
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { link, open, readdir, readFile, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import pg from 'pg'
import { type Home, syncDirectory } from './home.ts'
import { endOfTar, headerOf, paddingOf } from './tar.ts'

export type Manifest = {
  readonly format: 1
  /** The major version of PostgreSQL. */
  readonly postgres: string
  readonly began: string
  readonly ended: string
  readonly has_key: boolean
  /** Path, size and SHA-256 of each file. */
  readonly files: readonly (readonly [path: string, bytes: number, sha256: string])[]
}

export type BackupRequest = {
  readonly home: Home
  /** The connection string of the running database. */
  readonly url: string
  /** Where the backup goes; nothing must be there. */
  readonly file: string
  /** The content of the key file, if it is to be in the backup. */
  readonly key: string | null
  readonly signal: AbortSignal
}

export const manifestName = 'manifest.json'
export const keyName = 'encryption.key'
export const clusterName = 'postgres'

/** Directories whose content PostgreSQL makes anew, or that belongs to the running server alone. */
const emptied = new Set([
  ...['pg_dynshmem', 'pg_notify', 'pg_replslot', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp'],
  ...['pg_subtrans', 'pg_wal'],
])
/** Files of the running server, of another backup, and temporary ones. */
const left =
  /^(?:postmaster\.|backup_label|tablespace_map|(?:standby|recovery)\.signal|pgsql_tmp|pg_internal|\.)/
const controlFile = 'global/pg_control'
const gzipLevel = 1

/** Writes a backup. It has everything that was committed before the call.
 * @throws if the file exists; nothing is left of a backup that fails or is aborted */
export async function writeBackup(request: BackupRequest): Promise<Manifest> {
  const { file, signal } = request
  const partial = join(dirname(file), `.${basename(file)}.${process.pid}.partial`)
  const client = new pg.Client({ connectionString: request.url, application_name: 'numlet backup' })
  client.on('error', () => {})
  let manifest: Manifest | null = null
  try {
    await client.connect()
    await pipeline(
      Readable.from(
        contents(client, request, (done) => {
          manifest = done
        }),
        { objectMode: true },
      ),
      createGzip({ level: gzipLevel }),
      createWriteStream(partial, { flags: 'wx', mode: 0o600 }),
      { signal },
    )
    await syncFile(partial)
    // Unlike a rename, this never replaces a file.
    await link(partial, file)
    await syncDirectory(dirname(file))
    if (manifest === null) throw new Error('the backup has no manifest')
    return manifest
  } finally {
    await rm(partial, { force: true })
    await client.end().catch(() => {})
  }
}

type Record = (path: string, bytes: number, sha256: string) => void

async function* contents(
  client: pg.Client,
  { home, key }: BackupRequest,
  finish: (manifest: Manifest) => void,
): AsyncGenerator<Buffer> {
  const began = new Date().toISOString()
  const files: [string, number, string][] = []
  const record: Record = (...file) => void files.push(file)
  const start = await begin(client)
  yield* directory(home.cluster, '', record)
  yield* oneFile(home.cluster, controlFile, record)
  const ended = new Date().toISOString()
  const { stop, label, map } = await end(client)
  yield* text(`${clusterName}/backup_label`, label, record)
  if (map !== '') yield* text(`${clusterName}/tablespace_map`, map, record)
  for (const name of (await readdir(join(home.cluster, 'pg_wal'))).sort())
    if (/\.history$/.test(name) || (/^[0-9A-F]{24}$/.test(name) && name >= start && name <= stop))
      yield* oneFile(home.cluster, `pg_wal/${name}`, record)
  if (key !== null) yield* text(keyName, key, record)
  const postgres = (await readFile(join(home.cluster, 'PG_VERSION'), 'utf8')).trim()
  const manifest: Manifest = { format: 1, postgres, began, ended, has_key: key !== null, files }
  yield* text(manifestName, `${JSON.stringify(manifest)}\n`, () => {})
  yield endOfTar()
  finish(manifest)
}

/** Begins the backup; a slot of this session keeps the log until its end. @returns its first log file */
async function begin(client: pg.Client): Promise<string> {
  await client.query('set idle_session_timeout = 0')
  const { rows: spaces } = await client.query(
    `select 1 from pg_tablespace where spcname not in ('pg_default', 'pg_global')`,
  )
  if (spaces.length > 0)
    throw new Error('The database has tablespaces: use pg_basebackup, which knows where they are.')
  await client.query('select pg_create_physical_replication_slot($1, true, true)', [
    `numlet_backup_${process.pid}`,
  ])
  const { rows } = await client.query<{ file: string }>(
    `select pg_walfile_name(pg_backup_start('numlet backup', fast => true)) as file`,
  )
  return (rows[0] as { file: string }).file
}

/** Ends it. @returns the last log file that belongs to it, and what makes the copy a backup */
async function end(client: pg.Client) {
  const { rows } = await client.query<{ stop: string; label: string; map: string }>(
    `select pg_walfile_name(lsn) as stop, labelfile as label, coalesce(spcmapfile, '') as map
       from pg_backup_stop(wait_for_archive => false)`,
  )
  return rows[0] as { stop: string; label: string; map: string }
}

async function* directory(cluster: string, path: string, record: Record): AsyncGenerator<Buffer> {
  const name = path === '' ? clusterName : `${clusterName}/${path}`
  yield headerOf({ path: `${name}/`, kind: 'directory', size: 0 })
  if (emptied.has(path)) return
  const entries = await readdir(join(cluster, path), { withFileTypes: true }).catch(unlessGone)
  for (const entry of entries ?? []) {
    const below = path === '' ? entry.name : `${path}/${entry.name}`
    if (left.test(entry.name) || below === controlFile) continue
    if (entry.isDirectory()) yield* directory(cluster, below, record)
    else if (entry.isFile()) yield* oneFile(cluster, below, record)
  }
}

/** A file as long as it is at this moment. If it gets shorter meanwhile, zeros take the place of its end,
 * which the log then fills. */
async function* oneFile(cluster: string, path: string, record: Record): AsyncGenerator<Buffer> {
  const found = await stat(join(cluster, path)).catch(unlessGone)
  if (!found) return
  const { size } = found
  const name = `${clusterName}/${path}`
  yield headerOf({ path: name, kind: 'file', size })
  const hash = createHash('sha256')
  let read = 0
  const pass = (bytes: Buffer) => {
    hash.update(bytes)
    read += bytes.length
    return bytes
  }
  if (size > 0)
    try {
      const source = createReadStream(join(cluster, path), {
        end: size - 1,
        highWaterMark: 1 << 20,
      })
      for await (const bytes of source) yield pass(bytes)
    } catch (error) {
      unlessGone(error as NodeJS.ErrnoException)
    }
  while (read < size) yield pass(Buffer.alloc(Math.min(size - read, 1 << 20)))
  yield paddingOf(size)
  record(name, size, hash.digest('hex'))
}

async function* text(path: string, content: string, record: Record): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(content)
  yield headerOf({ path, kind: 'file', size: bytes.length })
  yield bytes
  yield paddingOf(bytes.length)
  record(path, bytes.length, createHash('sha256').update(bytes).digest('hex'))
}

/** PostgreSQL removes files at any time; the log knows. */
function unlessGone(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw error
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
