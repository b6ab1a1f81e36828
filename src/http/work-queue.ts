// Work whose result is the same for many callers: done once for all who wait for it.
//
// A job that has begun takes no more callers: it may have read data that has changed since. So nobody gets
// data that was read before their request. A queue does one job at a time. Its callers take turns, so that
// one caller with many requests does not hold up the others.
import { performance } from 'node:perf_hooks'
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'

/** Work that takes less is not followed by a rest. */
const quickMs = 50
/** The queue rests this many times as long as the work took. */
const restFactor = 3
const maxRestMs = 1_000

type Job<T> = {
  readonly name: string
  readonly work: () => Promise<T>
  readonly result: PromiseWithResolvers<T>
}

/** @param caller who waits @param name everything that the result depends on */
export type ShareWork<T> = (caller: string, name: string, work: () => Promise<T>) => Promise<T>

/** Opens a queue. @param restAfterMs how long work may take without a rest after it */
export function workQueue<T>(restAfterMs = quickMs): ShareWork<T> {
  /** Jobs that have not begun, by name. */
  const waiting = new Map<string, Job<T>>()
  /** The jobs that each caller waits for. The callers are in the order of their turns. */
  const turns = new Map<string, Set<Job<T>>>()
  let isRunning = false

  const nextJob = (): Job<T> | undefined => {
    for (const [caller, jobs] of turns) {
      turns.delete(caller)
      for (const job of jobs) {
        jobs.delete(job)
        if (waiting.get(job.name) !== job) continue
        if (jobs.size > 0) turns.set(caller, jobs)
        return job
      }
    }
    return undefined
  }

  const run = async () => {
    // All requests that arrive together share the first job.
    await turn()
    for (let job = nextJob(); job; job = nextJob()) {
      waiting.delete(job.name)
      const begun = performance.now()
      await job.work().then(job.result.resolve, job.result.reject)
      const tookMs = performance.now() - begun
      // @NOTE shared by the jobs that wait: however many there are, each waits for one rest at most
      const restMs = Math.min(maxRestMs, tookMs * restFactor) / Math.max(1, waiting.size)
      if (tookMs > restAfterMs) await pause(restMs)
    }
    isRunning = false
  }

  return (caller, name, work) => {
    const job = waiting.get(name) ?? { name, work, result: Promise.withResolvers<T>() }
    waiting.set(name, job)
    const jobs = turns.get(caller) ?? new Set()
    turns.set(caller, jobs.add(job))
    if (!isRunning) {
      isRunning = true
      void run()
    }
    return job.result.promise
  }
}

/** Runs at most `most` works at the same time; the others wait for their turn. */
export function atMost(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
