// While we own it, a database that dies comes back by itself, under the same address.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { DataDirectoryBusy } from '../../src/db/embedded/embedded.ts'
import { isAlive } from '../../src/db/embedded/processes.ts'
import {
  eventually,
  killed,
  postmasterOf,
  preparedDataDir,
  query,
  start,
  startOwner,
  until,
} from './trial.ts'

test('a killed postmaster is replaced, and the pools find it again', async () => {
  const dataDir = await preparedDataDir()
  const database = await start(dataDir)
  const pool = new pg.Pool({ connectionString: database.url })
  pool.on('error', () => {})
  onTestFinished(() => pool.end())
  await pool.query('create table kept as select 42 as answer')
  await killed(await postmasterOf(dataDir), 'SIGKILL')
  const { rows } = (await until(() =>
    pool.query('select answer from kept').catch(() => null),
  )) as pg.QueryResult
  expect(rows).toEqual([{ answer: 42 }])
  await until(() => database.progress.includes('PostgreSQL is running again'))
})

test('ownership is taken again with the new server', async () => {
  const dataDir = await preparedDataDir()
  const owner = await startOwner(dataDir)
  await killed(await postmasterOf(dataDir), 'SIGKILL')
  await eventually(owner.url as string, 'select 1')
  await expect(start(dataDir)).rejects.toThrow(DataDirectoryBusy)
})

test('it comes back again and again', async () => {
  const dataDir = await preparedDataDir()
  const { url } = await start(dataDir)
  await query(url, 'create table rounds (round int)')
  for (let round = 1; round <= 3; round++) {
    await killed(await postmasterOf(dataDir), 'SIGKILL')
    await eventually(url, `insert into rounds values (${round})`)
  }
  expect(await query(url, 'select max(round) as last from rounds')).toEqual([{ last: 3 }])
})

test.runIf(process.platform === 'linux')(
  'a busy process of the killed server is ended, for it holds the memory',
  async () => {
    const dataDir = await preparedDataDir()
    const { url } = await start(dataDir)
    const busy = query(url, 'do $$ begin loop perform 1; end loop; end $$').catch((error) => error)
    await until(async () => {
      const sql = `select 1 from pg_stat_activity where state = 'active' and query like 'do %'`
      return (await query(url, sql)).length > 0
    })
    await killed(await postmasterOf(dataDir), 'SIGKILL')
    await eventually(url, 'select 1')
    expect(await busy).toBeInstanceOf(Error)
  },
)

test('the crash of one backend, which takes all connections with it, is survived', async () => {
  const dataDir = await preparedDataDir()
  const { url } = await start(dataDir)
  const pid = await postmasterOf(dataDir)
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  const { rows } = await client.query('select pg_backend_pid() as pid')
  await killed(rows[0].pid, 'SIGKILL')
  await eventually(url, 'select 1')
  expect(await postmasterOf(dataDir)).toBe(pid)
})

test('a stop while it is being brought back leaves no server behind', async () => {
  const dataDir = await preparedDataDir()
  const database = await start(dataDir)
  await killed(await postmasterOf(dataDir), 'SIGKILL')
  await until(() => database.progress.length > 1)
  await database.stop()
  const left = await postmasterOf(dataDir).catch(() => null)
  expect(left === null || !isAlive(left)).toBe(true)
  const next = await start(dataDir)
  expect(await query(next.url, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('the log says what happened, and no value that was sent', async () => {
  const dataDir = await preparedDataDir()
  const { url } = await start(dataDir)
  await query(url, 'create table codes (code text primary key)')
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  for (const _ of [1, 2])
    await client.query('insert into codes values ($1)', ['secret-4711']).catch(() => {})
  const log = await readFile(join(dataDir, 'postgres.log'), 'utf8')
  expect(log).toContain('duplicate key value violates unique constraint')
  expect(log).not.toContain('4711')
})
