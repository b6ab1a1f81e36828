// OTPZap's webhook: set up, read without its secret, and refused where it may not go.
import { describe, expect, it } from 'vitest'
import { serverOn, testCustomer, testServer } from '../../harness/server.ts'
import { asking, wib } from './asking.ts'

type Webhook = {
  url: string
  events: string[]
  is_active: boolean
  created_at: string
  updated_at: string
  secret: string
}

const url = 'https://example.com/hooks/otpzap'
const events = ['order.otp_received', 'deposit.success']

describe('otpzap webhook', async () => {
  const server = await testServer()
  const { data, refused } = await asking(server)

  const customer = async () => {
    const { key, accountId } = await testCustomer(server.db)
    return {
      key,
      accountId,
      get: () => data<Webhook>(key, 'GET', '/webhook/get'),
      update: (body: object) => data<Webhook>(key, 'PATCH', '/webhook/update', body),
      refuse: (body: object) =>
        refused(key, 'PATCH', '/webhook/update', body, [422, 'validation_failed']),
    }
  }

  it('is not configured at first', async () => {
    const { key } = await customer()
    await refused(key, 'GET', '/webhook/get', undefined, [404, 'webhook_not_configured'])
  })

  it('is created, with a secret of 48 hex digits that is shown this once', async () => {
    const { get, update } = await customer()
    const created = await update({ url, events })
    const now = wib(server.app.now())
    const shown = { url, events, is_active: true, created_at: now, updated_at: now }
    expect(created).toStrictEqual({ ...shown, secret: expect.stringMatching(/^[0-9a-f]{48}$/) })
    expect(await get()).toStrictEqual(shown)
  })

  it('is updated, and keeps the time of its creation', async () => {
    const { get, update } = await customer()
    const created = await update({ url, events: ['*'] })
    server.advance(3_600)
    const changed = await update({ url: `${url}/2`, events: ['order.replaced'], is_active: false })
    expect(changed).toMatchObject({
      url: `${url}/2`,
      events: ['order.replaced'],
      is_active: false,
      created_at: created.created_at,
      updated_at: wib(server.app.now()),
    })
    expect(changed.secret).not.toBe(created.secret)
    expect(await get()).toMatchObject({ is_active: false })
  })

  it('takes a secret of 16 characters or more, and makes one in place of a shorter', async () => {
    const { update, accountId } = await customer()
    const secret = 'sixteen-and-more'
    expect((await update({ url, events, secret })).secret).toBe(secret)
    const [row] = await server.db.query<{ secret: string; events: string[] }>(
      'select secret, events from webhook_endpoints where account_id = $1',
      [accountId],
    )
    // What the outbox calls the events, and the secret as it will sign.
    expect(row?.events).toEqual(['order.code_received', 'deposit.success'])
    expect(await server.app.webhooks.secrets.read(row?.secret ?? '')).toBe(secret)
    expect((await update({ url, events, secret: 'fifteen-letters' })).secret).toMatch(
      /^[0-9a-f]{48}$/,
    )
  })

  it('takes each event, and each once', async () => {
    const { update, refuse } = await customer()
    const all = ['order.otp_received', 'order.cancelled', 'order.finished', 'order.replaced']
    const every = [...all, 'deposit.success', '*']
    expect((await update({ url, events: [...every, ...every] })).events).toEqual(every)
    const reply = await refuse({ url, events: ['order.created'] })
    expect(Object.keys(reply.body.error.fields ?? {})[0]).toMatch(/^events/)
    await refuse({ url, events: [] })
    await refuse({ url, events: 'order.finished' })
    await refuse({ url })
  })

  it('goes by https to public addresses alone, and a refusal changes nothing', async () => {
    const { update, get, refuse } = await customer()
    await update({ url, events })
    const before = await get()
    for (const wrong of [
      'http://example.com/',
      'https://localhost/',
      'https://127.1/',
      'https://2130706433/',
      'https://0x7f.1/',
      'https://[::ffff:127.0.0.1]/',
      'https://[64:ff9b::a00:1]/',
      'https://169.254.169.254/latest/meta-data/',
      'https://10.0.0.1/',
      'nonsense',
    ]) {
      const reply = await refuse({ url: wrong, events })
      expect(Object.keys(reply.body.error.fields ?? {})).toEqual(['url'])
    }
    await refuse({ events })
    await refuse({ url, events, secret: 'a secret\u0000with what no header holds' })
    await refuse({ url, events, is_active: 'yes' })
    expect(await get()).toEqual(before)
  })

  it('may go to a network that the operator allows, over plain http, too', async () => {
    const open = await serverOn(server.databaseUrl, { NUMLET_WEBHOOK_ALLOW: '127.0.0.0/8' })
    const { key } = await customer()
    const asked = await asking(open)
    const inside = { url: 'http://127.0.0.1:9000/hook', events }
    expect(await asked.data(key, 'PATCH', '/webhook/update', inside)).toMatchObject(inside)
  })

  it('is one account’s own', async () => {
    const mine = await customer()
    const other = await customer()
    await mine.update({ url, events })
    await refused(other.key, 'GET', '/webhook/get', undefined, [404, 'webhook_not_configured'])
    await other.update({ url: `${url}/other`, events })
    expect((await mine.get()).url).toBe(url)
  })
})
