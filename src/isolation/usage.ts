// The resource usage of a process as the system counts it. Only Linux tells it without another program.
import { readFileSync } from 'node:fs'

export type Usage = { readonly cpuMs: number; readonly residentBytes: number }

/** Linux reports CPU time in hundredths of a second and memory in pages, on every machine. */
const tickMs = 10
const pageBytes = 4096

/** @returns null if the system does not tell it, or the process has ended */
export function usageOf(pid: number): Usage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name before it is in brackets and may contain anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [user, system, pages] = [fields[11], fields[12], fields[21]].map(Number)
    if (user === undefined || system === undefined || pages === undefined) return null
    return { cpuMs: (user + system) * tickMs, residentBytes: pages * pageBytes }
  } catch {
    return null // not Linux, or it has just ended, which is reported elsewhere
  }
}
