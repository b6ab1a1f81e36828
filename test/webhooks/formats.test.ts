// The words of other APIs: each format's body, headers and signature, and which events it is told of.
import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { eventTypes } from '../../src/core/events/catalog.ts'
import { eventNamesOf, wantsEvent } from '../../src/core/webhooks/endpoint.ts'
import { formatNames } from '../../src/core/webhooks/formats.ts'
import { standardHeaders } from '../../src/core/webhooks/signature.ts'
import {
  allowLocal,
  openReceiver,
  type Received,
  testEngine,
  testHook,
  verified,
} from '../harness/receiver.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { asking, wib } from '../http/otpzap/asking.ts'
import { ownDomain } from '../mail/market.ts'

type Order = { id: string; number: number; phone: string }

const bodies = (received: readonly Received[]) => received.map(({ body }) => JSON.parse(body))

describe('formats of webhooks', async () => {
  const server = await testServer({ env: allowLocal })
  const { secret: supplier } = await testSupplier(server.db)
  const engine = testEngine(server.app)
  const { data } = await asking(server)

  const order = async (key: string, body: object = { service: 'whatsapp', country: 'US' }) =>
    (await call<Order>(server, key, 'POST', '/v1/orders', body)).body
  const sendText = (phone: string, sms: string) =>
    call(server, supplier, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number: phone, sender: 'WhatsApp', sms },
    })

  describe('OTPZap', () => {
    const otpzap = async (events: string[], secret?: string) => {
      const receiver = await openReceiver()
      const { key } = await testCustomer(server.db, { currency: 'IDR', credit: '1000000' })
      const hook = await data<{ secret: string }>(key, 'PATCH', '/webhook/update', {
        url: receiver.url,
        events,
        ...(secret === undefined ? {} : { secret }),
      })
      return { receiver, key, secret: hook.secret }
    }
    const expectSigned = (one: Received, secret: string) => {
      const signature = createHmac('sha256', secret).update(one.body).digest('hex')
      expect(one.headers['x-otpzap-signature']).toBe(`sha256=${signature}`)
      expect(one.headers['x-otpzap-event']).toBe(JSON.parse(one.body).event)
    }

    it('is told by the endpoint of its own calls, in its envelope, signed in both ways', async () => {
      const { receiver, key, secret } = await otpzap(['*'])
      const { number, phone } = await order(key)
      await sendText(phone, 'Your WhatsApp code: 593-821')
      await engine.deliver()
      expect(bodies(receiver.received)).toEqual([
        {
          event: 'order.otp_received',
          data: expect.objectContaining({
            order_id: number,
            status: 'otp_received',
            phone_number: phone,
            otp_code: '593821',
          }),
          created_at: wib(server.app.now()),
        },
      ])
      const [one] = receiver.received as [Received]
      expectSigned(one, secret)
      verified(server.app, secret, one)
      // Libraries that take a secret's characters instead of base64 find their signature, too.
      const {
        'webhook-id': id,
        'webhook-timestamp': at,
        'webhook-signature': signatures,
      } = one.headers
      const raw = new Webhook(secret, { format: 'raw' })
      expect(signatures?.split(' ')).toContain(
        raw.sign(id as string, new Date(Number(at) * 1000), one.body),
      )
      // As the order’s own call shows it.
      const [told] = bodies(receiver.received)
      expect(told.data).toEqual(await data(key, 'GET', `/order/check?order_id=${number}`))
    })

    it('is told of each of its events by its own name', async () => {
      const own = 'correct-horse-battery-staple'
      const events = ['order.cancelled', 'order.finished', 'order.replaced', 'deposit.success']
      const { receiver, key, secret } = await otpzap(events, own)
      expect(secret).toBe(own)
      const [first, second, third] = [await order(key), await order(key), await order(key)]
      await sendText(second.phone, 'Your WhatsApp code: 593-821')
      await call(server, key, 'POST', `/v1/orders/${second.id}/finish`)
      const fresh = await call<Order>(server, key, 'POST', `/v1/orders/${third.id}/replace`)
      server.advance(121)
      await call(server, key, 'POST', `/v1/orders/${first.id}/cancel`)
      const paid = await data<{ order_id: string; payment_url: string }>(
        key,
        'POST',
        '/topup/create',
        { amount: 50_000 },
      )
      await fetch(paid.payment_url, { method: 'POST' })
      await engine.deliver()
      for (const one of receiver.received) expectSigned(one, own)
      const told = bodies(receiver.received)
      expect(told.map(({ event }) => event).sort()).toEqual([
        'deposit.success',
        'order.cancelled',
        'order.finished',
        'order.replaced',
      ])
      expect(told.find(({ event }) => event === 'order.replaced').data).toMatchObject({
        order_id: third.number,
        new_order_id: fresh.body.number,
      })
      expect(told.find(({ event }) => event === 'deposit.success').data).toMatchObject({
        order_id: paid.order_id,
        amount: 50_000,
        status: 'success',
      })
    })

    it('is told of inboxes by what their call shows, and of no eSIM', async () => {
      const { receiver, key } = await otpzap(['*'])
      const offers = await call<{ data: { id: number }[] }>(
        server,
        key,
        'GET',
        '/v1/offers?kind=esim',
      )
      const esim = { kind: 'esim', offer_id: offers.body.data[0]?.id }
      expect(await call(server, key, 'POST', '/v1/orders', esim)).toMatchObject({ status: 201 })
      const domain = await ownDomain(server.db)
      const { orders } = await data<{ orders: { ref: string; email: string }[] }>(
        key,
        'POST',
        '/order/email-create',
        { site: 'openai.com', domain },
      )
      const [inbox] = orders as [{ ref: string; email: string }]
      await server.app.messages.receiveMail(server.app.now(), {
        ref: '<told@example.com>',
        address: inbox.email,
        sender: 'noreply@example.com',
        subject: 'Your code',
        text: 'Your code is 204060.',
        html: null,
      })
      await engine.deliver()
      const check = await data(key, 'GET', `/order/email-check?ref=${inbox.ref}`)
      expect(bodies(receiver.received)).toEqual([
        { event: 'order.otp_received', data: check, created_at: wib(server.app.now()) },
      ])
    })

    it('is told nothing while it is paused', async () => {
      const { receiver, key } = await otpzap(['*'])
      await data(key, 'PATCH', '/webhook/update', {
        url: receiver.url,
        events: ['*'],
        is_active: false,
      })
      await sendText((await order(key)).phone, 'Your WhatsApp code: 593-821')
      await engine.deliver()
      expect(receiver.received).toEqual([])
    })

    it('keeps its secret sealed', async () => {
      const { secret } = await otpzap(['*'])
      const [row] = await server.db.query<{ text: string }>(
        `select string_agg(secret, ' ') as text from webhook_endpoints`,
      )
      expect(row?.text).not.toContain(secret)
      expect(row?.text).toContain('sealed:')
    })
  })

  describe('smsVerificationService', () => {
    it('is told of each message as it came', async () => {
      const receiver = await openReceiver()
      const hook = await testHook(server, { url: receiver.url, format: 'smsverificationservice' })
      const { number, phone } = await order(hook.key)
      await sendText(phone, 'Welcome to WhatsApp!')
      await sendText(phone, 'Your WhatsApp code: 593-821')
      await engine.deliver()
      const message = {
        order_id: number,
        number: phone.slice(1),
        service: 'whatsapp',
        sender: 'WhatsApp',
        type: 'str',
      }
      expect(bodies(receiver.received)).toEqual(
        expect.arrayContaining([
          { event: 'incoming_message', message: { ...message, sms: 'Welcome to WhatsApp!' } },
          {
            event: 'incoming_message',
            message: { ...message, sms: 'Your WhatsApp code: 593-821' },
          },
        ]),
      )
      expect(receiver.received).toHaveLength(2)
      for (const one of receiver.received) verified(server.app, hook.secret, one)
    })

    it('is told of codes alone where that is wanted, and never of mails', async () => {
      const receiver = await openReceiver()
      const hook = await testHook(server, {
        url: receiver.url,
        format: 'smsverificationservice',
        events: ['order.code_received'],
      })
      const { phone } = await order(hook.key)
      await sendText(phone, 'Welcome to WhatsApp!')
      await sendText(phone, 'Your WhatsApp code: 593-821')
      const inbox = await call<{ id: string; email: string }>(
        server,
        hook.key,
        'POST',
        '/v1/orders',
        { kind: 'email', site: 'example.com' },
      )
      const mail = { sender: 'a@example.com', subject: 'Hello', html: null, ref: inbox.body.id }
      const text = 'Your code: 593821'
      await server.app.messages.receiveMail(server.app.now(), {
        ...mail,
        address: inbox.body.email,
        text,
      })
      await engine.deliver()
      expect(bodies(receiver.received)).toMatchObject([
        { message: { sms: 'Your WhatsApp code: 593-821' } },
      ])
      const log = await call<{ data: { state: string }[] }>(
        server,
        hook.key,
        'GET',
        `/v1/webhooks/${hook.id}/deliveries`,
      )
      expect(log.body.data.map(({ state }) => state).sort()).toEqual(['delivered', 'dropped'])
    })
  })

  describe('the handler_api family', () => {
    it('is told of each message in one flat object', async () => {
      const receiver = await openReceiver()
      const hook = await testHook(server, { url: receiver.url, format: 'handler-api' })
      const { number, phone } = await order(hook.key)
      await sendText(phone, 'Your WhatsApp code: 593-821')
      await engine.deliver()
      expect(bodies(receiver.received)).toEqual([
        {
          activationId: number,
          messageId: expect.stringMatching(/^\d+$/),
          service: 'wa',
          text: 'Your WhatsApp code: 593-821',
          code: '593821',
          country: 187,
          phoneFrom: 'WhatsApp',
          receivedAt: server.app.now().toISOString().slice(0, 19).replace('T', ' '),
        },
      ])
    })
  })

  it('each have a test event', async () => {
    expect(formatNames()).toHaveLength(4)
    for (const format of formatNames()) {
      const receiver = await openReceiver()
      const hook = await testHook(server, { url: receiver.url, format })
      await call(server, hook.key, 'POST', `/v1/webhooks/${hook.id}/test`)
      await engine.deliver()
      expect(receiver.received).toHaveLength(1)
      const [one] = receiver.received as [Received]
      const body = verified(server.app, hook.secret, one)
      expect(body).toMatchObject(
        {
          standard: { type: 'webhook.test', data: { webhook_id: hook.id } },
          otpzap: { event: 'webhook.test', data: {} },
          smsverificationservice: { event: 'incoming_message', message: { type: 'str' } },
          'handler-api': { activationId: 0, code: '123456' },
        }[format] as object,
      )
      expect(one.headers['webhook-id']).toMatch(/^evt_test_/)
    }
  })
})

describe('what an endpoint is told of', () => {
  const types = Object.keys(eventTypes)
  const told = (format: string, events: string[]) =>
    types.filter((type) => wantsEvent({ format, events }, type))

  it('is all, or what it names', () => {
    expect(told('standard', ['*'])).toEqual(types)
    expect(told('standard', ['order.expired'])).toEqual(['order.expired'])
    expect(told('otpzap', ['*'])).toEqual(
      types.filter((type) => eventNamesOf('otpzap').includes(type)),
    )
  })

  it('is each message once, in formats that tell of messages', () => {
    for (const format of ['smsverificationservice', 'handler-api'] as const) {
      expect(told(format, ['*'])).toEqual(['message.received'])
      expect(told(format, ['message.received', 'order.code_received'])).toEqual([
        'message.received',
      ])
      expect(told(format, ['order.code_received'])).toEqual(['order.code_received'])
    }
  })
})

it('a signature is the standard’s own', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const at = new Date('2026-11-20T09:30:07.512Z')
  const headers = standardHeaders({ id: 'evt_1_2', at, body: '{"a":"ü"}', secrets: [secret] })
  expect(headers['webhook-signature']).toBe(new Webhook(secret).sign('evt_1_2', at, '{"a":"ü"}'))
})
