// Information about other processes: whether one is running, and whether it is still the same one.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Whether a process with that pid is running; a zombie is not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return linuxStat(pid)?.[0] !== 'Z'
}

/**
 * Identifies a process beyond its pid, which can be reused after its end or a reboot.
 * Null if there is no such process, or this system does not provide the information.
 */
export function identityOf(pid: number): string | null {
  if (!isAlive(pid)) return null
  if (process.platform === 'linux') {
    const startedAt = linuxStat(pid)?.[19]
    const boot = readText('/proc/sys/kernel/random/boot_id')?.trim()
    return startedAt && boot ? `${boot}:${startedAt}` : null
  }
  return ask('lstart=', pid)
}

/** The command line of a process, its parts separated by spaces; empty if there is none. */
export function commandLineOf(pid: number): string {
  if (!isAlive(pid)) return ''
  if (process.platform === 'linux')
    return (readText(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ')
  return ask('command=', pid) ?? ''
}

/** The processes whose working directory is a given one; empty if this system does not tell. */
export function processesIn(directory: string): number[] {
  if (process.platform !== 'linux') return []
  return allProcesses().filter((pid) => isAlive(pid) && directoryOf(pid) === directory)
}

function directoryOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return null // it has ended, or belongs to another user
  }
}

/** Whether a process is suspended (SIGSTOP, Ctrl-Z): it neither works nor ends until it is resumed. */
export function isFrozen(pid: number): boolean {
  const state = process.platform === 'linux' ? linuxStat(pid)?.[0] : ask('state=', pid)?.[0]
  return state === 'T'
}

/** The processes whose command line or title begins with a text. */
export function processesTitled(title: string): number[] {
  return allProcesses().filter((pid) => commandLineOf(pid).startsWith(title))
}

function allProcesses(): number[] {
  if (process.platform === 'win32') return []
  const isLinux = process.platform === 'linux'
  const names = isLinux
    ? readdirSync('/proc')
    : execFileSync('ps', ['-axo', 'pid='], { encoding: 'utf8' }).split('\n')
  return names.map(Number).filter((pid) => Number.isInteger(pid) && pid > 0)
}

/** The fields of /proc/<pid>/stat from the state on; the name before it may contain anything. */
function linuxStat(pid: number): string[] | null {
  if (process.platform !== 'linux') return null
  const text = readText(`/proc/${pid}/stat`)
  return text ? text.slice(text.lastIndexOf(')') + 2).split(' ') : null
}

function ask(column: string, pid: number): string | null {
  if (process.platform === 'win32') return null
  try {
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
    return execFileSync('ps', ['-ww', '-o', column, '-p', `${pid}`], {
      encoding: 'utf8',
      env,
    }).trim()
  } catch {
    return null
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
