// The server process: spawning it, finding the one that runs on a cluster, stopping it.
import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { type FileHandle, open, rename, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Binaries } from './binaries.ts'
import type { Address } from './connection.ts'
import type { Home } from './home.ts'
import { commandLineOf, isAlive, processesTitled } from './processes.ts'
import { type RunAs, reach } from './unprivileged.ts'

export type Postmaster = { readonly pid: number; readonly address: Address }

/** A server just spawned, until it is known to serve. */
export type Launch = {
  readonly postmaster: Postmaster
  /** What it wrote into its log before it ended, if it has; null while it runs. */
  lastWords(): Promise<string | null>
}

const pidFile = 'postmaster.pid'
/** No system gives this number to a process. */
const nobodysPid = 2 ** 31 - 2
const largestLogBytes = 10 * 1024 * 1024
const tailBytes = 4096
const stopPollMs = 10
const fastStopMs = 30_000
const immediateStopMs = 15_000

/** The live server of a cluster, by its own pid file. */
export async function findPostmaster(home: Home): Promise<Postmaster | null> {
  const postmaster = await readPidFile(home)
  return postmaster && isServing(postmaster) ? postmaster : null
}

/** Spawns a server in a session of its own: what the terminal sends to us does not reach it. */
export async function launchPostmaster(
  home: Home,
  binaries: Binaries,
  runAs: RunAs,
  address: Address,
): Promise<Launch> {
  await disarmPidFile(home)
  const log = await openLog(home)
  const place = await reach(home.cluster, runAs)
  try {
    const child = spawn(binaries.postgres, ['-D', place.path, ...listenOn(address)], {
      ...runAs,
      cwd: '/',
      detached: true,
      windowsHide: true,
      env: environment(),
      stdio: ['ignore', log.file.fd, log.file.fd, place.fd ?? 'ignore'],
    })
    let hasEnded = false
    child.once('exit', () => {
      hasEnded = true
    })
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    child.unref()
    return {
      postmaster: { pid: child.pid as number, address },
      lastWords: async () => (hasEnded ? readTail(home, log.size) : null),
    }
  } finally {
    await Promise.all([place.close(), log.file.close()])
  }
}

/** Ends a server in order; in haste (its next start recovers from the log) when it takes too long. */
export async function stopPostmaster(postmaster: Postmaster): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGINT', fastStopMs],
    ['SIGQUIT', immediateStopMs],
  ] as const) {
    if (!isServing(postmaster)) return
    process.kill(postmaster.pid, signal)
    const deadline = Date.now() + patienceMs
    while (Date.now() < deadline) {
      if (!isServing(postmaster)) return
      await pause(stopPollMs)
    }
  }
  throw new Error(`PostgreSQL (process ${postmaster.pid}) does not stop`)
}

/** Ends what is left of a server whose postmaster was killed: it holds the memory the next one needs. */
export async function endLeftovers(home: Home): Promise<void> {
  const postmaster = await readPidFile(home)
  if (!postmaster || isServing(postmaster)) return
  for (const pid of processesTitled(`postgres: ${titleOf(postmaster.address)}: `)) {
    process.kill(pid, 'SIGQUIT')
  }
}

/** A pid alone may be anybody's by now; our servers name their socket's random directory. */
function isServing({ pid, address }: Postmaster): boolean {
  if (process.platform === 'win32') return isAlive(pid)
  return commandLineOf(pid).includes(socketOption(address))
}

function socketOption(address: Address): string {
  return `unix_socket_directories=${address.host} `
}

function listenOn({ host, port }: Address): string[] {
  const isSocket = host.startsWith('/')
  const sockets = isSocket ? host : ''
  return [
    ...[
      '-c',
      `unix_socket_directories=${sockets}`,
      '-c',
      `cluster_name=${titleOf({ host, port })}`,
    ],
    ...['-c', `listen_addresses=${isSocket ? '' : host}`, '-c', `port=${port}`],
  ]
}

/** What each process of that server has in its title, and no process of another server has. */
function titleOf({ host, port }: Address): string {
  return host.startsWith('/') ? basename(host) : `numlet-${port}`
}

/** Nothing of ours: a PGDATA or LD_LIBRARY_PATH meant for another PostgreSQL must not matter. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP } = process.env
  return { PATH, LC_ALL: 'C', ...(SystemRoot && { SystemRoot, TEMP }) }
}

async function readPidFile(home: Home): Promise<Postmaster | null> {
  const file = await openPidFile(home, constants.O_RDONLY)
  if (!file) return null
  try {
    return parsePidFile(await file.readFile('utf8'))
  } finally {
    await file.close()
  }
}

function parsePidFile(text: string): Postmaster | null {
  const [pid, , , port, socketDirectory, listenAddress] = text.split('\n')
  const host = socketDirectory || listenAddress
  if (!(Number(pid) > 0) || !(Number(port) > 0) || !host) return null
  return { pid: Number(pid), address: { host, port: Number(port) } }
}

/**
 * After a crash or a reboot the pid in the file may be another program's, or a zombie's that a
 * container's first process never waits for, and PostgreSQL would refuse to start because of it.
 * The file stays, for it also names the shared memory by which PostgreSQL makes sure that nothing
 * of the old server is left; only the pid is made nobody's. Written in place: a server that starts
 * meanwhile has put a new file there, which we do not touch.
 */
async function disarmPidFile(home: Home): Promise<void> {
  const file = await openPidFile(home, constants.O_RDWR)
  if (!file) return
  try {
    const [pid, ...rest] = (await file.readFile('utf8')).split('\n')
    if (!(Number(pid) > 0) || mayBeServing(Number(pid))) return
    await file.write([nobodysPid, ...rest].join('\n'), 0)
  } finally {
    await file.close()
  }
}

/** Whether a process could be a server that somebody else started on this cluster: left to PostgreSQL to judge. */
function mayBeServing(pid: number): boolean {
  const line = commandLineOf(pid)
  const isAnothers = line.startsWith('postgres: ') || line.includes('/numlet-')
  return line.includes('postgres') && !isAnothers
}

async function openPidFile(home: Home, mode: number): Promise<FileHandle | null> {
  const flags = mode | (constants.O_NOFOLLOW ?? 0)
  return open(join(home.cluster, pidFile), flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
}

async function openLog(home: Home): Promise<{ file: FileHandle; size: number }> {
  const before = await stat(home.log).catch(() => null)
  if (before && before.size > largestLogBytes) await rename(home.log, `${home.log}.1`)
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND
  const file = await open(home.log, flags | (constants.O_NOFOLLOW ?? 0), 0o600)
  const { uid, gid } = await stat(home.dataDir)
  if (process.getuid?.() === 0) await file.chown(uid, gid)
  return { file, size: (await file.stat()).size }
}

async function readTail(home: Home, from: number): Promise<string> {
  const file = await open(home.log, 'r')
  try {
    const { size } = await file.stat()
    const start = Math.max(from, size - tailBytes)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(tailBytes), 0, tailBytes, start)
    return buffer.toString('utf8', 0, bytesRead).trim()
  } finally {
    await file.close()
  }
}
