// The people of an account: invitations, roles, and that there is always an owner.
import { beforeEach, describe, expect, it } from 'vitest'
import { referenceOf } from '../harness/documented.ts'
import { mailFolder, outbox } from '../harness/outbox.ts'
import { type Browser, goodPassword, signedIn, testBrowser, testUser } from '../harness/people.ts'
import { call, testServer } from '../harness/server.ts'

type Team = {
  members: { user_id: string; email: string; role: string }[]
  invitations: { id: string; email: string; role: string }[]
}
type Session = {
  user: { email: string; name: string }
  account: { id: string; role: string } | null
}

const accepting = '/v1/invitations/accept'
const password = 'a quiet harbour in autumn'

describe('a team', async () => {
  const folder = mailFolder()
  const server = await testServer({ env: { NUMLET_DATA: folder } })
  const reference = await referenceOf(server)
  const sent = outbox(server, folder)
  beforeEach(async () => {
    await server.db.query('delete from attempts')
  })

  async function ask<T = Record<string, unknown>>(
    browser: Browser,
    method: string,
    path: string,
    body?: unknown,
  ) {
    const reply = await browser.ask<T>(method, path, body)
    reference.check(method, path, reply)
    return reply
  }

  async function tokenFor(email: string): Promise<string> {
    const mail = (await sent()).find((one) => one.to === email)
    expect(mail?.subject).toBe('An invitation to Numlet')
    return mail?.token as string
  }

  async function owned() {
    const owner = await testUser(server)
    return { ...owner, browser: await signedIn(server, owner) }
  }

  const teamOf = async (browser: Browser) => (await ask<Team>(browser, 'GET', '/v1/team')).body

  const invite = (browser: Browser, email: string, role = 'member') =>
    ask<{ id: string }>(browser, 'POST', '/v1/team/invitations', { email, role })

  it('grows by an invitation, whose link makes a new user once', async () => {
    const owner = await owned()
    const email = 'lee@example.com'
    const invited = await invite(owner.browser, 'Lee@Example.com')
    expect(invited).toMatchObject({ status: 201, body: { email, role: 'member' } })
    const token = await tokenFor(email)
    expect((await teamOf(owner.browser)).invitations).toMatchObject([
      { id: invited.body.id, email },
    ])
    const read = () => ask(testBrowser(server), 'POST', '/v1/invitations/read', { token })
    expect((await read()).body).toMatchObject({
      ...{ email, role: 'member', invited_by: owner.email, has_user: false },
      account: expect.stringMatching(/^customer\d+@example\.com$/),
    })
    const weak = await ask(testBrowser(server), 'POST', accepting, { token, password: 'password' })
    expect(weak).toMatchObject({ status: 422, body: { code: 'invalid_request' } })
    expect((await ask(testBrowser(server), 'POST', accepting, { token })).status).toBe(422)
    const lee = testBrowser(server)
    const joined = await ask<Session>(lee, 'POST', accepting, { token, name: 'Lee', password })
    expect(joined).toMatchObject({
      status: 201,
      body: { user: { email, name: 'Lee' }, account: { role: 'member' } },
    })
    expect((await lee.ask('GET', '/v1/balance')).body).toMatchObject({ balance: '100.00' })
    expect(await read()).toMatchObject({ status: 410, body: { code: 'link_not_valid' } })
    const again = await ask(testBrowser(server), 'POST', accepting, { token, password })
    expect(again).toMatchObject({ status: 410, body: { code: 'link_not_valid' } })
    const team = await teamOf(owner.browser)
    const roles = Object.fromEntries(team.members.map((one) => [one.email, one.role]))
    expect(roles).toEqual({ [owner.email]: 'owner', [email]: 'member' })
    expect(team.invitations).toEqual([])
    expect(await invite(owner.browser, email)).toMatchObject({ status: 422 })
  })

  it('takes an existing user with their session or password, never by the token alone', async () => {
    const owner = await owned()
    const [first, second, stranger] = [
      await testUser(server),
      await testUser(server),
      await testUser(server),
    ]
    await invite(owner.browser, first.email, 'owner')
    const token = await tokenFor(first.email)
    const nobody = testBrowser(server)
    const alone = await ask(nobody, 'POST', accepting, { token })
    expect(alone).toMatchObject({ status: 401, body: { code: 'not_signed_in' } })
    expect(nobody.cookie()).toBe('')
    const wrong = await ask(nobody, 'POST', accepting, { token, password })
    expect(wrong).toMatchObject({ status: 401, body: { code: 'wrong_credentials' } })
    const other = await signedIn(server, stranger)
    expect((await ask(other, 'POST', accepting, { token })).status).toBe(401)
    const browser = await signedIn(server, first)
    const joined = await ask<Session>(browser, 'POST', accepting, { token })
    expect(joined).toMatchObject({ status: 201, body: { account: { role: 'owner' } } })
    expect((await teamOf(browser)).members).toHaveLength(2)

    await invite(owner.browser, second.email)
    const body = { token: await tokenFor(second.email), password: goodPassword }
    const byPassword = testBrowser(server)
    expect((await ask(byPassword, 'POST', accepting, body)).status).toBe(201)
    expect((await byPassword.ask<Session>('GET', '/v1/session')).body).toMatchObject({
      user: { email: second.email },
    })
    expect((await teamOf(browser)).members).toHaveLength(3)
  })

  it('lets one invitation in once, of 20 at once', async () => {
    const owner = await owned()
    const user = await testUser(server)
    await invite(owner.browser, user.email)
    const token = await tokenFor(user.email)
    const browser = await signedIn(server, user)
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => browser.ask('POST', accepting, { token })),
    )
    const statuses = replies.map(({ status }) => status).sort()
    expect(statuses).toEqual([201, ...Array(19).fill(410)])
  })

  it('takes invitations back, and replaces them', async () => {
    const owner = await owned()
    const email = 'may@example.com'
    await invite(owner.browser, email)
    const old = await tokenFor(email)
    const { id } = (await invite(owner.browser, email, 'owner')).body
    const token = await tokenFor(email)
    expect(
      (await ask(testBrowser(server), 'POST', accepting, { token: old, password })).status,
    ).toBe(410)
    const strangers = await owned()
    expect((await ask(strangers.browser, 'DELETE', `/v1/team/invitations/${id}`)).status).toBe(404)
    expect((await ask(owner.browser, 'DELETE', `/v1/team/invitations/${id}`)).status).toBe(204)
    expect((await ask(testBrowser(server), 'POST', accepting, { token, password })).status).toBe(
      410,
    )
    // One that is taken back before its mail is sent has no mail.
    await invite(owner.browser, email)
    await ask(owner.browser, 'DELETE', `/v1/team/invitations/${id}`)
    expect((await sent()).filter(({ to }) => to === email)).toEqual([])
    await server.db.query('delete from attempts')
    // And none is valid for more than 7 days.
    await invite(owner.browser, email)
    const late = await tokenFor(email)
    server.advance(7 * 24 * 3600 + 1)
    expect(
      (await ask(testBrowser(server), 'POST', accepting, { token: late, password })).status,
    ).toBe(410)
  })

  it('is a matter of owners', async () => {
    const owner = await owned()
    const member = await testUser(server, { accountId: owner.accountId, role: 'member' })
    const browser = await signedIn(server, member)
    const { members } = await teamOf(owner.browser)
    const [ownerId, memberId] = [members[0]?.user_id, members[1]?.user_id]
    for (const [method, path, body] of [
      ['GET', '/v1/team', undefined],
      ['POST', '/v1/team/invitations', { email: 'x@example.com', role: 'owner' }],
      ['DELETE', '/v1/team/invitations/inv_1', undefined],
      ['PATCH', `/v1/team/${memberId}`, { role: 'owner' }],
      ['DELETE', `/v1/team/${ownerId}`, undefined],
    ] as const)
      expect(await ask(browser, method, path, body)).toMatchObject({
        status: 403,
        body: { code: 'forbidden' },
      })
    const strangers = await owned()
    for (const [method, body] of [
      ['PATCH', { role: 'owner' }],
      ['DELETE', undefined],
    ] as const)
      expect((await ask(strangers.browser, method, `/v1/team/${memberId}`, body)).status).toBe(404)
    expect((await ask(browser, 'DELETE', `/v1/team/${memberId}`)).status).toBe(204)
    expect((await browser.ask<Session>('GET', '/v1/session')).body.account).toBeNull()
  })

  it('changes roles and removes people at once', async () => {
    const owner = await owned()
    const member = await testUser(server, { accountId: owner.accountId, role: 'member' })
    const browser = await signedIn(server, member)
    const { members } = await teamOf(owner.browser)
    const path = `/v1/team/${members.find(({ email }) => email === member.email)?.user_id}`
    expect((await browser.ask('GET', '/v1/keys')).status).toBe(403)
    expect((await ask(owner.browser, 'PATCH', path, { role: 'owner' })).status).toBe(204)
    expect((await browser.ask('GET', '/v1/keys')).status).toBe(200)
    expect((await ask(owner.browser, 'DELETE', path)).status).toBe(204)
    expect((await browser.ask('GET', '/v1/balance')).status).toBe(403)
    expect((await ask(owner.browser, 'DELETE', path)).status).toBe(404)
  })

  it('keeps an owner, whatever two owners do at once', async () => {
    for (let round = 0; round < 10; round++) {
      const owner = await owned()
      const second = await testUser(server, { accountId: owner.accountId })
      const other = await signedIn(server, second)
      const { members } = await teamOf(owner.browser)
      const [one, two] = members.map(({ user_id }) => `/v1/team/${user_id}`) as [string, string]
      const replies =
        round % 2
          ? await Promise.all([
              ask(owner.browser, 'DELETE', one),
              ask(other, 'PATCH', two, { role: 'member' }),
            ])
          : await Promise.all([ask(owner.browser, 'DELETE', two), ask(other, 'DELETE', one)])
      expect(replies.filter(({ status }) => status === 204)).toHaveLength(1)
      const owners = await server.db.query(
        `select 1 from memberships where account_id = $1 and role = 'owner'`,
        [owner.accountId],
      )
      expect(owners).toHaveLength(1)
    }
    const alone = await owned()
    const [self] = (await teamOf(alone.browser)).members
    const leaving = await ask(alone.browser, 'DELETE', `/v1/team/${self?.user_id}`)
    expect(leaving).toMatchObject({ status: 409, body: { code: 'last_owner' } })
  })

  it('is changed only with a recent second factor, and joined with none missing', async () => {
    const owner = await owned()
    const user = await testUser(server)
    await invite(owner.browser, user.email)
    const token = await tokenFor(user.email)
    await server.db.query(
      `update users set totp_secret = 'plain:x', totp_confirmed_at = now() where id = any($1)`,
      [[owner.userId, user.userId]],
    )
    const stale = await invite(owner.browser, 'x@example.com')
    expect(stale).toMatchObject({ status: 403, body: { code: 'second_factor_required' } })
    const incomplete = await signedIn(server, user)
    expect((await ask(incomplete, 'POST', accepting, { token })).status).toBe(401)
    const bare = testBrowser(server)
    const byPassword = await ask(bare, 'POST', accepting, { token, password: goodPassword })
    expect(byPassword).toMatchObject({ status: 403, body: { code: 'second_factor_required' } })
    expect(bare.cookie()).toBe('')
  })

  it('is joined from our own pages only', async () => {
    const owner = await owned()
    const user = await testUser(server)
    await invite(owner.browser, user.email)
    const token = await tokenFor(user.email)
    const browser = await signedIn(server, user)
    const foreign = await call(
      server,
      null,
      'POST',
      accepting,
      { token },
      {
        cookie: browser.cookie(),
        origin: 'https://evil.example',
      },
    )
    expect(foreign).toMatchObject({ status: 403, body: { code: 'origin_refused' } })
  })
})
