// The embedded PostgreSQL: a real server in the data directory, for those who bring no database of their own.
import { setTimeout as pause } from 'node:timers/promises'
import { locateBinaries } from './binaries.ts'
import { ensureCluster, readPassword } from './cluster.ts'
import { answers, readFacts, urlOf } from './connection.ts'
import { homeOf, makeHome } from './home.ts'
import { Keeper } from './keeper.ts'
import { chooseUser } from './unprivileged.ts'

export { DataDirectoryBusy } from './keeper.ts'

export type EmbeddedDatabase = {
  /** A connection string for pg; it stays the same when the server is brought back after a crash. */
  readonly url: string
  /** Whether the server was running already, left behind by a Numlet that crashed. */
  readonly adopted: boolean
  stop(): Promise<void>
}

const startingPatienceMs = 10_000
const startingPollMs = 50

/** Starts (setting up first if need be) the PostgreSQL of a data directory and owns it until stop(). Throws DataDirectoryBusy when a live Numlet owns it. */
export async function startEmbedded(options: {
  dataDir: string
  progress: (line: string) => void
}): Promise<EmbeddedDatabase> {
  const home = homeOf(options.dataDir)
  await makeHome(home)
  const runAs = await chooseUser(home)
  const binaries = await locateBinaries(home, runAs)
  await ensureCluster(home, binaries, runAs, options.progress)
  const password = await readPassword(home)
  const keeper = new Keeper({ home, binaries, runAs, password, progress: options.progress })
  const { address, adopted } = await keeper.start()
  return { url: urlOf(address, password), adopted, stop: () => keeper.stop() }
}

/** The connection URL of the PostgreSQL that runs on a data directory right now, or null. For the command line, which joins a running server's database. */
export async function findEmbedded(dataDir: string): Promise<string | null> {
  const facts = await readFacts(homeOf(dataDir))
  if (!facts) return null
  for (const deadline = Date.now() + startingPatienceMs; Date.now() < deadline; ) {
    const answer = await answers(facts, facts.password)
    if (answer === true) return urlOf(facts, facts.password)
    if (answer === false) return null
    await pause(startingPollMs)
  }
  return null
}
