// What strangers try to learn or to plant: who has a user, by words, by headers and by time; and sessions.
import { describe, expect, it } from 'vitest'
import { makeLink } from '../../src/core/people/links.ts'
import { goodPassword, signedIn, testBrowser, testUser } from '../harness/people.ts'
import { call, type TestServer, testServer } from '../harness/server.ts'

/** Headers that differ from answer to answer, whatever was asked. */
const changing = new Set(['date', 'x-request-id', 'retry-after', 'content-length'])

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number

/** As many times slower as answers of one kind may be. A forgotten hash alone makes it more than ten. */
const generous = 3

describe('whether an address has a user', async () => {
  const server = await testServer()
  const { db, app } = server

  /** An answer, without what always differs, and what was worked for it. */
  async function answered(path: string, body: object) {
    await db.query('delete from attempts')
    const hashes = app.people.passwords.runs()
    const begun = performance.now()
    const reply = await testBrowser(server).ask('POST', path, body)
    const ms = performance.now() - begun
    const headers = [...reply.headers].filter(([name]) => !changing.has(name)).sort()
    const { request_id: _, ...words } = reply.body ?? {}
    const seen = { status: reply.status, words, headers }
    return { ms, seen: { ...seen, hashes: app.people.passwords.runs() - hashes } }
  }

  /** Who asks for addresses: with a password, without one, suspended, and not there. */
  async function addresses() {
    const known = await testUser(server)
    const bare = await testUser(server, { password: null })
    const suspended = await testUser(server)
    await db.query('update users set suspended_at = now() where id = $1', [suspended.userId])
    const nobody = `nobody${Math.random().toString(36).slice(2, 10)}@example.com`
    return [known.email, bare.email, suspended.email, nobody]
  }

  it.each<[string, string, (email: string) => object, number]>([
    ['signing in', '/v1/session', (email) => ({ email, password: 'a wrong password' }), 1],
    ['a new password', '/v1/user/reset-requests', (email) => ({ email }), 0],
  ])('is not told by %s: one answer, one amount of work', async (_, path, body, hashes) => {
    const answers = []
    for (const email of await addresses()) answers.push((await answered(path, body(email))).seen)
    expect(answers[0]?.hashes).toBe(hashes)
    for (const one of answers) expect(one).toEqual(answers[0])
  })

  it('is not told by the time that an answer takes', async () => {
    const { email } = await testUser(server)
    const times: [number[], number[]] = [[], []]
    const tries = 15
    for (let i = 0; i < tries; i++)
      // In turn, so that whatever else the machine does slows both.
      for (const [kind, one] of [email, `nobody${i}@example.com`].entries()) {
        const body = { email: one, password: 'a wrong password' }
        times[kind]?.push((await answered('/v1/session', body)).ms)
      }
    const [ofUser, ofNobody] = [median(times[0]), median(times[1])]
    expect(Math.max(ofUser, ofNobody) / Math.min(ofUser, ofNobody)).toBeLessThan(generous)
  })

  it('is not told by a link that is not right, whoever it was for', async () => {
    const { email, userId } = await testUser(server)
    const now = app.now()
    const used = await makeLink(db, now, { purpose: 'reset', userId, email })
    await db.query('update one_time_links set used_at = $1', [now])
    for (const path of ['/v1/user/reset', '/v1/user/verify', '/v1/session/link']) {
      const isReset = path.endsWith('reset')
      const answers = []
      for (const token of [used.token, 'A'.repeat(43), 'nonsense']) {
        const body = isReset ? { token, password: 'a quiet harbour in autumn' } : { token }
        answers.push((await answered(path, body)).seen)
      }
      expect(answers[0], path).toMatchObject({ status: 410, hashes: 0 })
      for (const one of answers) expect(one, path).toEqual(answers[0])
    }
  })
})

describe('a session', async () => {
  const server = await testServer()
  const who = async (at: TestServer, cookie: string) => {
    const path = '/v1/session'
    const reply = await call<{ user?: { email: string } }>(at, null, 'GET', path, undefined, {
      cookie,
    })
    return reply.body.user?.email ?? reply.status
  }

  it('that a stranger planted in a browser stays theirs, and ends when its user signs in', async () => {
    const attacker = await testUser(server)
    const victim = await testUser(server)
    const planted = (await signedIn(server, attacker)).cookie()
    const browser = testBrowser(server)
    const credentials = { email: victim.email, password: victim.password }
    const reply = await browser.ask('POST', '/v1/session', credentials, { cookie: planted })
    expect(reply.status).toBe(201)
    expect(browser.cookie()).not.toBe(planted)
    expect(await who(server, browser.cookie())).toBe(victim.email)
    expect(await who(server, planted)).toBe(401)
  })

  it('has one cookie: another of its name from the same site is not taken for it', async () => {
    const user = await testUser(server)
    const cookie = (await signedIn(server, user)).cookie()
    const planted = `numlet=${'A'.repeat(43)}`
    // The first one counts, as browsers send the most specific first; the other gives nobody anything.
    expect(await who(server, `${planted}; ${cookie}`)).toBe(401)
    expect(await who(server, `${cookie}; ${planted}`)).toBe(user.email)
    for (const form of [`numlet="${'A'.repeat(43)}"`, 'numlet=', 'numlet', `NUMLET=${cookie}`])
      expect(await who(server, form)).toBe(401)
  })

  it('that waits for its second factor gives none of what it is for', async () => {
    const user = await testUser(server)
    await server.db.query(
      `update users set totp_secret = 'plain:x', totp_confirmed_at = now() where id = $1`,
      [user.userId],
    )
    const browser = await signedIn(server, user)
    for (const [method, path] of [
      ['GET', '/v1/user'],
      ['GET', '/v1/user/passkeys'],
      ['GET', '/v1/user/notifications'],
      ['GET', '/v1/orders'],
      ['GET', '/v1/keys'],
      ['POST', '/v1/user/passkeys/options'],
      ['POST', '/v1/user/totp'],
      ['POST', '/v1/user/recovery-codes'],
      ['POST', '/v1/orders'],
      ['DELETE', '/v1/user/totp'],
    ] as const) {
      const body = method === 'POST' && path === '/v1/orders' ? { service: 'whatsapp' } : undefined
      const reply = await browser.ask(method, path, body)
      expect(reply, path).toMatchObject({ status: 403, body: { code: 'second_factor_required' } })
    }
    const changed = { current: goodPassword, new: 'a quiet harbour in autumn' }
    expect((await browser.ask('POST', '/v1/user/password', changed)).status).toBe(403)
  })
})
