// Malformed paths, queries and methods: the dialect whose place it is answers, and nothing changes.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attempts } from '../harness/attempts.ts'
import { mistreatedServer } from '../harness/mistreated.ts'
import { sendRaw } from '../harness/raw.ts'
import { anyCharacter } from '../harness/texts.ts'

describe('bad input', async () => {
  const { server, reference, key, orderId, pathOf, refused, allRefused } = await mistreatedServer()

  describe('as a path', () => {
    const paths = [
      '/v1',
      '/v1/',
      '/v1//balance',
      '//v1/balance',
      '/V1/balance',
      '/v1/nothing',
      '/v1/orders///',
      '/v1/balance/more',
      '/v1/../openapi.json',
      '/v1/%2e%2e/health/live',
      '/v1/orders/%',
      '/v1/orders/%zz',
      '/v1/orders/%c3%28',
      '/v1/orders/%00',
      '/v1/orders/..%2f..%2fetc',
      '/v1/orders/ord_00000000000',
      '/v1/orders/0',
      '/v1/orders/-1',
      '/v1/orders/1e3',
      '/v1/orders/99999999999999999999',
      '/v1/orders/9223372036854775808',
      '/v1/orders/ORD_00000000000',
      '/v1/orders/ord_zzzzzzzzzzz',
      '/v1/orders/key_00000000000',
      `/v1/orders/${'9'.repeat(199)}`,
      `/v1/orders/${'a'.repeat(500)}`,
      `/v1/${'a/'.repeat(2_000)}`,
      '/whichotp',
      '/whichotp/api/v1/nothing',
      '/whichotp/api/v2/balance',
      '/whichotp/api/v1/orders/%',
      '/whichotp/api/v1/orders/%00',
      '/whichotp/api/v1/orders/0',
      `/whichotp/api/v1/orders/${'a'.repeat(500)}`,
      '/api/callback/more',
      '/api/nothing',
      '/v1.json',
      '/v1/balance;a=b',
      '/v1/orders/*',
      '/*',
    ]
    it.each(paths)('%s', async (path) => {
      await refused({ method: 'GET', path }, [400, 404])
    })

    it('of any bytes', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom('/v1/orders/', '/whichotp/api/v1/orders/', '/v1/', '/', '/api/'),
          fc.string({
            unit: fc.constantFrom(...'abz09%/.;:@&=+$,-_!~*\'()"<>[]{}|\\^`#ü'),
            maxLength: 40,
          }),
          async (base, rest) => {
            const path = (base + rest).replaceAll('ü', '%fc').replaceAll('#', '%23')
            // The home page is found at any number of slashes.
            fc.pre(!/^\/+$/.test(path))
            const reply = await sendRaw(server, { method: 'GET', path, key })
            expect(reply.status, path).toBeLessThan(500)
            reference.check('GET', path, reply)
          },
        ),
        { numRuns: attempts(100, 300) },
      )
    })
  })

  describe('as a query', () => {
    const queries: [string, string][] = [
      ...['0', '-1', '101', '1.5', 'abc', '1;2', '%00', '1&limit=2', '9'.repeat(400)].map(
        (value): [string, string] => ['/v1/orders', `limit=${value}`],
      ),
      ...['', 'abc', '%00', 'YWZ0ZXI6', 'YWZ0ZXI6LTE', 'a'.repeat(101)].map(
        (value): [string, string] => ['/v1/orders', `cursor=${value}`],
      ),
      ...['61', '-1', 'abc', '1.5', '1e9', 'NaN', 'Infinity', '1&wait=2'].map(
        (value): [string, string] => [`/v1/orders/${orderId}`, `wait=${value}`],
      ),
      ...['', 'U', 'USA', '%00%00', '12', 'ÜÜ', 'US&country=PL', '__proto__'].map(
        (value): [string, string] => ['/v1/operators', `country=${encodeURI(value)}`],
      ),
      ['/v1/operators', ''],
      ['/v1/orders', 'state=nonsense'],
      ['/v1/orders', 'state=%00'],
      ['/v1/orders', 'kind=%00'],
      ['/v1/orders', 'phone=%00'],
      ['/v1/orders', 'phone=x'],
      ['/v1/orders', 'service=%00'],
      ['/v1/orders', 'service=nonsense'],
      ['/v1/orders', 'country=%00'],
      ['/v1/offers', 'pool=%00'],
      ['/v1/offers', 'pool=a&pool=b'],
      ['/v1/offers', 'operator=%00&country=US'],
      ['/v1/offers', 'operator=tmobile'],
      ['/v1/offers', 'max_price=-1'],
      ['/v1/offers', 'max_price=1e9'],
      ['/v1/offers', 'max_price=99999999999'],
      ['/v1/offers', 'max_price=%00'],
      ['/v1/offers', 'in_stock=perhaps'],
      ['/v1/offers', 'cursor=YWZ0ZXI6OTk5OTk5OTk5OTk5OTk5OTk5&limit=0'],
      ['/v1/transactions', 'limit=0'],
      ['/v1/transactions', 'cursor=nonsense'],
    ]
    it.each(queries)('%s?%s', async (path, query) => {
      await refused({ method: 'GET', path: `${path}?${query}` }, [404, 422])
    })

    it.each(['cursor=%ff%fe', 'reference=%c3', 'limit=%ed%a0%80'])(
      '/v1/orders?%s, which is not UTF-8',
      async (query) => {
        await refused({ method: 'GET', path: `/v1/orders?${query}` }, [400])
      },
    )

    it('of any text in every parameter', async () => {
      const parameters = reference.operations.flatMap((one) =>
        (one.parameters ?? [])
          .filter((it) => it.in === 'query' && it.name !== 'wait')
          .map(({ name }) => ({ one, name })),
      )
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...parameters),
          fc.oneof(fc.string({ unit: anyCharacter }), fc.string(), fc.bigInt().map(String)),
          async ({ one, name }, text) => {
            const path = `${pathOf(one)}?${name}=${encodeURIComponent(text.toWellFormed())}`
            const reply = await sendRaw(server, { method: one.method, path, key })
            expect(reply.status, `${path} ${JSON.stringify(reply.body)}`).toBeLessThan(500)
            reference.check(one.method, path, reply)
          },
        ),
        { numRuns: attempts(100, 500) },
      )
    })

    it('of 10 kB is no reason to fall', async () => {
      const path = `/v1/balance?${'a=b&'.repeat(2_500)}`
      expect((await sendRaw(server, { method: 'GET', path, key })).status).toBe(422)
    })
  })

  describe('as a method', () => {
    /** Protocols without POST act by GET, and streams do not end: HEAD is no way to look at those. */
    const hasNoHead =
      /^\/fivesim\/v1\/user\/(?:buy|reuse|finish|cancel|ban)\/|^\/(?:stubs|api\/supply)\/|\/events$/
    const methods = ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'MKCOL', 'SEARCH']
    const paths = [...new Set(reference.operations.map((one) => one.path))]
    it.each(methods)('%s', async (method) => {
      const others = paths.filter((path) => !reference.find(method, path))
      const replies = await allRefused(
        others.map((path) => ({
          raw: { method, path: path.replace('{id}', orderId), key: null },
          statuses: [405],
        })),
      )
      for (const [i, path] of others.entries()) {
        const allowed = ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'].filter(
          (one) =>
            reference.find(one, path.replace('{id}', orderId)) &&
            !(one === 'HEAD' && hasNoHead.test(path)),
        )
        expect(replies[i]?.headers.get('allow')?.split(', ').sort(), path).toEqual(allowed.sort())
      }
    })

    it('is asked for a path that is not there: 404, without Allow', async () => {
      const reply = await refused({ method: 'DELETE', path: '/v1/nothing' }, [404])
      expect(reply.headers.get('allow')).toBeNull()
    })
  })
})
