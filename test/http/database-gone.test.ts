// The database goes away and comes back: 503 with Retry-After in every dialect's own shape, then as before.
import { afterAll, describe, expect, inject, it } from 'vitest'
import { createKeyOfStaff } from '../../src/core/operating/staff.ts'
import { openDatabase } from '../../src/db/database.ts'
import { isForPeople, type Listed, referenceOf } from '../harness/documented.ts'
import { signedIn, testUser } from '../harness/people.ts'
import { sendRaw } from '../harness/raw.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'

/** What answers without the database, there or not. */
const asksNothing = [
  ...['fivesimGetFlash', 'takeNotice', 'getSignUp', 'receiveHint', 'receiveHintByQuery'],
]

/** A path with its parameters filled in: ids with any, words with their examples. */
const pathOf = (one: Listed) =>
  one.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const parameter = one.parameters?.find((it) => it.in === 'path' && it.name === name)
    const { examples, type } = (parameter?.schema ?? {}) as { examples?: unknown[]; type?: string }
    return name === 'id' || type === 'integer'
      ? '1'
      : String(parameter?.example ?? examples?.[0] ?? '1')
  })

describe('without its database', async () => {
  const server = await testServer()
  const reference = await referenceOf(server)
  const { key } = await testCustomer(server.db)
  const { secret } = await testSupplier(server.db)
  const admin = openDatabase({ url: inject('databaseUrl'), poolSize: 1 })
  const name = new URL(server.databaseUrl).pathname.slice(1)

  const takeAway = async () => {
    await admin.query(`alter database ${name} allow_connections false`)
    await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
      name,
    ])
  }
  const giveBack = () => admin.query(`alter database ${name} allow_connections true`)
  afterAll(async () => {
    await giveBack()
    await admin.end()
  })

  const user = await testUser(server)
  const browser = await signedIn(server, user)
  const { key: staffKey } = await createKeyOfStaff(
    server.db,
    new Date(),
    { actor: 'test', reason: null },
    ['sign-in-links'],
  )
  const json = { 'content-type': 'application/json' }
  const callerOf = (one: Listed) => {
    if (one.path.startsWith('/v1/admin/')) return { key: staffKey, headers: json }
    if (isForPeople(one)) {
      // Passkeys are for names, and refused for an IP address whatever the database says.
      const named = new URL(server.url.replace('127.0.0.1', 'localhost'))
      const headers = { ...json, host: named.host, origin: named.origin }
      return { key: null, headers: { ...headers, cookie: browser.cookie() } }
    }
    return { key: one.path.startsWith('/api/') ? secret : key, headers: json }
  }

  const buy = (idempotencyKey: string) =>
    call(
      server,
      key,
      'POST',
      '/v1/orders',
      { service: 'whatsapp', country: 'US' },
      {
        'idempotency-key': idempotencyKey,
      },
    )

  it('answers 503 on every route, says why, and recovers by itself', async () => {
    expect((await buy('before')).status).toBe(201)
    for (let time = 0; time < 2; time++) {
      await takeAway()
      for (const one of reference.operations) {
        if (asksNothing.includes(one.operationId)) continue
        // One protocol says it in a word, with 200.
        const isBare = one.path.startsWith('/stubs/')
        const [example] = Object.values(
          one.requestBody?.content['application/json']?.examples ?? {},
        )
        const reply = await sendRaw(server, {
          method: one.method,
          path: pathOf(one),
          ...callerOf(one),
          body: example === undefined ? undefined : JSON.stringify(example.value),
        })
        expect(reply.status, `${one.method} ${one.path} ${JSON.stringify(reply.body)}`).toBe(
          isBare ? 200 : 503,
        )
        if (isBare) expect(reply.body).toBe('ERROR_SQL')
        expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0)
        reference.check(one.method, pathOf(one), reply)
      }
      expect(await call(server, null, 'GET', '/health/live')).toMatchObject({ status: 200 })
      const ready = await call<{ missing: string[] }>(server, null, 'GET', '/health/ready')
      expect(ready.status).toBe(503)
      expect(ready.headers.get('retry-after')).toBeTruthy()
      expect(ready.body.missing.join()).toMatch(/database/)
      const metrics = await call<string>(server, null, 'GET', '/metrics')
      expect(metrics.status).toBe(200)
      expect(metrics.body).toContain('numlet_up_database 0')
      expect((await call(server, null, 'GET', '/openapi.json')).status).toBe(200)

      await giveBack()
      expect((await call(server, null, 'GET', '/health/ready')).status).toBe(200)
      expect((await buy(`after ${time}`)).status).toBe(422)
      expect((await buy(`after-${time}`)).status).toBe(201)
      const again = await buy('before')
      expect(again.status).toBe(201)
      expect(again.headers.get('idempotency-replayed')).toBe('true')
    }
  })

  it('loses no request that was being served: each is bought once or refused', async () => {
    const balance = async () => Number((await call(server, key, 'GET', '/v1/balance')).body.balance)
    const before = await balance()
    const keys = Array.from({ length: 30 }, (_, index) => `storm-${index}`)
    const storm = Promise.all(keys.map(buy))
    await takeAway()
    for (const reply of await storm) expect([201, 503]).toContain(reply.status)
    await giveBack()
    const replies = []
    for (const one of keys) replies.push(await buy(one))
    expect(replies.map((reply) => reply.status)).toEqual(keys.map(() => 201))
    const prices = replies.map((reply) => Number(reply.body.price))
    const spent = prices.reduce((sum, price) => sum + price, 0)
    expect(await balance()).toBeCloseTo(before - spent, 4)
    expect(new Set(replies.map((reply) => reply.body.id)).size).toBe(keys.length)
  })
})
