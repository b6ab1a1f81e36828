// A primary and its standby at two fixed addresses of this machine, which fail over again and again.
import { execFile, spawn } from 'node:child_process'
import { appendFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openDatabase } from '../../src/db/database.ts'
import { writeBackup } from '../../src/db/embedded/backup.ts'
import { locateBinaries } from '../../src/db/embedded/binaries.ts'
import { startEmbedded } from '../../src/db/embedded/embedded.ts'
import { programEnvironment } from '../../src/db/embedded/environment.ts'
import { type Home, homeOf } from '../../src/db/embedded/home.ts'
import { unpackBackup } from '../../src/db/embedded/restore.ts'
import { chooseUser } from '../../src/db/embedded/unprivileged.ts'
import { freePort } from '../harness/ports.ts'
import { eventually, killAll } from '../harness/program.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'
import { fill } from './clusters.ts'

const patienceMs = 120_000

type Server = { readonly home: Home; readonly port: number; kill(): Promise<void> }

/** What a commit waits for: the standby's disk, its rows, or (null) nothing of the standby. */
export type Waits = 'on' | 'remote_apply' | null

export type Pair = {
  /** The connection string with both hosts. */
  readonly url: string
  /** Makes a standby of the primary while that runs, and waits until it follows. */
  follow(waits: Waits): Promise<void>
  /** Sends nothing more to the standby, as if the way to it were slow. */
  leaveBehind(): Promise<void>
  /** Kills all processes of the primary. Its files are gone for good. */
  killPrimary(): Promise<void>
  /** Makes the standby the primary. */
  promoteStandby(): Promise<void>
  end(): Promise<void>
}

/** A cluster with the demo's numbers and offers, and a free place for its standby. */
export async function openPair(): Promise<Pair> {
  const scratch = await newScratch()
  const ports = [await freePort(), await freePort()] as const
  const first = homeOf(join(scratch, 'data-0'))
  const embedded = await startEmbedded({ dataDir: first.dataDir, progress: () => {} })
  await fill(embedded)
  const { username, password, pathname } = new URL(embedded.url)
  await embedded.stop()
  const urlOf = (...of: readonly number[]) => {
    const hosts = of.map((port) => `127.0.0.1:${port}`).join(',')
    return `postgres://${username}:${password}@${hosts}${pathname}?target_session_attrs=read-write`
  }
  const start = (home: Home, port: number) => startPostgres(home, port, scratch)
  const running = new Set<Server>()
  let primary = await start(first, ports[0])
  running.add(primary)
  let standby: Server | null = null
  let made = 0
  return {
    url: urlOf(...ports),
    async follow(waits) {
      const url = urlOf(primary.port)
      await eventually(() => canWrite(url), patienceMs)
      const home = homeOf(join(scratch, `data-${++made}`))
      await copyTo(home, { of: primary, url, scratch })
      const [a, b] = ports
      standby = await start(home, primary.port === a ? b : a)
      running.add(standby)
      await waitForStandby(url, waits)
    },
    async leaveBehind() {
      const [sender] = await withServer(urlOf(primary.port), (db) =>
        db.query<{ pid: number }>('select pid from pg_stat_replication'),
      )
      if (!sender) throw new Error('there is no standby')
      process.kill(sender.pid, 'SIGSTOP')
    },
    async killPrimary() {
      await primary.kill()
      running.delete(primary)
      await rm(primary.home.dataDir, { recursive: true })
    },
    async promoteStandby() {
      if (!standby) throw new Error('there is no standby')
      await withServer(urlOf(standby.port).replace(/\?.*/, ''), (db) =>
        db.query('select pg_promote()'),
      )
      primary = standby
      standby = null
    },
    async end() {
      for (const server of running) await server.kill()
      await dropScratch(scratch)
    },
  }
}

async function withServer<T>(
  url: string,
  work: (db: ReturnType<typeof openDatabase>) => Promise<T>,
): Promise<T> {
  const db = openDatabase({ url, poolSize: 1 })
  try {
    return await work(db)
  } finally {
    await db.end()
  }
}

const canWrite = (url: string) =>
  withServer(url, (db) => db.query('select 1')).then(
    () => true,
    () => false,
  )

/** PostgreSQL on a port, without a keeper that would start it again. */
async function startPostgres(home: Home, port: number, scratch: string): Promise<Server> {
  const user = await chooseUser(home)
  const { postgres } = await locateBinaries(home, user)
  // It does not run as root, and its files may have been copied by root.
  if (user) await promisify(execFile)('chown', ['-R', `${user.uid}:${user.gid}`, scratch])
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    wal_keep_size: '512MB',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(postgres, ['-D', home.cluster, ...options], {
    ...user,
    cwd: '/',
    env: programEnvironment(),
    stdio: 'ignore',
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    home,
    port,
    async kill() {
      killAll(child.pid as number)
      await ended
    },
  }
}

/** A copy made while the primary runs, which follows it from its start on. */
async function copyTo(
  home: Home,
  { of, url, scratch }: { of: Server; url: string; scratch: string },
): Promise<void> {
  const file = join(scratch, 'copy.tar.gz')
  const { signal } = new AbortController()
  await writeBackup({ home: of.home, url, file, key: null, signal })
  await unpackBackup(file, home.dataDir, signal)
  await rm(file)
  const { username, password } = new URL(url.replace(/,.*\?/, '?'))
  const conninfo = `host=127.0.0.1 port=${of.port} user=${username} password=${password}`
  // Its own settings, not those by which its primary waited for a standby.
  await writeFile(join(home.cluster, 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`)
  await appendFile(join(home.cluster, 'standby.signal'), '')
}

async function waitForStandby(url: string, waits: Waits): Promise<void> {
  await withServer(url, async (db) => {
    await db.query(`alter system set synchronous_standby_names = '${waits === null ? '' : '*'}'`)
    await db.query(`alter system set synchronous_commit = '${waits ?? 'on'}'`)
    await db.query('select pg_reload_conf()')
    const state = waits === null ? 'async' : 'sync'
    await eventually(async () => {
      const rows = await db.query(
        `select from pg_stat_replication where state = 'streaming' and sync_state = $1`,
        [state],
      )
      return rows.length === 1
    }, patienceMs)
  })
}
