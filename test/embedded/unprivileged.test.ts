// Started by root, the server runs as an ordinary user, in any directory, and no permission is loosened for it.
import { chown, lstat, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { homeOf } from '../../src/db/embedded/home.ts'
import { copyPrograms } from '../../src/db/embedded/program-copy.ts'
import { canEnter, chooseUser, giveTo, parsePasswd } from '../../src/db/embedded/unprivileged.ts'
import {
  eventually,
  killed,
  newClosedDir,
  newDataDir,
  postmasterOf,
  preparedDataDir,
  query,
  start,
  startOwner,
} from './trial.ts'

const isRoot = process.getuid?.() === 0
const nobody = { uid: 65534, gid: 65534 }
const repository = join(import.meta.dirname, '..', '..')

test('users are read from a passwd file, root and nonsense left out', () => {
  const users = parsePasswd('root:x:0:0::/root:/bin/sh\nnumlet:x:998:997::/:/bin/false\n# hm\n')
  expect([...users]).toEqual([['numlet', { uid: 998, gid: 997 }]])
})

describe.runIf(isRoot && process.platform === 'linux')('as root', () => {
  test('below a directory only root may enter, it is set up, serves and recovers', async () => {
    const dataDir = await newClosedDir()
    const { url } = await start(dataDir)
    await query(url, 'create table kept as select 42 as answer')
    await killed(await postmasterOf(dataDir), 'SIGKILL')
    expect(await eventually(url, 'select answer from kept')).toEqual([{ answer: 42 }])
    expect((await stat(dirname(dataDir))).mode & 0o777).toBe(0o700)
    expect((await stat(dirname(dataDir))).uid).toBe(0)
  })

  test('the server is an ordinary user in no group of root’s, and owns its cluster', async () => {
    const dataDir = await newDataDir()
    await start(dataDir)
    const status = await readFile(`/proc/${await postmasterOf(dataDir)}/status`, 'utf8')
    const { uid, gid } = await stat(join(dataDir, 'postgres'))
    expect(uid).not.toBe(0)
    expect(status).toMatch(new RegExp(`^Uid:\t${uid}\t${uid}\t${uid}\t${uid}$`, 'm'))
    expect(status).toMatch(new RegExp(`^Gid:\t${gid}\t${gid}\t${gid}\t${gid}$`, 'm'))
    expect(status).toMatch(/^Groups:\s*$/m)
  })

  test('a cluster restored by root is given back to an ordinary user', async () => {
    const dataDir = await preparedDataDir()
    const first = await start(dataDir)
    await query(first.url, 'create table kept as select 42 as answer')
    await first.stop()
    await giveTo({ uid: 0, gid: 0 }, join(dataDir, 'postgres'))
    const { url } = await start(dataDir)
    expect(await query(url, 'select answer from kept')).toEqual([{ answer: 42 }])
  })

  test('what belongs to an ordinary user goes on as that user', async () => {
    const dataDir = await preparedDataDir()
    await (await start(dataDir)).stop()
    await chown(dataDir, nobody.uid, nobody.gid)
    await giveTo(nobody, join(dataDir, 'postgres'))
    expect(await chooseUser(homeOf(dataDir))).toEqual(nobody)
    await start(dataDir)
    expect((await stat(join(dataDir, 'postgres.json'))).uid).toBe(nobody.uid)
  })

  test('an ordinary user needs none of this', async (context) => {
    context.skip(!(await canEnter(repository, nobody)), 'this checkout is closed to nobody')
    const dataDir = await newDataDir()
    await chown(dirname(dataDir), nobody.uid, nobody.gid)
    const first = await startOwner(dataDir, nobody)
    expect(await query(first.url as string, 'select 1 as one')).toEqual([{ one: 1 }])
    await killed(first.child, 'SIGKILL')
    const second = await startOwner(dataDir, nobody)
    expect(second.adopted).toBe(true)
    await killed(await postmasterOf(dataDir), 'SIGKILL')
    await eventually(second.url as string, 'select 1')
    await killed(second.child, 'SIGTERM')
    expect(await readdir(dataDir)).not.toContain('postgres.json')
  })

  test('a copy of the programs is trusted only where root alone may write', async () => {
    const top = await newPrograms()
    const options = { name: 'copy', rootOnly: true, createLinks: async () => true }
    await chown(top, nobody.uid, nobody.gid)
    const place = join(top, 'place')
    await expect(copyPrograms(join(top, 'native'), { ...options, place })).rejects.toThrow('root')
  })
})

test('a copy of the programs is complete or made again', async () => {
  const top = await newPrograms()
  const options = {
    place: join(top, 'place'),
    name: 'copy',
    rootOnly: false,
    createLinks: async () => true,
  }
  const copy = await copyPrograms(join(top, 'native'), options)
  const made = await lstat(copy)
  expect(await copyPrograms(join(top, 'native'), options)).toBe(copy)
  expect((await lstat(copy)).ino).toBe(made.ino)
  await rm(join(copy, 'bin', 'program'))
  await copyPrograms(join(top, 'native'), options)
  expect((await lstat(join(copy, 'bin', 'program'))).mode & 0o777).toBe(0o755)
  expect(await readdir(join(top, 'place'))).toEqual(['copy'])
})

async function newPrograms(): Promise<string> {
  const top = dirname(await newDataDir())
  await mkdir(join(top, 'native', 'bin'), { recursive: true })
  await writeFile(join(top, 'native', 'bin', 'program'), '#!/bin/sh\n', { mode: 0o700 })
  return top
}
