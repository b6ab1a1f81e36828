// B2: SIGINT and SIGTERM are heard at every moment of a start; it ends cleanly, and the next one goes on.
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { processesIn } from '../../src/db/embedded/processes.ts'
import { testDatabase } from '../harness/database.ts'
import { eventually } from '../harness/program.ts'
import { newDataDir, patienceMs, startNumlet } from '../start/program.ts'

const isThere = async (dataDir: string, name: RegExp) =>
  (await readdir(dataDir).catch(() => [])).some((one) => name.test(one))

const moments: readonly (readonly [string, (dataDir: string, says: Says) => Promise<unknown>])[] = [
  ['initdb runs', (dataDir) => eventually(() => isThere(dataDir, /^postgres\.setup-/), patienceMs)],
  ['PostgreSQL starts', (dataDir) => eventually(() => isThere(dataDir, /^postgres$/), patienceMs)],
  [
    'the schema is made',
    (dataDir) => eventually(() => isThere(dataDir, /^postgres\.json$/), patienceMs),
  ],
  ['the demo is made', (_, says) => says(/schema is up to date/)],
]
type Says = (words: RegExp) => Promise<unknown>

describe('B2: a signal while', () => {
  const cases = moments.flatMap(([name, moment]) =>
    (['SIGINT', 'SIGTERM'] as const).map((signal) => [name, signal, moment] as const),
  )
  it.each(cases)('%s (%s): a clean end', async (_, signal, moment) => {
    const dataDir = await newDataDir()
    const start = startNumlet({ NUMLET_DATA: dataDir, NUMLET_DRAIN_S: '0' })
    await moment(dataDir, start.says)
    start.child.kill(signal)
    expect(await start.ended, start.output()).toBe(0)
    expect(processesIn(join(dataDir, 'postgres'))).toEqual([])
    expect(await isThere(dataDir, /^postgres\.(?:json$|setup-)/)).toBe(false)
    const next = startNumlet({ NUMLET_DATA: dataDir, NUMLET_DEMO: '0' })
    await next.ready()
  })

  it('a database of somebody else does not answer', async () => {
    let hasCome = () => {}
    const came = new Promise<void>((resolve) => {
      hasCome = resolve
    })
    const silent = createServer((socket) => {
      socket.on('error', () => {})
      hasCome()
    })
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void silent.close())
    const { port } = silent.address() as { port: number }
    const start = startNumlet({ DATABASE_URL: `postgres://u:p@127.0.0.1:${port}/db` })
    await came
    start.child.kill('SIGINT')
    expect(await start.ended).toBe(0)
  })

  it('a migration waits for a lock of somebody else’s', async () => {
    const { db, url } = await testDatabase('empty')
    const other = new AbortController()
    const held = db.begin(async (tx) => {
      await tx.query('select pg_advisory_xact_lock(728110563)')
      await new Promise<void>((resolve) => other.signal.addEventListener('abort', () => resolve()))
    })
    const start = startNumlet({ DATABASE_URL: url })
    await start.says(/^Another migration is running/m)
    start.child.kill('SIGTERM')
    expect(await start.ended).toBe(0)
    other.abort()
    await held
  })
})
