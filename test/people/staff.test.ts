// /v1/admin: links that sign a customer in, for an operator's own site; and keys that open nothing else.
import { describe, expect, it } from 'vitest'
import { createKeyOfStaff, createStaff } from '../../src/core/operating/staff.ts'
import { referenceOf } from '../harness/documented.ts'
import { signedIn, testBrowser, testUser } from '../harness/people.ts'
import { call, serverOn, testCustomer, testServer } from '../harness/server.ts'

const by = { actor: 'test', reason: null }
type Made = { url: string; expires_at: string }

describe('a sign-in link', async () => {
  const server = await testServer()
  const reference = await referenceOf(server)
  const { key } = await createKeyOfStaff(server.db, new Date(), by, ['sign-in-links'])
  const pathOf = (accountId: number) =>
    `/v1/admin/accounts/${server.app.ids.toToken('acc', accountId)}/sign-in-links`
  const ask = async (accountId: number, body: object = {}, as: string | null = key) => {
    const reply = await call<Made>(server, as, 'POST', pathOf(accountId), body)
    reference.check('POST', pathOf(accountId), reply)
    return reply
  }
  const tokenOf = ({ url }: Made) => new URL(url).hash.replace('#token=', '')
  const enter = (token: string, browser = testBrowser(server)) =>
    browser.ask('POST', '/v1/session/link', { token })

  it('signs the account’s first user in, once', async () => {
    const { accountId } = await testCustomer(server.db, { credit: '5' })
    const made = await ask(accountId)
    expect(made.status).toBe(201)
    expect(made.body.url).toMatch(`${server.url}/app/sign-in#token=`)
    const browser = testBrowser(server)
    const begun = await enter(tokenOf(made.body), browser)
    reference.check('POST', '/v1/session/link', begun)
    expect(begun).toMatchObject({ status: 201, body: { account: { role: 'owner' } } })
    expect((await browser.ask('GET', '/v1/balance')).body).toMatchObject({ balance: '5.00' })
    expect((await enter(tokenOf(made.body))).status).toBe(410)
  })

  it('of 50 uses at once gives one session', async () => {
    const { accountId } = await testCustomer(server.db)
    const { body } = await ask(accountId)
    const replies = await Promise.all(Array.from({ length: 50 }, () => enter(tokenOf(body))))
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(replies.filter(({ status }) => status === 410)).toHaveLength(49)
    const sessions = await server.db.query(
      'select 1 as yes from sessions where account_id = $1 and ended_at is null',
      [accountId],
    )
    expect(sessions).toHaveLength(1)
  })

  it('is for members of the account only, and never for staff', async () => {
    const owner = await testUser(server)
    const member = await testUser(server, { accountId: owner.accountId, role: 'member' })
    const stranger = await testUser(server)
    expect((await ask(owner.accountId, { email: member.email })).status).toBe(201)
    expect((await ask(owner.accountId, { email: stranger.email })).status).toBe(404)
    expect((await ask(owner.accountId, { email: 'nobody@example.com' })).status).toBe(404)
    await createStaff(server.db, new Date(), by, { email: member.email, role: 'admin' })
    expect((await ask(owner.accountId, { email: member.email })).status).toBe(403)
  })

  it('has an end', async () => {
    const { accountId } = await testCustomer(server.db)
    const { body } = await ask(accountId)
    server.advance(15 * 60)
    expect((await enter(tokenOf(body))).status).toBe(410)
  })

  it('needs a staff key: customers’ keys and sessions open nothing', async () => {
    const owner = await testUser(server)
    const { key: customers } = await testCustomer(server.db)
    for (const wrong of [customers, 'nonsense', null])
      expect((await ask(owner.accountId, {}, wrong)).status).toBe(401)
    const browser = await signedIn(server, owner)
    expect((await browser.ask('POST', pathOf(owner.accountId), {})).status).toBe(401)
    for (const path of ['/v1/balance', '/v1/session', '/v1/orders'])
      expect([401, 403]).toContain((await call(server, key, 'GET', path)).status)
    expect((await call(server, key, 'GET', '/v1/balance')).status).toBe(401)
    await server.db.query('update staff_keys set revoked_at = now()')
    expect((await ask(owner.accountId)).status).toBe(401)
  })

  it('is not built on a Host header', async () => {
    const behind = await serverOn(server.databaseUrl, { NUMLET_TRUST_PROXY: '1' })
    const { accountId } = await testCustomer(server.db)
    const { key: fresh } = await createKeyOfStaff(server.db, new Date(), by, ['sign-in-links'])
    const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example' }
    const reply = await call(behind, fresh, 'POST', pathOf(accountId), {}, proxied)
    expect(reply).toMatchObject({ status: 409, body: { code: 'public_url_missing' } })
  })
})
