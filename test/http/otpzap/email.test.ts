// OTPZap's server 3: inboxes bought, read, reordered, cancelled for a fee, and finished.
import { describe, expect, it } from 'vitest'
import { addDomain } from '../../../src/core/inboxes/domains.ts'
import { endOverdueOrders } from '../../harness/ending.ts'
import { call, testCustomer, testServer } from '../../harness/server.ts'
import { asking, wib } from './asking.ts'

type Inbox = {
  ref: string
  email: string
  site: string
  domain: string
  status: string
  price: number
  otp: string | null
  headline: string | null
  inbox_preview: string | null
  messages: {
    from: string
    subject: string
    text: string
    html: string | null
    otp: string | null
    received_at: string
  }[]
  expires_at: string
  created_at: string
}
type Domain = {
  domain: string
  stock: number
  price: number
  activation_rate: number | null
  cancellation_fee: number
}

const cheap = 'cheap.example.com'
const dear = 'dear.example.com'
const windowS = 1_200
const sessionS = 1_800

describe('otpzap server 3', async () => {
  const server = await testServer()
  const { app, db } = server
  await db.begin(async (tx) => {
    const fee = { cancellationFee: 200n, sessionS }
    await addDomain(tx, { domain: cheap, price: 1_500n, capacity: 30, successRate: 91, ...fee })
    await addDomain(tx, { domain: dear, price: 4_000n, capacity: 3 })
  })
  const { data, refused, ask } = await asking(server)
  const { key, accountId } = await testCustomer(db)

  const create = async (body: object) =>
    (await data<{ orders: Inbox[] }>(key, 'POST', '/order/email-create', body)).orders
  const one = async (more: object = {}) =>
    (await create({ site: 'openai.com', domain: cheap, ...more }))[0] as Inbox
  const check = (ref: string) => data<Inbox>(key, 'GET', `/order/email-check?ref=${ref}`)
  const verb = (name: string, ref: string) =>
    data<Inbox>(key, 'POST', `/order/email-${name}`, { ref })
  const refuses = (name: string, ref: string, expected: readonly [number, string]) =>
    refused(key, 'POST', `/order/email-${name}`, { ref }, expected)
  const balance = async () => (await data<{ balance: number }>(key, 'GET', '/balance')).balance
  let mails = 0
  const mail = (address: string, subject: string, text: string, html: string | null = null) =>
    app.messages.receiveMail(app.now(), {
      ref: `<${++mails}@example.com>`,
      address,
      sender: 'noreply@example.com',
      subject,
      text,
      html,
    })
  const fromNow = (seconds: number) => wib(new Date(app.now().getTime() + seconds * 1000))

  it('/s3/sites: sites by name', async () => {
    const { sites } = await data<{ sites: object[] }>(key, 'GET', '/s3/sites')
    expect(sites).toContainEqual({ site: 'openai.com', name: 'OpenAI' })
    for (const site of sites)
      expect(site).toStrictEqual({ site: expect.any(String), name: expect.any(String) })
  })

  it('/s3/domains: stock, prices and fees', async () => {
    const path = '/s3/domains?site=openai.com'
    const { domains } = await data<{ domains: Domain[] }>(key, 'GET', path)
    expect(domains).toContainEqual({
      domain: cheap,
      stock: 30,
      price: 0.15,
      activation_rate: 91,
      cancellation_fee: 0.02,
    })
    expect((await data<{ domains: Domain[] }>(key, 'GET', '/s3/domains')).domains).toEqual(domains)
    const bad = '/s3/domains?site=no%20site'
    await refused(key, 'GET', bad, undefined, [422, 'validation_failed'])
  })

  describe('/order/email-create', () => {
    it('sells an inbox, and answers the exact order', async () => {
      const before = await balance()
      const inbox = await one()
      expect(inbox).toStrictEqual({
        ref: expect.stringMatching(new RegExp(`^APIE-${accountId}-[0-9a-z]{11}$`)),
        email: expect.stringMatching(/^[^@]+@cheap\.example\.com$/),
        site: 'openai.com',
        domain: cheap,
        status: 'pending',
        price: 0.15,
        otp: null,
        headline: null,
        inbox_preview: null,
        messages: [],
        expires_at: fromNow(windowS),
        created_at: fromNow(0),
      })
      expect(await balance()).toBeCloseTo(before - 0.15, 4)
      expect(await check(inbox.ref)).toEqual(inbox)
    })

    it('sells several at once, of the cheapest domain that has stock', async () => {
      const inboxes = await create({ site: 'example.org', domains: [dear, cheap], qty: 3 })
      expect(inboxes.map(({ domain }) => domain)).toEqual([cheap, cheap, cheap])
      expect(new Set(inboxes.map(({ email }) => email)).size).toBe(3)
    })

    it('sells all or none', async () => {
      const before = await balance()
      const body = { site: 'openai.com', domain: dear, qty: 4 }
      await refused(key, 'POST', '/order/email-create', body, [409, 'out_of_stock'])
      expect(await balance()).toBe(before)
    })

    const invalid: [string, object, string][] = [
      ['no site', { domain: cheap }, 'site'],
      ['no domain', { site: 'openai.com' }, 'domain'],
      ['a domain and domains', { site: 'a.com', domain: cheap, domains: [cheap] }, 'domain'],
      ['a site that is none', { site: 'no site', domain: cheap }, 'site'],
      ['none', { site: 'openai.com', domain: cheap, qty: 0 }, 'qty'],
      ['21', { site: 'openai.com', domain: cheap, qty: 21 }, 'qty'],
      ['an unsafe regex', { site: 'openai.com', domain: cheap, regex: '(?=a)b' }, 'regex'],
      ['a broken regex', { site: 'openai.com', domain: cheap, regex: '(' }, 'regex'],
    ]
    it.each(invalid)('refuses %s, by the name of the field', async (_name, body, field) => {
      const path = '/order/email-create'
      const reply = await refused(key, 'POST', path, body, [422, 'validation_failed'])
      expect(Object.keys(reply.body.error.fields ?? {})).toContain(field)
    })

    it('names a domain that there is not', async () => {
      const body = { site: 'openai.com', domain: 'none.example.com' }
      await refused(key, 'POST', '/order/email-create', body, [404, 'domain_not_found'])
    })

    it('sells nothing without the money', async () => {
      const poor = await testCustomer(db, { credit: '0' })
      const body = { site: 'openai.com', domain: cheap }
      const path = '/order/email-create'
      await refused(poor.key, 'POST', path, body, [402, 'insufficient_balance'])
    })

    it('does a repeated request once', async () => {
      const body = { site: 'openai.com', domain: cheap }
      const once = { 'idempotency-key': 'same-inbox' }
      const first = await ask<object>(key, 'POST', '/order/email-create', body, once)
      const again = await ask<object>(key, 'POST', '/order/email-create', body, once)
      expect(again.body).toEqual(first.body)
    })
  })

  describe('/order/email-check', () => {
    it('shows the mails, the OTP, and the time that the domain gives', async () => {
      const inbox = await one()
      server.advance(60)
      await mail(inbox.email, 'Your code', 'Your code is 593821.\n\nBye', '<p>593821</p>')
      const read = await check(inbox.ref)
      expect(read).toEqual({
        ...inbox,
        status: 'received',
        otp: '593821',
        headline: 'Your code',
        inbox_preview: 'Your code is 593821. Bye',
        messages: [
          {
            from: 'noreply@example.com',
            subject: 'Your code',
            text: 'Your code is 593821.\n\nBye',
            html: '<p>593821</p>',
            otp: '593821',
            received_at: fromNow(0),
          },
        ],
        expires_at: fromNow(sessionS),
      })
      await mail(inbox.email, 'Another', 'Your code is 104477')
      const second = await check(inbox.ref)
      expect(second.messages.map(({ otp }) => otp)).toEqual(['593821', '104477'])
      expect(second).toMatchObject({ otp: '104477', headline: 'Another' })
    })

    it('takes only the mails and the OTP that were asked for', async () => {
      const inbox = await one({ subject: 'sign in', regex: 'token=(\\w+)' })
      await mail(inbox.email, 'News', 'Your code is 593821')
      expect((await check(inbox.ref)).status).toBe('pending')
      await mail(inbox.email, 'Sign in now', 'Your code is 593821, token=abc123')
      expect(await check(inbox.ref)).toMatchObject({ status: 'received', otp: 'abc123' })
    })

    it('calls an inbox failed that no mail came to, and gives the money back', async () => {
      const end = () => {
        server.advance(windowS + 1)
        return endOverdueOrders(db, app.now())
      }
      await end()
      const before = await balance()
      const inbox = await one()
      await end()
      expect((await check(inbox.ref)).status).toBe('failed')
      expect(await balance()).toBe(before)
    })

    it('knows nothing of another’s inbox, of a number, nor of none', async () => {
      const inbox = await one()
      const { key: other, accountId: otherId } = await testCustomer(db)
      const token = inbox.ref.split('-')[2]
      const missing = [404, 'order_not_found'] as const
      for (const ref of [inbox.ref, `APIE-${otherId}-${token}`, 'APIE-3-xxx', 'nonsense', '1'])
        await refused(other, 'GET', `/order/email-check?ref=${ref}`, undefined, missing)
      const { body } = await call<{ id: string; number: number }>(
        server,
        key,
        'POST',
        '/v1/orders',
        { service: 'whatsapp', country: 'US' },
      )
      const ref = `APIE-${accountId}-${body.id.slice(4)}`
      await refused(key, 'GET', `/order/email-check?ref=${ref}`, undefined, missing)
      await refuses('cancel', ref, missing)
      const id = Number(app.ids.fromToken('ord', `ord_${token}`))
      await refused(key, 'GET', `/order/check?order_id=${id}`, undefined, missing)
      await refused(key, 'POST', '/order/cancel', { order_id: id }, missing)
    })
  })

  it('/order/email-reorder: after a mail alone, for nothing, with a window of its own', async () => {
    const inbox = await one()
    await refuses('reorder', inbox.ref, [409, 'no_message_yet'])
    await mail(inbox.email, 'Your code', 'Your code is 593821')
    const before = await balance()
    server.advance(300)
    const again = await verb('reorder', inbox.ref)
    expect(again).toMatchObject({
      email: inbox.email,
      status: 'received',
      expires_at: fromNow(windowS),
    })
    await mail(inbox.email, 'Your code', 'Your code is 104477')
    expect((await check(inbox.ref)).otp).toBe('104477')
    expect(await balance()).toBe(before)
    await verb('finish', inbox.ref)
    await refuses('reorder', inbox.ref, [409, 'order_closed'])
  })

  it('/order/email-cancel: before a mail alone, for the fee', async () => {
    const before = await balance()
    const inbox = await one()
    expect((await verb('cancel', inbox.ref)).status).toBe('cancelled')
    expect(await balance()).toBeCloseTo(before - 0.02, 4)
    await refuses('cancel', inbox.ref, [409, 'order_not_pending'])
    const used = await one()
    await mail(used.email, 'Your code', 'Your code is 593821')
    await refuses('cancel', used.ref, [409, 'order_not_pending'])
  })

  it('/order/email-finish: after a mail alone', async () => {
    const inbox = await one()
    await refuses('finish', inbox.ref, [409, 'no_message_yet'])
    await mail(inbox.email, 'Your code', 'Your code is 593821')
    expect((await verb('finish', inbox.ref)).status).toBe('success')
    expect((await verb('finish', inbox.ref)).status).toBe('success')
    const late = await one()
    await verb('cancel', late.ref)
    await refuses('finish', late.ref, [409, 'order_closed'])
  })
})
