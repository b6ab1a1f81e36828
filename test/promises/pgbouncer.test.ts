// Behind PgBouncer in transaction mode the main job goes as it does without: nothing lives in a session.
import { spawn } from 'node:child_process'
import { chmod, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { testDatabase } from '../harness/database.ts'
import { freePort } from '../harness/ports.ts'
import { eventually } from '../harness/program.ts'
import { canRunCommand } from '../harness/programs.ts'
import { call, serverOn, testCustomer, testSupplier } from '../harness/server.ts'
import { expectCleanAudit } from './market.ts'

/** Where it is installed, and the tests' PostgreSQL is their own, on a Unix socket. */
const canRun =
  canRunCommand('pgbouncer --version', 'pgbouncer', 'the tests behind it') &&
  inject('databaseUrl').includes('host=/')

describe.skipIf(!canRun)('behind PgBouncer', async () => {
  if (!canRun) return
  const { db, url } = await testDatabase('demo')
  const pooledUrl = await startPgBouncer(url)
  const one = await serverOn(pooledUrl, { NUMLET_CANCEL_COOLDOWN_S: '0' })
  const two = await serverOn(pooledUrl, { NUMLET_CANCEL_COOLDOWN_S: '0' })
  const { secret } = await testSupplier(db)

  it('is what the servers talk to, each transaction on another connection', async () => {
    const pids = await Promise.all(
      Array.from({ length: 20 }, () =>
        one.db.query<{ pid: number }>('select pg_backend_pid() as pid, pg_sleep(0.02)'),
      ),
    )
    expect(new Set(pids.map(([row]) => row?.pid)).size).toBeLessThanOrEqual(serverConnections)
  })

  it('H3: each statement and transaction has the limits of its work, alone or not', async () => {
    const limits = `select current_setting('statement_timeout') as statement,
      current_setting('lock_timeout') as lock,
      current_setting('idle_in_transaction_session_timeout') as idle where $1::int = 1`
    const expected = { statement: '4500ms', lock: '2s', idle: '5s' }
    const inTransaction = () => one.db.begin((tx) => tx.query(limits, [1]))
    for (let time = 0; time < 10; time++) {
      const found = await Promise.all([one.db.query(limits, [1]), inTransaction()])
      expect(found).toEqual([[expected], [expected]])
    }
    // And they leave nothing behind for the next one on the same connection.
    const plain = openDatabase({ url: pooledUrl, poolSize: 1, kind: 'reports' })
    expect(await plain.query(limits, [1])).toEqual([{ statement: '1h', lock: '10s', idle: '1min' }])
    expect(await one.db.query(limits, [1])).toEqual([expected])
    await plain.end()
  })

  it('a failed statement says why, and the next one works', async () => {
    await expect(one.db.query('select 1 / $1::int as n', [0])).rejects.toMatchObject({
      code: '22012',
    })
    expect(await one.db.query('select 1 / $1::int as n', [1])).toEqual([{ n: 1 }])
  })

  it('customers buy, get their codes, cancel and get their money back', async () => {
    const customers = await Promise.all(Array.from({ length: 10 }, () => testCustomer(db)))
    const trip = async (key: string, index: number) => {
      const [here, there] = index % 2 === 0 ? [one, two] : [two, one]
      const path = '/v1/orders'
      const body = { service: 'whatsapp', country: 'US' }
      const header = { 'idempotency-key': `trip-${index}` }
      const bought = await call<{ id: string; phone: string }>(
        here,
        key,
        'POST',
        path,
        body,
        header,
      )
      expect(bought.status).toBe(201)
      expect(await call(there, key, 'POST', path, body, header)).toMatchObject({
        status: 201,
        body: { id: bought.body.id },
      })
      if (index % 3 === 0) {
        const cancelled = await call(here, key, 'POST', `${path}/${bought.body.id}/cancel`)
        expect(cancelled).toMatchObject({ status: 200, body: { state: 'cancelled' } })
        return
      }
      const waiting = call(here, key, 'GET', `${path}/${bought.body.id}?wait=30`)
      const sms = `Your WhatsApp code: ${100 + (index % 900)}-${index % 900}`.padEnd(30, '0')
      const message = { number: bought.body.phone, sender: 'WhatsApp', sms }
      await call(there, secret, 'POST', '/api/callback', { event: 'incoming_message', message })
      expect(await waiting).toMatchObject({ status: 200, body: { state: 'received' } })
    }
    for (let round = 0; round < 10; round++)
      await Promise.all(customers.map(({ key }, place) => trip(key, round * 10 + place)))
    await expectCleanAudit(one.db)
  })

  const serverConnections = 4

  async function startPgBouncer(databaseUrl: string): Promise<string> {
    const dir = await mkdtemp(join(tmpdir(), 'numlet-pgbouncer-'))
    const target = new pg.Client(databaseUrl)
    const port = await freePort()
    const { user, password, database } = target as unknown as Record<string, string>
    const files = {
      'users.txt': `"${user}" "${password}"\n`,
      'pgbouncer.ini': `[databases]
${database} = host=${target.host} port=${target.port} dbname=${database} user=${user} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(dir, 'users.txt')}
pool_mode = transaction
default_pool_size = 4
max_client_conn = 100
`,
    }
    // PgBouncer does not run as root, and the socket of the tests' PostgreSQL is open to its owner alone.
    const { uid, gid } = await stat(target.host)
    await chmod(dir, 0o755)
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(dir, name), content, { mode: 0o600 })
      await chown(join(dir, name), uid, gid)
    }
    const child = spawn('pgbouncer', [join(dir, 'pgbouncer.ini')], {
      stdio: 'ignore',
      uid,
      gid,
    })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    process.once('exit', () => child.kill('SIGKILL'))
    afterAll(async () => {
      child.kill('SIGKILL')
      await ended
      await rm(dir, { recursive: true, force: true })
    })
    const pooled = `postgres://${user}:${password}@127.0.0.1:${port}/${database}`
    await eventually(async () => {
      const client = new pg.Client(pooled)
      client.on('error', () => undefined)
      return client.connect().then(
        () => client.end().then(() => true),
        () => false,
      )
    })
    return pooled
  }
})
