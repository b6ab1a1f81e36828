// Every role looks at the schema's version, and at whether the database is read-only.
import { expect, inject, it } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { numletOn } from '../cli/program.ts'
import { type TestDatabase, testDatabase, testKey } from '../harness/database.ts'
import { eventually } from '../harness/program.ts'
import { call, testCustomer } from '../harness/server.ts'
import { ask, startNumlet } from '../start/program.ts'

const roles = ['serve', 'work', 'start'] as const
const own = '0012-webhooks.sql'

const envOf = (url: string) => ({
  DATABASE_URL: url,
  NUMLET_ENCRYPTION_KEY: testKey,
  NUMLET_METRICS_PORT: '0',
  NUMLET_DRAIN_S: '0',
  NUMLET_LOG: 'info',
})

const addNewer = (db: TestDatabase['db'], isCompatible: boolean) =>
  db.query(
    `insert into schema_migrations (name, checksum, compatible) values ('9999-of-tomorrow.sql', 'x', $1)`,
    [isCompatible],
  )
const dropNewer = (db: TestDatabase['db']) =>
  db.query(`delete from schema_migrations where name = '9999-of-tomorrow.sql'`)

it('refuses a newer schema in every role and every command, also those that only read', async () => {
  const { db, url } = await testDatabase('demo')
  await addNewer(db, false)
  for (const role of roles) {
    const started = startNumlet(envOf(url), { args: [role] })
    expect(await started.ended, role).toBe(1)
    expect(started.output()).toMatch(/used by a newer version of Numlet: .*9999-of-tomorrow\.sql/)
  }
  const numlet = numletOn(url)
  for (const args of [
    ['accounts', 'create', '--email', 'new@example.com'],
    ['accounts', 'list'],
    ['audit'],
    ['migrate'],
  ]) {
    const outcome = await numlet(args)
    expect(outcome.code, args.join(' ')).toBe(1)
    expect(outcome.stderr).toContain('newer version of Numlet')
  }
  expect(await db.query(`select from accounts where email = 'new@example.com'`)).toHaveLength(0)
})

it('refuses an older schema where it must not change it', async () => {
  const { db, url } = await testDatabase('demo')
  await db.query('delete from schema_migrations where name = $1', [own])
  for (const role of ['serve', 'work'] as const) {
    const started = startNumlet(envOf(url), { args: [role] })
    expect(await started.ended, role).toBe(1)
    expect(started.output()).toMatch(/lacks 1 of this version’s migrations.*numlet -- migrate/)
  }
  const outcome = await numletOn(url)(['accounts', 'create', '--email', 'new@example.com'])
  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('lacks 1 of this') })
})

it('goes on with a newer schema that is compatible, and starts with it, but changes nothing', async () => {
  const { db, url } = await testDatabase('demo')
  const { key } = await testCustomer(db)
  const server = startNumlet(envOf(url), { args: ['serve'] })
  const base = await server.ready()
  await addNewer(db, true)
  await server.says(
    /"migrations":"9999-of-tomorrow\.sql","msg":"a newer program has changed the schema/,
  )
  const ready = await ask(base, '/health/ready')
  expect(ready?.status).toBe(200)
  expect(JSON.parse(ready?.text ?? '').details).toMatchObject({
    schema_version: '9999-of-tomorrow',
    newer_schema: true,
  })
  expect(await call({ url: base }, key, 'GET', '/v1/balance')).toMatchObject({ status: 200 })
  server.child.kill('SIGINT')
  expect(await server.ended).toBe(0)
  expect(server.output().match(/a newer program has changed/g)).toHaveLength(1)

  const again = startNumlet(envOf(url), { args: ['serve'] })
  await again.ready()
  again.child.kill('SIGINT')
  expect(await again.ended).toBe(0)
  expect((await numletOn(url)(['accounts', 'list'])).code).toBe(0)
  // `migrate` and `start` would put the functions of this program in place of the newer ones.
  expect((await numletOn(url)(['migrate'])).code).toBe(1)
})

it('stops using a schema that a newer program has changed, and goes on when it fits again', async () => {
  const { db, url } = await testDatabase('demo')
  const { key } = await testCustomer(db)
  const server = startNumlet({ ...envOf(url), NUMLET_CANCEL_COOLDOWN_S: '0' })
  const base = await server.ready()
  const buy = () =>
    call({ url: base }, key, 'POST', '/v1/orders', { service: 'whatsapp', country: 'US' })
  const order = await buy()
  expect(order.status).toBe(201)

  await addNewer(db, false)
  await server.says(/"msg":"schema: problem started"/)
  const ready = await ask(base, '/health/ready')
  expect(ready?.status).toBe(503)
  expect(ready?.text).toContain('newer version: it has 9999-of-tomorrow.sql')
  const refused = await buy()
  expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } })
  expect(refused.headers.get('retry-after')).toBeTruthy()
  // Jobs leave it alone, too: an overdue order stays as it is.
  await db.query(
    `update orders set created_at = created_at - interval '1 hour',
                       expires_at = expires_at - interval '1 hour' where state = 'waiting'`,
  )
  await db.query(`update leases set until = until - interval '1 hour' where ended_at is null`)
  const lookedAt = server.output().length
  const [since] = await db.query<{ at: string }>('select clock_timestamp()::text as at')
  await eventually(async () => {
    const [row] = await db.query<{ is_later: boolean }>(
      `select clock_timestamp() > $1::timestamptz + interval '2.5 seconds' as is_later`,
      [since?.at],
    )
    return row?.is_later
  })
  expect(await db.query(`select from orders where state = 'waiting'`)).not.toHaveLength(0)
  expect(server.output().slice(lookedAt)).not.toContain('problem started')

  await dropNewer(db)
  await eventually(async () => (await ask(base, '/health/ready'))?.status === 200)
  await eventually(
    async () => (await db.query(`select from orders where state = 'waiting'`)).length === 0,
  )
  await server.says(/"msg":"schema: problem ended"/)
  expect((await buy()).status).toBe(201)
  server.child.kill('SIGINT')
  expect(await server.ended).toBe(0)
})

it('says that the database is read-only: at the start, in ready, and to requests', async () => {
  const { db, url } = await testDatabase('demo')
  const { key } = await testCustomer(db)
  const server = startNumlet(envOf(url), { args: ['serve'] })
  const base = await server.ready()
  const admin = openDatabase({ url: inject('databaseUrl'), poolSize: 1 })
  const [current] = await db.query<{ name: string }>('select current_database() as name')
  const name = current?.name as string
  const setReadOnly = async (value: 'on' | 'off') => {
    await admin.query(`alter database ${name} set default_transaction_read_only = ${value}`)
    await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = $1`, [
      name,
    ])
  }
  try {
    await setReadOnly('on')
    await eventually(async () => (await ask(base, '/health/ready'))?.text.includes('read-only'))
    expect(await ask(base, '/health/ready')).toMatchObject({
      status: 503,
      text: expect.stringContaining('default_transaction_read_only is on'),
    })
    await server.says(/"msg":"read-only database: problem started"/)
    const refused = await call<{ detail: string }>({ url: base }, key, 'POST', '/v1/orders', {
      service: 'whatsapp',
      country: 'US',
    })
    expect(refused.status).toBe(503)
    expect(refused.body.detail).toContain('read-only')

    for (const role of roles) {
      const started = startNumlet(envOf(url), { args: [role] })
      expect(await started.ended, role).toBe(1)
      expect(started.output()).toContain(
        'The database is read-only: default_transaction_read_only is on.',
      )
    }
    const outcome = await numletOn(url)(['accounts', 'create', '--email', 'new@example.com'])
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('read-only') })
    expect((await numletOn(url)(['accounts', 'list'])).code).toBe(0)

    await setReadOnly('off')
    await eventually(async () => (await ask(base, '/health/ready'))?.status === 200)
    await server.says(/"msg":"read-only database: problem ended"/)
  } finally {
    await setReadOnly('off')
    await admin.end()
  }
  server.child.kill('SIGINT')
  expect(await server.ended).toBe(0)
})
