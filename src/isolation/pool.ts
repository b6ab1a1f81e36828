// A pool of child processes for work on what strangers send. A child may die; whoever is not to blame for it
// does not notice.
import { availableParallelism } from 'node:os'
import { Child, type EndCause } from './child.ts'
import { Suspects } from './suspects.ts'
import { FairQueue, type Job, Task } from './task.ts'

/** A task ended its child: by the time or the memory it took, or by a crash. It is not tried again. */
export class TaskLost extends Error {
  override readonly name = 'TaskLost'
  override readonly cause: Exclude<EndCause, 'ended'>
  /** What was said of the answer before. */
  readonly part: unknown
  constructor(cause: Exclude<EndCause, 'ended'>, part: unknown) {
    super(`the work took too much (${cause})`)
    this.cause = cause
    this.part = part
  }
}

/** What the program returned for a job, and what it said before. */
export type Outcome = { readonly value: unknown; readonly part: unknown }

export type LostChild = {
  readonly cause: EndCause
  readonly sources: readonly string[]
  readonly size: number
}

export type PoolOptions = {
  /** The file that the children run. */
  readonly program: URL
  /** CPU time that one task may take. */
  readonly cpuLimitMs?: number
  /** Told of each child that ended by itself or had to be ended. */
  readonly lost: (child: LostChild) => void
}

const defaultCpuLimitMs = 2_000
/** Children that a server of mail has from the start; more come when all are busy. */
const warmSize = 2
/** Tasks handed over together: a child need not wait for us between them. */
const tasksAtOnce = 16
const bytesAtOnce = 256 * 1024
/** More are handed over when so few are left. */
const refillAt = 4
const watchMs = 50
/** CPU time beyond which a task makes its sources suspects. */
const suspectCpuMs = 500
/** Nobody waits longer for a turn: the sender tries again. */
const maxWaitMs = 60_000
const restartMs = 250
const maxRestartMs = 10_000

export class ChildPool {
  readonly #options: PoolOptions
  /** At most: for the slow ones, for the others, and where there are processors one more. */
  readonly #size = Math.max(3, Math.min(4, availableParallelism()))
  /** At least, once there has been work. */
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

  /** @throws TaskLost when the job ended its child; Error when it cannot be done at the moment */
  run(job: Job): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (this.#isStopped) return reject(new Error('the server stops'))
      this.#queue.add(new Task(job, { resolve, reject }))
      this.#want(1)
      this.#handOver()
    })
  }

  /** Ends the children. What has no answer yet fails. */
  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#restart) clearTimeout(this.#restart)
    if (this.#watch) clearInterval(this.#watch)
    const open = [...this.#queue.drain(() => true)]
    for (const child of this.#children) open.push(...child.handed.values())
    for (const task of open) task.reject(new Error('the server stops'))
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
      // A system on which the limit itself is the trouble gets along with the others.
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

  /** A child that does not even start is tried again after a while, and then less often. */
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

  /** Whether enough of the other children are free of this task's sources, and of heavy ones. */
  #mayHold(child: Child, { job, isHeavy }: Task): boolean {
    const others = [...this.#children].filter((one) => one !== child && one.handed.size > 0)
    if (isHeavy && others.filter(holdsHeavy).length >= Math.floor(this.#size / 2)) return false
    const mostOfOne = isHeavy ? 1 : this.#size - 1
    return job.sources.every(
      (source) => others.filter((one) => holdsOneOf(one, source)).length < mostOfOne,
    )
  }

  #isBusy(): boolean {
    return [...this.#children].some((child) => child.handed.size > 0)
  }

  /** Every few milliseconds while there is work: whose task takes too long, who has waited too long. */
  #look() {
    for (const child of this.#children) {
      child.check()
      if (child.isSlow) this.#relieve(child)
    }
    // All of them are busy, and something waits: there may be one more.
    if (!this.#queue.isEmpty && [...this.#children].every((child) => child.isSlow))
      this.#want(this.#children.size + 1)
    const late = performance.now() - maxWaitMs
    for (const task of this.#queue.drain((one) => one.queuedAt < late))
      task.reject(new Error('no child process had time for it'))
    this.#handOver()
    if (this.#watch && this.#queue.isEmpty && !this.#isBusy()) {
      clearInterval(this.#watch)
      this.#watch = null
    }
  }

  /** What waits behind a slow task goes to another child; whichever answers first counts. */
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
