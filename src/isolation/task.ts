// A task for a pool of child processes, and the queue in which sources take turns.

export type Job = {
  readonly request: unknown
  readonly bytes: Uint8Array
  /** The task's sources; it uses the turn of the first one. No source occupies all children. */
  readonly sources: readonly string[]
  /** Known to take long: it runs alone in a child, and such jobs together leave children for the others. */
  readonly isHeavy: boolean
}

type Settle = {
  readonly resolve: (outcome: { readonly value: unknown; readonly part: unknown }) => void
  readonly reject: (error: Error) => void
}

let lastId = 0

/** A job in progress. Two children may have it at once: the first answer counts. */
export class Task {
  readonly id = ++lastId
  readonly job: Job
  readonly queuedAt = performance.now()
  /** The partial answer so far; null if there is none. */
  part: unknown = null
  isSettled = false
  /** Whether it runs alone in a child; decided when it was handed out. */
  isHeavy = false
  /** Whether it was given to another child because it waited behind a slow task. */
  isRelieved = false
  readonly #settle: Settle

  constructor(job: Job, settle: Settle) {
    this.job = job
    this.#settle = settle
  }

  resolve(value: unknown): void {
    this.isSettled = true
    this.#settle.resolve({ value, part: this.part })
  }

  reject(error: Error): void {
    this.isSettled = true
    this.#settle.reject(error)
  }
}

/** Takes one task from each source in turn, however many tasks a source has. */
export class FairQueue {
  readonly #bySource = new Map<string, Task[]>()

  get isEmpty(): boolean {
    return this.#bySource.size === 0
  }

  add(task: Task): void {
    this.#listOf(task).push(task)
  }

  /** For a task that was already handed out. */
  addFirst(task: Task): void {
    this.#listOf(task).unshift(task)
  }

  /** The next task: the oldest of the first source in turn whose oldest task passes `isAllowed`. */
  take(isAllowed: (task: Task) => boolean): Task | undefined {
    for (const [source, list] of this.#bySource) {
      while (list[0]?.isSettled) list.shift()
      const [task] = list
      if (task && !isAllowed(task)) continue
      list.shift()
      this.#bySource.delete(source)
      if (list.length > 0) this.#bySource.set(source, list)
      if (task) return task
    }
    return undefined
  }

  /** Removes every task for which `isOver` is true. */
  drain(isOver: (task: Task) => boolean): Task[] {
    const drained: Task[] = []
    for (const [source, list] of this.#bySource) {
      drained.push(...list.filter(isOver))
      const kept = list.filter((task) => !isOver(task))
      if (kept.length > 0) this.#bySource.set(source, kept)
      else this.#bySource.delete(source)
    }
    return drained
  }

  #listOf(task: Task): Task[] {
    const source = task.job.sources[0] ?? ''
    const list = this.#bySource.get(source) ?? []
    this.#bySource.set(source, list)
    return list
  }
}
