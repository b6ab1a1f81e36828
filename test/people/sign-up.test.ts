// Signing up and new passwords: by mail, once, and without telling who has a user.
import { rmSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { referenceOf } from '../harness/documented.ts'
import { mailFolder, outbox } from '../harness/outbox.ts'
import { goodPassword, signedIn, testBrowser, testUser } from '../harness/people.ts'
import { call, type Reply, testCustomer, testServer } from '../harness/server.ts'

const folders = [mailFolder(), mailFolder()] as const
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const minute = 60
const next = 'a quiet harbour in autumn'

type Session = { user: { email: string }; account: { role: string } | null }

describe('signing up', async () => {
  const [folder] = folders
  const server = await testServer({ env: { NUMLET_DATA: folder } })
  const reference = await referenceOf(server)
  const sent = outbox(server, folder)
  const setMode = (mode: string) =>
    server.db
      .query(
        `insert into settings (name, value, updated_at) values ('sign_up', to_jsonb($1::text), now())
         on conflict (name) do update set value = excluded.value`,
        [mode],
      )
      .then(() => server.app.refresh())
  const post = async (path: string, body: unknown, browser = testBrowser(server)) => {
    const reply = await browser.ask<Session>('POST', path, body)
    reference.check('POST', path, reply)
    return reply
  }
  const signUp = (email: string, password = goodPassword) =>
    post('/v1/user', { email, name: 'Kim', password })
  const users = async () => (await server.db.query('select 1 as yes from users')).length

  it('creates a user and an account once the address is confirmed', async () => {
    await setMode('open')
    const before = await users()
    expect((await signUp('Kim@Example.com')).status).toBe(202)
    expect(await users()).toBe(before)
    const [mail, ...more] = await sent()
    expect(more).toEqual([])
    expect(mail).toMatchObject({ to: 'kim@example.com', mode: 0o600 })
    expect(mail?.text).toContain(`${server.url}/app/verify#token=${mail?.token}`)
    const browser = testBrowser(server)
    const begun = await post('/v1/user/verify', { token: mail?.token }, browser)
    expect(begun).toMatchObject({
      status: 201,
      body: { user: { email: 'kim@example.com', name: 'Kim' }, account: { role: 'owner' } },
    })
    const balance = await browser.ask('GET', '/v1/balance')
    expect(balance.body).toEqual({ balance: '0.00', currency: 'USD' })
    await signedIn(server, { email: 'kim@example.com', password: goodPassword })
    // Nothing of it is left: no password in the queue, no link.
    expect(await server.db.query('select 1 as yes from mails')).toEqual([])
    expect((await post('/v1/user/verify', { token: mail?.token })).status).toBe(410)
  })

  it('answers the same, with the same work, for the address of a user', async () => {
    const { email } = await testUser(server)
    const work = async (one: string) => {
      const runs = server.app.people.passwords.runs()
      const { status, body } = await signUp(one)
      return { status, body, runs: server.app.people.passwords.runs() - runs }
    }
    const forUser = await work(email)
    expect(await work('somebody.new@example.com')).toEqual(forUser)
    expect(forUser).toEqual({ status: 202, body: { sent: 'if_possible' }, runs: 1 })
    const mails = await sent()
    const ofUser = mails.find(({ to }) => to === email)
    expect(ofUser?.subject).toMatch(/already have a user/)
    expect(ofUser?.token).toBeNull()
  })

  it('by two links of one address makes one user, with the password of the link that was used', async () => {
    await signUp('two@example.com', 'the password of a stranger')
    await signUp('two@example.com', next)
    const [strangers, own] = await sent()
    expect((await post('/v1/user/verify', { token: own?.token })).status).toBe(201)
    expect((await post('/v1/user/verify', { token: strangers?.token })).status).toBe(410)
    await signedIn(server, { email: 'two@example.com', password: next })
  })

  it('takes over the account that the operator made for the address, and no other', async () => {
    const { accountId } = await testCustomer(server.db, { credit: '12' })
    const emailOf = async (id: number) => (await server.app.accounts.read(id)).email
    await signUp(await emailOf(accountId))
    const browser = testBrowser(server)
    await post('/v1/user/verify', { token: (await sent())[0]?.token }, browser)
    expect((await browser.ask('GET', '/v1/balance')).body).toMatchObject({ balance: '12.00' })
    // The account of others who have their own addresses.
    const owner = await testUser(server)
    await signUp(await emailOf(owner.accountId))
    const begun = await post('/v1/user/verify', { token: (await sent())[0]?.token })
    expect(begun.body.account).toBeNull()
  })

  it('of 50 calls with one link gives one a session', async () => {
    await signUp('race@example.com')
    const [mail] = await sent()
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => post('/v1/user/verify', { token: mail?.token })),
    )
    const statuses = replies.map(({ status }) => status).sort()
    expect(statuses).toEqual([201, ...Array.from({ length: 49 }, () => 410)])
  })

  it('fills nobody’s mailbox', async () => {
    for (let i = 0; i < 8; i++) expect((await signUp('full@example.com')).status).toBe(202)
    expect((await sent()).length).toBe(3)
  })

  it('may be closed', async () => {
    for (const mode of ['invitation', 'closed']) {
      await setMode(mode)
      const info = await call(server, null, 'GET', '/v1/sign-up')
      reference.check('GET', '/v1/sign-up', info)
      expect(info.body).toEqual({ sign_up: mode, platform: 'Numlet' })
      expect(await signUp('late@example.com')).toMatchObject({
        status: 403,
        body: { code: 'sign_up_closed' },
      })
    }
    expect(await sent()).toEqual([])
    await setMode('open')
  })

  it('refuses weak passwords beside their field', async () => {
    for (const password of ['short', 'qwertyuiop123', 'someone.known1']) {
      const reply = await signUp('someone.known@example.com', password)
      expect(reply).toMatchObject({ status: 422, body: { errors: [{ pointer: '/password' }] } })
    }
    for (const email of ['nobody', 'a b@example.com', '@example.com', 'x@y\n.com'])
      expect(await signUp(email)).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/email' }] },
      })
  })

  it('never builds a link on a Host header of a stranger', async () => {
    const { port } = new URL(server.url)
    for (const host of ['evil.example', `evil.example:${port}`]) {
      const reply = await call(
        server,
        null,
        'POST',
        '/v1/user/reset-requests',
        { email: 'a@b.co' },
        { host },
      )
      expect(reply.status === 403 || reply.status === 202).toBe(true)
    }
    for (const { text } of await sent()) expect(text).not.toContain('evil')
  })
})

describe('a new password', async () => {
  const [, folder] = folders
  const server = await testServer({ env: { NUMLET_DATA: folder } })
  const reference = await referenceOf(server)
  const sent = outbox(server, folder)
  const post = async (path: string, body: unknown, browser = testBrowser(server)) => {
    const reply: Reply = await browser.ask('POST', path, body)
    reference.check('POST', path, reply)
    return reply
  }
  const ask = (email: string) => post('/v1/user/reset-requests', { email })

  it('is set by a link, which ends all sessions', async () => {
    const user = await testUser(server)
    const old = await signedIn(server, user)
    expect((await ask(user.email)).status).toBe(202)
    expect((await ask('nobody@example.com')).body).toEqual({ sent: 'if_possible' })
    const mails = await sent()
    expect(mails.map(({ to }) => to)).toEqual([user.email])
    const token = mails[0]?.token
    const weak = await post('/v1/user/reset', { token, password: 'password123' })
    expect(weak.status).toBe(422)
    const browser = testBrowser(server)
    expect((await post('/v1/user/reset', { token, password: next }, browser)).status).toBe(201)
    expect((await browser.ask('GET', '/v1/session')).status).toBe(200)
    expect((await old.ask('GET', '/v1/session')).status).toBe(401)
    expect((await post('/v1/user/reset', { token, password: goodPassword })).status).toBe(410)
    await signedIn(server, { email: user.email, password: next })
  })

  it('is not set by a link whose time is over, that was replaced, or is for something else', async () => {
    const user = await testUser(server)
    await ask(user.email)
    await ask(user.email)
    const [first, second] = await sent()
    const set = (token: unknown) => post('/v1/user/reset', { token, password: next })
    expect((await post('/v1/user/verify', { token: first?.token })).status).toBe(410)
    expect((await post('/v1/session/link', { token: first?.token })).status).toBe(410)
    expect((await set(first?.token)).status).toBe(201)
    expect((await set(second?.token)).status).toBe(410)
    await ask(user.email)
    const [late] = await sent()
    server.advance(61 * minute)
    expect((await set(late?.token)).status).toBe(410)
    for (const token of ['', 'x', 'A'.repeat(43)]) expect((await set(token)).status).toBe(410)
  })
})
