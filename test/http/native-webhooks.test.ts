// /v1/webhooks: endpoints made, changed, rotated, tested, taken away; their log, and sending again.
import { describe, expect, it } from 'vitest'
import { referenceOf } from '../harness/documented.ts'
import { allowLocal, openReceiver, testEngine } from '../harness/receiver.ts'
import { call, serverOn, testCustomer, testServer } from '../harness/server.ts'

type Hook = {
  id: string
  url: string
  events: string[]
  format: string
  description: string
  active: boolean
  secret: string | null
  old_secret_until: string | null
}
type Delivery = {
  id: string
  event_id: string | null
  event_type: string
  cause: string
  state: string
  attempts: { number: number; status: number | null; response: string | null }[]
  next_attempt_at: string | null
}
type Page = { data: Delivery[]; next_cursor: string | null }

const url = 'https://example.com/hooks'

describe('/v1/webhooks', async () => {
  const server = await testServer()
  const local = await serverOn(server.databaseUrl, allowLocal)
  const reference = await referenceOf(server)
  const engine = testEngine(local.app)

  const asking = async (on = server) => {
    const { key } = await testCustomer(server.db)
    const ask = async <T = Hook>(
      method: string,
      path: string,
      body?: unknown,
      headers?: Record<string, string>,
    ) => {
      const reply = await call<T>(on, key, method, `/v1/webhooks${path}`, body, headers)
      reference.check(method, `/v1/webhooks${path}`, reply)
      return reply
    }
    return {
      key,
      ask,
      make: async (wanted: object = {}) =>
        (await ask('POST', '', { url, events: ['*'], ...wanted })).body,
      list: async () => (await ask<{ data: Hook[] }>('GET', '')).body.data,
      refuse: async (method: string, path: string, body: unknown, status: number, code: string) => {
        const reply = await ask<{ code: string; errors?: { pointer: string }[] }>(
          method,
          path,
          body,
        )
        expect(reply).toMatchObject({ status, body: { code } })
        return reply.body.errors?.map(({ pointer }) => pointer)
      },
    }
  }

  it('makes an endpoint, and shows its secret this once', async () => {
    const { ask, list } = await asking()
    const wanted = { url, events: ['order.code_received', 'order.code_received'], description: 'A' }
    const { status, body } = await ask('POST', '', wanted)
    expect(status).toBe(201)
    const { secret, ...shown } = body
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(shown).toMatchObject({
      id: expect.stringMatching(/^whk_[0-9a-z]{11}$/),
      url,
      events: ['order.code_received'],
      format: 'standard',
      description: 'A',
      active: true,
    })
    expect(await list()).toEqual([shown])
    expect((await ask('GET', `/${body.id}`)).body).toEqual(shown)
  })

  it('makes several, of every format, up to a limit', async () => {
    const { make, list, refuse } = await asking()
    const formats = ['standard', 'otpzap', 'smsverificationservice', 'handler-api', 'otpzap']
    for (const format of formats) expect(await make({ format })).toMatchObject({ format })
    expect((await list()).map(({ format }) => format)).toEqual(formats)
    for (let more = formats.length; more < 20; more++) await make()
    await refuse('POST', '', { url, events: ['*'] }, 409, 'too_many_webhooks')
    expect(await list()).toHaveLength(20)
  })

  it('makes one for each Idempotency-Key, whose secret is not told twice', async () => {
    const { ask, list } = await asking()
    const headers = { 'idempotency-key': 'one' }
    const body = { url, events: ['*'] }
    const first = await ask('POST', '', body, headers)
    const second = await ask('POST', '', body, headers)
    expect(second).toMatchObject({ status: 201, body: { id: first.body.id, secret: null } })
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(await list()).toHaveLength(1)
    const other = await ask('POST', '', { ...body, description: 'B' }, headers)
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_conflict' } })
    // The answer of the first was lost with its process.
    await server.db.query(
      `update idempotency_keys set status = null, body = null where key = 'one'`,
    )
    expect((await ask('POST', '', body, headers)).body).toEqual({ ...first.body, secret: null })
  })

  it('refuses what is none, and changes nothing', async () => {
    const { refuse, list } = await asking()
    const wrong: [object, string][] = [
      [{ events: ['*'] }, '/url'],
      [{ url }, '/events'],
      [{ url, events: [] }, '/events'],
      [{ url, events: ['nonsense'] }, '/events/0'],
      [{ url, events: ['order.expired'], format: 'otpzap' }, '/events/0'],
      [{ url, events: ['*', 'order.expired'], format: 'handler-api' }, '/events/1'],
      [{ url, events: ['*'], format: 'xml' }, '/format'],
      [{ url, events: ['*'], description: 'a\nb' }, '/description'],
      [{ url, events: ['*'], secret: 'mine' }, '/secret'],
    ]
    for (const [body, pointer] of wrong)
      expect(await refuse('POST', '', body, 422, 'invalid_request')).toEqual([pointer])
    expect(await list()).toEqual([])
  })

  it.each([
    'http://example.com/',
    'https://127.0.0.1/',
    'https://localhost/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://0.0.0.0/',
    'https://[::]/',
    'https://[64:ff9b::7f00:1]/',
    'https://10.0.0.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://no-such-host.invalid/',
    'ftp://example.com/',
    'nonsense',
  ])('does not go to %s', async (wrong) => {
    const { refuse, make, ask } = await asking()
    const wanted = { url: wrong, events: ['*'] }
    expect(await refuse('POST', '', wanted, 422, 'invalid_request')).toEqual(['/url'])
    const { id } = await make()
    expect(await refuse('PATCH', `/${id}`, { url: wrong }, 422, 'invalid_request')).toEqual([
      '/url',
    ])
    expect((await ask('GET', `/${id}`)).body.url).toBe(url)
  })

  it('changes what is given', async () => {
    const { make, ask, refuse } = await asking()
    const { id, secret: _secret, ...made } = await make({ description: 'A' })
    server.advance(60)
    const { body } = await ask<Hook & { updated_at: string }>('PATCH', `/${id}`, {
      events: ['order.expired'],
    })
    expect(body).toEqual({
      ...made,
      id,
      events: ['order.expired'],
      updated_at: server.app.now().toISOString(),
    })
    expect((await ask('PATCH', `/${id}`, { active: false })).body.active).toBe(false)
    expect((await ask('PATCH', `/${id}`, { url: `${url}/2` })).body).toMatchObject({
      url: `${url}/2`,
      active: false,
    })
    expect(await refuse('PATCH', `/${id}`, { format: 'otpzap' }, 422, 'invalid_request')).toEqual([
      '/format',
    ])
    await refuse('PATCH', `/${id}`, { events: ['nonsense'] }, 422, 'invalid_request')
    await refuse('PATCH', `/${id}`, { active: 'yes' }, 422, 'invalid_request')
  })

  it('is one account’s own', async () => {
    const mine = await asking()
    const other = await asking()
    const { id } = await mine.make()
    const { body: test } = await mine.ask<Delivery>('POST', `/${id}/test`)
    for (const missing of [id, 'whk_00000000000', 'nonsense', 'ord_89b12d3a456']) {
      const of = `/${missing}`
      const not = [404, 'webhook_not_found'] as const
      await other.refuse('GET', of, undefined, ...not)
      await other.refuse('PATCH', of, { active: false }, ...not)
      await other.refuse('DELETE', of, undefined, ...not)
      await other.refuse('POST', `${of}/rotate`, undefined, ...not)
      await other.refuse('POST', `${of}/test`, undefined, ...not)
      await other.refuse('POST', `${of}/replay`, { from: '2026-11-20T00:00:00Z' }, ...not)
      await other.refuse('GET', `${of}/deliveries`, undefined, ...not)
      await other.refuse('GET', `${of}/deliveries/${test.id}`, undefined, ...not)
      await other.refuse('POST', `${of}/deliveries/${test.id}/replay`, undefined, ...not)
    }
    const own = (await other.make()).id
    for (const delivery of [test.id, 'dlv_00000000000', 'nonsense']) {
      const path = `/${own}/deliveries/${delivery}`
      await other.refuse('GET', path, undefined, 404, 'webhook_not_found')
      await other.refuse('POST', `${path}/replay`, undefined, 404, 'webhook_not_found')
    }
    expect(await mine.list()).toHaveLength(1)
  })

  it('gives a new secret, once for each Idempotency-Key, and says until when the old one signs', async () => {
    const { make, ask } = await asking()
    const { id, secret } = await make()
    const headers = { 'idempotency-key': 'rotate' }
    const { status, body } = await ask('POST', `/${id}/rotate`, undefined, headers)
    expect(status).toBe(200)
    expect(body.secret).not.toBe(secret)
    const aDay = 24 * 60 * 60 * 1000
    expect(Date.parse(body.old_secret_until as string)).toBe(server.app.now().getTime() + aDay)
    expect((await ask('POST', `/${id}/rotate`, undefined, headers)).body).toEqual({
      ...body,
      secret: null,
    })
    server.advance(86_401)
    expect((await ask('GET', `/${id}`)).body.old_secret_until).toBeNull()
  })

  it('takes an endpoint away, with what waits for it', async () => {
    const { make, ask, list, refuse } = await asking()
    const { id } = await make()
    await ask('POST', `/${id}/test`)
    expect(await ask('DELETE', `/${id}`)).toMatchObject({ status: 204, body: '' })
    expect(await list()).toEqual([])
    await refuse('DELETE', `/${id}`, undefined, 404, 'webhook_not_found')
    const [row] = await server.db.query(
      `select count(*)::int as waiting from webhook_deliveries d
        where state = 'pending' and not exists (
          select from webhook_endpoints e where e.id = d.endpoint_id)`,
    )
    expect(row).toEqual({ waiting: 0 })
  })

  describe('sends', async () => {
    const receiver = await openReceiver()
    const connected = async (events = ['*']) => {
      const asked = await asking(local)
      receiver.react(200)
      receiver.received.length = 0
      const { id } = await asked.make({ url: receiver.url, events })
      const buy = () =>
        call<{ id: string }>(local, asked.key, 'POST', '/v1/orders', {
          service: 'whatsapp',
          country: 'US',
        })
      const log = async (query = '') =>
        (await asked.ask<Page>('GET', `/${id}/deliveries${query}`)).body
      return { ...asked, id, buy, log }
    }
    const ids = () => receiver.received.map(({ headers }) => headers['webhook-id'])

    it('a test, and keeps its log', async () => {
      const { id, ask, log } = await connected()
      const headers = { 'idempotency-key': 'test' }
      const queued = await ask<Delivery>('POST', `/${id}/test`, undefined, headers)
      expect(queued).toMatchObject({
        status: 201,
        body: { event_id: null, event_type: 'webhook.test', cause: 'test', state: 'pending' },
      })
      await ask('POST', `/${id}/test`, undefined, headers)
      receiver.react((response) => response.writeHead(202).end('got it'))
      await engine.deliver()
      expect(receiver.received).toHaveLength(1)
      const { data } = await log()
      expect(data).toMatchObject([
        {
          id: queued.body.id,
          state: 'delivered',
          next_attempt_at: null,
          attempts: [{ number: 1, status: 202, error: null, response: 'got it' }],
        },
      ])
      const one = await ask<Delivery>('GET', `/${id}/deliveries/${queued.body.id}`)
      expect(one.body).toEqual(data[0])
    })

    it('one delivery again, by the id that it had', async () => {
      const { id, ask, buy, log } = await connected()
      await buy()
      await engine.deliver()
      const [first] = (await log()).data as [Delivery]
      const path = `/${id}/deliveries/${first.id}/replay`
      const headers = { 'idempotency-key': 'replay' }
      const again = await ask<Delivery>('POST', path, undefined, headers)
      expect(again).toMatchObject({
        status: 201,
        body: { event_id: first.event_id, cause: 'replay', state: 'pending' },
      })
      expect((await ask<Delivery>('POST', path, undefined, headers)).body).toEqual(again.body)
      await engine.deliver()
      expect(ids()).toEqual([first.event_id, first.event_id])
      expect((await log()).data).toHaveLength(2)
    })

    it('a time again: what was missed while it was off, and nothing twice', async () => {
      const { id, ask, buy, log } = await connected(['order.created'])
      const from = local.app.now().toISOString()
      await buy()
      await engine.deliver()
      await ask('PATCH', `/${id}`, { active: false })
      await buy()
      await buy()
      await engine.deliver()
      expect(receiver.received).toHaveLength(1)
      const off = await ask<{ code: string }>('POST', `/${id}/replay`, { from })
      expect(off).toMatchObject({ status: 422, body: { code: 'invalid_request' } })
      await ask('PATCH', `/${id}`, { active: true })
      local.advance(1)
      const headers = { 'idempotency-key': 'range' }
      const replayed = await ask<object>('POST', `/${id}/replay`, { from }, headers)
      expect(replayed).toMatchObject({ status: 201, body: { queued: 2, more: false } })
      const repeated = await ask<object>('POST', `/${id}/replay`, { from }, headers)
      expect(repeated.body).toEqual(replayed.body)
      const twin = await ask<object>('POST', `/${id}/replay`, { from })
      expect(twin.body).toEqual({ queued: 0, more: false })
      await engine.deliver()
      expect(new Set(ids()).size).toBe(3)
      expect(receiver.received).toHaveLength(3)
      const all = { from, to: local.app.now().toISOString(), all: true }
      expect((await ask<object>('POST', `/${id}/replay`, all)).body).toEqual({
        queued: 3,
        more: false,
      })
      const before = { from: '2020-01-01T00:00:00Z', to: from, all: true }
      expect((await ask<object>('POST', `/${id}/replay`, before)).body).toMatchObject({ queued: 0 })
      await engine.deliver()
      expect((await log()).data.filter(({ cause }) => cause === 'replay')).toHaveLength(5)
    })

    it('and lists what it sent by pages and by state', async () => {
      const { id, ask, log } = await connected()
      for (let one = 0; one < 5; one++) await ask('POST', `/${id}/test`)
      await engine.deliver()
      receiver.react(500)
      await ask('POST', `/${id}/test`)
      await engine.deliver()
      const seen: string[] = []
      let query = '?limit=2'
      for (;;) {
        const { data, next_cursor: next } = await log(query)
        seen.push(...data.map((one) => one.id))
        if (next === null) break
        query = `?limit=2&cursor=${next}`
      }
      expect(new Set(seen).size).toBe(6)
      expect((await log('?state=pending')).data).toHaveLength(1)
      expect((await log('?state=delivered')).data).toHaveLength(5)
      expect((await log('?state=failed')).data).toHaveLength(0)
    })

    it('nothing of a range that is none', async () => {
      const { id, refuse } = await connected()
      const wrong = [{}, { from: 'yesterday' }, { from: '2026-11-20' }, { from: 1 }, { all: true }]
      for (const body of wrong) await refuse('POST', `/${id}/replay`, body, 422, 'invalid_request')
    })
  })

  it('counts what it did', async () => {
    const { body } = await call<string>(local, null, 'GET', '/metrics')
    expect(body).toMatch(/numlet_webhook_attempts_total\{outcome="delivered"\} [1-9]/)
    expect(body).toMatch(/numlet_webhook_pending\{lane="rest"\} \d+/)
  })
})
