// Passkeys and the public URL: one that was made for another host is known, not offered, and can be removed.
import { beforeEach, describe, expect, it } from 'vitest'
import { authenticator } from '../harness/authenticator.ts'
import { referenceOf } from '../harness/documented.ts'
import { type Browser, signedIn, testBrowser, testUser } from '../harness/people.ts'
import { serverOn, testServer } from '../harness/server.ts'

type Creation = {
  rp: { id: string }
  user: { id: string; name: string }
  challenge: string
  excludeCredentials: { id: string }[]
}
type Request = { rpId: string; challenge: string; allowCredentials: { id: string }[] }
type Passkey = { id: string; name: string; host: string | null; usable: boolean }
type Added = { passkey: Passkey; recovery_codes: string[] | null }
type Session = {
  user: { second_factors: string[] }
  second_factor: { needed: boolean; ways: string[] }
}

const own = '/v1/user/passkeys'
const signIn = '/v1/session/passkey'
const factor = '/v1/session/second-factor'

describe('a passkey', async () => {
  const server = await testServer()
  const site = { ...server, url: server.url.replace('127.0.0.1', 'localhost') }
  const reference = await referenceOf(server)
  beforeEach(async () => {
    await server.db.query('delete from attempts')
  })

  const ask = async <T>(browser: Browser, method: string, path: string, body?: unknown) => {
    const reply = await browser.ask<T>(method, path, body)
    reference.check(method, path, reply)
    return reply
  }
  const listOf = async (browser: Browser) =>
    (await ask<{ data: Passkey[] }>(browser, 'GET', own)).body.data

  async function withPasskey() {
    const user = await testUser(server)
    const browser = await signedIn(site, user)
    const device = authenticator(site.url)
    const { body: options } = await ask<Creation>(browser, 'POST', `${own}/options`)
    const credential = device.create(options)
    const { body } = await ask<Added>(browser, 'POST', own, { name: 'Phone', credential })
    return { ...user, browser, device, ...body }
  }

  it('of another public URL is shown as such, not offered, and can be removed', async () => {
    const { email, password, passkey, recovery_codes: codes } = await withPasskey()
    expect(passkey).toMatchObject({ host: 'localhost', usable: true })
    const moved = await serverOn(server.databaseUrl, {
      NUMLET_PUBLIC_URL: 'https://new.example.com',
    })
    const here = testBrowser(moved)
    const begun = await ask<Session>(here, 'POST', '/v1/session', { email, password })
    // It still protects the user: nobody signs in without a second factor.
    expect(begun).toMatchObject({
      status: 201,
      body: { second_factor: { needed: true, ways: [] }, user: { second_factors: ['passkey'] } },
    })
    expect((await ask(here, 'POST', `${factor}/passkey/options`)).status).toBe(422)
    expect((await ask(here, 'GET', '/v1/balance')).status).toBe(403)
    expect((await ask(here, 'POST', factor, { code: codes?.[0] })).status).toBe(200)
    expect(await listOf(here)).toMatchObject([{ host: 'localhost', usable: false }])
    // The authenticator may make another one, for the new site.
    const { body: options } = await ask<Creation>(here, 'POST', `${own}/options`)
    expect(options).toMatchObject({ rp: { id: 'new.example.com' }, excludeCredentials: [] })
    expect((await ask(here, 'DELETE', `${own}/${passkey.id}`)).status).toBe(204)
    const { body } = await ask<Session>(here, 'GET', '/v1/session')
    expect(body.user.second_factors).toEqual([])
  })

  it('whose site was not noted is offered, and its use notes the site', async () => {
    const { browser, device, userId } = await withPasskey()
    await server.db.query('update passkeys set host = null where user_id = $1', [userId])
    expect(await listOf(browser)).toMatchObject([{ host: null, usable: true }])
    const fresh = testBrowser(site)
    const { body: options } = await ask<Request>(fresh, 'POST', `${signIn}/options`)
    const begun = await ask(fresh, 'POST', signIn, { credential: device.get(options) })
    expect(begun).toMatchObject({ status: 201, body: { second_factor: { ways: ['passkey'] } } })
    expect(await listOf(browser)).toMatchObject([{ host: 'localhost', usable: true }])
  })
})
