// What a process uses, as the system counts it. Only Linux tells it without another program.
import { readFileSync } from 'node:fs'

export type Usage = { readonly cpuMs: number; readonly residentBytes: number }

/** Linux counts CPU time for programs in hundredths of a second and memory in pages, whatever the machine. */
const tickMs = 10
const pageBytes = 4096

/** @returns null where the system does not tell it, or the process is gone */
export function usageOf(pid: number): Usage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name before it is in brackets and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [user, system, pages] = [fields[11], fields[12], fields[21]].map(Number)
    if (user === undefined || system === undefined || pages === undefined) return null
    return { cpuMs: (user + system) * tickMs, residentBytes: pages * pageBytes }
  } catch {
    return null // not Linux, or it has ended meanwhile: its end is reported elsewhere
  }
}
