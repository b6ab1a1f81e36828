// CPU time of processes, as Linux counts it.
import { readdir, readFile } from 'node:fs/promises'
import type { Database } from '../src/db/database.ts'

/** A tick of `/proc`, on every Linux that Node runs on. */
const tickMs = 10

type Process = { readonly parent: number; readonly cpuMs: number }

/** @returns null if there is no such process, or no `/proc` */
async function processOf(pid: number): Promise<Process | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (text === null) return null
  // The name, in brackets, may have blanks in it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  // Its own, and that of children that have ended.
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return { parent: Number(fields[1]), cpuMs: ticks * tickMs }
}

/** The CPU time of a process and of those that it has begun. */
export async function cpuMsOf(pid: number): Promise<number> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (name) => [Number(name), await processOf(Number(name))] as const),
  )
  const processes = new Map(
    found.flatMap(([id, one]) => (one === null ? [] : [[id, one] as const])),
  )
  const isOf = (id: number): boolean =>
    id === pid || (id > 1 && isOf(processes.get(id)?.parent ?? 0))
  return [...processes].reduce((sum, [id, { cpuMs }]) => sum + (isOf(id) ? cpuMs : 0), 0)
}

/** The CPU time that the whole database server has used. */
export async function databaseMs(db: Database): Promise<number> {
  const [row] = await db.query<{ pid: number }>('select pg_backend_pid() as pid')
  return cpuMsOf((await processOf(row?.pid ?? 0))?.parent ?? 0)
}
