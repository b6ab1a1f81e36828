// Keys over the native API: made, shown once, limited, revoked; and what comes with every answer.
import { describe, expect, it } from 'vitest'
import { createKey } from '../../src/core/accounts/keys.ts'
import { referenceOf } from '../harness/documented.ts'
import { call, serverOn, testCustomer, testServer } from '../harness/server.ts'

type Key = {
  id: string
  key: string | null
  name: string
  hint: string
  scopes: string[]
  allowed_ips: string[]
  expires_at: string | null
  revoked_at: string | null
  last_used_at: string | null
}

describe('/v1/keys', async () => {
  const server = await testServer()
  const other = await serverOn(server.databaseUrl)
  const reference = await referenceOf(server)
  const ask = async <T = Key>(
    key: string,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => {
    const reply = await call<T>(server, key, method, path, body, headers)
    reference.check(method, path, reply)
    return reply
  }
  const make = (key: string, wanted: object = {}) => ask(key, 'POST', '/v1/keys', wanted)
  const list = async (key: string) => (await ask<{ data: Key[] }>(key, 'GET', '/v1/keys')).body.data

  it('makes a key that works, and shows it once', async () => {
    const { key } = await testCustomer(server.db)
    const { status, body } = await make(key, { name: 'ci', scopes: ['read'] })
    expect(status).toBe(201)
    expect(body.key).toMatch(/^nl[0-9A-Za-z]{30}$/)
    expect(body).toMatchObject({ name: 'ci', scopes: ['read'], hint: body.key?.slice(0, 6) })
    expect((await ask(body.key as string, 'GET', '/v1/balance')).status).toBe(200)
    const listed = await list(key)
    expect(listed.map(({ id }) => id)).toContain(body.id)
    expect(JSON.stringify(listed)).not.toContain(body.key)
  })

  it('never shows a key again, not even to a repeated request', async () => {
    const { key } = await testCustomer(server.db)
    const once = { 'idempotency-key': 'key-1' }
    const first = await ask(key, 'POST', '/v1/keys', { name: 'a' }, once)
    const again = await ask(key, 'POST', '/v1/keys', { name: 'a' }, once)
    expect(again).toMatchObject({ status: 201, body: { id: first.body.id, key: null } })
    expect(await list(key)).toHaveLength(2)
    const [kept] = await server.db.query<{ body: unknown }>(
      `select body from idempotency_keys where key = 'key-1'`,
    )
    expect(JSON.stringify(kept?.body)).not.toContain(first.body.key)
  })

  it('lets a key make none that may do more than itself', async () => {
    const { key } = await testCustomer(server.db)
    const manager = (await make(key, { scopes: ['manage'] })).body.key as string
    for (const scopes of [['read'], ['manage', 'buy'], ['read', 'buy', 'manage']])
      expect(await ask(manager, 'POST', '/v1/keys', { scopes })).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      })
    expect((await make(manager)).body.scopes).toEqual(['manage'])
    // A key for handler_api buys.
    expect(await make(manager, { scopes: ['handler-api'] })).toMatchObject({ status: 403 })
    expect((await make(key, { scopes: ['handler-api'] })).status).toBe(201)
    const reader = (await make(key, { scopes: ['read'] })).body.key as string
    expect(await ask(reader, 'POST', '/v1/keys', {})).toMatchObject({ status: 403 })
  })

  it('lets a bounded key make none that is less bounded', async () => {
    const { key } = await testCustomer(server.db)
    const inAnHour = new Date(server.app.now().getTime() + 3_600_000).toISOString()
    const later = new Date(server.app.now().getTime() + 3_600_001).toISOString()
    const bounds = { allowed_ips: ['127.0.0.0/8', '10.1.0.0/16'], expires_at: inAnHour }
    const bounded = (await make(key, bounds)).body.key as string
    expect((await make(bounded)).body).toMatchObject(bounds)
    expect((await make(bounded, { allowed_ips: [] })).body).toMatchObject(bounds)
    expect((await make(bounded, { allowed_ips: ['10.1.2.3', '127.0.0.0/9'] })).status).toBe(201)
    for (const wanted of [
      { allowed_ips: ['0.0.0.0/0'] },
      { allowed_ips: ['10.0.0.0/8'] },
      { allowed_ips: ['127.0.0.1', '192.0.2.1'] },
      { allowed_ips: ['::1'] },
      { expires_at: later },
    ])
      expect(await make(bounded, wanted)).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      })
  })

  it('changes scopes and networks at once, never beyond the key that changes them', async () => {
    const { key } = await testCustomer(server.db)
    const made = (await make(key, { scopes: ['read', 'buy'] })).body
    const change = (body: object, who = key) => ask(who, 'PATCH', `/v1/keys/${made.id}`, body)
    const may = async (on = server) => (await call(on, made.key, 'GET', '/v1/balance')).status
    expect([await may(), await may(other)]).toEqual([200, 200])
    const moved = await change({ allowed_ips: ['192.0.2.0/24', '2001:db8::7'] })
    expect(moved.body).toMatchObject({
      ...{ allowed_ips: ['192.0.2.0/24', '2001:db8::7/128'], scopes: ['read', 'buy'] },
    })
    expect([await may(), await may(other)]).toEqual([403, 403])
    expect((await change({ allowed_ips: [], scopes: ['buy'] })).body).toMatchObject({
      ...{ allowed_ips: [], scopes: ['buy'] },
    })
    expect([await may(), await may(other)]).toEqual([403, 403])
    expect((await change({ scopes: ['read'] })).body.scopes).toEqual(['read'])
    expect([await may(), await may(other)]).toEqual([200, 200])
    const manager = (await make(key, { scopes: ['manage', 'read'] })).body.key as string
    const bounded = (await make(key, { allowed_ips: ['127.0.0.0/8'] })).body.key as string
    expect((await change({ scopes: ['read', 'buy'] }, manager)).status).toBe(403)
    expect((await change({ allowed_ips: ['10.0.0.0/8'] }, bounded)).status).toBe(403)
    // It works from everywhere and for ever, and a key that does not may not make more of it.
    expect((await change({ scopes: ['read', 'buy'] }, bounded)).status).toBe(403)
    expect((await change({ allowed_ips: [] }, bounded)).status).toBe(403)
    const soon = new Date(server.app.now().getTime() + 3_600_000).toISOString()
    const ending = (await make(key, { expires_at: soon })).body.key as string
    expect((await change({ scopes: ['read', 'buy'] }, ending)).status).toBe(403)
    expect((await change({ name: 'as it was' })).body).toMatchObject({
      ...{ scopes: ['read'], allowed_ips: [] },
    })
    for (const wrong of [
      { scopes: [] },
      { scopes: ['admin'] },
      { scopes: ['read', 'handler-api'] },
      { allowed_ips: ['nowhere'] },
    ])
      expect((await change(wrong)).status, JSON.stringify(wrong)).toBe(422)
    const stranger = await testCustomer(server.db)
    expect((await change({ scopes: ['read'] }, stranger.key)).status).toBe(404)
    expect((await change({ name: 'same' })).body).toMatchObject({
      scopes: ['read'],
      allowed_ips: [],
    })
  })

  it('refuses what makes no key', async () => {
    const { key } = await testCustomer(server.db)
    for (const [wanted, pointer] of [
      [{ scopes: [] }, '/scopes'],
      [{ scopes: ['everything'] }, '/scopes/0'],
      [{ scopes: ['handler-api', 'read'] }, '/scopes'],
      [{ allowed_ips: ['nonsense'] }, '/allowed_ips'],
      [{ allowed_ips: ['10.0.0.0/33'] }, '/allowed_ips'],
      [{ expires_at: 'tomorrow' }, '/expires_at'],
      [{ expires_at: '2001-01-01T00:00:00Z' }, '/expires_at'],
      [{ expires_at: server.app.now().toISOString() }, '/expires_at'],
      [{ default_country: 'USA' }, '/default_country'],
      [{ name: 'two\nlines' }, '/name'],
      [{ secret: 1 }, '/secret'],
    ] as const)
      expect(await make(key, wanted)).toMatchObject({
        status: 422,
        body: { code: 'invalid_request', errors: [{ pointer }] },
      })
    expect(await list(key)).toHaveLength(1)
  })

  it('says that an expiry must lie in the future', async () => {
    const { key } = await testCustomer(server.db)
    expect((await make(key, { expires_at: '2001-01-01T02:00:00+02:00' })).body).toMatchObject({
      detail: 'The time of expiry must be in the future, but 2001-01-01T00:00:00.000Z is past.',
    })
    const next = new Date(server.app.now().getTime() + 1).toISOString()
    expect(await make(key, { expires_at: next })).toMatchObject({ status: 201 })
  })

  it('keeps an allow-list and an expiry', async () => {
    const { key } = await testCustomer(server.db)
    const far = (await make(key, { allowed_ips: ['203.0.113.7', '2001:db8::/32'] })).body
    expect(far.allowed_ips).toEqual(['203.0.113.7/32', '2001:db8::/32'])
    expect(await ask(far.key as string, 'GET', '/v1/balance')).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    })
    const expires_at = new Date(server.app.now().getTime() + 90_000).toISOString()
    const brief = (await make(key, { expires_at })).body
    expect(brief.expires_at).toBe(expires_at)
    expect((await ask(brief.key as string, 'GET', '/v1/balance')).status).toBe(200)
    server.advance(90)
    expect(await ask(brief.key as string, 'GET', '/v1/balance')).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    })
  })

  it('ends a key at once and on every node, and answers a second time alike', async () => {
    const { key } = await testCustomer(server.db)
    const made = (await make(key)).body
    expect((await call(other, made.key, 'GET', '/v1/balance')).status).toBe(200)
    const ended = await ask(key, 'DELETE', `/v1/keys/${made.id}`)
    expect(ended.body.revoked_at).not.toBeNull()
    for (const node of [server, other])
      expect((await call(node, made.key, 'GET', '/v1/balance')).status).toBe(401)
    expect((await ask(key, 'DELETE', `/v1/keys/${made.id}`)).body).toEqual(ended.body)
  })

  it('does not find the keys of others', async () => {
    const { key } = await testCustomer(server.db)
    const { key: stranger } = await testCustomer(server.db)
    const made = (await make(key)).body
    for (const id of [made.id, 'key_00000000000', 'nonsense', '1'])
      expect(await ask(stranger, 'DELETE', `/v1/keys/${id}`)).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      })
    expect((await ask(made.key as string, 'GET', '/v1/balance')).status).toBe(200)
  })

  it('notes when a key was last used', async () => {
    const { key } = await testCustomer(server.db)
    const made = (await make(key)).body
    expect(made.last_used_at).toBeNull()
    await ask(made.key as string, 'GET', '/v1/balance')
    await server.app.refresh()
    const used = (await list(key)).find(({ id }) => id === made.id)
    expect(Date.parse(used?.last_used_at as string)).toBeGreaterThan(0)
  })
})

describe('every answer of the native API', async () => {
  const server = await testServer({ env: { NUMLET_RATE_LIMIT: '100' } })

  it('is named: by the caller where the name is a sane one', async () => {
    const { key } = await testCustomer(server.db)
    const ask = (id: string) =>
      call(server, key, 'GET', '/v1/nothing', undefined, { 'x-request-id': id })
    const named = await ask('trace-1.2:3_4')
    expect(named.headers.get('x-request-id')).toBe('trace-1.2:3_4')
    expect(named.body.request_id).toBe('trace-1.2:3_4')
    for (const odd of ['a b', 'x'.repeat(101), '<script>']) {
      const reply = await ask(odd)
      expect(reply.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
      expect(reply.body.request_id).toBe(reply.headers.get('x-request-id'))
    }
  })

  it('counts on what is left, also where it is a refusal', async () => {
    const { key } = await testCustomer(server.db)
    const left = async (path: string) =>
      (await call(server, key, 'GET', path)).headers.get('ratelimit')
    expect(await left('/v1/balance')).toBe('"key";r=99;t=60')
    expect(await left('/v1/orders/0')).toBe('"key";r=98;t=60')
    expect(await left('/v1/orders?limit=0')).toBe('"key";r=97;t=60')
    server.advance(30)
    expect(await left('/whichotp/api/v1/balance')).toBe('"key";r=96;t=30')
  })

  it('of a failure is a problem', async () => {
    const { key } = await testCustomer(server.db)
    const reply = await call(server, key, 'GET', '/v1/orders?limit=0&state=odd')
    expect(reply.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(reply.body).toStrictEqual({
      type: `${server.url}/docs/errors/invalid_request`,
      title: expect.any(String),
      status: 422,
      detail: expect.any(String),
      code: 'invalid_request',
      request_id: reply.headers.get('x-request-id'),
      errors: [
        { pointer: 'limit', detail: expect.any(String) },
        { pointer: 'state', detail: expect.any(String) },
      ],
    })
  })
})

describe('S6: the keys of an account', async () => {
  const server = await testServer()
  const { key } = await testCustomer(server.db)
  const make = () => call<Key & { code?: string }>(server, key, 'POST', '/v1/keys', { name: 'one' })
  type Page = { data: Key[]; next_cursor: string | null }
  const page = (query = '') => call<Page>(server, key, 'GET', `/v1/keys${query}`)

  it('are 50 at most, also when many are created at the same time', async () => {
    const made = await Promise.all(Array.from({ length: 60 }, make))
    // The customer's own key is one of the 50.
    expect(made.filter(({ status }) => status === 201)).toHaveLength(49)
    const refused = made.filter(({ status }) => status !== 201)
    for (const { status, body } of refused)
      expect({ status, code: body.code }).toEqual({ status: 409, code: 'too_many_keys' })
  })

  it('are listed page by page, each once', async () => {
    const seen: string[] = []
    let cursor: string | null = ''
    let pages = 0
    while (cursor !== null) {
      const { body } = await page(`?limit=20${cursor && `&cursor=${cursor}`}`)
      seen.push(...body.data.map(({ id }) => id))
      cursor = body.next_cursor
      pages++
    }
    expect(pages).toBe(3)
    expect(new Set(seen).size).toBe(50)
    expect(seen).toHaveLength(50)
  })

  it('make room when one is revoked or expires', async () => {
    const [, revoked, expired] = (await page()).body.data
    expect((await make()).status).toBe(409)
    await call(server, key, 'DELETE', `/v1/keys/${revoked?.id}`)
    expect((await make()).status).toBe(201)
    expect((await make()).status).toBe(409)
    const row = server.app.ids.fromToken('key', expired?.id ?? '')
    await server.db.query(
      `update api_keys set expires_at = $2::timestamptz - interval '1 s' where id = $1`,
      [row, server.app.now()],
    )
    expect((await make()).status).toBe(201)
  })

  it('are limited for operators, too', async () => {
    const { accountId } = await testCustomer(server.db)
    for (let one = 1; one < 50; one++) await createKey(server.db, new Date(), { accountId })
    await expect(createKey(server.db, new Date(), { accountId })).rejects.toMatchObject({
      code: 'too_many_keys',
    })
  })
})
