// D5, D6: clients that do not say that their JSON is JSON, that post forms, or that double their slashes.
import { describe, expect, it } from 'vitest'
import { sendRaw } from '../harness/raw.ts'
import { testCustomer, testServer, testSupplier } from '../harness/server.ts'

const server = await testServer({ env: { NUMLET_HOSTS: 'api.example.com=whichotp' } })
const { key } = await testCustomer(server.db)
const { key: stubsKey } = await testCustomer(server.db, { scopes: ['handler-api'] })
const { secret } = await testSupplier(server.db, 'lenient')
const form = 'application/x-www-form-urlencoded'

const post = (path: string, body: string, type: string | null, bearer = key, host = 'a') =>
  sendRaw(server, {
    method: 'POST',
    path,
    key: bearer,
    headers: { host, ...(type === null ? {} : { 'content-type': type }) },
    body,
  })

/** A call of each dialect whose body is right but for one name, so that its own schema or catalog answers. */
const calls: Record<string, { path: string; body: object; bearer?: string }> = {
  whichotp: { path: '/whichotp/api/v1/orders/buy', body: { serviceId: 'nonsense' } },
  otpzap: { path: '/otpzap/api/v1/order/cancel', body: { order_id: 1 } },
  zapotp: {
    path: '/zapotp/account/api/v1/rent',
    body: { action: 'rent', service: 'nonsense', country: 'US' },
  },
  otpwall: { path: '/otpwall/v1/number', body: { service: 'nonsense', country: 'US' } },
  smsverificationservice: {
    path: '/smsverificationservice/api/v1/order/temporary/',
    body: { service_id: 999_999 },
  },
  fivesim: { path: '/fivesim/v1/user/max-prices', body: { product_name: 'nonsense', price: 1 } },
  'http-callback': {
    path: '/api/callback',
    body: { event: 'incoming_message', message: { number: 1 } },
    bearer: secret,
  },
}
const types = [
  null,
  form,
  'text/plain',
  'text/plain;charset=UTF-8',
  'application/octet-stream',
  'json',
  ';;;',
  '',
]

describe.each(Object.entries(calls))('D5: %s', (_name, { path, body, bearer = key }) => {
  it.each(types)('takes a JSON object as %j, by the same schema', async (type) => {
    const named = await post(path, JSON.stringify(body), 'application/json', bearer)
    const other = await post(path, JSON.stringify(body), type, bearer)
    expect(named.status).not.toBe(415)
    const withoutId = ({ status, body }: typeof named) => {
      const { request_id: _, ...rest } =
        typeof body === 'object' ? (body as Record<string, unknown>) : { body }
      return { status, ...rest }
    }
    expect(withoutId(other)).toEqual(withoutId(named))
  })

  it('refuses what is no JSON object', async () => {
    expect((await post(path, '{"half":', 'application/json', bearer)).status).toBe(400)
    for (const text of [
      'nonsense',
      '[1]',
      '"a"',
      '1',
      'null',
      '{"a":1}{"b":2}',
      '{"__proto__":{"a":1}}',
    ])
      expect((await post(path, text, 'text/plain', bearer)).status, text).toBe(415)
    for (const type of ['application/json; charset=utf-16', 'text/plain; charset=latin1'])
      expect((await post(path, JSON.stringify(body), type, bearer)).status, type).toBe(415)
  })
})

describe('D5: forms', () => {
  it('buy at ZapOTP and handler_api', async () => {
    const rented = await post(
      '/zapotp/account/api/v1/rent.php',
      'action=rent&service=whatsapp&country=us',
      form,
    )
    expect(rented).toMatchObject({ status: 200, body: { status: 'success' } })
    const parts = new FormData()
    parts.set('action', 'rent')
    parts.set('service', 'whatsapp')
    parts.set('country', 'US')
    const sent = new Response(parts)
    const type = sent.headers.get('content-type') as string
    expect((await post('/zapotp/account/api/v1/rent', await sent.text(), type)).status).toBe(200)
    const asked = await post('/stubs/handler_api.php', 'action=getBalance', form, stubsKey)
    expect(asked.body).toBe('ACCESS_BALANCE:100.00')
    const json = await post('/stubs/handler_api.php', '{"action":"getBalance"}', form, stubsKey)
    expect(json.body).toBe('ACCESS_BALANCE:100.00')
  })

  it('go through the same schema', async () => {
    for (const fields of [
      '',
      'action=rent',
      'action=rent&service=nonsense&country=US',
      '__proto__=a',
    ])
      expect(
        (await post('/zapotp/account/api/v1/rent', fields, form)).status,
        fields,
      ).toBeGreaterThanOrEqual(400)
  })

  it('are refused everywhere else', async () => {
    for (const { path, bearer } of Object.values(calls))
      if (!path.startsWith('/zapotp'))
        expect((await post(path, 'a=b', form, bearer)).status, path).toBe(415)
  })
})

describe('D5: /v1', () => {
  it.each(types)('takes JSON as JSON only, not as %j', async (type) => {
    expect((await post('/v1/orders', '{"service":"whatsapp","country":"US"}', type)).status).toBe(
      415,
    )
  })

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset=UTF-8',
  ])('takes %s', async (type) => {
    expect((await post('/v1/orders', '{"service":"nonsense","country":"US"}', type)).status).toBe(
      404,
    )
  })
})

describe('D6: slashes', () => {
  const get = (path: string, bearer: string | null = key, host = 'a') =>
    sendRaw(server, { method: 'GET', path, key: bearer, headers: { host } })

  it.each([
    '/whichotp/api/v1//balance',
    '//whichotp//api///v1/balance',
    '/whichotp/api/v1/balance//',
    '/whichotp/api/v1/balance/',
    '/otpzap/api/v1//balance?a=b//c',
    '/zapotp/account/api/v1//user.php',
    '/otpwall/v1//balance/',
    '/smsverificationservice/api/v1//balance//',
    '/fivesim/v1//user/profile',
  ])('in a row are one: %s', async (path) => {
    expect((await get(path)).status).toBe(200)
  })

  it('in a row are one on a dialect’s own host', async () => {
    for (const path of ['//api/v1/balance', '/api/v1//balance', '/api//v1/balance//'])
      expect((await get(path, key, 'api.example.com')).status).toBe(200)
  })

  it('in a row are one for handler_api, and stay as they are in a query', async () => {
    const reply = await get('//stubs//handler_api.php?action=getBalance&note=a//b', stubsKey)
    expect(reply.body).toBe('ACCESS_BALANCE:100.00')
  })

  it('that are encoded stay encoded', async () => {
    expect((await get('/whichotp/api/v1/%2Fbalance')).status).toBe(404)
    expect((await get('/whichotp/api%2Fv1/balance')).status).toBe(404)
  })

  it('in a row stay so in /v1', async () => {
    expect((await get('/v1//balance')).status).toBe(404)
    expect((await get('/v1/balance/')).status).toBe(200)
  })
})
