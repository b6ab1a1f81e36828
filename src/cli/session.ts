// The database of a command: DATABASE_URL, or the embedded one of the data directory.
import { access } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startName } from '../command-name.ts'
import { type Config, toConfig } from '../config.ts'
import { installCatalog } from '../core/catalog/install.ts'
import { ensureEpoch } from '../core/events/epoch.ts'
import type { By } from '../core/operator-log.ts'
import { type PublicIds, publicIds } from '../core/public-id.ts'
import { databaseClock, databaseTime } from '../db/clock.ts'
import { lookAt } from '../db/condition.ts'
import { type Database, openDatabase } from '../db/database.ts'
import {
  DataDirectoryBusy,
  type EmbeddedDatabase,
  findEmbedded,
  startEmbedded,
} from '../db/embedded/embedded.ts'
import { homeOf } from '../db/embedded/home.ts'
import { isUnavailable } from '../db/errors.ts'
import { assertMigrated, MigrationMismatch, migrate } from '../db/migrate.ts'
import { assertReachable } from '../db/reach.ts'
import { operatorName } from './actor.ts'
import { Refusal } from './failure.ts'

export type Session = {
  readonly db: Database
  readonly ids: PublicIds
  readonly config: Config
  /** The database's time. */
  readonly now: () => Date
  /** The operator who runs the command, with the given reason. */
  by(reason?: string): By
}

/** Where the database is, and how to release it. */
type Place = {
  readonly url: string
  readonly isEmbedded: boolean
  /** Whether this command started it, so that no server can be using it. */
  readonly isOurs: boolean
  release(db: Database): Promise<void>
}

export type SessionOptions = {
  /** For reports that may read millions of rows: a statement may take an hour, not a minute. */
  readonly patient?: boolean
}

const ourName = `numlet command ${process.pid}`
const openTries = 3
/** How long a database that we started stays up for other commands that have joined it. */
const othersTimeoutMs = 60_000
const othersPollMs = 100

/** Runs `work` on the database and releases it. */
export async function withSession<T>(
  work: (session: Session) => Promise<T>,
  options: SessionOptions = {},
): Promise<T> {
  const config = toConfig(process.env)
  for (let tries = 1; ; tries++) {
    const place = await findPlace(config)
    const db = openDatabase({
      url: urlFor(place),
      poolSize: 3,
      kind: place.isOurs ? 'migrations' : options.patient ? 'reports' : 'commands',
      name: 'numlet cli',
    })
    let isOpen = false
    try {
      await bringUp(db, place)
      const ids = publicIds(await readIdKey(db))
      const clock = databaseClock()
      await lookAt(db, clock)
      isOpen = true
      const actor = operatorName(config)
      return await work({
        db,
        ids,
        config,
        now: clock.now,
        by: (reason) => ({ actor, reason: reason ?? null }),
      })
    } catch (error) {
      if (!isOpen && config.databaseUrl !== null) await explainConnection(config.databaseUrl, error)
      // Another command had started the database that we joined, and has stopped it meanwhile.
      const isGone = !isOpen && config.databaseUrl === null && isUnavailable(error)
      if (!isGone || tries >= openTries) throw error
    } finally {
      await place.release(db)
    }
  }
}

/** Explains a connection error, unless the database itself refused something.
 * @throws DatabaseUnreachable */
async function explainConnection(url: string, error: unknown): Promise<void> {
  if (!(error instanceof Refusal || error instanceof MigrationMismatch)) await assertReachable(url)
}

/** The URL. On the embedded database, each command is known by a name of its own. */
function urlFor({ url, isEmbedded }: Place): string {
  if (!isEmbedded) return url
  return `${url}${url.includes('?') ? '&' : '?'}application_name=${encodeURIComponent(ourName)}`
}

async function findPlace(config: Config): Promise<Place> {
  if (config.databaseUrl !== null) return joined(config.databaseUrl, false)
  const { dataDir } = config
  const running = await findEmbedded(dataDir)
  if (running !== null) return joined(running, true)
  await access(join(homeOf(dataDir).cluster, 'PG_VERSION')).catch(() => {
    throw new Refusal(
      `Nothing is set up in ${dataDir}; run ${startName} first, or set NUMLET_DATA.`,
    )
  })
  try {
    return await startOurs(dataDir)
  } catch (error) {
    // Another process was a moment faster: now there is a database to join.
    const found = error instanceof DataDirectoryBusy ? await findEmbedded(dataDir) : null
    if (found === null) throw error
    return joined(found, true)
  }
}

const joined = (url: string, isEmbedded: boolean): Place => ({
  url,
  isEmbedded,
  isOurs: false,
  release: (db) => db.end(),
})

async function startOurs(dataDir: string): Promise<Place> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const stopped = new AbortController()
  const leave = (signal: (typeof signals)[number]) => process.exit(128 + constants.signals[signal])
  let embedded: EmbeddedDatabase | null = null
  const stopOn = (signal: (typeof signals)[number]) => {
    stopped.abort()
    // Until it has started, the start itself cleans up.
    embedded?.stop().finally(() => leave(signal))
  }
  for (const signal of signals) process.once(signal, stopOn)
  const progress = (line: string) => process.stderr.write(`${line}\n`)
  embedded = await startEmbedded({ dataDir, progress, signal: stopped.signal }).catch((error) => {
    throw stopped.signal.aborted ? new Refusal('Stopped before the command ran.') : error
  })
  return {
    url: embedded.url,
    isEmbedded: true,
    isOurs: true,
    async release(db) {
      await othersAreDone(db).catch(() => {})
      await db.end()
      await embedded.stop()
      for (const signal of signals) process.off(signal, stopOn)
    },
  }
}

/** Waits for commands that joined our database, so that it does not stop while they run. */
async function othersAreDone(db: Database): Promise<void> {
  for (const deadline = Date.now() + othersTimeoutMs; Date.now() < deadline; ) {
    const [row] = await db.query<{ others: number }>(
      `select count(*)::int as others from pg_stat_activity
        where backend_type = 'client backend' and datname = current_database()
          and application_name <> $1 and application_name not like 'numlet owner %'`,
      [ourName],
    )
    if (!row || row.others === 0) return
    await pause(othersPollMs)
  }
}

/** Checks that the schema matches this program. It is only changed if no server can be using the database. */
async function bringUp(db: Database, place: Place): Promise<void> {
  if (!place.isOurs) {
    await assertMigrated(db)
    await ensureEpoch(db, await databaseTime(db))
    return
  }
  await migrate(db, { progress: (line) => process.stderr.write(`${line}\n`) })
  await ensureEpoch(db, await databaseTime(db))
  await db.begin(async (tx) => installCatalog(tx, await databaseTime(tx)))
}

async function readIdKey(db: Database): Promise<Buffer> {
  const [row] = await db.query<{ id_key: Buffer }>('select id_key from installation')
  if (!row) throw new Refusal('The database is not Numlet’s: its table installation is empty.')
  return row.id_key
}
