// What the tests of the embedded PostgreSQL share: data directories, processes to kill, and a way to ask the database.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { type EmbeddedDatabase, startEmbedded } from '../../src/db/embedded/embedded.ts'
import { isAlive } from '../../src/db/embedded/processes.ts'
import { prepareDataDir } from '../harness/prepared.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'

/** What the other process said at last: it owns the database, or it was refused. */
export type Owner = {
  readonly child: ChildProcess
  readonly url?: string
  readonly adopted?: boolean
  readonly refused?: string
  readonly message?: string
  readonly progress: string[]
}

type Run = { uid?: number; gid?: number }

const deadlineMs = 60_000
const pollMs = 10

/** A directory for one test; at its end the server in it, if one is left, is ended, and all is removed. */
export async function newDataDir(): Promise<string> {
  const scratch = await newScratch()
  onTestFinished(() => dropScratch(scratch))
  return join(scratch, 'data')
}

/** The same, with a database that is set up in it. */
export async function preparedDataDir(): Promise<string> {
  const dataDir = await newDataDir()
  await prepareDataDir(dataDir)
  return dataDir
}

/** Starts the database in this process; what it reports is collected. */
export async function start(
  dataDir: string,
): Promise<EmbeddedDatabase & { readonly progress: string[] }> {
  const progress: string[] = []
  const database = await startEmbedded({ dataDir, progress: (line) => progress.push(line) })
  onTestFinished(() => database.stop())
  return { ...database, progress }
}

/** Starts the database in a process of its own, and waits until it owns it or was refused. */
export async function startOwner(dataDir: string, user: Run = {}): Promise<Owner> {
  const { child, lines } = spawnOwner(dataDir, user)
  const progress: string[] = []
  for await (const line of lines) {
    const said = JSON.parse(line)
    if (!said.progress) return { child, progress, ...said }
    progress.push(said.progress)
  }
  throw new Error('the owner ended without a word')
}

/** Only spawns it: for a test that does not let it come so far. */
export function spawnOwner(dataDir: string, user: Run = {}) {
  const script = fileURLToPath(new URL('owner.ts', import.meta.url))
  const child = spawn(process.execPath, [script, dataDir], {
    ...user,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  })
  return { child, lines: createInterface({ input: child.stdout }) }
}

/** Sends a signal and waits until the process is gone. */
export async function killed(target: number | ChildProcess, signal: NodeJS.Signals) {
  const pid = typeof target === 'number' ? target : (target.pid as number)
  process.kill(pid, signal)
  await until(() => !isAlive(pid))
}

/** Polls what another process does; the only waiting in these tests. */
export async function until<T>(ask: () => T | Promise<T>): Promise<T> {
  for (const deadline = Date.now() + deadlineMs; Date.now() < deadline; await pause(pollMs)) {
    const answer = await ask()
    if (answer) return answer
  }
  throw new Error(`not so within ${deadlineMs} ms: ${ask}`)
}

export async function postmasterOf(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')
  return Number(text.split('\n')[0])
}

export async function query<T = Record<string, unknown>>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query(sql)).rows
  } finally {
    await client.end().catch(() => {})
  }
}

/** The same, again and again until the database answers. */
export function eventually<T = Record<string, unknown>>(url: string, sql: string): Promise<T[]> {
  return until(() => query<T>(url, sql).catch(() => null)) as Promise<T[]>
}

/** A directory only its owner may enter, with a data directory below. */
export async function newClosedDir(): Promise<string> {
  const dataDir = await newDataDir()
  const closed = join(dataDir, '..', 'closed')
  await mkdir(closed, { mode: 0o700 })
  return join(closed, 'data')
}
