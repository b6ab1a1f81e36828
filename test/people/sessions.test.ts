// Sessions: signing in and out, what a session may do, and when it ends.
import { describe, expect, it } from 'vitest'
import { referenceOf } from '../harness/documented.ts'
import { goodPassword, signedIn, testBrowser, testUser } from '../harness/people.ts'
import { call, type Reply, serverOn, testCustomer, testServer } from '../harness/server.ts'

type Session = {
  user: { id: string; email: string }
  account: { id: string; role: string } | null
  accounts: { id: string }[]
  staff: string | null
  second_factor: { needed: boolean; at: string | null }
  expires_at: string
}
type Listed = { id: string; device: string; is_current: boolean }

const firefox = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0' }
const hour = 3600

describe('a session', async () => {
  const server = await testServer()
  const reference = await referenceOf(server)
  const check = (method: string, path: string, reply: Reply<unknown>) => {
    reference.check(method, path, reply)
    return reply
  }

  it('begins with the password, says who it is of, and ends', async () => {
    const user = await testUser(server)
    const browser = testBrowser(server)
    const { email } = user
    const begun = await browser.ask<Session>('POST', '/v1/session', {
      email: email.toUpperCase(),
      password: goodPassword,
    })
    check('POST', '/v1/session', begun)
    expect(begun.status).toBe(201)
    expect(begun.headers.get('set-cookie')).toMatch(
      /^numlet=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/,
    )
    const session = await browser.ask<Session>('GET', '/v1/session')
    check('GET', '/v1/session', session)
    expect(session.body).toEqual(begun.body)
    expect(session.body).toMatchObject({
      user: { email, verified: true, has_password: true, second_factors: [] },
      account: { role: 'owner' },
      staff: null,
      second_factor: { needed: false, at: null },
    })
    const balance = await browser.ask('GET', '/v1/balance')
    expect(balance.body).toEqual({ balance: '100.00', currency: 'USD' })

    const cookie = browser.cookie()
    expect((await browser.ask('DELETE', '/v1/session')).status).toBe(204)
    expect(browser.cookie()).toBe('')
    const after = await call(server, null, 'GET', '/v1/session', undefined, { cookie })
    check('GET', '/v1/session', after)
    expect(after).toMatchObject({ status: 401, body: { code: 'not_signed_in' } })
    const spent = await call(server, null, 'GET', '/v1/balance', undefined, { cookie })
    check('GET', '/v1/balance', spent)
    expect(spent.status).toBe(401)
  })

  it('is not begun with a wrong password, nor for an address of nobody, in the same words', async () => {
    const { email } = await testUser(server)
    const { email: without } = await testUser(server, { password: null })
    const replies = []
    for (const one of [email, without, 'nobody@example.com']) {
      const wanted = { email: one, password: 'nine grey herons by the sea' }
      const runs = server.app.people.passwords.runs()
      const reply = await testBrowser(server).ask('POST', '/v1/session', wanted)
      check('POST', '/v1/session', reply)
      expect(reply).toMatchObject({ status: 401, body: { code: 'wrong_credentials' } })
      expect(reply.headers.get('set-cookie')).toBeNull()
      expect(server.app.people.passwords.runs()).toBe(runs + 1)
      const { request_id: _, ...body } = reply.body
      replies.push(body)
    }
    expect(replies[1]).toEqual(replies[0])
    expect(replies[2]).toEqual(replies[0])
  })

  it('of a member may buy, and manage nothing', async () => {
    const owner = await testUser(server)
    const member = await testUser(server, { accountId: owner.accountId, role: 'member' })
    const browser = await signedIn(server, member)
    const order = { service: 'whatsapp', country: 'US' }
    expect((await browser.ask('POST', '/v1/orders', order)).status).toBe(201)
    for (const [method, path, body] of [
      ['GET', '/v1/keys', undefined],
      ['POST', '/v1/keys', { name: 'mine' }],
      ['PATCH', '/v1/account', { low_balance: '1' }],
      ['GET', '/v1/webhooks', undefined],
    ] as const) {
      const reply = await browser.ask(method, path, body)
      check(method, path, reply)
      expect(reply).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    }
    const owners = await signedIn(server, owner)
    const made = await owners.ask('POST', '/v1/keys', { name: 'mine' })
    expect(made).toMatchObject({ status: 201, body: { created_by: null } })
  })

  it('acts in one account at a time', async () => {
    const user = await testUser(server)
    const other = await testCustomer(server.db, { credit: '7' })
    const stranger = await testCustomer(server.db)
    await server.db.query(
      `insert into memberships (user_id, account_id, role, created_at) values ($1, $2, 'member', now())`,
      [user.userId, other.accountId],
    )
    const browser = await signedIn(server, user)
    const before = await browser.ask<Session>('GET', '/v1/session')
    expect(before.body.accounts).toHaveLength(2)
    const token = (id: number) => server.app.ids.toToken('acc', id)
    const switched = await browser.ask<Session>('PATCH', '/v1/session', {
      account_id: token(other.accountId),
    })
    check('PATCH', '/v1/session', switched)
    expect(switched.body.account).toMatchObject({ id: token(other.accountId), role: 'member' })
    expect((await browser.ask('GET', '/v1/balance')).body).toMatchObject({ balance: '7.00' })
    for (const id of [token(stranger.accountId), token(999_999), 'nonsense', 'acc_zzzzzzzzzzz']) {
      const refused = await browser.ask('PATCH', '/v1/session', { account_id: id })
      check('PATCH', '/v1/session', refused)
      expect(refused.status).toBe(404)
    }
    expect((await browser.ask('GET', '/v1/balance')).body).toMatchObject({ balance: '7.00' })
  })

  it('gives way to a key in the header, which has no user', async () => {
    const browser = await signedIn(server, await testUser(server))
    const { key } = await testCustomer(server.db, { credit: '3' })
    const authorization = `Bearer ${key}`
    const balance = await browser.ask('GET', '/v1/balance', undefined, { authorization })
    expect(balance.body).toMatchObject({ balance: '3.00' })
    for (const path of ['/v1/session', '/v1/user', '/v1/user/sessions']) {
      const reply = await browser.ask('GET', path, undefined, { authorization })
      check('GET', path, reply)
      expect(reply).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    }
    const wrong = await browser.ask('GET', '/v1/balance', undefined, { authorization: 'Bearer x' })
    expect(wrong.status).toBe(401)
  })

  it('is listed, and ended by its user only', async () => {
    const user = await testUser(server)
    const one = await signedIn(server, user)
    const two = testBrowser(server)
    const { email, password } = user
    await two.ask('POST', '/v1/session', { email, password }, firefox)
    const list = await one.ask<{ data: Listed[] }>('GET', '/v1/user/sessions')
    check('GET', '/v1/user/sessions', list)
    expect(list.body.data).toHaveLength(2)
    const [other] = list.body.data.filter((each) => !each.is_current)
    expect(other?.device).toBe('Firefox on Linux')

    const stranger = await signedIn(server, await testUser(server))
    for (const id of [other?.id, 'ses_00000000000', 'nonsense']) {
      const reply = await stranger.ask('DELETE', `/v1/user/sessions/${id}`)
      check('DELETE', `/v1/user/sessions/${id}`, reply)
      expect(reply.status).toBe(404)
    }
    expect((await two.ask('GET', '/v1/session')).status).toBe(200)
    expect((await one.ask('DELETE', `/v1/user/sessions/${other?.id}`)).status).toBe(204)
    expect((await two.ask('GET', '/v1/session')).status).toBe(401)

    const three = await signedIn(server, user)
    const ended = await one.ask('POST', '/v1/user/sessions/end-others')
    check('POST', '/v1/user/sessions/end-others', ended)
    expect(ended.body).toEqual({ ended: 1 })
    expect((await three.ask('GET', '/v1/session')).status).toBe(401)
    expect((await one.ask('GET', '/v1/session')).status).toBe(200)
  })

  it('is another one after each sign-in, and the old one of the browser ends', async () => {
    const user = await testUser(server)
    const browser = await signedIn(server, user)
    const old = browser.cookie()
    await browser.ask('POST', '/v1/session', { email: user.email, password: goodPassword })
    expect(browser.cookie()).not.toBe(old)
    const replayed = await call(server, null, 'GET', '/v1/session', undefined, { cookie: old })
    expect(replayed.status).toBe(401)
    // A token that a stranger chose stays nobody's.
    const planted = `numlet=${'A'.repeat(43)}`
    const victim = testBrowser(server)
    const { email, password } = user
    await victim.ask('POST', '/v1/session', { email, password }, { cookie: planted })
    expect(victim.cookie()).not.toBe(planted)
    const stolen = await call(server, null, 'GET', '/v1/session', undefined, { cookie: planted })
    expect(stolen.status).toBe(401)
  })

  it('ends when the user or the account is suspended', async () => {
    const user = await testUser(server)
    const browser = await signedIn(server, user)
    await server.db.query(`update accounts set state = 'suspended' where id = $1`, [user.accountId])
    const refused = await browser.ask('GET', '/v1/balance')
    expect(refused).toMatchObject({ status: 403, body: { code: 'account_suspended' } })
    expect((await browser.ask('GET', '/v1/session')).status).toBe(200)
    await server.db.query('update users set suspended_at = now() where id = $1', [user.userId])
    expect((await browser.ask('GET', '/v1/session')).status).toBe(401)
    const { email, password } = user
    const again = await testBrowser(server).ask('POST', '/v1/session', { email, password })
    expect(again).toMatchObject({ status: 403, body: { code: 'account_suspended' } })
  })

  it('has a profile that its user changes', async () => {
    const browser = await signedIn(server, await testUser(server))
    const change = { name: 'Kim <b>', locale: 'pt-BR', theme: 'dark' }
    const changed = await browser.ask('PATCH', '/v1/user', change)
    check('PATCH', '/v1/user', changed)
    expect(changed.body).toMatchObject(change)
    expect((await browser.ask('PATCH', '/v1/user', { locale: null })).body).toMatchObject({
      ...change,
      locale: null,
    })
    for (const wrong of [
      { theme: 'pink' },
      { locale: 'x y' },
      { name: 'a\nb' },
      { role: 'admin' },
    ]) {
      const reply = await browser.ask('PATCH', '/v1/user', wrong)
      check('PATCH', '/v1/user', reply)
      expect(reply.status).toBe(422)
    }
  })

  it('of others ends with a new password, which needs the current one', async () => {
    const user = await testUser(server)
    const [one, two] = [await signedIn(server, user), await signedIn(server, user)]
    const next = 'a quiet harbour in autumn'
    const change = (current: string | undefined, wanted: string) =>
      one.ask('POST', '/v1/user/password', { current, new: wanted })
    for (const current of [undefined, 'wrong wrong wrong']) {
      const refused = await change(current, next)
      check('POST', '/v1/user/password', refused)
      expect(refused).toMatchObject({ status: 401, body: { code: 'wrong_credentials' } })
    }
    for (const weak of ['short', 'password123', 'Passw0rd1234', 'aaaaaaaaaaaa', 'abcdefghijkl']) {
      const refused = await change(goodPassword, weak)
      check('POST', '/v1/user/password', refused)
      expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/new' }] } })
    }
    expect((await two.ask('GET', '/v1/session')).status).toBe(200)
    expect((await change(goodPassword, next)).status).toBe(204)
    expect((await two.ask('GET', '/v1/session')).status).toBe(401)
    expect((await one.ask('GET', '/v1/session')).status).toBe(200)
    const { email } = user
    const old = await testBrowser(server).ask('POST', '/v1/session', {
      email,
      password: goodPassword,
    })
    expect(old.status).toBe(401)
    await signedIn(server, { email, password: next })
  })
})

describe('time', async () => {
  const server = await testServer()

  it('ends a session after 14 days without a request', async () => {
    const browser = await signedIn(server, await testUser(server))
    const seen = async () => {
      await server.app.people.flush()
      const [row] = await server.db.query<{ at: Date }>('select last_seen_at as at from sessions')
      return row?.at.getTime() as number
    }
    const begun = await seen()
    server.advance(30)
    await browser.ask('GET', '/v1/session')
    expect(await seen()).toBe(begun)
    server.advance(13 * 24 * hour)
    expect((await browser.ask('GET', '/v1/session')).status).toBe(200)
    expect(await seen()).toBe(begun + (13 * 24 * hour + 30) * 1000)
    server.advance(13 * 24 * hour)
    expect((await browser.ask('GET', '/v1/session')).status).toBe(200)
    await seen()
    server.advance(14 * 24 * hour)
    expect((await browser.ask('GET', '/v1/session')).status).toBe(401)
  })

  it('ends it after 90 days in any case', async () => {
    const browser = await signedIn(server, await testUser(server))
    for (let day = 0; day < 89; day += 10) {
      expect((await browser.ask('GET', '/v1/session')).status).toBe(200)
      await server.app.people.flush()
      server.advance(10 * 24 * hour)
    }
    expect((await browser.ask('GET', '/v1/session')).status).toBe(401)
  })
})

describe('two servers', async () => {
  const server = await testServer()
  const other = await serverOn(server.databaseUrl)

  it('both know at once that a session has ended', async () => {
    const browser = await signedIn(server, await testUser(server))
    const cookie = browser.cookie()
    const ask = () => call(other, null, 'GET', '/v1/balance', undefined, { cookie })
    expect((await ask()).status).toBe(200)
    await browser.ask('DELETE', '/v1/session')
    expect((await ask()).status).toBe(401)
  })
})
