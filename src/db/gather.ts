// Gathers calls that come at the same time into one, so that a busy server asks the database less often.

export type GatherOptions<In, Out> = {
  /** Answers all inputs at once, in their order. A rejection is every caller's. */
  readonly run: (inputs: In[]) => Promise<Out[]>
  /** Inputs one call may hold. */
  readonly maxBatch: number
  /** Calls that may run at the same time; what comes meanwhile waits and goes together. */
  readonly maxRunning: number
}

/**
 * Returns a function that answers one input, by way of `run` with as many inputs as are waiting.
 * When nothing runs, an input waits only for the end of the current turn of the event loop; under
 * load the batches grow by themselves, to what arrives during one call.
 */
export function gather<In, Out>(options: GatherOptions<In, Out>): (input: In) => Promise<Out> {
  type Waiting = { input: In; resolve: (out: Out) => void; reject: (error: unknown) => void }
  let waiting: Waiting[] = []
  let running = 0
  let scheduled = false

  const start = () => {
    scheduled = false
    while (waiting.length > 0 && running < options.maxRunning) {
      const batch = waiting.slice(0, options.maxBatch)
      waiting = waiting.slice(options.maxBatch)
      running++
      void answer(batch)
    }
  }
  const answer = async (batch: Waiting[]) => {
    try {
      const results = await options.run(batch.map((one) => one.input))
      for (const [index, one] of batch.entries()) one.resolve(results[index] as Out)
    } catch (error) {
      for (const one of batch) one.reject(error)
    } finally {
      running--
      if (waiting.length > 0) start()
    }
  }
  return (input) =>
    new Promise<Out>((resolve, reject) => {
      waiting.push({ input, resolve, reject })
      if (scheduled || running >= options.maxRunning) return
      scheduled = true
      setImmediate(start)
    })
}
