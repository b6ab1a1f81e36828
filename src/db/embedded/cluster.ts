// The PostgreSQL cluster on disk: its initial set-up, and the settings that are written at each start.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chown, mkdir, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import { programEnvironment } from './environment.ts'
import { fullDiskIn, type Home, syncDirectory, writeWhole } from './home.ts'
import { isAlive } from './processes.ts'
import { fingerprint, settingsFor, settingsName, usableMemoryMb } from './settings.ts'
import { giveTo, type RunAs, reach } from './unprivileged.ts'

export const databaseUser = 'numlet'

const setupPrefix = 'postgres.setup-'
const setupIsOldMs = 60 * 60 * 1000
/** Stored inside the cluster, so that both are always present or absent together. */
const passwordFile = 'numlet.password'

/** The output of a failed initdb. */
class InitdbFailed extends Error {
  readonly words: string
  constructor(words: string) {
    super(`The database could not be set up. initdb says:\n${words}`)
    this.words = words
  }
}

const includes = `
# Numlet's settings, then the operator's own, which win.
include_if_exists = 'numlet.conf'
include_if_exists = 'operator.conf'
`
const operatorConf = `# Your own settings of the embedded PostgreSQL; they win over numlet.conf.
# Numlet never changes this file.
`

/** Ensures that there is a complete cluster, owned by the server's user. */
export async function ensureCluster(
  home: Home,
  binaries: Binaries,
  runAs: RunAs,
  options: { progress: (line: string) => void; signal: AbortSignal },
): Promise<void> {
  await refuseForeignDirectory(home)
  await removeAbandonedSetups(home)
  if (!(await isThere(home))) {
    options.progress(`Setting up the database in ${home.cluster} (once) ...`)
    await setUp(home, binaries, runAs, options.signal)
  }
  await refuseOtherVersion(home, binaries)
  // A backup restored by root belongs to root, but PostgreSQL must own its files.
  if (runAs && (await stat(home.cluster)).uid === 0) await giveTo(runAs, home.cluster)
}

/** The password of the cluster's superuser. */
export async function readPassword(home: Home): Promise<string> {
  return (await readFile(join(home.cluster, passwordFile), 'utf8')).trim()
}

/** The fingerprint of a server's configuration: its version, Numlet's settings, and the operator's. */
export async function currentSettings(home: Home, binaries: Binaries): Promise<string> {
  const operators = await readFile(join(home.cluster, 'operator.conf'), 'utf8').catch(() => '')
  return fingerprint(binaries.version, settingsFor(usableMemoryMb()), operators)
}

/** Writes numlet.conf; a server that runs with it reports its fingerprint. */
export async function writeSettings(home: Home, binaries: Binaries, runAs: RunAs): Promise<void> {
  const print = await currentSettings(home, binaries)
  const content = `${settingsFor(usableMemoryMb())}${settingsName} = '${print}'\n`
  const path = join(home.cluster, 'numlet.conf')
  const written = await readFile(path, 'utf8').catch(() => '')
  if (written !== content) await writeWhole(path, content, runAs)
}

async function isThere(home: Home): Promise<boolean> {
  const entries = await readdir(home.cluster).catch((error): string[] => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (entries.length === 0) return false
  if (entries.includes('PG_VERSION') && entries.includes(passwordFile)) return true
  throw new Error(
    `${home.cluster} is not a Numlet database and was left unchanged. ` +
      'Set NUMLET_DATA to another directory, or DATABASE_URL to use your own PostgreSQL.',
  )
}

/** Refuses a data directory that belongs to another PostgreSQL: Numlet adds nothing to its files. */
async function refuseForeignDirectory(home: Home): Promise<void> {
  const version = await readFile(join(home.dataDir, 'PG_VERSION'), 'utf8').catch(() => null)
  if (version === null) return
  throw new Error(
    `${home.dataDir} is the data directory of another PostgreSQL (version ${version.trim()}) ` +
      'and was left unchanged. ' +
      'Set NUMLET_DATA to another directory, or DATABASE_URL to use that PostgreSQL.',
  )
}

/** Builds the cluster next to its final place and renames it when complete, so that a crash leaves no
 * half. */
async function setUp(
  home: Home,
  binaries: Binaries,
  runAs: RunAs,
  signal: AbortSignal,
): Promise<void> {
  const name = `${setupPrefix}${process.pid}-${randomBytes(4).toString('hex')}`
  const setup = join(home.dataDir, name)
  await mkdir(setup, { mode: 0o700 })
  try {
    await writeWhole(join(setup, 'password'), randomBytes(24).toString('hex'), runAs)
    if (runAs) await chown(setup, runAs.uid, runAs.gid)
    await runInitdb(setup, binaries, runAs, signal)
    const cluster = join(setup, 'cluster')
    const conf = join(cluster, 'postgresql.conf')
    await writeWhole(conf, (await readFile(conf, 'utf8')) + includes, runAs)
    await writeWhole(join(cluster, 'operator.conf'), operatorConf, runAs)
    await rename(join(setup, 'password'), join(cluster, passwordFile))
    await syncDirectory(cluster)
    await publish(cluster, home)
    await rmdir(setup)
  } catch (error) {
    await rm(setup, { recursive: true, force: true, maxRetries: 5 })
    throw (error instanceof InitdbFailed && fullDiskIn(error.words, home)) || error
  }
}

async function publish(cluster: string, home: Home): Promise<void> {
  try {
    await rename(cluster, home.cluster)
    await syncDirectory(home.dataDir)
  } catch (error) {
    // Another first start was faster: its cluster is kept, this one is removed.
    if (!(await isThere(home))) throw error
    await rm(cluster, { recursive: true })
  }
}

async function runInitdb(
  setup: string,
  binaries: Binaries,
  runAs: RunAs,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted()
  const place = await reach(setup, runAs)
  const args = [
    ...['-D', `${place.path}/cluster`, `--pwfile=${place.path}/password`],
    ...['-U', databaseUser, '--auth=scram-sha-256', '--data-checksums', '--no-instructions'],
    ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  ]
  try {
    const child = spawn(binaries.initdb, args, {
      ...runAs,
      cwd: '/',
      windowsHide: true,
      env: programEnvironment(),
      // A separate process group: signals from the terminal do not reach it, and it can be killed as a whole.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', place.fd ?? 'ignore'],
    })
    const abort = () => endGroup(child)
    signal.addEventListener('abort', abort, { once: true })
    const output: string[] = []
    child.stdout?.on('data', (chunk) => output.push(String(chunk)))
    child.stderr?.on('data', (chunk) => output.push(String(chunk)))
    const code = await new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    }).finally(() => signal.removeEventListener('abort', abort))
    signal.throwIfAborted()
    if (code !== 0) throw new InitdbFailed(output.join('').trim())
  } finally {
    await place.close()
  }
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

/** Only abandoned set-ups of Numlet: the right name, and the process gone or the directory hours old. */
async function removeAbandonedSetups(home: Home): Promise<void> {
  for (const name of await readdir(home.dataDir)) {
    const pid = /^postgres\.setup-(\d+)-[0-9a-f]{8}$/.exec(name)?.[1]
    if (!pid) continue
    const path = join(home.dataDir, name)
    const age = Date.now() - ((await stat(path).catch(() => null))?.mtimeMs ?? Date.now())
    if (isAlive(Number(pid)) && age < setupIsOldMs) continue
    // An initdb may briefly outlive its starter and keep writing; then a later start removes it.
    await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => {})
  }
}

async function refuseOtherVersion(home: Home, binaries: Binaries): Promise<void> {
  const clusters = (await readFile(join(home.cluster, 'PG_VERSION'), 'utf8')).trim()
  if (clusters === binaries.version.split('.')[0]) return
  throw new Error(
    `${home.cluster} was created by PostgreSQL ${clusters}, ` +
      `and this version of Numlet contains ${binaries.version}. ` +
      'Start the version of Numlet that created it, dump the database, ' +
      'and restore the dump into a new NUMLET_DATA.',
  )
}
