// Bulkheads: no kind of work, and no account, can take all connections of a process.
import { AsyncLocalStorage } from 'node:async_hooks'
import { Overloaded } from './errors.ts'
import { connectionMs } from './limits.ts'

/** Whose work the code is doing, as far as connections are concerned. */
type Errand = {
  /** Jobs have connections of their own. */
  readonly isJob?: boolean
  readonly accountId?: number | undefined
}

const errands = new AsyncLocalStorage<Errand>()

/** Runs work for an account: at most a part of the connections serves it at a time. */
export const forAccount = <T>(accountId: number | undefined, work: () => T): T =>
  accountId === undefined ? work() : errands.run({ accountId }, work)

/** Runs a job, on the connections for jobs. So does everything that it starts. */
export const asJob = <T>(work: () => T): T => errands.run({ isJob: true }, work)

export const isJob = (): boolean => errands.getStore()?.isJob === true

/** Binds a function to the one who passes it on, whoever calls it later. */
export const forSelf = <Args extends unknown[], Result>(work: (...args: Args) => Result) =>
  AsyncLocalStorage.bind(work) as (...args: Args) => Result

/** Binds a function that many callers share to nobody, so that it is not the work of one of them. */
export const forNobody = <Args extends unknown[], Result>(work: (...args: Args) => Result) =>
  errands.exit(() => forSelf(work))

/** A call that many callers share waits longer: there are few of them, and it is nobody's fault. */
const sharedTimeoutMs = 30_000

/** Callers of one account that may wait for their turn. */
const maxWaiting = 500

/** Gives turns, of which so many are taken at a time. The caller calls the returned function at the end. */
export type Share = { take(): Promise<() => void> }

export type ShareSize = {
  /** The turns that are taken at a time. */
  readonly all: number
  /** Of these, by one account. */
  readonly ofAccount: number
}

/**
 * The shares of a pool: reads never wait for writes, nor writes for reads, and one account never takes the
 * whole of either.
 */
export function sharesOf(poolSize: number): { readonly reads: Share; readonly writes: Share } {
  const all = Math.max(1, Math.floor(poolSize * 0.7))
  const size = { all, ofAccount: Math.max(1, Math.floor(all * 0.75)) }
  return { reads: openShare(size), writes: openShare(size) }
}

type Waiting = { readonly accountId: number | undefined; readonly start: () => void }

/** @throws Overloaded from `take`, if a turn does not come within five seconds */
export function openShare({ all, ofAccount }: ShareSize, timeoutMs = connectionMs): Share {
  let taken = 0
  const takenBy = new Map<number, number>()
  const waiting = new Set<Waiting>()
  const mayStart = (accountId: number | undefined) =>
    taken < all && (accountId === undefined || (takenBy.get(accountId) ?? 0) < ofAccount)
  const count = (accountId: number | undefined, by: 1 | -1) => {
    taken += by
    if (accountId === undefined) return
    const now = (takenBy.get(accountId) ?? 0) + by
    if (now === 0) takenBy.delete(accountId)
    else takenBy.set(accountId, now)
  }
  const begin = (accountId: number | undefined) => {
    count(accountId, 1)
    return () => {
      count(accountId, -1)
      for (const one of waiting) {
        if (taken >= all) break
        if (mayStart(one.accountId)) one.start()
      }
    }
  }
  return {
    async take() {
      const accountId = errands.getStore()?.accountId
      if (mayStart(accountId)) return begin(accountId)
      if (accountId !== undefined && countOf(waiting, accountId) >= maxWaiting)
        throw new Overloaded('too many requests wait for the database')
      return new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => {
            waiting.delete(one)
            reject(new Overloaded('the database was too busy'))
          },
          accountId === undefined ? sharedTimeoutMs : timeoutMs,
        )
        const start = () => {
          clearTimeout(timer)
          waiting.delete(one)
          resolve(begin(accountId))
        }
        const one: Waiting = { accountId, start }
        waiting.add(one)
      })
    },
  }
}

function countOf(waiting: ReadonlySet<Waiting>, accountId: number): number {
  if (waiting.size < maxWaiting) return 0
  let count = 0
  for (const one of waiting) if (one.accountId === accountId) count++
  return count
}
