// Passkeys: alone for both factors, or after the password; each challenge once, each key for its own site.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeEach, describe, expect, it } from 'vitest'
import { forgetChallenges } from '../../src/core/people/challenges.ts'
import { authenticator, cbor, certificateNaming, type Wrongs } from '../harness/authenticator.ts'
import { referenceOf } from '../harness/documented.ts'
import { type Browser, goodPassword, signedIn, testBrowser, testUser } from '../harness/people.ts'
import { call, serverOn, type TestServer, testServer } from '../harness/server.ts'

type Creation = {
  rp: { id: string }
  user: { id: string; name: string }
  challenge: string
  excludeCredentials: { id: string }[]
}
type Request = { rpId: string; challenge: string; allowCredentials: { id: string }[] }
type Passkey = { id: string; name: string; last_used_at: string | null }
type Added = { passkey: Passkey; recovery_codes: string[] | null }
type Session = {
  user: { email: string; second_factors: string[] }
  account: unknown
  second_factor: { needed: boolean; at: string | null }
}

const signIn = '/v1/session/passkey'
const factor = '/v1/session/second-factor/passkey'
const own = '/v1/user/passkeys'

describe('a passkey', async () => {
  const server = await testServer()
  const site = { ...server, url: server.url.replace('127.0.0.1', 'localhost') }
  const reference = await referenceOf(server)
  beforeEach(async () => {
    await server.db.query('delete from attempts')
    await server.db.query('delete from mails')
  })

  const asked = async <T>(browser: Browser, path: string) => {
    const reply = await browser.ask<T>('POST', `${path}/options`)
    reference.check('POST', `${path}/options`, reply)
    expect(reply.status).toBe(201)
    return reply.body
  }
  const tried = async <T = Session>(browser: Browser, path: string, body: unknown) => {
    const reply = await browser.ask<T>('POST', path, body)
    reference.check('POST', path, reply)
    return reply
  }

  async function withPasskey(options: { counts?: boolean } = {}) {
    const user = await testUser(server)
    const browser = await signedIn(site, user)
    const device = authenticator(site.url, options)
    const creation = await asked<Creation>(browser, own)
    const credential = device.create(creation)
    const added = await tried<Added>(browser, own, { name: 'Phone', credential })
    expect(added.status).toBe(201)
    return { ...user, browser, device, creation, ...added.body }
  }

  const enter = async (device: ReturnType<typeof authenticator>, wrongs: Wrongs = {}) => {
    const browser = testBrowser(site)
    const options = await asked<Request>(browser, signIn)
    const reply = await tried(browser, signIn, { credential: device.get(options, wrongs) })
    return { browser, reply }
  }

  const kinds = async (email: string) =>
    (
      await server.db.query<{ kind: string }>(
        'select kind from mails where email = $1 order by id',
        [email],
      )
    ).map(({ kind }) => kind)

  it('is added, and signs in alone, without an address, as both factors', async () => {
    const { email, browser, device, creation, recovery_codes, passkey } = await withPasskey()
    expect(creation).toMatchObject({ rp: { id: 'localhost' }, user: { name: email } })
    expect(new Set(recovery_codes).size).toBe(10)
    expect(passkey).toMatchObject({ name: 'Phone', last_used_at: null })
    expect(await kinds(email)).toEqual(['factor_added'])
    const here = await browser.ask<Session>('GET', '/v1/session')
    expect(here.body).toMatchObject({
      user: { second_factors: ['passkey'] },
      second_factor: { needed: false },
    })

    const fresh = await enter(device)
    expect(fresh.reply).toMatchObject({ status: 201, body: { user: { email } } })
    expect(fresh.reply.body.second_factor).toMatchObject({
      needed: false,
      at: server.app.now().toISOString(),
    })
    // What asks for a recent second factor is possible at once.
    expect((await fresh.browser.ask('POST', '/v1/user/recovery-codes')).status).toBe(201)
    const { body } = await fresh.browser.ask<{ data: Passkey[] }>('GET', own)
    expect(body.data).toMatchObject([{ id: passkey.id, last_used_at: expect.any(String) }])
  })

  it('is a second factor after the password, which alone does nothing', async () => {
    const user = await withPasskey()
    const browser = await signedIn(site, user)
    expect((await browser.ask('GET', '/v1/balance')).status).toBe(403)
    const options = await asked<Request>(browser, factor)
    expect(options.allowCredentials.map(({ id }) => id)).toEqual([user.device.id])
    const before = browser.cookie()
    // A security key without a PIN says nothing of who is there.
    const credential = user.device.get(options, { isVerified: false, userHandle: null })
    const given = await tried(browser, factor, { credential })
    expect(given).toMatchObject({ status: 200, body: { second_factor: { needed: false } } })
    expect(browser.cookie()).not.toBe(before)
    expect((await browser.ask('GET', '/v1/balance')).status).toBe(200)
    const old = await call(site, null, 'GET', '/v1/session', undefined, { cookie: before })
    expect(old.status).toBe(401)
    // Given again, where it has become old.
    server.advance(16 * 60)
    expect((await browser.ask('POST', `${own}/options`)).status).toBe(403)
    const again = user.device.get(await asked<Request>(browser, factor))
    expect((await tried(browser, factor, { credential: again })).status).toBe(200)
    await asked(browser, own)
    // Its recovery codes stand in for it.
    const other = await signedIn(site, user)
    const code = user.recovery_codes?.[0]
    expect((await other.ask('POST', '/v1/session/second-factor', { code })).status).toBe(200)
  })

  it.each<[string, Wrongs]>([
    ['the origin of another site', { origin: 'https://numlet.example.net' }],
    ['the name of another site', { host: 'numlet.example.net' }],
    ['another challenge', { challenge: 'A'.repeat(43) }],
    ['the type of a new passkey', { type: 'webauthn.create' }],
    ['nobody there', { isPresent: false }],
    ['nobody who was recognised', { isVerified: false }],
    ['another key', { isOtherKey: true }],
    ['another user', { userHandle: 'A'.repeat(43) }],
    ['no user', { userHandle: null }],
  ])('with %s is refused, in the same words', async (_, wrongs) => {
    const { device } = await withPasskey()
    const { reply, browser } = await enter(device, wrongs)
    const stranger = (await enter(authenticator(site.url), wrongs)).reply
    for (const one of [reply, stranger])
      expect(one).toMatchObject({ status: 401, body: { code: 'wrong_credentials' } })
    const words = ({ body }: typeof reply) => (body as unknown as { detail: string }).detail
    expect(words(reply)).toBe(words(stranger))
    expect(browser.cookie()).toBe('')
    expect((await enter(device)).reply.status).toBe(201)
  })

  it.each<[string, Wrongs]>([
    ['the origin of another site', { origin: 'https://numlet.example.net' }],
    ['the name of another site', { host: 'numlet.example.net' }],
    ['another challenge', { challenge: 'A'.repeat(43) }],
    ['the type of a use', { type: 'webauthn.get' }],
    ['nobody there', { isPresent: false }],
  ])('that is new is not added with %s', async (_, wrongs) => {
    const browser = await signedIn(site, await testUser(server))
    const device = authenticator(site.url)
    const credential = device.create(await asked<Creation>(browser, own), wrongs)
    expect((await tried(browser, own, { name: '', credential })).status).toBe(401)
    const { body } = await browser.ask<Session['user']>('GET', '/v1/user')
    expect(body.second_factors).toEqual([])
  })

  it('answers each challenge once, of many at once on two servers', async () => {
    // The other server knows the site by its public URL.
    const second = await serverOn(server.databaseUrl, { NUMLET_PUBLIC_URL: site.url })
    const { device } = await withPasskey()
    const credential = device.get(await asked<Request>(testBrowser(site), signIn))
    const replies = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        call(i % 2 ? second : site, null, 'POST', signIn, { credential }),
      ),
    )
    const statuses = replies.map(({ status }) => status).sort()
    expect(statuses).toEqual([201, ...Array(11).fill(401)])
    expect((await tried(testBrowser(site), signIn, { credential })).status).toBe(401)
    const late = device.get(await asked<Request>(testBrowser(site), signIn))
    server.advance(5 * 60 + 1)
    expect((await tried(testBrowser(site), signIn, { credential: late })).status).toBe(401)
    // Those that nobody answers are forgotten.
    await asked<Request>(testBrowser(site), signIn)
    server.advance(5 * 60 + 1)
    expect(await forgetChallenges(server.db, server.app.now())).toBeGreaterThan(0)
    expect(await server.db.query('select 1 from passkey_challenges')).toEqual([])
  })

  it('answers only for what, and in the session where, it was asked', async () => {
    const { device, browser, email } = await withPasskey()
    const other = await signedIn(site, { email, password: goodPassword })
    const forOther = await asked<Request>(other, factor)
    const forEntry = await asked<Request>(testBrowser(site), signIn)
    const forNew = { ...(await asked<Creation>(browser, own)), rpId: 'localhost' }
    for (const [who, path, options] of [
      [browser, factor, forOther],
      [browser, factor, forEntry],
      [browser, factor, forNew],
      [testBrowser(site), signIn, forOther],
    ] as const)
      expect((await tried(who, path, { credential: device.get(options) })).status).toBe(401)
    // None of that was used up where it belongs.
    expect((await tried(other, factor, { credential: device.get(forOther) })).status).toBe(200)
    // Another user's passkey is none of this one.
    const stranger = await withPasskey()
    const mine = await asked<Request>(browser, factor)
    expect((await tried(browser, factor, { credential: stranger.device.get(mine) })).status).toBe(
      401,
    )
  })

  it('whose counter goes back is refused, and its user is told', async () => {
    const { device, email, browser } = await withPasskey({ counts: true })
    expect((await enter(device)).reply.status).toBe(201)
    await server.db.query('delete from mails')
    const { reply } = await enter(device, { counter: 1 })
    expect(reply).toMatchObject({
      status: 401,
      body: { code: 'wrong_credentials', detail: expect.stringContaining('may be a copy') },
    })
    expect(await kinds(email)).toContain('passkey_copied')
    const options = await asked<Request>(browser, factor)
    const again = await tried(browser, factor, { credential: device.get(options, { counter: 0 }) })
    expect(again.status).toBe(401)
    expect((await enter(device, { counter: 50 })).reply.status).toBe(201)
  })

  it('is listed, renamed and removed by its user alone', async () => {
    const { browser, passkey, device, email } = await withPasskey()
    const path = `${own}/${passkey.id}`
    const stranger = await signedIn(site, await testUser(server))
    expect((await stranger.ask('PATCH', path, { name: 'Mine' })).status).toBe(404)
    expect((await stranger.ask('DELETE', path)).status).toBe(404)
    expect((await stranger.ask<{ data: unknown[] }>('GET', own)).body.data).toEqual([])
    const renamed = await browser.ask('PATCH', path, { name: 'Old phone' })
    reference.check('PATCH', path, renamed)
    expect(renamed).toMatchObject({ status: 200, body: { name: 'Old phone' } })
    const known = await asked<Creation>(browser, own)
    expect(known.excludeCredentials.map(({ id }) => id)).toEqual([device.id])

    server.advance(16 * 60)
    expect((await browser.ask('DELETE', path)).status).toBe(403)
    const credential = device.get(await asked<Request>(browser, factor))
    expect((await tried(browser, factor, { credential })).status).toBe(200)
    const removed = await browser.ask('DELETE', path)
    reference.check('DELETE', path, removed)
    expect(removed.status).toBe(204)
    expect((await browser.ask('DELETE', path)).status).toBe(404)
    expect(await kinds(email)).toContain('factor_removed')
    expect((await enter(device)).reply.status).toBe(401)
    // Without a second factor the password is enough again.
    const plain = await signedIn(site, { email, password: goodPassword })
    expect((await plain.ask('GET', '/v1/balance')).status).toBe(200)
    const codes = await server.db.query(
      'select 1 from recovery_codes r join users u on u.id = r.user_id where u.email = $1',
      [email],
    )
    expect(codes).toEqual([])
  })

  it('is registered once, for one user, and 20 at most', async () => {
    const first = await withPasskey()
    const user = await testUser(server)
    const browser = await signedIn(site, user)
    const stolen = first.device.create(await asked<Creation>(browser, own))
    const reply = await tried(browser, own, { name: '', credential: stolen })
    expect(reply).toMatchObject({ status: 422, body: { code: 'invalid_request' } })
    for (let i = 0; i < 20; i++) {
      const credential = authenticator(site.url).create(await asked<Creation>(browser, own))
      const added = await tried<Added>(browser, own, { name: `Key ${i}`, credential })
      expect(added.status).toBe(201)
      expect(added.body.recovery_codes === null).toBe(i > 0)
    }
    expect((await browser.ask('POST', `${own}/options`)).status).toBe(422)
  })

  it('brings no certificates that we would follow', async () => {
    let visits = 0
    const lists = createServer((_, response) => {
      visits++
      response.end()
    })
    await new Promise<void>((done) => {
      lists.listen(0, '127.0.0.1', done)
    })
    const url = `http://127.0.0.1:${(lists.address() as AddressInfo).port}/list.crl`
    const browser = await signedIn(site, await testUser(server))
    const statement = new Map<string, number | Buffer | Buffer[]>([
      ['alg', -7],
      ['sig', Buffer.alloc(70, 1)],
      ['x5c', [certificateNaming(url)]],
    ])
    for (const fmt of ['packed', 'fido-u2f', 'android-key', 'tpm', 'apple']) {
      const credential = authenticator(site.url).create(await asked<Creation>(browser, own), {
        attestation: { fmt, statement },
      })
      // The key counts; what its maker says of it is not read.
      expect((await tried(browser, own, { name: fmt, credential })).status).toBe(201)
    }
    await new Promise((done) => {
      lists.close(done)
    })
    expect(visits).toBe(0)
  })

  it('that is broken in any way changes nothing, and is no error of the server', async () => {
    const { device } = await withPasskey()
    const good = () => asked<Request>(testBrowser(site), signIn)
    const text = (value: string) => Buffer.from(value).toString('base64url')
    const breaks: ((one: ReturnType<typeof device.get>) => unknown)[] = [
      (one) => ({ ...one, rawId: 'AAAA' }),
      (one) => ({ ...one, response: { ...one.response, clientDataJSON: text('null') } }),
      (one) => ({ ...one, response: { ...one.response, clientDataJSON: text('{') } }),
      (one) => ({ ...one, response: { ...one.response, authenticatorData: 'AAAA' } }),
      (one) => ({ ...one, response: { ...one.response, signature: 'AAAA' } }),
      (one) => ({ ...one, id: 'A', rawId: 'A' }),
    ]
    for (const breaking of breaks) {
      const credential = breaking(device.get(await good()))
      expect((await tried(testBrowser(site), signIn, { credential })).status).toBe(401)
    }
    for (const credential of [null, {}, { ...device.get(await good()), type: 'password' }])
      expect((await tried(testBrowser(site), signIn, { credential })).status).toBe(422)
    const browser = await signedIn(site, await testUser(server))
    const deep = cbor(new Map([['fmt', 'none']]))
    for (const attestationObject of ['AAAA', '_____w', deep.toString('base64url')]) {
      const made = authenticator(site.url).create(await asked<Creation>(browser, own))
      const credential = { ...made, response: { ...made.response, attestationObject } }
      expect((await tried(browser, own, { name: '', credential })).status).toBe(401)
    }
  })

  it('is asked for ever more slowly from one network', async () => {
    const browser = testBrowser(site)
    let waits = 0
    for (let i = 0; i < 70; i++)
      if ((await browser.ask('POST', `${signIn}/options`)).status === 429) waits++
    expect(waits).toBeGreaterThan(5)
  })

  it('is guessed ever more slowly as second factor, and the user is told', async () => {
    const user = await withPasskey()
    const browser = await signedIn(site, user)
    let waits = 0
    for (let i = 0; i < 25; i++) {
      const options = await asked<Request>(browser, factor)
      const credential = user.device.get(options, { isOtherKey: true })
      const reply = await tried(browser, factor, { credential })
      if (reply.status !== 429) continue
      waits++
      server.advance(Number(reply.headers.get('retry-after')))
    }
    expect(waits).toBeGreaterThan(5)
    expect(await kinds(user.email)).toContain('code_guessing')
  })
})

describe('the site of a passkey', async () => {
  const server = await testServer()
  const options = (at: Pick<TestServer, 'url'>, headers: Record<string, string> = {}) =>
    call<{ rpId?: string; code?: string }>(
      at,
      null,
      'POST',
      `${signIn}/options`,
      undefined,
      headers,
    )

  it('is the public URL, or else the name in the address', async () => {
    const published = await serverOn(server.databaseUrl, {
      NUMLET_PUBLIC_URL: 'https://numlet.example.com/',
      NUMLET_TRUST_PROXY: '1',
    })
    const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'numlet.example.com' }
    expect((await options(published, proxied)).body.rpId).toBe('numlet.example.com')
    const named = { url: server.url.replace('127.0.0.1', 'localhost') }
    expect((await options(named)).body.rpId).toBe('localhost')
  })

  it('is no address, and nothing that others can read', async () => {
    expect(await options(server)).toMatchObject({ status: 422, body: { code: 'invalid_request' } })
    const behind = await serverOn(server.databaseUrl, { NUMLET_TRUST_PROXY: '1' })
    const plain = { 'x-forwarded-proto': 'http', 'x-forwarded-host': 'numlet.example.com' }
    expect(await options(behind, plain)).toMatchObject({
      status: 403,
      body: { code: 'insecure_connection' },
    })
  })
})
