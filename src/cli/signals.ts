// Commands that clean up when they are stopped by a signal.
import { Refusal } from './failure.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs `work`, whose signal aborts when the process is asked to stop. */
export async function untilSignal(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stopped = new AbortController()
  const stop = () => stopped.abort()
  for (const signal of signals) process.once(signal, stop)
  try {
    await work(stopped.signal)
  } catch (error) {
    throw stopped.signal.aborted ? new Refusal('Stopped. Nothing incomplete is left.') : error
  } finally {
    for (const signal of signals) process.off(signal, stop)
  }
}
