// The first start: what it makes, that it is whole or not there, and that a second start is quick.
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { findEmbedded } from '../../src/db/embedded/embedded.ts'
import { isAlive } from '../../src/db/embedded/processes.ts'
import {
  killed,
  newDataDir,
  postmasterOf,
  preparedDataDir,
  query,
  spawnOwner,
  start,
  startOwner,
  until,
} from './trial.ts'

const nobodysPid = 2 ** 31 - 2

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777
}

function socketDirectoryOf(url: string): string {
  return new URL(url).searchParams.get('host') as string
}

test('the database is durable, checked, and sorts the same everywhere', async () => {
  const { url } = await start(await newDataDir())
  const settings = await query<{ name: string; setting: string }>(
    url,
    'select name, setting from pg_settings',
  )
  expect(Object.fromEntries(settings.map((row) => [row.name, row.setting]))).toMatchObject({
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    data_checksums: 'on',
    jit: 'off',
    password_encryption: 'scram-sha-256',
    deadlock_timeout: '200',
    server_encoding: 'UTF8',
    TimeZone: 'UTC',
  })
  const [locale] = await query(url, 'select datlocprovider, datlocale from pg_database limit 1')
  expect(locale).toEqual({ datlocprovider: 'b', datlocale: 'C.UTF-8' })
  const unread = await query(url, 'select * from pg_file_settings where error is not null')
  expect(unread).toEqual([])
})

test('nobody gets in but by the socket and with the password', async () => {
  const dataDir = await newDataDir()
  const { url } = await start(dataDir)
  const [listening] = await query(url, 'show listen_addresses')
  expect(listening).toEqual({ listen_addresses: '' })
  const rules = await query(url, 'select distinct auth_method from pg_hba_file_rules')
  expect(rules).toEqual([{ auth_method: 'scram-sha-256' }])
  const wrong = url.replace(/:[0-9a-f]+@/, ':wrong@')
  await expect(query(wrong, 'select 1')).rejects.toThrow('password authentication failed')
  expect(await modeOf(join(dataDir, 'postgres'))).toBe(0o700)
  expect(await modeOf(join(dataDir, 'postgres.json'))).toBe(0o600)
  expect(await modeOf(join(dataDir, 'postgres.log'))).toBe(0o600)
  expect(await modeOf(socketDirectoryOf(url))).toBe(0o700)
})

test('it is found while it runs, and a clean stop leaves nothing but the data', async () => {
  const dataDir = await preparedDataDir()
  expect(await findEmbedded(dataDir)).toBeNull()
  const database = await start(dataDir)
  expect(await findEmbedded(dataDir)).toBe(database.url)
  const pid = await postmasterOf(dataDir)
  await database.stop()
  expect(isAlive(pid)).toBe(false)
  expect(await findEmbedded(dataDir)).toBeNull()
  expect((await readdir(dataDir)).sort()).toEqual(['postgres', 'postgres.log'])
  await expect(stat(socketDirectoryOf(database.url))).rejects.toThrow('ENOENT')
})

test('a second start goes on where the first stopped, and sets nothing up', async () => {
  const dataDir = await newDataDir()
  const first = await start(dataDir)
  await query(first.url, 'create table kept as select 42 as answer')
  await first.stop()
  const next = await start(dataDir)
  expect(first.progress.join()).toContain('Setting up the database')
  expect(next.progress).toEqual([])
  expect(next.adopted).toBe(false)
  expect(await query(next.url, 'select answer from kept')).toEqual([{ answer: 42 }])
})

test('settings of the operator win over ours and are kept', async () => {
  const dataDir = await preparedDataDir()
  await (await start(dataDir)).stop()
  await writeFile(join(dataDir, 'postgres', 'operator.conf'), "work_mem = '33MB'\n")
  const { url } = await start(dataDir)
  expect(await query(url, 'show work_mem')).toEqual([{ work_mem: '33MB' }])
})

test('of two first starts at once one wins and the other refuses', async () => {
  const dataDir = await newDataDir()
  const owners = await Promise.all([startOwner(dataDir), startOwner(dataDir)])
  const [winner] = owners.filter((owner) => owner.url)
  const [loser] = owners.filter((owner) => owner.refused)
  expect(loser).toMatchObject({ refused: 'DataDirectoryBusy' })
  expect(loser?.message).toContain(`process ${winner?.child.pid}`)
  expect(await query(winner?.url as string, 'select 1 as one')).toEqual([{ one: 1 }])
  const left = await readdir(dataDir)
  expect(left.filter((name) => name.startsWith('postgres.setup'))).toEqual([])
})

test('a set-up killed half-way leaves no half database, and the next start makes a whole one', async () => {
  const dataDir = await newDataDir()
  const { child } = spawnOwner(dataDir)
  const half = (await until(async () => {
    const names = await readdir(dataDir).catch(() => [])
    return names.find((name) => name.startsWith('postgres.setup'))
  })) as string
  await until(() => stat(join(dataDir, half, 'cluster', 'base')).catch(() => null))
  await killed(child, 'SIGKILL')
  expect(await readdir(dataDir)).not.toContain('postgres')
  const { url } = await start(dataDir)
  expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('only what is plainly an abandoned set-up of ours is removed', async () => {
  const dataDir = await newDataDir()
  const abandoned = `postgres.setup-${nobodysPid}-0123abcd`
  const others = [`postgres.setup-${process.pid}-0123abcd`, 'postgres.setup-mine', 'postgres.old']
  for (const name of [abandoned, ...others]) await mkdir(join(dataDir, name), { recursive: true })
  await start(dataDir)
  const left = await readdir(dataDir)
  expect(left).not.toContain(abandoned)
  expect(left).toEqual(expect.arrayContaining(others))
})

test('a directory that is no database of ours is refused and left as it is', async () => {
  const dataDir = await newDataDir()
  await mkdir(join(dataDir, 'postgres'), { recursive: true })
  await writeFile(join(dataDir, 'postgres', 'diary.txt'), 'precious')
  await expect(start(dataDir)).rejects.toThrow('is not a Numlet database')
  expect(await readdir(join(dataDir, 'postgres'))).toEqual(['diary.txt'])
  expect(await readdir(dirname(dataDir))).toEqual(['data'])
})
