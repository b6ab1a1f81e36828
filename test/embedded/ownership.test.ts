// One owner at a time, and none for ever: a live one is respected, a dead one is followed.
import { spawn } from 'node:child_process'
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DataDirectoryBusy, findEmbedded } from '../../src/db/embedded/embedded.ts'
import { isAlive } from '../../src/db/embedded/processes.ts'
import { killed, postmasterOf, preparedDataDir, query, start, startOwner } from './trial.ts'

test('a second start on a live directory is refused by name, and the first goes on', async () => {
  const dataDir = await preparedDataDir()
  const owner = await startOwner(dataDir)
  const refusal = start(dataDir)
  await expect(refusal).rejects.toThrow(DataDirectoryBusy)
  await expect(refusal).rejects.toThrow(`process ${owner.child.pid}`)
  expect(await query(owner.url as string, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('the lock alone refuses a second owner, even when postgres.json is lost', async () => {
  const dataDir = await preparedDataDir()
  const owner = await startOwner(dataDir)
  const factsFile = join(dataDir, 'postgres.json')
  const facts = await readFile(factsFile, 'utf8')
  await writeFile(factsFile, '{}')
  await expect(start(dataDir)).rejects.toThrow(`process ${owner.child.pid}`)
  await writeFile(factsFile, facts)
})

test('a start waits for an owner that is just stopping', async () => {
  const dataDir = await preparedDataDir()
  const owner = await startOwner(dataDir)
  owner.child.kill('SIGTERM')
  const next = await start(dataDir)
  expect(await query(next.url, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('the database of a killed owner lives on and is adopted with all it acknowledged', async () => {
  const dataDir = await preparedDataDir()
  const owner = await startOwner(dataDir)
  await query(owner.url as string, 'create table kept as select 42 as answer')
  const pid = await postmasterOf(dataDir)
  await killed(owner.child, 'SIGKILL')
  expect(await findEmbedded(dataDir)).toBe(owner.url)
  const next = await start(dataDir)
  expect(next.adopted).toBe(true)
  expect(await postmasterOf(dataDir)).toBe(pid)
  expect(await query(next.url, 'select answer from kept')).toEqual([{ answer: 42 }])
  await next.stop()
  expect(isAlive(pid)).toBe(false)
})

test('a left-over database with other settings is restarted with the present ones', async () => {
  const dataDir = await preparedDataDir()
  const owner = await startOwner(dataDir)
  const pid = await postmasterOf(dataDir)
  await killed(owner.child, 'SIGKILL')
  await appendFile(join(dataDir, 'postgres', 'operator.conf'), 'max_connections = 77\n')
  const next = await start(dataDir)
  expect(next.adopted).toBe(false)
  expect(isAlive(pid)).toBe(false)
  expect(await query(next.url, 'show max_connections')).toEqual([{ max_connections: '77' }])
})

test('when owner and database are killed together the next start recovers', async () => {
  const dataDir = await preparedDataDir()
  const owner = await startOwner(dataDir)
  await query(owner.url as string, 'create table kept as select 42 as answer')
  await killed(owner.child, 'SIGKILL')
  await killed(await postmasterOf(dataDir), 'SIGKILL')
  expect(await findEmbedded(dataDir)).toBeNull()
  const next = await start(dataDir)
  expect(next.adopted).toBe(false)
  expect(await query(next.url, 'select answer from kept')).toEqual([{ answer: 42 }])
  const abandoned = new URL(owner.url as string).searchParams.get('host') as string
  await expect(stat(abandoned)).rejects.toThrow('ENOENT')
})

test('a pid file whose number is another program’s by now does not stop the start', async () => {
  const dataDir = await preparedDataDir()
  const owner = await startOwner(dataDir)
  await killed(owner.child, 'SIGKILL')
  await killed(await postmasterOf(dataDir), 'SIGKILL')
  const { uid, gid } = await stat(join(dataDir, 'postgres'))
  const user = process.getuid?.() === 0 ? { uid, gid } : {}
  const stranger = spawn('sleep', ['60'], { ...user, stdio: 'ignore' })
  onTestFinished(() => void stranger.kill())
  const pidFile = join(dataDir, 'postgres', 'postmaster.pid')
  const [, ...rest] = (await readFile(pidFile, 'utf8')).split('\n')
  await writeFile(pidFile, [stranger.pid, ...rest].join('\n'))
  const next = await start(dataDir)
  expect(await query(next.url, 'select 1 as one')).toEqual([{ one: 1 }])
  await next.stop()
  expect(isAlive(stranger.pid as number)).toBe(true)
})
