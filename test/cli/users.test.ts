// `numlet users` and `staff`: people who sign in to the dashboard.
import { describe, expect, it } from 'vitest'
import { signedIn, testBrowser, testUser } from '../harness/people.ts'
import { testCustomer, testServer } from '../harness/server.ts'
import { insideOn } from './inside.ts'
import { jsonOf } from './program.ts'

const server = await testServer()
const { db, app, databaseUrl } = server
const run = insideOn(databaseUrl)

type Created = { user_id: string; account_id: string; role: string; created: boolean }

const create = async (account: string, email: string, ...more: string[]) =>
  jsonOf(
    await run('users', 'create', '--email', email, '--account', account, ...more, '--json'),
  ) as Created
const openAccount = async () =>
  app.ids.toToken('acc', (await testCustomer(db, { credit: '7' })).accountId)

describe('users create', () => {
  it('makes the first user of an account its owner, and others members, unless it is told', async () => {
    const account = await openAccount()
    const [owner, member, second] = [
      await create(account, 'kim@example.com'),
      await create(account, 'lee@example.com'),
      await create(account, 'max@example.com', '--role', 'owner'),
    ]
    expect(owner).toMatchObject({ account_id: account, role: 'owner', created: true })
    expect([member.role, second.role]).toEqual(['member', 'owner'])
    // One who is there joins another account, and keeps the role in the first.
    expect(await create(await openAccount(), 'lee@example.com')).toMatchObject({
      ...{ user_id: member.user_id, role: 'owner', created: false },
    })
    expect(await create(account, 'lee@example.com', '--role', 'owner')).toMatchObject({
      ...{ role: 'member', created: false },
    })
  })

  it('names what is wrong, and creates nothing', async () => {
    const account = await openAccount()
    const before = await db.query('select count(*) from users')
    const tries = [
      ['--email', 'nobody', '--account', account],
      ['--email', 'new@example.com', '--account', 'acc_nobody'],
      ['--email', 'new@example.com', '--account', account, '--role', 'king'],
    ]
    for (const words of tries) {
      const { code, stderr } = await run('users', 'create', ...words, '--json')
      expect(code).not.toBe(0)
      expect(stderr).toMatch(/\S/)
    }
    expect(await db.query('select count(*) from users')).toEqual(before)
  })
})

describe('users sign-in-link', () => {
  it('gives a link that signs in once', async () => {
    const account = await openAccount()
    await create(account, 'noa@example.com')
    const { url } = jsonOf(
      await run('users', 'sign-in-link', '--email', 'noa@example.com', '--json'),
    ) as { url: string }
    const token = new URL(url).hash.replace('#token=', '')
    const browser = testBrowser(server)
    expect((await browser.ask('POST', '/v1/session/link', { token })).status).toBe(201)
    expect((await browser.ask('GET', '/v1/balance')).body).toMatchObject({ balance: '7.00' })
    const again = await testBrowser(server).ask('POST', '/v1/session/link', { token })
    expect(again.status).toBe(410)
  })

  it('is refused for an address without a user', async () => {
    expect(
      await run('users', 'sign-in-link', '--email', 'nobody@example.com', '--json'),
    ).toMatchObject({ code: 1 })
  })
})

describe('users remove-second-factor', () => {
  it('lets somebody in again by the password alone, with a reason, and tells them', async () => {
    const user = await testUser(server)
    const browser = await signedIn(server, user)
    await db.query(`update users set totp_secret = $2, totp_confirmed_at = now() where id = $1`, [
      user.userId,
      'plain:x',
    ])
    await db.query(
      `insert into recovery_codes (user_id, hash) values ($1, decode(repeat('00', 32), 'hex'))`,
      [user.userId],
    )
    const remove = (...more: string[]) =>
      run('users', 'remove-second-factor', '--email', user.email, '--json', ...more)
    expect((await remove()).stderr).toMatch(/reason/)
    const gone = jsonOf(await remove('--reason', 'lost phone'))
    expect(gone).toMatchObject({ email: user.email, removed: true })
    expect(jsonOf(await remove('--reason', 'again'))).toMatchObject({ removed: false })
    expect((await browser.ask('GET', '/v1/session')).status).toBe(401)
    const anew = await signedIn(server, user)
    expect((await anew.ask('GET', '/v1/session')).body).toMatchObject({
      second_factor: { needed: false },
    })
    const told = await db.query('select kind from mails where email = $1', [user.email])
    expect(told.map(({ kind }) => kind)).toContain('factor_removed')
    const log = await db.query(
      `select reason from audit_log where action = 'user.remove_second_factor' order by id limit 1`,
    )
    expect(log).toEqual([{ reason: 'lost phone' }])
  })
})

describe('staff', () => {
  it('create makes a person of the staff, and keys create a key for /v1/admin', async () => {
    const made = jsonOf(
      await run('staff', 'create', '--email', 'op@example.com', '--role', 'admin', '--json'),
    )
    expect(made).toMatchObject({ email: 'op@example.com', role: 'admin' })
    const { key } = jsonOf(
      await run('staff', 'keys', 'create', '--scopes', 'sign-in-links', '--json'),
    ) as { key: string }
    const account = await openAccount()
    await create(account, 'pat@example.com')
    const ask = (path: string, method = 'POST') =>
      fetch(`${server.url}${path}`, {
        ...{
          method,
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        },
        ...(method === 'GET' ? {} : { body: JSON.stringify({ email: 'pat@example.com' }) }),
      })
    expect((await ask(`/v1/admin/accounts/${account}/sign-in-links`)).status).toBe(201)
    expect((await ask('/v1/balance', 'GET')).status).toBe(401)
    const log = await db.query<{ action: string }>(
      `select action from audit_log where action like 'staff%' order by id`,
    )
    expect(log.length).toBeGreaterThanOrEqual(2)
  })
})
