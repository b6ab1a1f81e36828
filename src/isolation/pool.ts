// A pool of child processes for work on untrusted input. A child may die; tasks that did not cause it are not
// affected.
import { availableParallelism } from 'node:os'
import { Child, type EndCause } from './child.ts'
import { Suspects } from './suspects.ts'
import { FairQueue, type Job, Task } from './task.ts'

/** A task ended its child by using too much time or memory, or by a crash. It is not retried. */
export class TaskLost extends Error {
  override readonly name = 'TaskLost'
  override readonly cause: Exclude<EndCause, 'ended'>
  /** The partial answer that was sent before. */
  readonly part: unknown
  constructor(cause: Exclude<EndCause, 'ended'>, part: unknown) {
    super(`the work took too much (${cause})`)
    this.cause = cause
    this.part = part
  }
}

/** A job's result, and the partial answer sent before it. */
export type Outcome = { readonly value: unknown; readonly part: unknown }

export type LostChild = {
  readonly cause: EndCause
  readonly sources: readonly string[]
  readonly size: number
}

export type PoolOptions = {
  /** The file that the children run. */
  readonly program: URL
  /** The maximum CPU time of one task. */
  readonly cpuLimitMs?: number
  /** Called for each child that ended by itself or had to be ended. */
  readonly lost: (child: LostChild) => void
}

const defaultCpuLimitMs = 2_000
/** The number of children from the start of a mail server; more are started when all are busy. */
const warmSize = 2
/** The number of tasks sent in advance, so that a child does not wait for the parent between them. */
const tasksAtOnce = 16
const bytesAtOnce = 256 * 1024
/** More are sent when only this many are left. */
const refillAt = 4
const watchMs = 50
/** CPU time beyond which a task makes its sources suspects. */
const suspectCpuMs = 500
/** The maximum wait for a child; then the sender has to retry. */
const maxWaitMs = 60_000
const restartMs = 250
const maxRestartMs = 10_000

export class ChildPool {
  readonly #options: PoolOptions
  /** The maximum: one for slow tasks, one for the others, and one more if there are enough processors. */
  readonly #size = Math.max(3, Math.min(4, availableParallelism()))
  /** The minimum, once there has been work. */
  #wanted = 0
  readonly #children = new Set<Child>()
  readonly #queue = new FairQueue()
  readonly #suspects = new Suspects()
  #failedStarts = 0
  #restart: NodeJS.Timeout | null = null
  #watch: NodeJS.Timeout | null = null
  #isStopped = false

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Starts the children before there is work for them. */
  warm(): void {
    this.#want(warmSize)
  }

  /** @throws TaskLost if the job ended its child; Error if it cannot run now */
  run(job: Job): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (this.#isStopped) return reject(new Error('the server is stopping'))
      this.#queue.add(new Task(job, { resolve, reject }))
      this.#want(1)
      this.#handOver()
    })
  }

  /** Ends the children. Unanswered tasks fail. */
  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#restart) clearTimeout(this.#restart)
    if (this.#watch) clearInterval(this.#watch)
    const open = [...this.#queue.drain(() => true)]
    for (const child of this.#children) open.push(...child.handed.values())
    for (const task of open) task.reject(new Error('the server is stopping'))
    await Promise.all([...this.#children].map((child) => child.end('ended')))
  }

  #want(children: number) {
    this.#wanted = Math.max(this.#wanted, Math.min(children, this.#size))
    this.#fill()
  }

  #fill() {
    if (this.#isStopped || this.#restart) return
    while (this.#children.size < this.#wanted) {
      const { program, cpuLimitMs = defaultCpuLimitMs } = this.#options
      // If the limit itself does not work on this system, the other limits are enough.
      const isLimited = this.#failedStarts < 2 * this.#size
      const child = new Child(
        program,
        { cpuLimitMs, isLimited },
        {
          changed: (changed) => this.#changed(changed),
          ended: (ended, cause) => this.#ended(ended, cause),
        },
      )
      this.#children.add(child)
    }
  }

  #changed(child: Child) {
    this.#failedStarts = 0
    if (child.isWorn && child.handed.size === 0) void child.end('ended')
    else this.#handOver()
  }

  #ended(child: Child, cause: EndCause) {
    this.#children.delete(child)
    if (this.#isStopped) return
    const [culprit, ...others] = child.handed.values()
    for (const task of others.reverse()) if (!task.isSettled) this.#queue.addFirst(task)
    if (culprit || !child.isWorn) this.#report(culprit, cause)
    if (culprit && cause === 'ended') culprit.reject(new Error('a child process was ended'))
    else if (culprit && cause !== 'ended') {
      this.#suspects.add(culprit.job.sources)
      culprit.reject(new TaskLost(cause, culprit.part))
    }
    if (child.isReady) this.#fill()
    else this.#fillLater()
    this.#handOver()
  }

  #report(culprit: Task | undefined, cause: EndCause) {
    const { sources = [], bytes } = culprit?.job ?? {}
    this.#options.lost({ cause, sources, size: bytes?.length ?? 0 })
  }

  /** A child that does not start is retried after a delay, which grows. */
  #fillLater() {
    const delayMs = Math.min(maxRestartMs, restartMs * 2 ** Math.min(10, this.#failedStarts++))
    this.#restart ??= setTimeout(() => {
      this.#restart = null
      this.#fill()
    }, delayMs).unref()
  }

  #handOver() {
    for (const child of this.#children) {
      if (this.#queue.isEmpty) break
      if (this.#isOpen(child)) this.#handTo(child)
    }
    if (this.#watch || (this.#queue.isEmpty && !this.#isBusy())) return
    this.#watch = setInterval(() => this.#look(), watchMs)
  }

  #isOpen(child: Child): boolean {
    if (!child.isReady || child.isEnded || child.isWorn) return false
    if (child.handed.size === 0) return true
    return child.handed.size <= refillAt && !holdsHeavy(child) && !child.isSlow
  }

  #handTo(child: Child) {
    const tasks: Task[] = []
    let bytes = 0
    while (tasks.length + child.handed.size < tasksAtOnce && bytes < bytesAtOnce) {
      const isAlone = tasks.length + child.handed.size === 0
      const task = this.#queue.take((one) => {
        one.isHeavy = one.job.isHeavy || this.#suspects.has(one.job.sources)
        return (isAlone || !one.isHeavy) && this.#mayHold(child, one)
      })
      if (!task) break
      tasks.push(task)
      bytes += task.job.bytes.length
      if (task.isHeavy) break
    }
    if (tasks.length > 0) child.hand(tasks)
  }

  /** Whether enough of the other children are free of this task's sources and of heavy tasks. */
  #mayHold(child: Child, { job, isHeavy }: Task): boolean {
    const others = [...this.#children].filter((one) => one !== child && one.handed.size > 0)
    if (isHeavy && others.filter(holdsHeavy).length >= Math.floor(this.#size / 2)) return false
    const maxOfOne = isHeavy ? 1 : this.#size - 1
    return job.sources.every(
      (source) => others.filter((one) => holdsOneOf(one, source)).length < maxOfOne,
    )
  }

  #isBusy(): boolean {
    return [...this.#children].some((child) => child.handed.size > 0)
  }

  /** Every few milliseconds while there is work: finds tasks that run or wait too long. */
  #look() {
    for (const child of this.#children) {
      child.check()
      if (child.isSlow) this.#relieve(child)
    }
    // All children are busy and a task is waiting: one more may be started.
    if (!this.#queue.isEmpty && [...this.#children].every((child) => child.isSlow))
      this.#want(this.#children.size + 1)
    const late = performance.now() - maxWaitMs
    for (const task of this.#queue.drain((one) => one.queuedAt < late))
      task.reject(new Error('no child process was available in time'))
    this.#handOver()
    if (this.#watch && this.#queue.isEmpty && !this.#isBusy()) {
      clearInterval(this.#watch)
      this.#watch = null
    }
  }

  /** Tasks behind a slow one are given to another child as well; the first answer counts. */
  #relieve(child: Child) {
    const [slow, ...others] = child.handed.values()
    if (slow && (child.taskCpuMs ?? 0) > suspectCpuMs) this.#suspects.add(slow.job.sources)
    for (const task of others.reverse()) {
      if (task.isSettled || task.isRelieved) continue
      task.isRelieved = true
      this.#queue.addFirst(task)
    }
  }
}

const holdsHeavy = (child: Child) => [...child.handed.values()].some((task) => task.isHeavy)

const holdsOneOf = (child: Child, source: string) =>
  [...child.handed.values()].some(({ job }) => job.sources.includes(source))
