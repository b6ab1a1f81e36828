// One child process of a pool: started with limits set by the system, given tasks, watched, and ended.
import { type ChildProcess, spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import type { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { FrameReader, toFrame } from './frames.ts'
import type { FromChild, ToChild } from './serve.ts'
import type { Task } from './task.ts'
import { usageOf } from './usage.ts'

/** Why a child ended: its task's cost, a crash, or something else. */
export type EndCause = 'time' | 'memory' | 'crash' | 'ended'

export type ChildEvents = {
  changed(child: Child): void
  ended(child: Child, cause: EndCause): void
}

/** V8's own limit, well below the following ones. */
const heapMb = 160
/** Resident memory, including memory outside the heap. */
const maxResidentBytes = 420 * 1024 * 1024
/** The system's limit of writable memory. V8 reserves more than a gigabyte before it uses any. */
const dataKb = 1_600_000
/** CPU time of its whole life: it is replaced long before. */
const lifeCpuS = 300
const retireAfterCpuMs = 60_000
const openFiles = 64
/** A task that takes longer is slow: the tasks behind it are given to another child. */
const slowMs = 150
/** A task that fails because the machine is busy is nobody's fault. */
const maxWallMs = 30_000
/** An answer contains a text and its markup. */
const maxAnswerBytes = 8 * 1024 * 1024
/** Signals by which a process ends because of its own fault: out of memory, stack or CPU time. */
const ownSignals = ['SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGTRAP', 'SIGXCPU', 'SIGXFSZ']

export class Child {
  /** Tasks that were sent to it and are not answered yet, in order. */
  readonly handed = new Map<number, Task>()
  isReady = false
  isEnded = false
  readonly #process: ChildProcess
  readonly #events: ChildEvents
  readonly #cpuLimitMs: number
  #cpuMs = 0
  #currentSince = 0
  #endedFor: EndCause | null = null
  readonly #exited: Promise<void>

  constructor(
    program: URL,
    options: { readonly cpuLimitMs: number; readonly isLimited: boolean },
    events: ChildEvents,
  ) {
    this.#cpuLimitMs = options.cpuLimitMs
    this.#events = events
    this.#process = start(program, options.isLimited)
    this.#exited = new Promise((resolve) => {
      const over = (code: number | null, signal: NodeJS.Signals | null) => {
        if (this.isEnded) return
        this.isEnded = true
        resolve()
        events.ended(this, this.#endedFor ?? causeOf(code, signal))
      }
      this.#process.once('exit', over)
      this.#process.once('error', () => over(1, null))
    })
    this.#listen()
  }

  /** Milliseconds since its first task was started. */
  get busyMs(): number {
    return this.handed.size === 0 ? 0 : performance.now() - this.#currentSince
  }

  /** Whether the current task is slow by itself, and not because the machine is busy. */
  get isSlow(): boolean {
    return this.busyMs > slowMs && (this.taskCpuMs ?? this.busyMs) > slowMs / 2
  }

  /** Whether it has used its CPU time and should be replaced. */
  get isWorn(): boolean {
    return this.#cpuMs > retireAfterCpuMs
  }

  /** CPU time of the current task; null if the system does not tell. */
  get taskCpuMs(): number | null {
    const usage = usageOf(this.#process.pid ?? 0)
    return usage && usage.cpuMs - this.#cpuMs
  }

  hand(tasks: readonly Task[]): void {
    if (this.handed.size === 0) this.#currentSince = performance.now()
    const stdin = this.#process.stdin as Writable
    stdin.cork()
    for (const task of tasks) {
      this.handed.set(task.id, task)
      const message: ToChild = { id: task.id, request: task.job.request }
      for (const piece of toFrame(message, task.job.bytes)) stdin.write(piece)
    }
    stdin.uncork()
  }

  /** Ends it if its task has exceeded its limits. */
  check(): void {
    if (!this.isReady || this.handed.size === 0) return
    const usage = usageOf(this.#process.pid ?? 0)
    if (usage && usage.residentBytes > maxResidentBytes) this.end('memory')
    else if (usage && usage.cpuMs - this.#cpuMs > this.#cpuLimitMs) this.end('time')
    else if (this.busyMs > maxWallMs) this.end('ended')
    // If the system does not tell CPU time, only the clock is available.
    else if (!usage && this.busyMs > 4 * this.#cpuLimitMs) this.end('time')
  }

  end(cause: EndCause): Promise<void> {
    this.#endedFor ??= cause
    this.#process.kill('SIGKILL')
    // @NOTE a server that waits for this while it stops has nothing else that keeps its process alive
    this.#process.ref()
    return this.#exited
  }

  #listen() {
    const frames = new FrameReader(maxAnswerBytes)
    this.#process.stdin?.on('error', () => {}) // `exit` reports its end
    this.#process.stdout?.on('data', (chunk: Buffer) => {
      if (this.#endedFor !== null) return
      try {
        for (const { value } of frames.push(chunk)) this.#hear(value as FromChild)
      } catch {
        void this.end('crash') // its output is unreadable or too large
      }
    })
  }

  #hear(message: FromChild) {
    const { id, kind, value, cpuMs } = message
    const task = this.handed.get(id)
    if (kind === 'part') {
      if (task) task.part = value
      return
    }
    this.#cpuMs = cpuMs
    this.#currentSince = performance.now()
    if (kind === 'ready') this.isReady = true
    this.handed.delete(id)
    if (task && !task.isSettled) {
      if (kind === 'done') task.resolve(value)
      else task.reject(new Error(String(value)))
    }
    this.#events.changed(this)
  }
}

function causeOf(code: number | null, signal: NodeJS.Signals | null): EndCause {
  // A shell that ran the program reports a signal as 128 plus its number.
  const hasCrashed = signal === null ? (code ?? 0) > 128 : ownSignals.includes(signal)
  return hasCrashed ? 'crash' : 'ended'
}

/** Without secrets, without write access to files, without other programs; it has only its three pipes. */
function start(program: URL, isLimited: boolean): ChildProcess {
  const node = [
    process.execPath,
    `--max-old-space-size=${heapMb}`,
    ...['--permission', '--allow-fs-read=*', '--allow-worker', '--no-warnings'],
    fileURLToPath(program),
  ] as const
  const limits = [
    'ulimit -c 0',
    'ulimit -f 0',
    `ulimit -t ${lifeCpuS}`,
    `ulimit -n ${openFiles}`,
    ...(isLimited ? [`ulimit -d ${dataKb}`] : []),
  ].map((limit) => `${limit} 2>/dev/null`)
  const command =
    process.platform === 'win32'
      ? node
      : ['/bin/sh', '-c', `${limits.join('; ')}; exec "$@"`, 'sh', ...node]
  const child = spawn(command[0] as string, command.slice(1), {
    stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
    env: {},
    cwd: fileURLToPath(new URL('./', program)),
    windowsHide: true,
  })
  yieldToServer(child)
  unref(child)
  return child
}

/** Serving requests comes before reading mail when there is not enough processor time for both. */
function yieldToServer({ pid }: ChildProcess) {
  if (pid === undefined) return
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // It has ended already, or the system does not allow it: then it has the server's own priority.
  }
}

/** Pending tasks keep the process alive; an idle child does not. */
function unref(child: ChildProcess) {
  child.unref()
  for (const pipe of child.stdio) if (pipe && 'unref' in pipe) (pipe.unref as () => void)()
}
