// Loaded into a server with `--import`: measures how long its event loop is held, and reports to its parent.
//
// On a machine with fewer processors than busy processes, the loop is also held while other processes run.
// What the server itself computes meanwhile is measured by the CPU time of its thread.
import { monitorEventLoopDelay } from 'node:perf_hooks'

const resolutionMs = 5
const delay = monitorEventLoopDelay({ resolution: resolutionMs })
delay.enable()

/** Milliseconds since the last report: of the clock, and the longest of the thread's own CPU time. */
export type LoopDelay = { readonly max: number; readonly p99: number; readonly ownMax: number }

const toMs = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolutionMs)

const ownMs = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
let ownBefore = ownMs()
let ownMax = 0
setInterval(() => {
  const now = ownMs()
  ownMax = Math.max(ownMax, now - ownBefore)
  ownBefore = now
}, resolutionMs).unref()

process.on('message', (message) => {
  if (message !== 'delay') return
  const report: LoopDelay = { max: toMs(delay.max), p99: toMs(delay.percentile(99)), ownMax }
  process.send?.(report)
  delay.reset()
  ownMax = 0
})
// The channel to the parent does not keep the server alive.
process.channel?.unref()
