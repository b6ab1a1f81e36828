// Others have taken all connections of the database: those that are open go on serving.
import { describe, expect, it } from 'vitest'
import { testDatabase } from '../harness/database.ts'
import { gateTo } from '../harness/gate.ts'
import { eventually } from '../harness/program.ts'
import { call, serverOn, testCustomer } from '../harness/server.ts'

describe('H13: no more connections', async () => {
  const { db, url } = await testDatabase('demo')
  // The limit of a role stands for max_connections: it is this test's alone.
  const role = `limited_${new URL(url).pathname.slice(6)}`
  await db.query(`create role ${role} login superuser password 'limited'`)
  const limited = new URL(url)
  limited.username = role
  limited.password = 'limited'
  const server = await serverOn(limited.href)
  const { key } = await testCustomer(db)
  const allow = (connections: number) =>
    db.query(`alter role ${role} nosuperuser connection limit ${connections}`)
  await db.query(`grant all on all tables in schema public to ${role}`)
  await db.query(`grant all on all sequences in schema public to ${role}`)

  it('the open ones serve everybody, and it is told', async () => {
    expect((await call(server, key, 'GET', '/v1/balance')).status).toBe(200)
    await allow(0)
    const replies = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        index % 2 === 0
          ? call(server, key, 'GET', '/v1/orders')
          : call(server, key, 'POST', '/v1/orders', { service: 'whatsapp', country: 'US' }),
      ),
    )
    const statuses = replies.map(({ status }) => status)
    expect(statuses).toEqual(statuses.map((_, index) => (index % 2 === 0 ? 200 : 201)))
    const { failures } = server.app.pools.counts().requests
    expect(failures).toBeGreaterThan(0)
    expect(server.app.troubles.all().get('database')).toMatchObject({ isOn: true })
    const metrics = (await call<string>(server, null, 'GET', '/metrics')).body
    expect(metrics).toMatch(/numlet_database_connection_failures_total\{work="requests"\} [1-9]/)
    expect(metrics).toMatch(/numlet_database_connections\{work="requests",state="idle"\} \d/)
  })

  it('and when there are connections again, that is told too', async () => {
    await allow(-1)
    await eventually(async () => server.app.troubles.all().get('database')?.isOn === false)
    expect((await call(server, key, 'GET', '/v1/balance')).status).toBe(200)
  })
})

describe('H13: a frozen database', async () => {
  const { db, url } = await testDatabase('demo')
  const { key } = await testCustomer(db)

  it('is answered with 503 in seconds, by open and by new connections', {
    timeout: 120_000,
  }, async () => {
    const gate = await gateTo(url)
    const server = await serverOn(gate.url)
    const balance = () => call(server, key, 'GET', '/v1/balance')
    expect((await balance()).status).toBe(200)
    gate.freeze()
    const startedAt = performance.now()
    const replies = await Promise.all([
      ...Array.from({ length: 20 }, balance),
      call(server, key, 'POST', '/v1/orders', { service: 'whatsapp', country: 'US' }),
      call(server, null, 'GET', '/health/ready'),
    ])
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 503))
    // Five seconds, and much more on a slow machine, but never the minute that a job may take.
    expect(performance.now() - startedAt).toBeLessThan(40_000)
    gate.open()
    await eventually(async () => (await balance()).status === 200)
    await eventually(async () => (await call(server, null, 'GET', '/health/ready')).status === 200)
  })
})
