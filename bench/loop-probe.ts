// Loaded into a server with `--import`: measures how long its event loop is held, and reports to its parent.
import { monitorEventLoopDelay } from 'node:perf_hooks'

const resolutionMs = 5
const delay = monitorEventLoopDelay({ resolution: resolutionMs })
delay.enable()

/** Milliseconds since the last report. */
export type LoopDelay = { readonly max: number; readonly p99: number }

const toMs = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolutionMs)

process.on('message', (message) => {
  if (message !== 'delay') return
  process.send?.({ max: toMs(delay.max), p99: toMs(delay.percentile(99)) } satisfies LoopDelay)
  delay.reset()
})
// The channel to the parent does not keep the server alive.
process.channel?.unref()
