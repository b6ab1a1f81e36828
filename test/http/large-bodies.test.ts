// S7: bodies over the limit are refused with an answer that arrives, however they are sent; S8: uploads that
// are broken off are nobody's outage.
import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { exchange } from '../harness/raw.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'

const piece = Buffer.alloc(64 * 1024, ' ')
const sizes = { '0.2 MB': 200_000, '3 MB': 3_000_000, '20 MB': 20_000_000 }

function* bodyOf(bytes: number, isChunked: boolean) {
  for (let left = bytes; left > 0; left -= piece.length) {
    const part = piece.subarray(0, Math.min(left, piece.length))
    if (isChunked) yield `${part.length.toString(16)}\r\n`
    yield part
    if (isChunked) yield '\r\n'
  }
  if (isChunked) yield '0\r\n\r\n'
}

describe('S7: a body over the limit', async () => {
  const server = await testServer()
  const { key } = await testCustomer(server.db)
  const { key: stubsKey } = await testCustomer(server.db, { scopes: ['handler-api'] })
  const { secret } = await testSupplier(server.db, 'generous')
  const places: Record<string, { path: string; bearer: string; says: string }> = {
    native: { path: '/v1/orders', bearer: key, says: '"code":"body_too_large"' },
    whichotp: { path: '/whichotp/api/v1/orders/buy', bearer: key, says: '{"error":"' },
    otpzap: { path: '/otpzap/api/v1/order/create', bearer: key, says: '{"success":false,' },
    zapotp: { path: '/zapotp/account/api/v1/rent', bearer: key, says: '{"status":"error",' },
    otpwall: { path: '/otpwall/v1/number', bearer: key, says: '{"error":"' },
    smsverificationservice: {
      path: '/smsverificationservice/api/v1/order/temporary/',
      bearer: key,
      says: '{',
    },
    fivesim: { path: '/fivesim/v1/user/max-prices', bearer: key, says: 'body too large' },
    'handler-api': { path: '/stubs/handler_api.php', bearer: stubsKey, says: 'PAYLOAD_TOO_LARGE' },
    'http-callback': { path: '/api/callback', bearer: secret, says: '"code":"body_too_large"' },
    'wallet-callback': {
      path: '/api/wallet/callback/sandbox',
      bearer: key,
      says: '"code":"body_too_large"',
    },
  }
  type Place = (typeof places)[string]
  const headOf = ({ path, bearer }: Place, more: string, version = 'HTTP/1.1') =>
    `POST ${path} ${version}\r\nhost: a\r\nauthorization: Bearer ${bearer}\r\n` +
    `content-type: application/json\r\n${more}\r\n`

  describe.each(Object.entries(places))('%s', (_name, place) => {
    it('with Content-Length, by a client that reads last', async () => {
      const head = headOf(place, `content-length: ${sizes['3 MB']}\r\n`)
      const { text } = await exchange(server, [head, ...bodyOf(sizes['3 MB'], false)])
      expect(text).toMatch(/^HTTP\/1\.1 413 /)
      expect(text).toContain(place.says)
    })

    it('in chunks', async () => {
      const head = headOf(place, 'transfer-encoding: chunked\r\n')
      const { text } = await exchange(server, [head, ...bodyOf(sizes['3 MB'], true)])
      expect(text).toMatch(/^HTTP\/1\.1 413 /)
      expect(text).toContain(place.says)
    })

    it('that waits for 100: at once, and without it', async () => {
      const head = headOf(place, 'expect: 100-continue\r\ncontent-length: 3000000\r\n')
      const { text } = await exchange(server, head)
      expect(text).toMatch(/^HTTP\/1\.1 413 /)
      expect(text).not.toContain('100 Continue')
    })
  })

  const native = places.native as Place
  it.each(Object.entries(sizes))('of %s, again and again: always 413', async (_size, bytes) => {
    for (let round = 0; round < 5; round++)
      for (const isChunked of [false, true]) {
        const length = isChunked ? 'transfer-encoding: chunked' : `content-length: ${bytes}`
        const pieces = [headOf(native, `${length}\r\n`), ...bodyOf(bytes, isChunked)]
        const { text, isReset } = await exchange(server, pieces)
        expect(text).toMatch(/^HTTP\/1\.1 413 /)
        expect(isReset).toBe(false)
      }
  })

  it.each(Object.entries(sizes))('of %s by fetch: always 413', async (_size, bytes) => {
    for (let round = 0; round < 5; round++) {
      const reply = await call(server, key, 'POST', '/v1/orders', ' '.repeat(bytes))
      expect(reply).toMatchObject({ status: 413, body: { code: 'body_too_large' } })
    }
  })

  it('of HTTP/1.0', async () => {
    const head = headOf(native, `content-length: ${sizes['3 MB']}\r\n`, 'HTTP/1.0')
    const { text } = await exchange(server, [head, ...bodyOf(sizes['3 MB'], false)])
    expect(text).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('leaves no request behind that was hidden in it', async () => {
    const hidden =
      `POST /v1/orders HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${key}\r\n` +
      'content-type: application/json\r\ncontent-length: 37\r\n\r\n{"service":"whatsapp","country":"US"}'
    const head = headOf(native, 'content-length: 200000\r\n')
    const { text } = await exchange(server, [head, ' '.repeat(200_000), hidden])
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1)
    const orders = await call<{ data: unknown[] }>(server, key, 'GET', '/v1/orders')
    expect(orders.body.data).toEqual([])
  })

  it('without an end is not read for ever', async () => {
    const endless = (function* () {
      yield headOf(native, 'transfer-encoding: chunked\r\n')
      for (;;) yield* ['10000\r\n', piece, '\r\n']
    })()
    const { writtenBytes } = await exchange(server, endless)
    expect(writtenBytes).toBeLessThan(64 * 1024 * 1024)
  })

  it('below the limit is taken as ever, also by a client that waits for 100', async () => {
    const body = '{"service":"whatsapp","country":"US"}'
    const status = await new Promise((resolve, reject) => {
      const sent = request(`${server.url}/v1/orders`, {
        method: 'POST',
        agent: false,
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          expect: '100-continue',
          'content-length': body.length,
        },
      })
      sent.on('continue', () => sent.end(body))
      sent.on('response', (response) => resolve(response.statusCode))
      sent.on('error', reject)
      sent.flushHeaders()
    })
    expect(status).toBe(201)
  })

  it.each([
    ['401', { ...native, bearer: 'nonsense' }, '', 401],
    ['404', { ...native, path: '/v1/nowhere' }, '', 404],
    ['405', { ...native, path: '/v1/balance' }, '', 405],
    ['415', native, 'content-type: text/plain\r\n', 415],
    ['415 for a compressed one', native, 'content-encoding: gzip\r\n', 415],
    ['415 for another charset', native, 'content-type: application/json; charset=utf-16\r\n', 415],
  ])('that waits for 100 hears %s at once', async (_what, place, more, status) => {
    const head = headOf(place, `expect: 100-continue\r\ncontent-length: 30\r\n${more}`)
    const bytes = more.startsWith('content-type')
      ? head.replace('content-type: application/json\r\n', '')
      : head
    const { text } = await exchange(server, bytes)
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  })

  it('keeps a connection on which a small body was refused', async () => {
    const two = headOf({ ...native, bearer: 'nonsense' }, 'content-length: 2\r\n')
    const last = headOf(
      { ...native, bearer: 'nonsense' },
      'connection: close\r\ncontent-length: 2\r\n',
    )
    const { text } = await exchange(server, [two, '{}', last, '{}'])
    expect(text.match(/HTTP\/1\.1 401/g)).toHaveLength(2)
  })
})

describe('S8: a client that hangs up', async () => {
  const server = await testServer()
  const { key } = await testCustomer(server.db)
  const { key: stubsKey } = await testCustomer(server.db, { scopes: ['handler-api'] })
  const { secret } = await testSupplier(server.db, 'hasty')
  const lines: { level: string; text: string }[] = []
  for (const level of ['debug', 'info', 'warn', 'error'] as const)
    Object.assign(server.app.log, {
      [level]: (_fields: object, text: string) => lines.push({ level, text }),
    })
  const loud = () => lines.filter((line) => line.level !== 'debug')

  /** Hangs up once the server has begun to read the body. */
  const breakOff = ([path, bearer]: readonly [string, string], index: number) =>
    new Promise<void>((resolve) => {
      const length = index % 2 ? { 'transfer-encoding': 'chunked' } : { 'content-length': '1000' }
      const sent = request(`${server.url}${path}`, {
        method: 'POST',
        agent: false,
        headers: {
          authorization: `Bearer ${bearer}`,
          'content-type': 'application/json',
          expect: '100-continue',
          ...length,
        },
      })
      sent.on('error', () => {})
      sent.on('close', () => resolve())
      sent.on('continue', () =>
        sent.write('{"a":', () =>
          index % 3 ? sent.socket?.resetAndDestroy() : sent.socket?.destroy(),
        ),
      )
    })

  it('during an upload makes no line of a failure, 100 times', async () => {
    const places = [
      ['/v1/orders', key],
      ['/otpzap/api/v1/order/create', key],
      ['/stubs/handler_api.php', stubsKey],
      ['/api/callback', secret],
    ] as const
    lines.length = 0
    const all = Array.from({ length: 100 }, (_, i) =>
      breakOff(places[i % places.length] as (typeof places)[number], i),
    )
    await Promise.all(all)
    const seen = () => lines.filter(({ text }) => text === 'the client hung up').length
    await expect.poll(seen).toBe(100)
    expect(loud()).toEqual([])
  })

  it('during a long poll or a stream makes none either', async () => {
    const { body: order } = await call<{ id: string }>(server, key, 'POST', '/v1/orders', {
      service: 'whatsapp',
      country: 'US',
    })
    lines.length = 0
    const paths = [`/v1/orders/${order.id}?wait=60`, '/v1/events', `/v1/orders/${order.id}/events`]
    const all = [...paths, ...paths, ...paths].map(
      (path) =>
        new Promise<void>((resolve) => {
          const headers = { authorization: `Bearer ${key}` }
          const sent = request(`${server.url}${path}`, { agent: false, headers })
          sent.on('error', () => {})
          sent.on('close', () => resolve())
          sent.on('finish', () => setImmediate(() => sent.socket?.resetAndDestroy()))
          sent.end()
        }),
    )
    await Promise.all(all)
    server.advance(200)
    const cancelled = await call(server, key, 'POST', `/v1/orders/${order.id}/cancel`)
    expect(cancelled.status).toBe(200)
    for (let i = 0; i < 10; i++) await call(server, key, 'GET', '/v1/balance')
    expect(loud()).toEqual([])
  })
})
