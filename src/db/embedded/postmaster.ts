// The server process: starting it, finding the one that runs on a cluster, stopping it.
import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Binaries } from './binaries.ts'
import type { Address } from './connection.ts'
import { programEnvironment } from './environment.ts'
import type { Home } from './home.ts'
import { commandLineOf, isAlive, isFrozen, processesIn, processesTitled } from './processes.ts'
import { type RunAs, reach } from './unprivileged.ts'

export type Postmaster = { readonly pid: number; readonly address: Address }

/** A new server, until it is known to serve. */
export type Launch = {
  readonly postmaster: Postmaster
  /** The end of its log if it has ended; null while it runs. */
  lastWords(): Promise<string | null>
}

const pidFile = 'postmaster.pid'
/** A pid that no system assigns to a process. */
const nobodysPid = 2 ** 31 - 2
const maxLogBytes = 10 * 1024 * 1024
const tailBytes = 4096
const stopPollMs = 10
type Step = readonly [signal: NodeJS.Signals, timeoutMs: number]

/** After 5 seconds of SIGQUIT PostgreSQL itself kills processes that do not end. */
const inOrder: readonly Step[] = [
  ['SIGINT', 30_000],
  ['SIGQUIT', 10_000],
  ['SIGKILL', 5_000],
]
/** For a server that does not answer: do not wait for an orderly end. */
const inHaste: readonly Step[] = [
  ['SIGQUIT', 3_000],
  ['SIGKILL', 5_000],
]

/** The running server of a cluster, by its pid file; if that is lost or damaged, by its processes. */
export async function findPostmaster(home: Home): Promise<Postmaster | null> {
  const postmaster = await readPidFile(home)
  if (postmaster && isServing(postmaster)) return postmaster
  return findByProcess(home)
}

/** A postmaster has its address in its command line, and its cluster as its working directory. */
async function findByProcess(home: Home): Promise<Postmaster | null> {
  const cluster = await realpath(home.cluster).catch(() => null)
  for (const pid of cluster === null ? [] : processesIn(cluster)) {
    const line = commandLineOf(pid)
    const host = / unix_socket_directories=(\S+) /.exec(line)?.[1]
    const port = Number(/ port=(\d+)/.exec(line)?.[1])
    if (host && port > 0) return { pid, address: { host, port } }
  }
  return null
}

/** Resumes a suspended server: its owner is gone, so nobody else would. */
export async function wake(home: Home, postmaster: Postmaster): Promise<boolean> {
  const cluster = await realpath(home.cluster).catch(() => '')
  const frozen = new Set([postmaster.pid, ...processesIn(cluster)].filter(isFrozen))
  for (const pid of frozen) send(pid, 'SIGCONT')
  return frozen.size > 0
}

/** Starts a server in a separate session: signals from the terminal do not reach it. */
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
      env: programEnvironment(),
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

/** Stops a server, in an orderly way first and then by force. Its next start recovers from the log. */
export async function stopPostmaster(postmaster: Postmaster, isUrgent = false): Promise<void> {
  for (const [signal, timeoutMs] of isUrgent ? inHaste : inOrder) {
    if (!isServing(postmaster)) return
    send(postmaster.pid, signal)
    // A suspended process ends once it is resumed.
    if (isFrozen(postmaster.pid)) send(postmaster.pid, 'SIGCONT')
    const deadline = Date.now() + timeoutMs
    while (Date.now() < deadline) {
      if (!isServing(postmaster)) return
      await pause(stopPollMs)
    }
  }
  throw new Error(
    `PostgreSQL (process ${postmaster.pid}) does not end even when killed: its disk may hang. ` +
      'Check that process, and start again when it has ended.',
  )
}

/** Ends the remaining processes of a killed postmaster: they hold the shared memory that the next one needs.
 * @param signal SIGQUIT first; SIGKILL for processes that ignore it. Nothing is lost: the log is replayed */
export async function endLeftovers(home: Home, signal: 'SIGQUIT' | 'SIGKILL'): Promise<void> {
  if ((await findPostmaster(home)) !== null) return
  const postmaster = await readPidFile(home)
  const titled = postmaster ? processesTitled(`postgres: ${titleOf(postmaster.address)}: `) : []
  const cluster = await realpath(home.cluster).catch(() => null)
  const within = cluster === null ? [] : processesIn(cluster).filter(isBackend)
  for (const pid of new Set([...titled, ...within])) send(pid, signal)
}

const isBackend = (pid: number) => commandLineOf(pid).startsWith('postgres: ')

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // It may have just ended.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** A pid may have been reused; Numlet's servers have their socket's random directory in the command line. */
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

/** The text that each process of that server has in its title, and no process of another server. */
function titleOf({ host, port }: Address): string {
  return host.startsWith('/') ? basename(host) : `numlet-${port}`
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
 * After a crash or a reboot, the pid in the file may belong to another program, or to a zombie that a
 * container's first process never waits for. PostgreSQL would then refuse to start. The file is kept, because
 * it also names the shared memory by which PostgreSQL verifies that nothing of the old server remains; only
 * the pid is replaced by one that nobody has. It is written in place: a server that starts meanwhile has
 * created a new file, which is not touched. A file without a pid (a full disk leaves it empty) is removed,
 * unless processes still run in the cluster.
 */
async function disarmPidFile(home: Home): Promise<void> {
  const file = await openPidFile(home, constants.O_RDWR)
  if (!file) return
  try {
    const [pid, ...rest] = (await file.readFile('utf8')).split('\n')
    if (!/^\s*-?[1-9]\d{0,9}\s*$/.test(pid ?? '')) return await removePidFile(home)
    if (!(Number(pid) > 0) || mayBeServing(Number(pid))) return
    await file.write([nobodysPid, ...rest].join('\n'), 0)
  } finally {
    await file.close()
  }
}

async function removePidFile(home: Home): Promise<void> {
  const cluster = await realpath(home.cluster)
  if (processesIn(cluster).length === 0) await rm(join(home.cluster, pidFile), { force: true })
}

/** Whether a process could be another user's server on this cluster: PostgreSQL decides about those. */
function mayBeServing(pid: number): boolean {
  const line = commandLineOf(pid)
  const isAnothers = line.startsWith('postgres: ') || line.includes('/numlet-')
  return line.includes('postgres') && !isAnothers
}

async function openPidFile(home: Home, mode: number): Promise<FileHandle | null> {
  const flags = mode | (constants.O_NOFOLLOW ?? 0)
  return open(join(home.cluster, pidFile), flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
    throw error
  })
}

async function openLog(home: Home): Promise<{ file: FileHandle; size: number }> {
  const before = await stat(home.log).catch(() => null)
  if (before && before.size > maxLogBytes) await rename(home.log, `${home.log}.1`)
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
