// The embedded PostgreSQL: a real server in the data directory, for operators without their own database.
import { setTimeout as pause } from 'node:timers/promises'
import { locateBinaries } from './binaries.ts'
import { ensureCluster, readPassword } from './cluster.ts'
import { answers, readFacts, urlOf } from './connection.ts'
import { forgetForeignSettings } from './environment.ts'
import { explainFileError, type Home, homeOf, makeHome } from './home.ts'
import { awaitOwnersEnd, Keeper } from './keeper.ts'
import { findPostmaster } from './postmaster.ts'
import { chooseUser } from './unprivileged.ts'

export { DataDirectoryBusy } from './keeper.ts'

export type EmbeddedDatabase = {
  /** A connection string for pg; it stays the same when the server is restarted after a crash. */
  readonly url: string
  /** Whether the server was already running, left by a Numlet that crashed. */
  readonly adopted: boolean
  /** Announces that this process is about to stop, so that the next start waits for it. */
  leaving(): Promise<void>
  stop(): Promise<void>
}

const startingTimeoutMs = 10_000
const startingPollMs = 50

/** Starts the PostgreSQL of a data directory, after setting it up if necessary, and owns it until stop().
 * @param options.signal aborts the start: everything that was started is ended, and nothing incomplete
 * remains
 * @throws DataDirectoryBusy if a running Numlet owns it; DataDirectoryUnusable */
export async function startEmbedded(options: {
  dataDir: string
  progress: (line: string) => void
  signal?: AbortSignal
}): Promise<EmbeddedDatabase> {
  forgetForeignSettings()
  const { progress, signal = new AbortController().signal } = options
  const home = homeOf(options.dataDir)
  try {
    await makeHome(home)
    const runAs = await chooseUser(home)
    const binaries = await locateBinaries(home, runAs)
    await ensureCluster(home, binaries, runAs, { progress, signal })
    const password = await readPassword(home)
    const keeper = new Keeper({ home, binaries, runAs, password, progress, signal })
    const { address, adopted } = await keeper.start()
    return {
      url: urlOf(address, password),
      adopted,
      leaving: () => keeper.leaving(),
      stop: () => keeper.stop(),
    }
  } catch (error) {
    throw explainFileError(error, home)
  }
}

/** Waits until no running Numlet owns a data directory; creates nothing.
 * @throws DataDirectoryBusy if its owner does not stop */
export async function awaitFree(
  dataDir: string,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const home = homeOf(dataDir)
  await awaitOwnersEnd(home, progress, signal).catch((error) => {
    throw explainFileError(error, home)
  })
}

/** The connection URL of the PostgreSQL that is running on a data directory, or null. The command line
 * uses it to connect to a running server's database. */
export async function findEmbedded(dataDir: string): Promise<string | null> {
  forgetForeignSettings()
  const home = homeOf(dataDir)
  const known = await addressOf(home).catch((error) => {
    throw explainFileError(error, home)
  })
  if (!known) return null
  const { address, password } = known
  for (const deadline = Date.now() + startingTimeoutMs; Date.now() < deadline; ) {
    const answer = await answers(address, password)
    if (answer === true) return urlOf(address, password)
    if (answer === false) return null
    await pause(startingPollMs)
  }
  return null
}

/** From the owner's file; if that is lost or damaged, from PostgreSQL's own files and processes. */
async function addressOf(home: Home) {
  const facts = await readFacts(home)
  if (facts) return { address: facts, password: facts.password }
  const running = await findPostmaster(home)
  return running && { address: running.address, password: await readPassword(home) }
}
