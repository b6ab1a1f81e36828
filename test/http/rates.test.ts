// S5, S6: whose requests are counted, and what a refusal says. S9: open long polls have a limit, too.
import { Agent, request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { createKey } from '../../src/core/accounts/keys.ts'
import { call, serverOn, testCustomer, testServer, testSupplier } from '../harness/server.ts'

const server = await testServer({ env: { NUMLET_RATE_LIMIT: '4' } })
const unlimited = await serverOn(server.databaseUrl)
const proxied = await serverOn(server.databaseUrl, {
  NUMLET_RATE_LIMIT: '4',
  NUMLET_TRUST_PROXY: '1',
})

async function customerWith(keys: number) {
  const { accountId, key } = await testCustomer(server.db)
  const more = Array.from({ length: keys - 1 }, () =>
    createKey(server.db, new Date(), { accountId }),
  )
  return { accountId, keys: [key, ...(await Promise.all(more)).map((one) => one.key)] }
}

const balance = (key: string | null, at = server) => call(at, key, 'GET', '/v1/balance')
const rateOf = ({ headers }: { headers: Headers }) => [
  headers.get('ratelimit-policy'),
  headers.get('ratelimit'),
]

describe('S6: many keys of one account', () => {
  it('make five keys’ worth of requests together, and no more', async () => {
    const { keys } = await customerWith(12)
    const all = keys.flatMap((key) => [key, key, key, key])
    const replies = await Promise.all(all.map((key) => balance(key)))
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(20)
    const refused = replies.filter(({ status }) => status === 429)
    expect(refused).toHaveLength(28)
    for (const { headers, body } of refused) {
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      expect(body).toMatchObject({ code: 'rate_limited' })
    }
    const { keys: others } = await customerWith(1)
    expect((await balance(others[0] as string)).status).toBe(200)
  })

  it('are told which limit is nearer: the key’s, or the account’s', async () => {
    const { keys } = await customerWith(6)
    const [first, ...rest] = keys as [string, ...string[]]
    expect(rateOf(await balance(first))).toEqual(['"key";q=4;w=60', '"key";r=3;t=60'])
    for (const key of rest.slice(0, 4)) for (let i = 0; i < 4; i++) await balance(key)
    const last = rest[4] as string
    expect(rateOf(await balance(last))).toEqual(['"account";q=20;w=60', '"account";r=2;t=60'])
    await balance(last)
    expect(rateOf(await balance(last))).toEqual(['"account";q=20;w=60', '"account";r=0;t=60'])
    const refused = await balance(first)
    expect(refused.status).toBe(429)
    expect(rateOf(refused)).toEqual(['"account";q=20;w=60', '"account";r=0;t=60'])
    expect(refused.headers.get('retry-after')).toBe('60')
  })

  it('count by a dialect’s own number where it has one', async () => {
    const { accountId, keys } = await customerWith(1)
    const ask = () => call(server, keys[0] as string, 'GET', '/otpzap/api/v1/balance')
    const first = await ask()
    expect(rateOf(first)[0]).toBe('"key";q=300;w=60')
    await server.db.query('update rate_windows set used = 1500 where name = $1', [
      `otpzap account ${accountId}`,
    ])
    const replies = []
    for (let i = 0; i < 160; i++) replies.push(await ask())
    const refused = replies.find(({ status }) => status === 429)
    expect(refused).toBeDefined()
    expect(rateOf(refused as never)[0]).toBe('"account";q=1500;w=60')
    expect((refused as typeof first).headers.get('retry-after')).toBe('60')
  })

  it('are not counted where the rates are switched off', async () => {
    const { keys } = await customerWith(1)
    for (let i = 0; i < 30; i++) {
      const reply = await balance(keys[0] as string, unlimited)
      expect(reply.status).toBe(200)
      expect(rateOf(reply)).toEqual([null, null])
    }
  })
})

describe('S6: wrong keys', () => {
  const from = (address: string, key: string | null, path = '/v1/balance') =>
    call(proxied, key, 'GET', path, undefined, { 'x-forwarded-for': address })

  it('are counted by address, and a right one is answered all the same', async () => {
    const { keys } = await customerWith(1)
    const statuses = []
    for (let i = 0; i < 8; i++) statuses.push((await from('192.0.2.1', `nonsense${i}`)).status)
    expect(statuses).toEqual([401, 401, 401, 401, 429, 429, 429, 429])
    const refused = await from('192.0.2.1', null, '/otpzap/api/v1/balance')
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'rate_limited' } } })
    expect(refused.headers.get('retry-after')).toBe('60')
    expect((await from('192.0.2.1', keys[0] as string)).status).toBe(200)
    expect((await from('192.0.2.2', 'nonsense')).status).toBe(401)
    proxied.advance(60)
    expect((await from('192.0.2.1', 'nonsense')).status).toBe(401)
  })

  it('are counted by the network that one customer has in IPv6', async () => {
    for (let i = 0; i < 4; i++)
      expect((await from(`2001:db8:1:2::${i}`, 'nonsense')).status).toBe(401)
    expect((await from('2001:db8:1:2:ffff::1', 'nonsense')).status).toBe(429)
    expect((await from('2001:db8:1:3::1', 'nonsense')).status).toBe(401)
  })

  it('do not stop a supplier whose secret is right', async () => {
    const { secret } = await testSupplier(server.db, 'busy')
    const message = { event: 'incoming_message', message: { number: '+12015550199', sms: 'hello' } }
    const send = (bearer: string) =>
      call(proxied, bearer, 'POST', '/api/callback', message, { 'x-forwarded-for': '192.0.2.9' })
    for (let i = 0; i < 6; i++) await send('nonsense')
    expect((await send('nonsense')).status).toBe(429)
    for (let i = 0; i < 10; i++) expect((await send(secret)).status).toBe(200)
  })
})

describe('S5: calls that need no key', () => {
  it('are counted by address', async () => {
    const path = '/fivesim/v1/guest/flash/en'
    const ask = (address: string) =>
      call(proxied, null, 'GET', path, undefined, { 'x-forwarded-for': address })
    for (let i = 0; i < 4; i++) expect((await ask('198.51.100.1')).status).toBe(200)
    const refused = await ask('198.51.100.1')
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await ask('198.51.100.2')).status).toBe(200)
  })

  it('weigh more than one request where they cost more', async () => {
    const ask = (path: string) =>
      call(proxied, null, 'GET', path, undefined, { 'x-forwarded-for': '198.51.100.7' })
    expect((await ask('/fivesim/v1/guest/prices')).status).toBe(200)
    expect((await ask('/fivesim/v1/guest/flash/en')).status).toBe(429)
  })
})

describe('S9: long polls of one account', async () => {
  const { keys } = await customerWith(1)
  const [key] = keys as [string]

  it('are at most 500 at once, also where the rates are switched off', async () => {
    const order = await call<{ id: string }>(unlimited, key, 'POST', '/v1/orders', {
      service: 'whatsapp',
      country: 'US',
    })
    const agent = new Agent({ maxSockets: 600 })
    const statuses: number[] = []
    const refusals: (string | undefined)[] = []
    const polls = Array.from({ length: 520 }, () => {
      const sent = request(`${unlimited.url}/v1/orders/${order.body.id}?wait=60`, {
        agent,
        headers: { authorization: `Bearer ${key}` },
      })
      sent.on('error', () => {})
      sent.on('response', (response) => {
        statuses.push(response.statusCode as number)
        refusals.push(response.headers['retry-after'])
        response.resume()
      })
      sent.end()
      return sent
    })
    await expect.poll(() => statuses.length).toBe(20)
    expect(new Set(statuses)).toEqual(new Set([429]))
    expect(new Set(refusals)).toEqual(new Set(['5']))
    const other = await testCustomer(server.db)
    expect((await balance(other.key, unlimited)).status).toBe(200)
    // @NOTE the places of those that hang up are free again
    for (const sent of polls) sent.destroy()
    agent.destroy()
    const again = () =>
      call(unlimited, key, 'GET', `/v1/orders/${order.body.id}?wait=1`).then(({ status }) => status)
    await expect.poll(again).toBe(200)
  })
})
