// What can be known of another process: whether it lives, and whether it is still the one it was.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Whether a process of that number runs; a zombie nobody has waited for does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return linuxStat(pid)?.[0] !== 'Z'
}

/**
 * Names a process beyond its number, which is given again after its end or after a reboot.
 * Null when there is no such process, or when this system does not tell.
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

/** The command line of a process, its parts separated by spaces; empty when there is none. */
export function commandLineOf(pid: number): string {
  if (!isAlive(pid)) return ''
  if (process.platform === 'linux')
    return (readText(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ')
  return ask('command=', pid) ?? ''
}

/** The processes that work in a directory; none where this system does not tell. */
export function processesIn(directory: string): number[] {
  if (process.platform !== 'linux') return []
  return allProcesses().filter((pid) => isAlive(pid) && directoryOf(pid) === directory)
}

function directoryOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return null // it has ended, or is not ours to look into
  }
}

/** Whether a process was frozen (SIGSTOP, Ctrl-Z): it neither works nor ends until it is woken. */
export function isFrozen(pid: number): boolean {
  const state = process.platform === 'linux' ? linuxStat(pid)?.[0] : ask('state=', pid)?.[0]
  return state === 'T'
}

/** The processes whose command line, or the title they gave themselves, begins so. */
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

/** The fields of /proc/<pid>/stat from the state on; the name before it may hold anything. */
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
