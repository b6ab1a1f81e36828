// Malformed headers, and bytes that are no HTTP at all: 4xx, and nothing changes.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attempts } from '../harness/attempts.ts'
import { isForAnybody, isForPeople } from '../harness/documented.ts'
import { mistreatedServer } from '../harness/mistreated.ts'
import { sendBytes, sendRaw } from '../harness/raw.ts'
import { call } from '../harness/server.ts'
import { stateOf } from '../harness/state.ts'

const json = { 'content-type': 'application/json' }

describe('bad input on the wire', async () => {
  const { server, reference, key, pathOf, allRefused } = await mistreatedServer()
  const posts = reference.operations.filter((one) => one.method === 'POST')

  describe('as headers', () => {
    const keys = ['', ' ', 'a b', 'x'.repeat(256), 'schlüssel', 'tab\tbed']
    it.each(keys)('Idempotency-Key: %j', async (value) => {
      const requests = posts
        .filter((it) => !it.path.startsWith('/api/') && !isForPeople(it))
        .map((one) => {
          const [example] = Object.values(
            one.requestBody?.content['application/json']?.examples ?? {},
          )
          const body = example === undefined ? undefined : JSON.stringify(example.value)
          const headers = {
            ...(body ? json : {}),
            'idempotency-key': Buffer.from(value).toString('latin1'),
          }
          const raw = { method: 'POST', path: pathOf(one), headers, body }
          return { raw, statuses: [400, 422] }
        })
      await allRefused(requests)
    })

    const bearers = [
      '',
      'Bearer',
      'Bearer ',
      'Basic dXNlcjpwYXNz',
      'Bearer a b',
      `Bearer ${'x'.repeat(4_000)}`,
      'Bearer \u00ff\u00fe',
      'bearer nl000000000000000000000000000000',
      'Bearer null',
      "Bearer ' or 1=1 --",
    ]
    it.each(bearers)('Authorization: %j', async (authorization) => {
      const guarded = reference.operations.filter((one) => !isForAnybody(one))
      await allRefused(
        guarded.map((one) => ({
          raw: { method: one.method, path: pathOf(one), key: null, headers: { authorization } },
          statuses: isForPeople(one) ? [401, 403] : [401],
        })),
      )
    })

    it('sent twice are read once, or refused', async () => {
      const { hostname } = new URL(server.url)
      const head = `GET /v1/balance HTTP/1.1\r\nhost: ${hostname}\r\nconnection: close\r\n`
      const bearer = (text: string) => `authorization: Bearer ${text}\r\n`
      expect(await sendBytes(server, `${head}${bearer('nonsense')}${bearer(key)}\r\n`)).toMatch(
        /^HTTP\/1\.1 401 /,
      )
      const twice = `${head}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`
      expect(await sendBytes(server, twice)).toMatch(/^HTTP\/1\.1 400 /)
      const post = 'POST /v1/orders HTTP/1.1\r\nhost: a\r\n'
      const both = `${post}transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n`
      expect(await sendBytes(server, both)).toMatch(/^HTTP\/1\.1 400 /)
    })

    it('that are too many or too long: 431', async () => {
      const text = `GET /v1/balance HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`
      expect(await sendBytes(server, text)).toMatch(/^HTTP\/1\.1 431 /)
    })

    it('of an odd kind change nothing', async () => {
      const odd: Record<string, string>[] = [
        { 'x-request-id': 'a b\u00e9' },
        { 'x-forwarded-for': '::::' },
        { accept: 'image/png' },
        { 'x-http-method-override': 'DELETE' },
        { range: 'bytes=0-1' },
        { upgrade: 'websocket', connection: 'upgrade' },
      ]
      for (const headers of odd) {
        const reply = await sendRaw(server, { method: 'GET', path: '/v1/balance', key, headers })
        expect(reply.status, JSON.stringify(headers)).toBe(200)
        reference.check('GET', '/v1/balance', reply)
      }
    })
  })

  describe('as bytes', () => {
    const garbage = [
      'nonsense\r\n\r\n',
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      'GET\r\n\r\n',
      'FROB /v1/balance HTTP/1.1\r\nhost: a\r\n\r\n',
      'GET /v1/balance HTTP/9.9\r\nhost: a\r\n\r\n',
      'GET /v1/balance HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n',
      'GET /v1/\x00 HTTP/1.1\r\nhost: a\r\n\r\n',
      'POST /v1/orders HTTP/1.1\r\nhost: a\r\ncontent-length: -5\r\n\r\n',
      'POST /v1/orders HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nZZZ\r\n',
      'GET /v1/balance HTTP/1.1\r\n\r\n',
    ]
    it.each(garbage)('%j', async (bytes) => {
      const before = await stateOf(server.db)
      const answer = await sendBytes(server, Buffer.from(bytes, 'latin1'))
      expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /)
      expect(answer).not.toMatch(/at .*\.(ts|js)/)
      expect(await stateOf(server.db)).toEqual(before)
    })

    it('of any kind leave the server standing', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
          expect(await sendBytes(server, Buffer.from(bytes))).toMatch(/^$|^HTTP\/1\.1 4\d\d /)
        }),
        { numRuns: attempts(40, 100) },
      )
      expect((await call(server, key, 'GET', '/v1/balance')).status).toBe(200)
    })
  })
})
