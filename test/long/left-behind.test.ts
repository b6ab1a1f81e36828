// S1: whatever kills a server, and whatever it leaves behind, the next start goes on and nothing is lost.
import { readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findEmbedded } from '../../src/db/embedded/embedded.ts'
import { commandLineOf, isAlive, processesIn } from '../../src/db/embedded/processes.ts'
import { killed, postmasterOf, query, spawnOwner, startOwner, until } from '../embedded/trial.ts'
import { signalEach } from '../harness/program.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'

let scratch: string
let dataDir: string
let rounds = 0
beforeAll(async () => {
  scratch = await newScratch()
  dataDir = join(scratch, 'data')
})
afterAll(() => dropScratch(scratch))

const pidFile = () => join(dataDir, 'postgres', 'postmaster.pid')
const factsFile = () => join(dataDir, 'postgres.json')
const serverProcesses = async () => processesIn(await realpath(join(dataDir, 'postgres')))
// A scene that failed leaves nothing for the next one to trip over.
afterEach(async () => signalEach(await serverProcesses(), 'SIGKILL'))
const killPostmaster = async () => killed(await postmasterOf(dataDir), 'SIGKILL')

const freeze = async (pids: readonly number[]) => signalEach(pids, 'SIGSTOP')

const scenes: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['PostgreSQL runs on', async () => {}],
  ['PostgreSQL was killed, too', killPostmaster],
  [
    'one process of PostgreSQL was killed',
    async () => {
      const isCheckpointer = (pid: number) => commandLineOf(pid).includes('checkpointer')
      const checkpointer = (await serverProcesses()).find(isCheckpointer)
      process.kill(checkpointer as number, 'SIGKILL')
    },
  ],
  [
    'every process of PostgreSQL was killed',
    async () => {
      signalEach(await serverProcesses(), 'SIGKILL')
      await until(async () => (await serverProcesses()).length === 0)
    },
  ],
  ['the postmaster is frozen', async () => freeze([await postmasterOf(dataDir)])],
  ['all of PostgreSQL is frozen', async () => freeze(await serverProcesses())],
  [
    'the postmaster was killed, and its processes are frozen',
    async () => {
      const postmaster = await postmasterOf(dataDir)
      await freeze((await serverProcesses()).filter((pid) => pid !== postmaster))
      await killPostmaster()
    },
  ],
  ...['', '\n\n', 'garbage\u0000\u0001', '0\n', '-1\n'].flatMap(
    (text) =>
      [
        [
          `postmaster.pid says ${JSON.stringify(text)}, and nothing runs`,
          async () => {
            await killPostmaster()
            await until(async () => (await serverProcesses()).length === 0)
            await writeFile(pidFile(), text)
          },
        ],
      ] as const,
  ),
  ['postmaster.pid is empty, and PostgreSQL runs on', () => writeFile(pidFile(), '')],
  [
    'postmaster.pid is gone, and PostgreSQL was killed',
    async () => {
      await killPostmaster()
      await rm(pidFile())
    },
  ],
  ['postmaster.pid is gone, and PostgreSQL runs on', () => rm(pidFile())],
  ['postgres.json is empty, and PostgreSQL runs on', () => writeFile(factsFile(), '')],
  ['postgres.json is garbage, and PostgreSQL runs on', () => writeFile(factsFile(), '{"host": 1')],
  [
    'postgres.json is gone, and PostgreSQL was killed',
    async () => {
      await killPostmaster()
      await rm(factsFile())
    },
  ],
  [
    'the socket is gone, and PostgreSQL runs on',
    async () => {
      const { host, port } = JSON.parse(await readFile(factsFile(), 'utf8'))
      await rm(join(host, `.s.PGSQL.${port}`))
    },
  ],
  [
    'the socket’s directory is gone, and PostgreSQL was killed',
    async () => {
      const { host } = JSON.parse(await readFile(factsFile(), 'utf8'))
      await killPostmaster()
      await rm(host, { recursive: true })
    },
  ],
]

describe.runIf(process.platform === 'linux')('S1: the server was killed, and', () => {
  it.each(scenes)('%s', async (_, damage) => {
    const owner = await startOwner(dataDir)
    await query(owner.url as string, 'create table if not exists kept (round int)')
    await query(owner.url as string, `insert into kept values (${++rounds})`)
    await killed(owner.child, 'SIGKILL')
    await damage()
    const next = await startOwner(dataDir)
    expect(next.message).toBeUndefined()
    const [row] = await query(next.url as string, 'select count(*)::int as rounds from kept')
    expect(row).toEqual({ rounds })
    expect(await findEmbedded(dataDir)).toBe(next.url)
    await killed(next.child, 'SIGTERM')
    expect(await serverProcesses()).toEqual([])
  })

  it('the next one was killed while PostgreSQL recovered', async () => {
    const owner = await startOwner(dataDir)
    const url = owner.url as string
    await query(
      url,
      'create table much as select i, repeat($$x$$, 200) from generate_series(1, 400000) i',
    )
    await killed(owner.child, 'SIGKILL')
    await killPostmaster()
    await until(async () => (await serverProcesses()).length === 0)
    const second = spawnOwner(dataDir)
    await until(async () => (await serverProcesses()).length > 0)
    await killed(second.child, 'SIGKILL')
    const third = await startOwner(dataDir)
    expect(await query(third.url as string, 'select count(*)::int as rows from much')).toEqual([
      { rows: 400_000 },
    ])
    await killed(third.child, 'SIGTERM')
    expect(isAlive(third.child.pid as number)).toBe(false)
  })
})
