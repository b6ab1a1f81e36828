// Combines concurrent calls into one, so that a busy server queries the database less often.

import { isBusy, isConnectionError, sqlState } from './errors.ts'
import { forSelf } from './shares.ts'

export type GatherOptions<In, Out> = {
  /** What the work is called in the metrics; without a name it is not counted. */
  readonly name?: string
  /** Returns the results for all inputs, in their order. A rejection applies to every caller. */
  readonly run: (inputs: In[]) => Promise<Out[]>
  /** The maximum number of inputs in one call. */
  readonly maxBatch: number
  /** The maximum number of concurrent calls; further inputs wait and are combined. */
  readonly maxRunning: number
  /** The weight of an input, and the maximum weight of a call; a single input may exceed it. */
  readonly weight?: { readonly of: (input: In) => number; readonly max: number }
  /** How long an input may wait for others while another call runs; default 0. Worthwhile if a call costs
   * much more than its inputs. */
  readonly lingerMs?: number
}

/**
 * Returns a function for one input that calls `run` with all waiting inputs.
 *
 * If nothing is running, an input waits only for the end of the current turn of the event loop. While calls
 * run, the next one starts at once, or, with a linger time, once it has its share of all that is in progress:
 * callers that were answered together return one by one, and a call for only the first of them would make all
 * others wait for it.
 */
export function gather<In, Out>(options: GatherOptions<In, Out>): (input: In) => Promise<Out> {
  type Waiting = { input: In; resolve: (out: Out) => void; reject: (error: unknown) => void }
  let waiting: Waiting[] = []
  let running = 0
  let inFlight = 0
  let scheduled = false
  let lingering: NodeJS.Timeout | null = null
  const run = forSelf(counted(options))

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
      const results = await run(batch.map((one) => one.input))
      for (const [index, one] of batch.entries()) one.resolve(results[index] as Out)
    } catch (error) {
      // One caller's bad value must not fail the others: run each input separately.
      if (batch.length > 1 && isOfOneValue(error)) for (const one of batch) await ask([one])
      // Nor may one locked row: it waits by itself, beside the others.
      else if (batch.length > 1 && isBusy(error)) await eachOf(batch, (one) => ask([one]))
      else for (const one of batch) one.reject(error)
      // Without a database, those who have waited behind this call would wait as long once more.
      if (isConnectionError(error)) for (const one of waiting.splice(0)) one.reject(error)
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

/** How many calls there were, and what they have combined. */
type Gathered = { calls: number; inputs: number }

const counts = new Map<string, Gathered>()

/** The named work of this process. */
export const gathered = (): ReadonlyMap<string, Readonly<Gathered>> => counts

function counted<In, Out>({ name, run }: GatherOptions<In, Out>): (inputs: In[]) => Promise<Out[]> {
  if (name === undefined) return run
  const count = counts.get(name) ?? { calls: 0, inputs: 0 }
  counts.set(name, count)
  return (inputs) => {
    count.calls++
    count.inputs += inputs.length
    return run(inputs)
  }
}

/** The number of waiting inputs for the next call. */
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

const separateCalls = 4

/** Runs `work` for each of a list, some at a time. */
async function eachOf<T>(list: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const rest = list.values()
  const worker = async () => {
    for (const one of rest) await work(one)
  }
  await Promise.all(Array.from({ length: separateCalls }, worker))
}

/** Data exceptions and violated constraints: the statement failed because of its values. */
const isOfOneValue = (error: unknown) => /^2[23]/.test(sqlState(error) ?? '')
