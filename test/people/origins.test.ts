// Cookies by connection, and requests from pages of other sites.
import { describe, expect, it } from 'vitest'
import { goodPassword, signedIn, testUser } from '../harness/people.ts'
import { sendRaw } from '../harness/raw.ts'
import { call, serverOn, testServer } from '../harness/server.ts'

const credentials = (email: string) => ({ email, password: goodPassword })
const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'numlet.example.com' }
const own = 'https://numlet.example.com'

describe('a cookie', async () => {
  const server = await testServer()
  const behind = await serverOn(server.databaseUrl, { NUMLET_TRUST_PROXY: '1' })
  const user = await testUser(server)

  it('over https is bound to the host, and goes over https only', async () => {
    const reply = await call(behind, null, 'POST', '/v1/session', credentials(user.email), {
      ...proxied,
      origin: own,
    })
    expect(reply.status).toBe(201)
    const cookie = reply.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(
      /^__Host-numlet=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/,
    )
    const [pair = ''] = cookie.split(';')
    const get = (headers: Record<string, string>) =>
      call(behind, null, 'GET', '/v1/session', undefined, { cookie: pair, ...headers })
    expect((await get(proxied)).status).toBe(200)
    // The same over http on the machine itself: the cookie has another name there.
    expect((await get({})).status).toBe(401)
    expect((await get({ cookie: pair.replace('__Host-', ''), ...proxied })).status).toBe(401)
  })

  it('is refused over plain http elsewhere, with the reason', async () => {
    const send = (at: { url: string }, headers: Record<string, string>) =>
      call(at, null, 'POST', '/v1/session', credentials(user.email), headers)
    const before = server.app.people.passwords.runs()
    const plain = { ...proxied, 'x-forwarded-proto': 'http' }
    for (const reply of [
      await send(behind, plain),
      await sendRaw(server, {
        method: 'POST',
        path: '/v1/session',
        headers: { host: 'numlet.example.com', 'content-type': 'application/json' },
        body: JSON.stringify(credentials(user.email)),
      }),
    ]) {
      expect(reply.status).toBe(403)
      expect(JSON.stringify(reply.body)).toMatch(/insecure_connection.*NUMLET_TRUST_PROXY/)
      expect(reply.headers.get('set-cookie')).toBeNull()
    }
    // Nobody believes a proxy that is not ours.
    const untrusted = await send(server, proxied)
    expect(untrusted).toMatchObject({ status: 201 })
    expect(untrusted.headers.get('set-cookie')).toMatch(/^numlet=/)
    expect(server.app.people.passwords.runs()).toBe(before + 1)
  })
})

describe('a request with a session that changes something', async () => {
  const server = await testServer()
  const published = await serverOn(server.databaseUrl, {
    NUMLET_PUBLIC_URL: 'https://numlet.example.com/',
  })
  const user = await testUser(server)
  const browser = await signedIn(server, user)
  const order = { service: 'whatsapp', country: 'US' }
  const buy = (headers: Record<string, string>, at: { url: string } = server) =>
    call(at, null, 'POST', '/v1/orders', order, { cookie: browser.cookie(), ...headers })
  const orders = async () => {
    const [row] = await server.db.query<{ n: number }>('select count(*)::int as n from orders')
    return row?.n
  }

  it('must come from a page of this server', async () => {
    const before = await orders()
    const { host } = new URL(server.url)
    const foreign: Record<string, string>[] = [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `https://${host}` },
      { origin: server.url.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)) },
      { origin: `${server.url}.evil.example` },
      { origin: server.url, 'sec-fetch-site': 'cross-site' },
      { origin: server.url, 'sec-fetch-site': 'same-site' },
      { origin: server.url, 'sec-fetch-site': 'none' },
      { referer: `${server.url}/app` },
    ]
    for (const headers of foreign) {
      const reply = await buy(headers)
      expect(reply, JSON.stringify(headers)).toMatchObject({
        status: 403,
        body: { code: 'origin_refused' },
      })
    }
    expect(await orders()).toBe(before)
    expect((await buy({ origin: server.url })).status).toBe(201)
    expect((await buy({ origin: server.url, 'sec-fetch-site': 'same-origin' })).status).toBe(201)
  })

  it('may come from the public URL, when a proxy changes the host', async () => {
    expect((await buy({ origin: own }, published)).status).toBe(201)
    expect((await buy({ origin: 'http://numlet.example.com' }, published)).status).toBe(403)
  })

  it('is no form of another site: only JSON is read', async () => {
    const before = await orders()
    const reply = await call(server, null, 'POST', '/v1/orders', 'service=whatsapp&country=US', {
      cookie: browser.cookie(),
      origin: server.url,
      'content-type': 'application/x-www-form-urlencoded',
    })
    expect(reply.status).toBe(415)
    expect(await orders()).toBe(before)
  })

  it('signs nobody in from another site', async () => {
    const wanted = credentials(user.email)
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: server.url, 'sec-fetch-site': 'cross-site' },
    ]
    for (const headers of foreign) {
      const reply = await call(server, null, 'POST', '/v1/session', wanted, headers)
      expect(reply).toMatchObject({ status: 403, body: { code: 'origin_refused' } })
      expect(reply.headers.get('set-cookie')).toBeNull()
    }
  })

  it('opens no other API: a session is for the native one', async () => {
    for (const path of ['/whichotp/api/v1/balance', '/fivesim/v1/user/profile'])
      expect(
        (await call(server, null, 'GET', path, undefined, { cookie: browser.cookie() })).status,
      ).toBe(401)
  })
})
