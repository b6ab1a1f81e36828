// The real program in a separate process, which a test may kill.
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const startPatienceMs = 120_000

export type Program = {
  readonly url: string
  readonly pid: number
  /** Its output so far. */
  output(): string
  /** Sends a signal and waits for the end. @returns the exit code; null after a kill */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

const running = new Set<ChildProcess>()
// A failed test must not leave a process behind.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** For a program that a test puts under load: no limits, no waiting, and no codes but the test's own. */
export const unlimited = {
  NUMLET_SIMULATOR_AUTO: '0',
  NUMLET_RATE_LIMIT: '0',
  NUMLET_CANCEL_COOLDOWN_S: '0',
  NUMLET_DRAIN_S: '0',
}

/** Starts `numlet start`, or another role, and waits until it serves.
 * @param env overrides of the defaults, above all NUMLET_DATA or DATABASE_URL */
export function startProgram(
  env: Record<string, string>,
  role: 'start' | 'serve' = 'start',
): Promise<Program> {
  const { PATH, HOME, LANG, NODE_COMPILE_CACHE } = process.env
  const child = spawn(process.execPath, ['src/main.ts', role], {
    cwd: root,
    env: {
      PATH,
      HOME,
      LANG,
      NODE_COMPILE_CACHE,
      PORT: '0',
      NUMLET_SMTP_PORT: '0',
      NUMLET_DRAIN_S: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let written = ''
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  running.add(child)
  child.once('exit', () => running.delete(child))
  return new Promise((resolve, reject) => {
    const give = (error: string) => {
      child.kill('SIGKILL')
      reject(new Error(`${error}\n${written}`))
    }
    const timer = setTimeout(() => give('the program is not ready in time'), startPatienceMs)
    ended.then((code) => give(`the program ended with ${code}`))
    const read = (chunk: Buffer) => {
      written += chunk
      const url = /^Numlet is ready on (http:\S+)$/m.exec(written)?.[1]
      if (url === undefined) return
      clearTimeout(timer)
      resolve({
        url,
        pid: child.pid as number,
        output: () => written,
        end: (signal) => end(child, signal, ended),
      })
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
  })
}

function end(child: ChildProcess, signal: NodeJS.Signals, ended: Promise<number | null>) {
  child.kill(signal)
  return ended
}

/** Kills a process and all of its descendants, like a power cut. */
export function killAll(pid: number): void {
  signalEach([pid, ...descendantsOf(pid)], 'SIGKILL')
}

/** Sends a signal to processes that were just listed: one that has ended since is passed over. */
export function signalEach(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

/** The descendants of a process. */
export function descendantsOf(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = parentOf(Number(name))
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const found = children.get(pid) ?? []
  // @NOTE the list grows during the loop: children of children are appended
  for (const one of found) found.push(...(children.get(one) ?? []))
  return found
}

function parentOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return null // it has ended meanwhile
  }
}

const pollMs = 20

/** Asks repeatedly until there is an answer. @throws if it does not come in time */
export async function eventually<T>(
  ask: () => Promise<T | null | undefined | false>,
  patienceMs = 60_000,
): Promise<T> {
  for (const deadline = Date.now() + patienceMs; ; ) {
    const answer = await ask()
    if (answer) return answer
    if (Date.now() > deadline) throw new Error(`not within ${patienceMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}
