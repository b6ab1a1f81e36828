// DATABASE_URL with several hosts: the one that can be written is used, also after a failover. Two real
// servers, a primary and its standby.
import { execFile, spawn } from 'node:child_process'
import { appendFile, cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import { toConfig } from '../../src/config.ts'
import { openDatabase } from '../../src/db/database.ts'
import { locateBinaries } from '../../src/db/embedded/binaries.ts'
import { programEnvironment } from '../../src/db/embedded/environment.ts'
import { homeOf } from '../../src/db/embedded/home.ts'
import { chooseUser } from '../../src/db/embedded/unprivileged.ts'
import { faultOfHosts, hostsOf } from '../../src/db/hosts.ts'
import { assertReachable } from '../../src/db/reach.ts'
import { freePort } from '../harness/ports.ts'
import { prepareDataDir } from '../harness/prepared.ts'
import { eventually } from '../harness/program.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'

describe('H12: a URL with several hosts', () => {
  it('is read as libpq reads it', () => {
    const urls = (url: string) => hostsOf(url).urls
    expect(urls('postgres://u:p@one/db')).toEqual(['postgres://u:p@one/db'])
    expect(urls('postgres://u:p@one:1,two:2/db?sslmode=disable')).toEqual([
      'postgres://u:p@one:1/db?sslmode=disable',
      'postgres://u:p@two:2/db?sslmode=disable',
    ])
    expect(urls('postgres://u:p,q@[::1]:1,two/db?target_session_attrs=read-write')).toEqual([
      'postgres://u:p,q@[::1]:1/db',
      'postgres://u:p,q@two/db',
    ])
    expect(urls('postgres://u:p@/db?host=/run/a,/run/b&port=1,2')).toEqual([
      'postgres://u:p@/db?host=%2Frun%2Fa&port=1',
      'postgres://u:p@/db?host=%2Frun%2Fb&port=2',
    ])
    expect(urls('postgres://one,two/db?load_balance_hosts=random').toSorted()).toEqual([
      'postgres://one/db',
      'postgres://two/db',
    ])
    expect(hostsOf('postgres://one/db').mustWrite).toBe(false)
    expect(hostsOf('postgres://one/db?target_session_attrs=primary').mustWrite).toBe(true)
    expect(hostsOf('postgres://one,two/db').mustWrite).toBe(true)
    expect(hostsOf('postgres://one,two/db?target_session_attrs=any').mustWrite).toBe(false)
    expect(faultOfHosts('postgres://one,two/db?target_session_attrs=standby')).toMatch(/read-write/)
    expect(faultOfHosts('postgres:///db?host=a,b&port=1,2,3')).toMatch(/ports/)
    expect(faultOfHosts('postgres://one:1,two:2/db?target_session_attrs=read-write')).toBeNull()
  })

  it('that asks for a standby stops the start', () => {
    expect(() =>
      toConfig({ DATABASE_URL: 'postgres://one,two/db?target_session_attrs=standby' }),
    ).toThrow(/DATABASE_URL has a target_session_attrs/)
    const url = 'postgres://one,two/db?target_session_attrs=primary'
    expect(toConfig({ DATABASE_URL: url }).databaseUrl).toBe(url)
  })

  it('that all fail is refused with the reason for each', async () => {
    const [one, two] = [await freePort(), await freePort()]
    const refused = assertReachable(`postgres://u:secret@127.0.0.1:${one},127.0.0.1:${two}/db`)
    await expect(refused).rejects.toThrow(
      new RegExp(`nothing listens on 127.0.0.1:${one}.*nothing listens on 127.0.0.1:${two}`),
    )
    await expect(refused).rejects.not.toThrow(/secret/)
  })
})

describe('H12: a primary and its standby', async () => {
  const scratch = await newScratch()
  const running = new Map<string, () => Promise<void>>()
  afterAll(async () => {
    await onStandby.end()
    for (const stop of running.values()) await stop()
    await dropScratch(scratch)
  })
  // The cluster was set up by the program and stopped, and is copied: from then on there are two.
  const first = homeOf(join(scratch, 'data'))
  await prepareDataDir(first.dataDir)
  const user = await chooseUser(first)
  const binaries = await locateBinaries(first, user)
  const rules = ['all', 'replication'].map((what) => `host ${what} all 127.0.0.1/32 trust`)
  await writeFile(join(first.cluster, 'open.conf'), rules.map((rule) => `${rule}\n`).join(''))
  const standby = join(scratch, 'standby')
  await mkdir(standby, { mode: 0o700 })
  await cp(first.cluster, standby, { recursive: true, preserveTimestamps: true })
  const ports = { primary: await freePort(), standby: await freePort() }
  await writeFile(join(standby, 'standby.signal'), '')
  await appendFile(
    join(standby, 'postgresql.auto.conf'),
    `primary_conninfo = 'host=127.0.0.1 port=${ports.primary} user=numlet'\n`,
  )
  // PostgreSQL does not run as root.
  if (user) await promisify(execFile)('chown', ['-R', `${user.uid}:${user.gid}`, scratch])

  const start = async (directory: string, port: number) => {
    const options = { hba_file: join(directory, 'open.conf'), listen_addresses: '127.0.0.1' }
    const settings = { ...options, port: String(port), unix_socket_directories: '' }
    const child = spawn(
      binaries.postgres,
      [
        '-D',
        directory,
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      { ...user, cwd: '/', env: programEnvironment(), stdio: 'ignore' },
    )
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    running.set(directory, async () => {
      child.kill('SIGQUIT')
      await ended
    })
    await eventually(async () => {
      const client = new pg.Client(`postgres://numlet@127.0.0.1:${port}/postgres`)
      client.on('error', () => undefined)
      return client.connect().then(
        () => client.end().then(() => true),
        () => false,
      )
    })
  }
  await start(first.cluster, ports.primary)
  await start(standby, ports.standby)
  const database = 'postgres'
  const url = `postgres://numlet@127.0.0.1:${ports.standby},127.0.0.1:${ports.primary}/${database}`
  const onStandby = new pg.Client(`postgres://numlet@127.0.0.1:${ports.standby}/${database}`)
  await onStandby.connect()

  it('the pool writes to the primary, and after the failover to the other one', async () => {
    await assertReachable(url)
    const troubles: (string | null)[] = []
    const db = openDatabase({
      url,
      poolSize: 4,
      kind: 'requests',
      onTrouble: (error) => troubles.push(error?.message ?? null),
    })
    await db.query('create table kept (id int primary key)')
    const insert = (id: number) => db.once('insert into kept values ($1)', [id])
    await Promise.all([1, 2, 3, 4].map(insert))
    const port = async () =>
      (await db.query<{ port: number }>('select inet_server_port() as port'))[0]?.port
    expect(await port()).toBe(ports.primary)
    expect(troubles).toEqual([])
    const count = async () => {
      const { rows } = await onStandby.query('select count(*)::int as n from kept')
      return rows[0]?.n === 4
    }
    await eventually(() => count().catch(() => false))

    await running.get(first.cluster)?.()
    // The first failures may be of connections that were open: what is told is that no new one can be made.
    await eventually(async () => {
      await expect(insert(5)).rejects.toThrow()
      return troubles.length > 0
    })
    expect(troubles[0]).not.toBeNull()
    await expect(assertReachable(url)).rejects.toThrow(
      new RegExp(
        `127.0.0.1:${ports.standby} is read-only.*nothing listens on 127.0.0.1:${ports.primary}`,
      ),
    )
    await onStandby.query('select pg_promote()')
    await eventually(() =>
      insert(6).then(
        () => true,
        () => false,
      ),
    )
    expect(await port()).toBe(ports.standby)
    expect(await db.query('select id from kept order by id')).toEqual(
      [1, 2, 3, 4, 6].map((id) => ({ id })),
    )
    expect(troubles.at(-1)).toBeNull()
    await db.end()
  })
})
