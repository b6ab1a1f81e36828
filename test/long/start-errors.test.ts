// B6: each error of a start names the thing and what to do about it, and is no raw error of Node's.
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { canEnter } from '../../src/db/embedded/unprivileged.ts'
import { selfSigned } from '../../src/supply/smtp/certificate.ts'
import { main, run } from '../cli/program.ts'
import { testDatabase } from '../harness/database.ts'
import { newDataDir, startNumlet } from '../start/program.ts'

const noRawError = /\n\s+at |node:internal|Error:|\bsyscall\b|errno/
const isRoot = process.getuid?.() === 0
const nobody = { uid: 65534, gid: 65534 }

/** Starts, and hands back what it said when it gave up. */
async function refusal(env: Record<string, string>, options = {}): Promise<string> {
  const start = startNumlet({ NUMLET_DEMO: '0', ...env }, options)
  expect(await start.ended, start.output()).toBe(1)
  expect(start.output()).not.toMatch(noRawError)
  return start.output()
}

describe('B6: HOST', () => {
  it.each([
    [
      '999.1.1.1',
      /^HOST=999\.1\.1\.1 is neither an IP address nor a known host name\. .* 127\.0\.0\.1\.\n$/,
    ],
    ['no-such-host.invalid', /^HOST=no-such-host\.invalid is neither .* Set HOST to an address/],
    ['192.0.2.1', /^HOST=192\.0\.2\.1 is not an address of this machine\. Set HOST to one that is/],
    ['2001:db8::1', /^HOST=2001:db8::1 (?:is not an address of this machine|cannot be used here)/],
  ])('%s', async (host, words) => {
    expect(await refusal({ HOST: host, NUMLET_DATA: await newDataDir() })).toMatch(words)
  })

  it('a privileged port', async (context) => {
    context.skip(!isRoot || !(await canEnter(dirname(main), nobody)), 'needs a user to become')
    const env = { PORT: '1', DATABASE_URL: 'postgres://127.0.0.1:1/none' }
    expect(await refusal(env, nobody)).toMatch(
      /^Port 1 may not be used by this user: .* Set PORT to 1024 or above/,
    )
  })
})

describe('B6: the data directory', () => {
  it('is a file', async () => {
    const dataDir = await newDataDir()
    await writeFile(dataDir, '')
    expect(await refusal({ NUMLET_DATA: dataDir })).toMatch(
      /must be a directory, but it is a file\. Move it, or set NUMLET_DATA/,
    )
    expect(await refusal({ NUMLET_DATA: join(dataDir, 'below') })).toMatch(/set NUMLET_DATA/)
  })

  it('is a link to nothing', async () => {
    const dataDir = await newDataDir()
    await symlink('/nowhere/at/all', dataDir)
    expect(await refusal({ NUMLET_DATA: dataDir })).toMatch(
      /is a link to \/nowhere\/at\/all, which does not exist\. Create that directory/,
    )
  })

  it('belongs to another user', async (context) => {
    context.skip(!isRoot || !(await canEnter(dirname(main), nobody)), 'needs a user to become')
    const dataDir = await newDataDir()
    await mkdir(dataDir, { mode: 0o700 })
    expect(await refusal({ NUMLET_DATA: dataDir }, nobody)).toMatch(
      /cannot be used by this user|belongs to another user/,
    )
  })

  it('is one of another PostgreSQL', async () => {
    const dataDir = await newDataDir()
    await mkdir(dataDir)
    await writeFile(join(dataDir, 'PG_VERSION'), '16\n')
    expect(await refusal({ NUMLET_DATA: dataDir })).toMatch(
      /is the data directory of another PostgreSQL \(version 16\) and was left unchanged\. Set NUMLET_DATA/,
    )
  })

  it('holds a database of another PostgreSQL, or of another version', async () => {
    const dataDir = await newDataDir()
    const cluster = join(dataDir, 'postgres')
    await mkdir(cluster, { recursive: true })
    await writeFile(join(cluster, 'PG_VERSION'), '16\n')
    expect(await refusal({ NUMLET_DATA: dataDir })).toMatch(
      /is not a Numlet database and was left unchanged\. Set NUMLET_DATA/,
    )
    await writeFile(join(cluster, 'numlet.password'), 'x')
    expect(await refusal({ NUMLET_DATA: dataDir })).toMatch(
      /was created by PostgreSQL 16, and this version of Numlet contains \d+\..* dump the database/,
    )
  })

  it.runIf(canMount())('is on a file system that is full, or read-only', async () => {
    const place = await mkdtemp(join(tmpdir(), 'numlet-full-'))
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=755', 'none', place])
    onTestFinished(async () => {
      spawnSync('umount', [place])
      await rm(place, { recursive: true, force: true })
    })
    const env = { NUMLET_DATA: join(place, 'data') }
    expect(await refusal(env)).toMatch(
      /The disk of .* is full\. Free some space, or set NUMLET_DATA/,
    )
    spawnSync('mount', ['-o', 'remount,ro', place])
    expect(await refusal({ NUMLET_DATA: join(place, 'other') })).toMatch(
      /is on a read-only file system\. Make it writable, or set NUMLET_DATA/,
    )
  })

  it('is in use by another Numlet, also for a second start on the same port', async () => {
    const dataDir = await newDataDir()
    const first = startNumlet({ NUMLET_DATA: dataDir, NUMLET_DEMO: '0' })
    const { port } = new URL(await first.ready())
    const places: Record<string, string>[] = [{}, { PORT: port }]
    for (const env of places)
      expect(await refusal({ NUMLET_DATA: dataDir, ...env })).toContain(
        `The data directory ${dataDir} is in use by another Numlet (process ${first.child.pid}). ` +
          'Stop that one',
      )
  })
})

function canMount(): boolean {
  if (!isRoot || process.platform !== 'linux') return false
  return spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0
}

/** Listens until the test is over. @returns HOST:PORT */
async function listener(answer: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    answer(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as { port: number }).port}`
}

describe('B6: DATABASE_URL', () => {
  const changed = (change: (url: URL) => void) => {
    const url = new URL(inject('databaseUrl'))
    change(url)
    return url.href
  }
  const parts: readonly (readonly [string, () => string | Promise<string>, RegExp])[] = [
    [
      'host',
      () => 'postgres://u:hush@no-such-host.invalid/db',
      /host name no-such-host\.invalid cannot be resolved/,
    ],
    [
      'port',
      () => 'postgres://u:hush@127.0.0.1:1/db',
      /nothing listens on 127\.0\.0\.1:1 .* Check host and port/,
    ],
    [
      'socket',
      () => 'postgres://u:hush@localhost/db?host=/nonexistent',
      /nothing listens on the socket in/,
    ],
    [
      'password',
      () => changed((url) => (url.password = 'hush')),
      /refused the password of user numlet/,
    ],
    [
      'user',
      () => changed((url) => (url.username = 'stranger')),
      /(?:refused the password of|does not admit) user stranger/,
    ],
    [
      'database',
      () => changed((url) => (url.pathname = '/nothing')),
      /has no database "nothing"\. Create it/,
    ],
    [
      'no password',
      () => changed((url) => (url.password = '')),
      /asks for a password, and DATABASE_URL has none/,
    ],
    [
      'TLS that is not there',
      () => changed((url) => url.searchParams.set('sslmode', 'verify-full')),
      /does not support TLS, .* Use sslmode=disable/,
    ],
    ['a blank in it', () => 'postgres://u:hu sh@ho st/db', /cannot be parsed|cannot be resolved/],
    [
      'an unescaped #',
      () => 'postgres://u:hu#sh@127.0.0.1:1x/db',
      /cannot be parsed|nothing listens|cannot be resolved/,
    ],
    ['a port that is none', () => 'postgres://u:hush@127.0.0.1:99999/db', /cannot be parsed/],
    [
      'a server that never answers',
      () => listener(() => {}).then((at) => `postgres://u:hush@${at}/db`),
      /127\.0\.0\.1:\d+ does not answer\. Check host and port/,
    ],
    [
      'a server that hangs up',
      () => listener((socket) => socket.destroy()).then((at) => `postgres://u:hush@${at}/db`),
      /127\.0\.0\.1:\d+ hung up\. Check DATABASE_URL/,
    ],
    [
      'a certificate that nobody signed',
      () => listener(tlsServer).then((at) => `postgres://u:hush@${at}/db?sslmode=verify-full`),
      /certificate of 127\.0\.0\.1:\d+ was rejected: .* sslrootcert=FILE/,
    ],
  ]
  it.each(parts)('wrong in its %s', async (_, url, words) => {
    const env = { DATABASE_URL: await url() }
    const said = await refusal(env)
    expect(said).toMatch(/^The database cannot be reached: [^\n]*\n$/)
    expect(said).toMatch(words)
    expect(said).not.toContain('hush')
    const command = await run(['accounts', 'list', '--json'], env)
    expect(command).toMatchObject({ code: 1, stdout: '', stderr: said })
  })

  it('not a URL of PostgreSQL', async () => {
    const said = await refusal({ DATABASE_URL: 'mysql://u:hush@db.example.com/x' })
    expect(said).toContain('DATABASE_URL must be a URL that begins with postgres://')
    expect(said).not.toContain('hush')
  })
})

/** Speaks PostgreSQL's way into TLS, and shows a certificate of its own making. */
function tlsServer(socket: Socket): void {
  socket.once('data', () => {
    socket.write('S')
    const secure = new TLSSocket(socket, {
      isServer: true,
      ...selfSigned('db.example.com', new Date()),
    })
    secure.on('error', () => {})
  })
}

describe('B6: a schema', () => {
  const roles = [
    ['serve'],
    ['work'],
    ['accounts', 'list'],
    ['audit'],
    ['numbers', 'disable', '+15550100'],
  ]

  it('that is missing: the command that makes it is named', async () => {
    const { url } = await testDatabase('empty')
    for (const args of roles) {
      const start = startNumlet({ DATABASE_URL: url }, { args })
      expect(await start.ended).toBe(1)
      expect(start.output()).toMatch(
        /^The database has no Numlet tables yet\. .*: npm run -s numlet -- migrate\n$/,
      )
    }
  })

  it('that is newer than the program: everything refuses', async () => {
    const { url, db } = await testDatabase()
    await db.query(`insert into schema_migrations (name, checksum) values ('9999-later.sql', 'x')`)
    for (const args of [['start'], ['migrate'], ...roles]) {
      const start = startNumlet({ DATABASE_URL: url }, { args })
      expect(await start.ended, args.join(' ')).toBe(1)
      expect(start.output()).toMatch(
        /^The database was used by a newer version of Numlet: it has the migration 9999-later\.sql/,
      )
      expect(start.output()).not.toMatch(noRawError)
    }
  })
})
