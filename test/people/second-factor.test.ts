// The second factor: an authenticator and recovery codes, each code counted once, on all servers.
import { generateSync } from 'otplib'
import { beforeEach, describe, expect, it } from 'vitest'
import { useRecoveryCode } from '../../src/core/people/recovery-codes.ts'
import { referenceOf } from '../harness/documented.ts'
import { type Browser, signedIn, testBrowser, testUser } from '../harness/people.ts'
import { call, serverOn, type TestServer, testServer } from '../harness/server.ts'

type Session = {
  user: { second_factors: string[] }
  account: unknown
  accounts: unknown[]
  second_factor: { needed: boolean; at: string | null }
}
type Codes = { recovery_codes: string[] }

const giving = '/v1/session/second-factor'

/** The code that an authenticator shows some seconds from the server's time. */
const codeOf = (server: TestServer, secret: string, offsetS = 0) =>
  generateSync({ secret, epoch: Math.floor(server.app.now().getTime() / 1000) + offsetS })

/** Another six digits than any that count. */
function wrongCode(server: TestServer, secret: string): string {
  const right = [-30, 0, 30].map((offsetS) => codeOf(server, secret, offsetS))
  return ['000000', '111111', '222222', '333333'].find((one) => !right.includes(one)) as string
}

async function enrolled(server: TestServer) {
  const user = await testUser(server)
  const browser = await signedIn(server, user)
  const { secret } = (await browser.ask<{ secret: string }>('POST', '/v1/user/totp')).body
  const code = codeOf(server, secret)
  const { status, body } = await browser.ask<Codes>('POST', '/v1/user/totp/confirm', { code })
  if (status !== 200) throw new Error(`confirming answered ${status}`)
  // Past the step of the code that confirmed it.
  server.advance(60)
  return { ...user, browser, secret, codes: body.recovery_codes }
}

const give = (browser: Browser, code: string) => browser.ask<Session>('POST', giving, { code })

describe('a second factor', async () => {
  const server = await testServer()
  const reference = await referenceOf(server)
  // All tests come from one network.
  beforeEach(async () => {
    await server.db.query('delete from attempts')
  })

  it('is set up with a secret, and counts once a code has confirmed it', async () => {
    const user = await testUser(server)
    const browser = await signedIn(server, user)
    const other = await signedIn(server, user)
    const begun = await browser.ask<{ secret: string; uri: string }>('POST', '/v1/user/totp')
    reference.check('POST', '/v1/user/totp', begun)
    const { secret, uri } = begun.body
    expect(new URL(uri).searchParams.get('secret')).toBe(secret)
    expect(decodeURIComponent(uri)).toContain(`:${user.email}?`)
    expect((await other.ask<Session>('GET', '/v1/session')).body.user.second_factors).toEqual([])

    const path = '/v1/user/totp/confirm'
    const wrong = await browser.ask('POST', path, { code: wrongCode(server, secret) })
    reference.check('POST', path, wrong)
    expect(wrong).toMatchObject({ status: 401, body: { code: 'wrong_credentials' } })
    const right = await browser.ask<Codes>('POST', path, { code: codeOf(server, secret) })
    reference.check('POST', path, right)
    expect(new Set(right.body.recovery_codes).size).toBe(10)

    const own = await browser.ask<Session>('GET', '/v1/session')
    expect(own.body).toMatchObject({
      user: { second_factors: ['totp'] },
      second_factor: { needed: false },
    })
    // Sessions that have not given it can do nothing until they do.
    expect((await other.ask('GET', '/v1/balance')).body).toMatchObject({
      code: 'second_factor_required',
    })
    const again = await browser.ask('POST', '/v1/user/totp')
    reference.check('POST', '/v1/user/totp', again)
    expect(again).toMatchObject({ status: 422, body: { code: 'invalid_request' } })
  })

  it('is asked for after the password, and the session gets another token with it', async () => {
    const user = await enrolled(server)
    const browser = await signedIn(server, user)
    const before = browser.cookie()
    const incomplete = await browser.ask<Session>('GET', '/v1/session')
    expect(incomplete.body).toMatchObject({
      account: null,
      accounts: [],
      second_factor: { needed: true },
    })
    expect((await browser.ask('GET', '/v1/user')).status).toBe(403)
    const wrong = await give(browser, wrongCode(server, user.secret))
    reference.check('POST', giving, wrong)
    expect(wrong.status).toBe(401)
    const given = await give(browser, codeOf(server, user.secret))
    reference.check('POST', giving, given)
    expect(given).toMatchObject({ status: 200, body: { second_factor: { needed: false } } })
    expect(browser.cookie()).not.toBe(before)
    expect((await browser.ask('GET', '/v1/balance')).status).toBe(200)
    const old = await call(server, null, 'GET', '/v1/session', undefined, { cookie: before })
    expect(old.status).toBe(401)
  })

  it.each([
    [-61, 401],
    [-30, 200],
    [0, 200],
    [30, 200],
    [61, 401],
  ])('whose clock is %i seconds off gets %i', async (offsetS, status) => {
    const user = await enrolled(server)
    const browser = await signedIn(server, user)
    expect((await give(browser, codeOf(server, user.secret, offsetS))).status).toBe(status)
  })

  it('takes no code twice, nor one from before the last', async () => {
    const user = await enrolled(server)
    const [early, code] = [codeOf(server, user.secret, -30), codeOf(server, user.secret)]
    expect((await give(await signedIn(server, user), code)).status).toBe(200)
    expect((await give(await signedIn(server, user), code)).status).toBe(401)
    expect((await give(await signedIn(server, user), early)).status).toBe(401)
    // The code that confirmed the authenticator is over as well.
    const next = await testUser(server)
    const browser = await signedIn(server, next)
    const { secret } = (await browser.ask<{ secret: string }>('POST', '/v1/user/totp')).body
    const first = codeOf(server, secret)
    await browser.ask('POST', '/v1/user/totp/confirm', { code: first })
    expect((await give(await signedIn(server, next), first)).status).toBe(401)
  })

  it('counts a code once, and a recovery code once, of many at once on two servers', async () => {
    const second = await serverOn(server.databaseUrl)
    const user = await enrolled(server)
    // Both are cookies of the same database, whose sessions are valid on each server.
    const browsers: Browser[] = []
    for (let i = 0; i < 12; i++) browsers.push(await signedIn(server, user))
    for (const code of [codeOf(server, user.secret), user.codes[3] as string]) {
      await server.db.query('delete from attempts')
      const replies = await Promise.all(
        browsers.map((browser, i) =>
          call(
            i % 2 ? second : server,
            null,
            'POST',
            giving,
            { code },
            {
              cookie: browser.cookie(),
              origin: i % 2 ? second.url : server.url,
            },
          ),
        ),
      )
      const statuses = replies.map(({ status }) => status)
      expect(statuses.filter((status) => status === 200)).toHaveLength(1)
      expect(statuses.every((status) => [200, 401, 429].includes(status))).toBe(true)
    }
  })

  it('uses a recovery code up once, of 50 at once', async () => {
    const { userId, codes } = await enrolled(server)
    const code = codes[0] as string
    const used = await Promise.all(
      Array.from({ length: 50 }, () =>
        server.db.begin((tx) => useRecoveryCode(tx, server.app.now(), { userId, code })),
      ),
    )
    expect(used.filter(Boolean)).toHaveLength(1)
  })

  it('is guessed ever more slowly, whatever session guesses, and the user is told', async () => {
    const user = await enrolled(server)
    await server.db.query('delete from mails')
    const wrong = wrongCode(server, user.secret)
    let refused = 0
    for (let i = 0; i < 12; i++) {
      // The password is known: signing in again makes no difference.
      const browser = await signedIn(server, user)
      const reply = await give(browser, wrong)
      reference.check('POST', giving, reply)
      if (reply.status === 429) {
        refused++
        const waitS = Number(reply.headers.get('retry-after'))
        expect(waitS).toBeGreaterThan(0)
        server.advance(waitS)
      }
    }
    expect(refused).toBeGreaterThan(3)
    for (let i = 0; i < 12; i++) {
      server.advance(2000)
      await server.db.query(`delete from attempts where name like '% network %'`)
      await give(await signedIn(server, user), wrong)
    }
    const mails = await server.db.query<{ email: string }>(
      `select email from mails where kind = 'code_guessing'`,
    )
    expect(mails).toEqual([{ email: user.email }])
    server.advance(2000)
    await server.db.query(`delete from attempts where name like '% network %'`)
    expect((await give(await signedIn(server, user), codeOf(server, user.secret))).status).toBe(200)
  })

  it('has recovery codes, each for once, however they are typed', async () => {
    const user = await enrolled(server)
    const [first, second] = user.codes as [string, string]
    const typed = ` ${first.toUpperCase().replaceAll('-', ' ')} `
    expect((await give(await signedIn(server, user), typed)).status).toBe(200)
    expect((await give(await signedIn(server, user), first)).status).toBe(401)
    const strangers = await enrolled(server)
    expect((await give(await signedIn(server, strangers), second)).status).toBe(401)
    const path = '/v1/user/recovery-codes'
    const made = await user.browser.ask<Codes>('POST', path)
    reference.check('POST', path, made)
    expect(made.status).toBe(201)
    expect((await give(await signedIn(server, user), second)).status).toBe(401)
    const fresh = made.body.recovery_codes[0] as string
    expect((await give(await signedIn(server, user), fresh)).status).toBe(200)
  })

  it('is removed only with a recent second factor', async () => {
    const user = await enrolled(server)
    server.advance(16 * 60)
    for (const [method, path] of [
      ['DELETE', '/v1/user/totp'],
      ['POST', '/v1/user/recovery-codes'],
    ] as const) {
      const stale = await user.browser.ask(method, path)
      reference.check(method, path, stale)
      expect(stale).toMatchObject({ status: 403, body: { code: 'second_factor_required' } })
    }
    const cookie = user.browser.cookie()
    expect((await give(user.browser, codeOf(server, user.secret))).status).toBe(200)
    // A session that was complete keeps its token: other tabs use it.
    expect(user.browser.cookie()).toBe(cookie)
    const removed = await user.browser.ask('DELETE', '/v1/user/totp')
    reference.check('DELETE', '/v1/user/totp', removed)
    expect(removed.status).toBe(204)
    expect((await user.browser.ask('DELETE', '/v1/user/totp')).status).toBe(204)
    const plain = await signedIn(server, user)
    expect((await plain.ask('GET', '/v1/balance')).status).toBe(200)
    const codes = await server.db.query('select 1 from recovery_codes where user_id = $1', [
      user.userId,
    ])
    expect(codes).toEqual([])
    expect((await give(plain, user.codes[0] as string)).status).toBe(422)
    expect((await plain.ask('POST', '/v1/user/recovery-codes')).status).toBe(422)
  })

  it('is kept sealed, and codes only as hashes', async () => {
    const user = await enrolled(server)
    const [row] = await server.db.query<{ all: string }>(
      `select concat(row_to_json(u), (select json_agg(r) from recovery_codes r where r.user_id = u.id),
              (select json_agg(m) from mails m)) as all from users u where u.id = $1`,
      [user.userId],
    )
    expect(row?.all).toContain('sealed:')
    for (const secret of [user.secret, ...user.codes]) expect(row?.all).not.toContain(secret)
  })

  it('of somebody else is none', async () => {
    const [user, other] = [await enrolled(server), await enrolled(server)]
    const browser = await signedIn(server, user)
    expect((await give(browser, codeOf(server, other.secret))).status).toBe(401)
    const bare = await testBrowser(server).ask('POST', giving, {
      code: codeOf(server, user.secret),
    })
    expect(bare.status).toBe(401)
  })
})
