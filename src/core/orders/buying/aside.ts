// The second lane of purchases: those whose wallet or stock another transaction holds step out of the shared
// call, and wait beside it, so that nobody else waits with them.
import { isBusy } from '../../../db/errors.ts'
import { gather } from '../../../db/gather.ts'
import { forNobody, openShare } from '../../../db/shares.ts'

/** The waiting calls, of all keys. Each holds a connection for as long as a lock may take. */
const maxRunning = 3
const maxBatch = 200
/** How long a key is suspected after its stock was locked. */
const suspectMs = 10_000
const maxSuspects = 10_000

type Result<Out> = { readonly out: Out } | { readonly error: unknown }

export type Aside<In, Out> = {
  /** Buys in the lane of a key. Those of one key share a call. @throws if the lock is not free in time */
  buy(key: string, input: In): Promise<Out>
  /** Notes that the stock of a key may be locked. It is bought aside until that has succeeded once. */
  suspect(key: string): void
  isSuspect(key: string): boolean
}

/** @param run buys for all inputs, and may wait for their locks */
export function asideLanes<In, Out>(run: (inputs: In[]) => Promise<Out[]>): Aside<In, Out> {
  type Lane = { readonly buy: (input: In) => Promise<Result<Out>>; callers: number }
  const lanes = new Map<string, Lane>()
  const suspects = new Map<string, number>()
  const share = openShare({ all: maxRunning, ofAccount: maxRunning })
  // @NOTE a failure is a result, so that the batch is not repeated one by one: each would wait as long
  const runInTurn = forNobody(async (inputs: In[]): Promise<Result<Out>[]> => {
    try {
      const leave = await share.take()
      const outs = await run(inputs).finally(leave)
      return outs.map((out) => ({ out }))
    } catch (error) {
      if (isBusy(error)) return inputs.map(() => ({ error }))
      throw error
    }
  })
  const laneOf = (key: string): Lane => {
    const known = lanes.get(key)
    if (known) return known
    const lane = { buy: gather({ maxBatch, maxRunning: 1, run: runInTurn }), callers: 0 }
    lanes.set(key, lane)
    return lane
  }
  return {
    async buy(key, input) {
      const lane = laneOf(key)
      lane.callers++
      try {
        const result = await lane.buy(input)
        if ('error' in result) throw result.error
        suspects.delete(key)
        return result.out
      } finally {
        if (--lane.callers === 0) lanes.delete(key)
      }
    },
    suspect(key) {
      if (suspects.size >= maxSuspects) suspects.clear()
      suspects.set(key, performance.now() + suspectMs)
    },
    isSuspect: (key) => suspects.size > 0 && (suspects.get(key) ?? 0) > performance.now(),
  }
}
