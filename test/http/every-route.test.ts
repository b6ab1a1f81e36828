// Every registered route says which scope it needs, and means it, or stands in the short list of open ones.
import { describe, expect, it } from 'vitest'
import { createKey } from '../../src/core/accounts/keys.ts'
import { buildServer } from '../../src/roles.ts'
import { referenceOf } from '../harness/documented.ts'
import { signedIn, testUser } from '../harness/people.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'

/** Routes that need no account's key, each with the reason. */
const open: Record<string, string> = {
  '/health/live': 'asked by load balancers',
  '/health/ready': 'asked by load balancers',
  '/metrics': 'asked by Prometheus; holds no customer’s data',
  '/openapi.json': 'the reference',
  '/docs': 'the reference',
  '/docs/errors': 'what each error means',
  '/docs/errors/:code': 'what each error means',
  '/docs/scalar.js': 'the reference',
  '/fivesim/v1/guest/products/:country/:operator': 'the protocol’s guests have no key',
  '/fivesim/v1/guest/prices': 'the protocol’s guests have no key',
  '/fivesim/v1/guest/countries': 'the protocol’s guests have no key',
  '/fivesim/v1/guest/flash/:lang': 'the protocol’s guests have no key',
  '/v1/session': 'signing in; the other methods need a session: below',
  '/v1/session/passkey/options': 'the answer is the same for everybody',
  '/v1/session/passkey': 'the signature is the secret: test/people',
  '/v1/session/link': 'the token is the secret: test/people',
  '/v1/invitations/accept': 'the token is the secret: test/people',
  '/v1/invitations/read': 'the token is the secret: test/people',
  '/v1/sign-up': 'what the page for signing in shows',
  '/v1/user': 'signing up; the other methods need a session: below',
  '/v1/user/verify': 'the token is the secret: test/people',
  '/v1/user/reset-requests': 'for those who cannot sign in: test/people',
  '/v1/user/reset': 'the token is the secret: test/people',
  '/stubs/multi/result/:token': 'the token is the secret: handler-api/batch.test.ts',
  '/pay/:token': 'payers are anybody; the token is the secret: otpzap/topup.test.ts',
  '/api/wallet/callback/:gateway': 'gateways sign what they tell: test/payments',
  '/api/supply/:name/:token': 'hints are never refused: test/supply/upstream/hints.test.ts',
  '/api/supply/:name': 'vendors sign what they send: test/supply',
  '/api/callback': 'suppliers have secrets of their own: callback.test.ts',
}

const notSignedIn = { body: { code: 'not_signed_in' } }

/** One protocol’s refusals are bare words, and a success as far as HTTP goes. */
const refusesWith200 = /^\/stubs\//

/** The path with an id that is nobody’s. */
const concrete = (url: string) => url.replace(/:[^/]+/g, 'ord_00000000000')

describe('every route', async () => {
  const server = await testServer()
  const reference = await referenceOf(server)
  const { accountId } = await testCustomer(server.db)
  const keyWith = async (...scopes: string[]) =>
    (await createKey(server.db, new Date(), { accountId, scopes })).key
  const keys: Record<string, string> = {
    read: await keyWith('buy', 'manage'),
    buy: await keyWith('read', 'manage'),
    manage: await keyWith('read', 'buy'),
    'handler-api': await keyWith('read', 'buy', 'manage'),
  }
  const handlerKey = await keyWith('handler-api')

  type Guard = string | undefined
  const routes: {
    method: string
    url: string
    scope: string | null | undefined
    guard: Guard
    staff: Guard
  }[] = []
  const other = buildServer(server.app)
  other.addHook('onRoute', (route) => {
    for (const method of [route.method].flat())
      routes.push({
        ...{ method, url: route.url },
        ...{ scope: route.config?.scope, guard: route.config?.guard },
        staff: route.config?.staffScope,
      })
  })
  await other.ready()
  await other.close()

  it('is seen here', () => {
    expect(routes.length).toBeGreaterThan(40)
    expect(Object.keys(open).filter((url) => !routes.some((route) => route.url === url))).toEqual(
      [],
    )
  })

  it('needs a scope, or is open for a reason', () => {
    const unguarded = routes.filter(
      ({ scope, guard, staff }) => (scope === null || scope === undefined) && !guard && !staff,
    )
    expect([...new Set(unguarded.map(({ url }) => url))].sort()).toEqual(Object.keys(open).sort())
  })

  const guarded = routes.filter(({ url, guard, staff }) => !(url in open) && !guard && !staff)
  const forPeople = routes.filter(({ guard }) => guard)

  it.each(guarded)('$method $url answers 401 without a key', async ({ method, url }) => {
    const path = concrete(url)
    for (const key of [null, 'nonsense']) {
      const reply = await call<unknown>(server, key, method, path)
      expect(reply.status).toBe(refusesWith200.test(path) ? 200 : 401)
      if (refusesWith200.test(path)) expect(reply.body).toBe('BAD_KEY')
      expect(reply.headers.get('www-authenticate')).toBe('Bearer')
      reference.check(method, path, reply)
    }
  })

  it.each(guarded)('$method $url answers 403 to a key without $scope', async (route) => {
    const path = concrete(route.url)
    const lacking = keys[route.scope as string] as string
    for (const key of route.scope === 'handler-api' ? [lacking] : [lacking, handlerKey]) {
      const reply = await call<unknown>(server, key, route.method, path)
      expect(reply.status).toBe(refusesWith200.test(path) ? 200 : 403)
      if (refusesWith200.test(path)) expect(reply.body).toBe('BAD_KEY')
      reference.check(route.method, path, reply)
    }
  })

  it.each(forPeople)('$method $url is for people who are signed in', async ({ method, url }) => {
    const path = concrete(url)
    const stranger = await call<unknown>(server, null, method, path)
    expect(stranger).toMatchObject({ status: 401, ...(method === 'HEAD' ? {} : notSignedIn) })
    reference.check(method, path, stranger)
    const { key } = await testCustomer(server.db)
    const keyed = await call<unknown>(server, key, method, path)
    expect(keyed.status).toBe(403)
    reference.check(method, path, keyed)
  })

  const forStaff = routes.filter(({ staff }) => staff)
  it.each(forStaff)('$method $url is for staff keys only', async ({ method, url }) => {
    expect(url).toMatch(/^\/v1\/admin\//)
    const path = concrete(url)
    const owner = await signedIn(server, await testUser(server))
    const { key } = await testCustomer(server.db)
    for (const reply of [
      await call<unknown>(server, null, method, path),
      await call<unknown>(server, key, method, path),
      await owner.ask<unknown>(method, path),
    ]) {
      expect(reply.status).toBe(401)
      reference.check(method, path, reply)
    }
  })

  const changing = [...guarded, ...forPeople].filter(
    ({ method, url }) => url.startsWith('/v1/') && method !== 'GET' && method !== 'HEAD',
  )
  const browser = await signedIn(server, await testUser(server))

  it.each(changing)(
    '$method $url changes nothing for a page of another site',
    async ({ method, url }) => {
      const path = concrete(url)
      const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
      const reply = await browser.ask(method, path, undefined, foreign)
      expect(reply).toMatchObject({ status: 403, body: { code: 'origin_refused' } })
      reference.check(method, path, reply)
    },
  )
})
