// S4: whom a request comes from behind proxies, and keys that are bound to networks.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError, toConfig } from '../../src/config.ts'
import { createKey } from '../../src/core/accounts/keys.ts'
import { forwardedReader } from '../../src/http/proxies.ts'
import { exchange, sendRaw } from '../harness/raw.ts'
import { serverOn, testCustomer, testServer } from '../harness/server.ts'

const bound = '192.0.2.0/24'
const inside = '192.0.2.7'
const outside = '203.0.113.9'

describe('S4: a key bound to a network, behind proxies', async () => {
  const direct = await testServer()
  const behind = (NUMLET_TRUST_PROXY: string) =>
    serverOn(direct.databaseUrl, { NUMLET_TRUST_PROXY })
  const servers = {
    direct,
    one: await behind('1'),
    two: await behind('2'),
    networks: await behind('127.0.0.0/8, 10.0.0.0/8, fd00::/8'),
    strangers: await behind('10.0.0.0/8'),
  }
  const { accountId } = await testCustomer(direct.db)
  const { key } = await createKey(direct.db, new Date(), {
    accountId,
    allowedIps: [bound, '2001:db8:7::/48'],
  })
  const statusOf = async (
    at: keyof typeof servers,
    forwarded: string | string[] | null,
    more: Record<string, string> = {},
  ) => {
    const headers = { ...(forwarded === null ? {} : { 'x-forwarded-for': forwarded }), ...more }
    const reply = await sendRaw(servers[at], { method: 'GET', path: '/v1/balance', key, headers })
    return reply.status
  }

  it('counts the entry that the nearest proxy wrote, and no earlier one', async () => {
    expect(await statusOf('one', inside)).toBe(200)
    expect(await statusOf('one', `${outside}, ${inside}`)).toBe(200)
    expect(await statusOf('one', `${inside}, ${outside}`)).toBe(403)
    expect(await statusOf('one', `${inside},${inside},${outside}`)).toBe(403)
    expect(await statusOf('one', [inside, outside])).toBe(403)
    expect(await statusOf('one', [outside, inside])).toBe(200)
  })

  it('counts as many entries as there are proxies', async () => {
    expect(await statusOf('two', `${inside}, 10.0.0.1`)).toBe(200)
    expect(await statusOf('two', `${inside}, ${outside}, 10.0.0.1`)).toBe(403)
    expect(await statusOf('two', `${outside}, ${inside}`)).toBe(403)
    expect(await statusOf('two', inside), 'fewer entries than proxies').toBe(200)
    expect(await statusOf('two', outside)).toBe(403)
  })

  it('follows entries for as long as they lie in the proxies’ networks', async () => {
    expect(await statusOf('networks', inside)).toBe(200)
    expect(await statusOf('networks', `${inside}, 10.1.2.3, fd00::1`)).toBe(200)
    expect(await statusOf('networks', `${inside}, ${outside}, 10.1.2.3`)).toBe(403)
    expect(await statusOf('networks', `${inside}, 192.168.0.1`)).toBe(403)
    expect(await statusOf('networks', '10.0.0.1')).toBe(403)
  })

  it('believes nobody else', async () => {
    for (const at of ['direct', 'strangers'] as const) {
      expect(await statusOf(at, inside)).toBe(403)
      expect(await statusOf(at, null)).toBe(403)
    }
  })

  it.each([
    ['2001:db8:7::1', 200],
    ['[2001:db8:7::1]', 200],
    ['[2001:db8:7::1]:443', 200],
    ['2001:db8:8::1', 403],
    [`${inside}:51234`, 200],
    [`::ffff:${inside}`, 200],
    ['::ffff:c000:207', 200],
    ['0:0:0:0:0:ffff:c000:0207', 200],
    [`::ffff:${outside}`, 403],
    ['unknown', 403],
    ['_hidden', 403],
    ['192.0.2.7.', 403],
    ['192.0.2.07', 403],
    ['192.0.2', 403],
    ['3221225991', 403],
    [`${inside},`, 403],
    [`${inside}, ,`, 403],
    [`"${inside}"`, 403],
    [`for=${inside}`, 403],
    [`${inside}:99999999`, 403],
    ['', 403],
    [' ', 403],
  ])('reads the entry %j: %i', async (entry, status) => {
    expect(await statusOf('one', entry)).toBe(status)
    expect(await statusOf('networks', entry)).toBe(status)
  })

  it('ignores Forwarded (RFC 7239)', async () => {
    expect(await statusOf('one', null, { forwarded: `for=${inside}` })).toBe(403)
    expect(await statusOf('one', outside, { forwarded: `for=${inside}` })).toBe(403)
  })

  it('reads the header whatever its case, and on several lines', async () => {
    const head =
      'GET /v1/balance HTTP/1.1\r\nhost: a\r\nconnection: close\r\n' +
      `authorization: Bearer ${key}\r\n`
    const ask = async (lines: string) => (await exchange(servers.one, `${head}${lines}\r\n`)).text
    const line = (name: string, value: string) => `${name}: ${value}\r\n`
    expect(await ask(line('X-FORWARDED-FOR', inside))).toMatch(/^HTTP\/1\.1 200 /)
    expect(await ask(line('x-forwarded-for', inside) + line('X-Forwarded-For', outside))).toMatch(
      /^HTTP\/1\.1 403 /,
    )
  })

  it('links to the host and by the protocol that the proxy names', async () => {
    const linkOf = async (at: keyof typeof servers, headers: Record<string, string>) => {
      const { key: manager } = await testCustomer(direct.db)
      const reply = await sendRaw(servers[at], {
        method: 'POST',
        path: '/v1/deposits',
        key: manager,
        headers: { 'content-type': 'application/json', host: 'inner:8080', ...headers },
        body: JSON.stringify({ amount: '10', gateway: 'sandbox' }),
      })
      expect(reply.status).toBe(201)
      return (reply.body as { payment_url: string }).payment_url.replace(/\/pay\/.*/, '')
    }
    const named = { 'x-forwarded-host': 'api.example.com', 'x-forwarded-proto': 'https' }
    const forged = {
      'x-forwarded-host': 'evil.example, api.example.com',
      'x-forwarded-proto': 'http, https',
    }
    for (const at of ['one', 'networks'] as const) {
      expect(await linkOf(at, named)).toBe('https://api.example.com')
      expect(await linkOf(at, forged)).toBe('https://api.example.com')
      expect(
        await linkOf(at, { 'x-forwarded-host': 'a.example/x', 'x-forwarded-proto': 'javascript' }),
      ).toBe('http://inner:8080')
    }
    for (const at of ['direct', 'strangers'] as const)
      expect(await linkOf(at, named)).toBe('http://inner:8080')
  })
})

/** The plain model: a client sends what it likes, and each proxy adds the address that called it. */
function passThrough(sent: string[], client: string, proxies: readonly string[]): string[] {
  return [...sent, client, ...proxies.slice(0, -1)]
}

describe('S4: the sender behind honest proxies, whatever a client sends', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6())
  const stranger = address.filter((one) => !one.startsWith('10.') && !/^fd/i.test(one))
  const proxy = fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => `10.0.${a}.${b}`)
  const junk = fc.oneof(
    address,
    proxy,
    fc.constantFrom('', ' ', 'unknown', '10.0.0.1:80', ',', '::'),
    fc.string(),
  )
  const sender = (trust: number | readonly string[], peer: string, entries: string[]) => {
    const headers: Record<string, string> = {
      'x-forwarded-for': entries.join(', ').replace(/[^\x20-\x7e]/g, ''),
    }
    const request = { headers, socket: { remoteAddress: peer } }
    forwardedReader(trust)(request as never)
    return headers['x-forwarded-for']
  }
  const usual = (text: string) =>
    text.includes(':') ? new URL(`http://[${text}]`).hostname.slice(1, -1) : text

  it('is the client that the outermost proxy was called by', () => {
    fc.assert(
      fc.property(
        fc.array(junk, { maxLength: 6 }),
        stranger.filter((one) => !/^(::ffff:|0*:0*:0*:0*:0*:ffff:)/i.test(one)),
        fc.array(proxy, { minLength: 1, maxLength: 4 }),
        (sent, client, proxies) => {
          const entries = passThrough(sent, client, proxies)
          const peer = proxies.at(-1) as string
          expect(sender(proxies.length, peer, entries)).toBe(usual(client))
          expect(sender(['10.0.0.0/8', 'fd00::/8'], peer, entries)).toBe(usual(client))
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('is nobody but the peer where the peer is no proxy', () => {
    fc.assert(
      fc.property(fc.array(junk, { maxLength: 6 }), stranger, (sent, client) => {
        expect(sender(['10.0.0.0/8'], client, sent)).toBeUndefined()
      }),
    )
  })
})

describe('NUMLET_TRUST_PROXY', () => {
  it.each([
    ['', 0],
    ['0', 0],
    ['1', 1],
    ['12', 12],
    ['10.0.0.0/8', ['10.0.0.0/8']],
    ['10.0.0.0/8, fd00::/8', ['10.0.0.0/8', 'fd00::/8']],
  ])('%j', (value, trust) => {
    expect(toConfig({ NUMLET_TRUST_PROXY: value }).trustProxy).toEqual(trust)
  })

  it.each(['yes', '-1', '1.5', '100', '10.0.0.1', '10.0.0.0/33', '1,10.0.0.0/8', 'loopback'])(
    'refuses %j',
    (value) => {
      expect(() => toConfig({ NUMLET_TRUST_PROXY: value })).toThrow(ConfigError)
    },
  )
})
