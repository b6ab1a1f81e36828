// D10: pages of the origins that the operator lists may call the API with a key.
import { describe, expect, it } from 'vitest'
import { ConfigError, toConfig } from '../../src/config.ts'
import { sendRaw } from '../harness/raw.ts'
import { serverOn, testCustomer, testServer } from '../harness/server.ts'

const origin = 'https://app.example.com'

describe('D10: browsers', async () => {
  const closed = await testServer()
  const open = await serverOn(closed.databaseUrl, {
    NUMLET_CORS_ORIGINS: `${origin}, http://127.0.0.1:5173`,
  })
  const { key } = await testCustomer(closed.db)
  const preflight = (at: { url: string }, from: string, path = '/v1/orders') =>
    sendRaw(at, {
      method: 'OPTIONS',
      path,
      headers: {
        origin: from,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,idempotency-key',
      },
    })
  const paths = [
    '/v1/orders',
    '/v1/events',
    '/whichotp/api/v1/orders/buy',
    '/stubs/handler_api.php',
  ]

  it.each(paths)('may ask %s from a listed origin', async (path) => {
    for (const from of [origin, 'http://127.0.0.1:5173']) {
      const { status, headers } = await preflight(open, from, path)
      expect(status).toBe(204)
      expect(headers.get('access-control-allow-origin')).toBe(from)
      expect(headers.get('access-control-allow-methods')).toMatch(/\bPOST\b/)
      expect(headers.get('access-control-allow-headers')).toMatch(/authorization.*idempotency-key/)
      expect(headers.get('access-control-allow-credentials')).toBeNull()
      expect(headers.get('vary')).toMatch(/\bOrigin\b/)
    }
  })

  it('may read answers, failures and streams, and the headers that matter', async () => {
    const get = (path: string, bearer: string | null) =>
      fetch(`${open.url}${path}`, {
        headers: { origin, ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) },
      })
    for (const [path, bearer, status] of [
      ['/v1/balance', key, 200],
      ['/v1/balance', null, 401],
      ['/v1/nowhere', key, 404],
      ['/v1/events', key, 200],
      ['/openapi.json', null, 200],
      ['/fivesim/v1/guest/prices?country=usa&product=whatsapp', null, 200],
    ] as const) {
      const reply = await get(path, bearer)
      await reply.body?.cancel()
      expect(reply.status, path).toBe(status)
      expect(reply.headers.get('access-control-allow-origin')).toBe(origin)
      expect(reply.headers.get('access-control-expose-headers')).toMatch(
        /RateLimit.*Retry-After.*X-Request-Id/,
      )
      expect(reply.headers.get('vary')).toMatch(/\bOrigin\b/)
    }
  })

  it('of other origins are given no leave', async () => {
    for (const [at, from] of [
      [open, 'https://evil.example'],
      [open, 'https://app.example.com.evil.example'],
      [open, 'null'],
      [closed, origin],
    ] as const) {
      const asked = await preflight(at, from)
      expect(asked.status).toBe(204)
      const headers = { origin: from }
      const reply = await sendRaw(at, { method: 'GET', path: '/v1/balance', key, headers })
      expect(reply.status).toBe(200)
      for (const one of [asked, reply])
        for (const name of one.headers.keys()) expect(name).not.toMatch(/^access-control-/)
    }
  })

  it('aside, OPTIONS is a method that no path takes', async () => {
    expect((await sendRaw(open, { method: 'OPTIONS', path: '/v1/balance' })).status).toBe(405)
  })
})

describe('NUMLET_CORS_ORIGINS', () => {
  it('is a list of origins', () => {
    expect(toConfig({}).corsOrigins).toEqual([])
    expect(toConfig({ NUMLET_CORS_ORIGINS: `${origin},http://a:8080` }).corsOrigins).toEqual([
      origin,
      'http://a:8080',
    ])
  })

  it.each(['*', 'app.example.com', `${origin}/`, `${origin}/page`, 'ftp://a', 'https://A.example'])(
    'refuses %s',
    (value) => {
      expect(() => toConfig({ NUMLET_CORS_ORIGINS: value })).toThrow(ConfigError)
    },
  )
})
