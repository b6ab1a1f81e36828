// Gathers calls that come at the same time into one, so that a busy server asks the database less often.

import { sqlState } from './errors.ts'

export type GatherOptions<In, Out> = {
  /** Answers all inputs at once, in their order. A rejection is every caller's. */
  readonly run: (inputs: In[]) => Promise<Out[]>
  /** Inputs one call may hold. */
  readonly maxBatch: number
  /** Calls that may run at the same time; what comes meanwhile waits and goes together. */
  readonly maxRunning: number
  /** What an input weighs, and what a call may hold of that; a single input may weigh more. */
  readonly weight?: { readonly of: (input: In) => number; readonly max: number }
  /** How long an input may wait for company while another call runs; 0 when not said. Worth it where a call
   * costs much more than what it carries. */
  readonly lingerMs?: number
}

/**
 * Returns a function that answers one input, by way of `run` with as many inputs as are waiting.
 *
 * When nothing runs, an input waits only for the end of the current turn of the event loop. While calls
 * run, the next one starts at once, or where it may linger once it has its share of all that is under way:
 * callers that were answered together come back one after the other, and a call for the first of them alone
 * would make all others wait for it.
 */
export function gather<In, Out>(options: GatherOptions<In, Out>): (input: In) => Promise<Out> {
  type Waiting = { input: In; resolve: (out: Out) => void; reject: (error: unknown) => void }
  let waiting: Waiting[] = []
  let running = 0
  let inFlight = 0
  let scheduled = false
  let lingering: NodeJS.Timeout | null = null

  const start = () => {
    scheduled = false
    if (lingering) clearTimeout(lingering)
    lingering = null
    while (waiting.length > 0 && running < options.maxRunning) {
      const count = countOf(waiting, options)
      const batch = waiting.slice(0, count)
      waiting = waiting.slice(count)
      running++
      inFlight += batch.length
      void answer(batch)
    }
  }
  const lingerMs = options.lingerMs ?? 0
  const startSoon = () => {
    scheduled = false
    if (waiting.length === 0 || running >= options.maxRunning) return
    const share = Math.ceil((waiting.length + inFlight) / options.maxRunning)
    if (lingerMs === 0 || running === 0 || waiting.length >= Math.min(share, options.maxBatch))
      start()
    else lingering ??= setTimeout(start, lingerMs)
  }
  const schedule = () => {
    if (scheduled || waiting.length === 0 || running >= options.maxRunning) return
    scheduled = true
    setImmediate(startSoon)
  }
  const ask = async (batch: Waiting[]): Promise<void> => {
    try {
      const results = await options.run(batch.map((one) => one.input))
      for (const [index, one] of batch.entries()) one.resolve(results[index] as Out)
    } catch (error) {
      // One caller's bad value is not the others' failure: each is asked for by itself.
      if (batch.length > 1 && isOfOneValue(error)) for (const one of batch) await ask([one])
      else for (const one of batch) one.reject(error)
    }
  }
  const answer = async (batch: Waiting[]) => {
    try {
      await ask(batch)
    } finally {
      running--
      inFlight -= batch.length
      schedule()
    }
  }
  return (input) =>
    new Promise<Out>((resolve, reject) => {
      waiting.push({ input, resolve, reject })
      schedule()
    })
}

/** How many of those that wait go into the next call. */
function countOf<In, Out>(
  waiting: readonly { readonly input: In }[],
  { maxBatch, weight }: GatherOptions<In, Out>,
): number {
  if (!weight) return maxBatch
  let sum = 0
  for (const [i, { input }] of waiting.slice(0, maxBatch).entries()) {
    sum += weight.of(input)
    if (sum > weight.max && i > 0) return i
  }
  return maxBatch
}

/** Data exceptions and violated constraints: the statement was undone for what stood in it. */
const isOfOneValue = (error: unknown) => /^2[23]/.test(sqlState(error) ?? '')
