// A3, D5: bytes that are no UTF-8, and keys that no body may have, are named where they are refused. What
// suppliers and gateways send is read all the same.
import { describe, expect, it } from 'vitest'
import { sendRaw } from '../harness/raw.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { stateOf } from '../harness/state.ts'

const server = await testServer()
const { key } = await testCustomer(server.db)
const { key: stubsKey } = await testCustomer(server.db, { scopes: ['handler-api'] })
const { secret } = await testSupplier(server.db, 'broken')

/** A call of each dialect that takes JSON, up to the value of a text. */
const calls: Record<string, { path: string; before: string; as?: string }> = {
  '/v1': { path: '/v1/orders', before: '{"service":"whatsapp","country":"US","reference":"' },
  whichotp: { path: '/whichotp/api/v1/orders/buy', before: '{"serviceId":"' },
  otpzap: { path: '/otpzap/api/v1/order/create', before: '{"product_id":"' },
  zapotp: { path: '/zapotp/account/api/v1/rent', before: '{"action":"rent","service":"' },
  otpwall: { path: '/otpwall/v1/number', before: '{"country":"US","service":"' },
  smsverificationservice: {
    path: '/smsverificationservice/api/v1/order/temporary/',
    before: '{"service_id":"',
  },
  fivesim: { path: '/fivesim/v1/user/max-prices', before: '{"price":1,"product_name":"' },
}

const broken: Record<string, readonly number[]> = {
  'a byte that begins nothing': [0xff],
  'Latin-1': [0x4b, 0xe4, 0x73, 0x65],
  'half of a letter': [0xc3],
  'half of a pair': [0xed, 0xa0, 0x80],
  'a letter that is too long': [0xc0, 0xaf],
}

const post = (path: string, body: string | Buffer, type = 'application/json', as = key) =>
  sendRaw(server, { method: 'POST', path, key: as, headers: { 'content-type': type }, body })

describe.each(Object.entries(calls))('in %s', (name, { path, before }) => {
  it.each(Object.entries(broken))('%s is refused, and changes nothing', async (_name, bytes) => {
    const state = await stateOf(server.db)
    const body = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from('"}')])
    const types = name === '/v1' ? ['application/json'] : ['application/json', 'text/plain']
    for (const type of types) expect((await post(path, body, type)).status, type).toBe(400)
    expect(await stateOf(server.db)).toEqual(state)
  })

  it('letters of every length are read', async () => {
    const reply = await post(path, `${before}Käse 世界 😀"}`)
    expect(JSON.stringify(reply.body)).not.toMatch(/malformed/i)
    expect(reply.status).not.toBe(500)
  })

  it.each([
    '{"__proto__":{"a":1}}',
    '{"a":[{"__proto__":null}]}',
    '{"\\u005f_proto__":1}',
    '{"constructor":{"prototype":{"a":1}}}',
  ])('a key that no body may have is refused: %s', async (body) => {
    expect((await post(path, body)).status).toBe(400)
  })
})

describe('/v1 says what is wrong', () => {
  const detailOf = async (body: string | Buffer) => (await post('/v1/orders', body)).body

  it('with the bytes', async () => {
    expect(await detailOf(Buffer.from('{"service":"\xff"}', 'latin1'))).toMatchObject({
      code: 'malformed_body',
      detail: 'The body is not valid UTF-8.',
    })
    expect(await detailOf('{"service":')).toMatchObject({ detail: 'The body is not valid JSON.' })
  })

  it.each([
    ['{"service":"whatsapp","__proto__":{"admin":true}}', '__proto__'],
    ['{"metadata":{"__proto__":"a"}}', '__proto__'],
    ['{"constructor":{"prototype":{}}}', 'constructor.prototype'],
  ])('with the key: %s', async (body, name) => {
    expect(await detailOf(body)).toMatchObject({
      code: 'malformed_body',
      detail: `The body has a field named ${name}, which is not accepted.`,
    })
  })

  it('with the escapes of a query', async () => {
    for (const query of ['reference=%FF', 'reference=K%E4se', 'reference=%C3', '%ED%A0%80=1']) {
      const get = { method: 'GET', path: `/v1/orders?${query}`, key }
      expect(await sendRaw(server, get), query).toMatchObject({
        status: 400,
        body: {
          code: 'malformed_request',
          detail: 'The query has percent escapes that are not valid UTF-8.',
        },
      })
    }
    const right = { method: 'GET', path: '/v1/orders?reference=K%C3%A4se%20100%', key }
    expect((await sendRaw(server, right)).status).toBe(200)
  })
})

it.each([
  '/whichotp/api/v1/balance',
  '/otpzap/api/v1/products',
  '/zapotp/account/api/v1/user.php',
  '/otpwall/v1/balance',
  '/smsverificationservice/api/v1/balance',
  '/fivesim/v1/user/profile',
])('escapes of a query that are no UTF-8 are refused: %s', async (path) => {
  const get = (query: string) => sendRaw(server, { method: 'GET', path: path + query, key })
  expect((await get('?note=%C3%A4%zz')).status).toBe(200)
  expect((await get('?note=%E4')).status).toBe(400)
})

describe('forms that are no UTF-8 are refused', () => {
  const forms = { zapotp: '/zapotp/account/api/v1/rent', stubs: '/stubs/handler_api.php' }
  const head = { zapotp: 'action=rent&country=US&service=', stubs: 'action=getBalance&note=' }

  it.each(['zapotp', 'stubs'] as const)('by %s', async (name) => {
    const type = 'application/x-www-form-urlencoded'
    const as = name === 'stubs' ? stubsKey : key
    const before = `${name === 'stubs' ? `api_key=${stubsKey}&` : ''}${head[name]}`
    for (const bytes of ['%E4', '%ED%A0%80', '\xe4'])
      expect(
        (await post(forms[name], Buffer.from(before + bytes, 'latin1'), type, as)).status,
        bytes,
      ).toBe(400)
    expect((await post(forms[name], `${before}%C3%A4`, type, as)).status).not.toBe(400)
  })

  it('in parts, but for the bytes of files', async () => {
    const parts = (value: string, more = '') =>
      Buffer.from(
        `--b\r\ncontent-disposition: form-data; name="action"\r\n\r\ngetBalance\r\n--b\r\n` +
          `content-disposition: form-data; name="note"${more}\r\n\r\n${value}\r\n--b--\r\n`,
        'latin1',
      )
    const send = (body: Buffer) =>
      post('/stubs/handler_api.php', body, 'multipart/form-data; boundary=b', stubsKey)
    expect(await send(parts('\xe4'))).toMatchObject({ status: 400, body: 'BAD_REQUEST' })
    expect((await send(parts('\xc3\xa4'))).body).toBe('ACCESS_BALANCE:100.00')
    expect((await send(parts('\xe4', '; filename="a.bin"'))).body).toBe('ACCESS_BALANCE:100.00')
  })
})

it('a text of a supplier with damaged letters is kept, and its code is told', async () => {
  const order = { service: 'whatsapp', country: 'US' }
  const { body: bought } = await call<{ id: string; phone: string }>(
    server,
    key,
    'POST',
    '/v1/orders',
    order,
  )
  const message = { number: bought.phone, sender: 'WhatsApp', sms: 'Caf\xe9: your code is 593-821' }
  const body = Buffer.from(JSON.stringify({ event: 'incoming_message', message }), 'latin1')
  const reply = await post('/api/callback?note=%E4', body, 'application/json', secret)
  expect(reply).toMatchObject({ status: 200, body: { order_ids: [bought.id] } })
  const { body: seen } = await call<object>(server, key, 'GET', `/v1/orders/${bought.id}`)
  expect(seen).toMatchObject({
    code: '593821',
    messages: [{ text: 'Caf\ufffd: your code is 593-821' }],
  })
})
