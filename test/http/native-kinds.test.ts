// The native API: rentals, numbers for several services, inboxes and eSIMs.
import { describe, expect, it } from 'vitest'
import { referenceOf } from '../harness/documented.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'

type WireOrder = {
  id: string
  kind: string
  state: string
  service: string | null
  services: { service: string }[] | null
  phone: string
  email: string
  price: string
  code: string | null
  duration: number | null
  renewals: number
  messages: { text: string; service: string | null; subject: string | null; html: string | null }[]
  inbox: { site: string; domain: string; regex: string | null } | null
  esim: { plan: string; activation_code: string; matching_id: string | null } | null
  expires_at: string
  created_at: string
  offer_id: number
  resend_pending: boolean
}
type WireOffer = {
  id: number
  kind: string
  price: string
  stock: number
  country: string | null
  duration: number | null
  email: { domain: string; cancellation_fee: string } | null
  esim: { plan: string; data_gb: number; validity_days: number } | null
}

const dayS = 86_400

describe('the native API', async () => {
  const server = await testServer()
  const reference = await referenceOf(server)
  const { secret } = await testSupplier(server.db)

  const ask = async <T = WireOrder>(
    key: string,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => {
    const reply = await call<T>(server, key, method, path, body, headers)
    reference.check(method, path, reply)
    return reply
  }
  const buy = (key: string, body: object, headers?: Record<string, string>) =>
    ask(key, 'POST', '/v1/orders', body, headers)
  const read = async (key: string, id: string) => (await ask(key, 'GET', `/v1/orders/${id}`)).body
  const verb = (key: string, id: string, name: string) =>
    ask(key, 'POST', `/v1/orders/${id}/${name}`)
  const offers = async (query: string) => {
    const { key } = await testCustomer(server.db)
    return (await ask<{ data: WireOffer[] }>(key, 'GET', `/v1/offers?limit=100&${query}`)).body.data
  }
  const balance = async (key: string) =>
    Number((await ask<{ balance: string }>(key, 'GET', '/v1/balance')).body.balance)
  const text = (number: string, sender: string, sms: string) =>
    call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number, sender, sms },
    })
  const mail = (address: string, ref: string, subject: string, words: string) =>
    server.app.messages.receiveMail(server.app.now(), {
      ref,
      address,
      sender: 'Shop <no-reply@example.com>',
      subject,
      text: words,
      html: null,
    })

  describe('lets rentals', () => {
    it('as its offers have them, by name or by offer', async () => {
      const found = await offers('kind=rental&service=whatsapp&country=US&duration=3d')
      expect(found.length).toBeGreaterThan(0)
      for (const offer of found)
        expect(offer).toMatchObject({ kind: 'rental', duration: 3 * dayS, email: null, esim: null })
      expect(await offers('kind=rental&service=whatsapp&country=US&duration=259200')).toEqual(found)
      expect(await offers('kind=rental&duration=9d')).toEqual([])
      const { key } = await testCustomer(server.db)
      const selection = { kind: 'rental', service: 'whatsapp', country: 'US' }
      const cheapest = Math.min(...found.map((offer) => Number(offer.price)))
      for (const body of [
        { ...selection, duration: '3d' },
        { ...selection, duration: 3 * dayS },
        { ...selection, duration: '72h' },
        { offer_id: found[0]?.id },
        { offer_id: found[0]?.id, ...selection, duration: '3d' },
      ]) {
        const { status, body: order } = await buy(key, body)
        expect({ status, order }).toMatchObject({
          status: 201,
          order: { kind: 'rental', state: 'active', duration: 3 * dayS, renewals: 0 },
        })
        expect(Number(order.price)).toBeGreaterThanOrEqual(cheapest)
        const lengthMs = Date.parse(order.expires_at) - Date.parse(order.created_at)
        expect(lengthMs).toBe(3 * dayS * 1000)
      }
    })

    it('with all their messages, renewed from the old end', async () => {
      const { key } = await testCustomer(server.db)
      const { body: bought } = await buy(key, {
        kind: 'rental',
        service: 'whatsapp',
        country: 'US',
        duration: '3d',
      })
      await text(bought.phone, 'WhatsApp', 'Your WhatsApp code: 111-222')
      await text(bought.phone, 'WhatsApp', 'Your WhatsApp code: 333-444')
      const order = await read(key, bought.id)
      expect(order).toMatchObject({ state: 'active', code: '333444' })
      expect(order.messages).toHaveLength(2)
      const before = await balance(key)
      const renewed = await verb(key, bought.id, 'renew')
      expect(renewed).toMatchObject({ status: 200, body: { phone: bought.phone, renewals: 1 } })
      expect(Date.parse(renewed.body.expires_at) - Date.parse(bought.expires_at)).toBe(
        3 * dayS * 1000,
      )
      expect(before - (await balance(key))).toBeCloseTo(Number(bought.price), 6)
      expect(await verb(key, bought.id, 'cancel')).toMatchObject({
        status: 409,
        body: { code: 'order_not_cancellable' },
      })
    })

    it('and tells of each message to those who wait', async () => {
      const { key } = await testCustomer(server.db)
      const selection = { kind: 'rental', service: 'whatsapp', country: 'US', duration: '3d' }
      const { body: order } = await buy(key, selection)
      for (const [seen, code] of ['111222', '333444'].entries()) {
        const waiting = ask(key, 'GET', `/v1/orders/${order.id}?wait=60&seen=${seen}`)
        await text(order.phone, 'WhatsApp', `Your WhatsApp code: ${code}`)
        expect((await waiting).body).toMatchObject({ state: 'active', code })
      }
    })

    it('back for all of the price while they are unused', async () => {
      const { key } = await testCustomer(server.db)
      const before = await balance(key)
      const selection = { kind: 'rental', service: 'whatsapp', country: 'US', duration: '3d' }
      const { body: order } = await buy(key, selection)
      expect(await balance(key)).toBeLessThan(before)
      expect((await verb(key, order.id, 'cancel')).body).toMatchObject({ state: 'cancelled' })
      expect(await balance(key)).toBe(before)
      expect(await verb(key, order.id, 'renew')).toMatchObject({
        status: 409,
        body: { code: 'order_not_renewable' },
      })
    })
  })

  it('lets one number for several services', async () => {
    const { key } = await testCustomer(server.db)
    const { status, body: order } = await buy(key, {
      services: ['whatsapp', 'telegram', 'google'],
      country: 'US',
    })
    expect({ status, order }).toMatchObject({
      status: 201,
      order: {
        kind: 'activation',
        services: [{ service: 'whatsapp' }, { service: 'telegram' }, { service: 'google' }],
      },
    })
    await text(order.phone, 'Telegram', 'Telegram code: 55555')
    await text(order.phone, 'WhatsApp', 'Your WhatsApp code: 111-222')
    const { messages } = await read(key, order.id)
    expect(messages.map(({ service }) => service)).toEqual(['telegram', 'whatsapp'])
    const others = [{ services: ['whatsapp'] }, { services: ['whatsapp', 'whatsapp'] }]
    for (const body of others) expect((await buy(key, body)).status).toBe(422)
  })

  it('lets the number of a past order once more', async () => {
    const { key } = await testCustomer(server.db)
    const { body: first } = await buy(key, { service: 'whatsapp', country: 'US' })
    expect(await verb(key, first.id, 'repeat')).toMatchObject({
      status: 409,
      body: { code: 'order_not_repeatable' },
    })
    await text(first.phone, 'WhatsApp', 'Your WhatsApp code: 111-222')
    await verb(key, first.id, 'finish')
    const again = await verb(key, first.id, 'repeat')
    expect(again).toMatchObject({ status: 201, body: { phone: first.phone, state: 'waiting' } })
    expect(again.body.id).not.toBe(first.id)
  })

  describe('lets inboxes', () => {
    it('by site and domain, and shows what came', async () => {
      const [offer] = await offers('kind=email&in_stock=true')
      expect(offer).toMatchObject({ duration: null, esim: null, email: {} })
      const domain = offer?.email?.domain as string
      const { key } = await testCustomer(server.db)
      const { body: order } = await buy(key, {
        kind: 'email',
        site: 'shop.example.com',
        domain,
        subject: 'confirm',
        regex: 'key=(\\w+)',
      })
      expect(order).toMatchObject({
        kind: 'email',
        state: 'waiting',
        phone: null,
        inbox: { site: 'shop.example.com', domain, regex: 'key=(\\w+)', subject: 'confirm' },
      })
      expect(order.email.split('@')[1]).toBe(domain)
      expect(await verb(key, order.id, 'reorder')).toMatchObject({
        status: 409,
        body: { code: 'no_message_yet' },
      })
      await mail(order.email, 'one', 'Please confirm', 'Go on with key=abc123 now')
      const received = await read(key, order.id)
      expect(received).toMatchObject({
        state: 'received',
        code: 'abc123',
        messages: [{ subject: 'Please confirm', text: 'Go on with key=abc123 now', html: null }],
      })
      expect((await verb(key, order.id, 'reorder')).body).toMatchObject({ resend_pending: true })
      expect((await verb(key, order.id, 'finish')).body).toMatchObject({ state: 'finished' })
    })

    it('by offer, by service, of several domains, and several at once', async () => {
      const found = await offers('kind=email')
      const { key } = await testCustomer(server.db)
      for (const offer of found) {
        const { body } = await buy(key, { offer_id: offer.id, site: 'example.com' })
        expect(body).toMatchObject({ offer_id: offer.id, price: offer.price })
        expect(body.inbox?.domain).toBe(offer.email?.domain)
      }
      const domains = found.map((offer) => offer.email?.domain)
      const many = await ask<{ orders: WireOrder[] }>(key, 'POST', '/v1/orders', {
        kind: 'email',
        service: 'whatsapp',
        domains,
        quantity: 3,
      })
      expect(many.status).toBe(201)
      expect(new Set(many.body.orders.map((order) => order.email)).size).toBe(3)
      for (const order of many.body.orders) expect(order.service).toBe('whatsapp')
    })

    it('back at once, less the fee', async () => {
      const [offer] = await offers('kind=email')
      const { key } = await testCustomer(server.db)
      const before = await balance(key)
      const { body } = await buy(key, { offer_id: offer?.id, site: 'example.com' })
      expect((await verb(key, body.id, 'cancel')).body).toMatchObject({ state: 'cancelled' })
      const fee = Number(offer?.email?.cancellation_fee)
      expect(before - (await balance(key))).toBeCloseTo(fee, 6)
    })
  })

  describe('sells eSIMs', () => {
    it('as its offers have them, by plan in any case or by offer', async () => {
      const found = await offers('kind=esim&country=US')
      expect(found.map((offer) => offer.esim?.plan)).toContain('USA 5GB / 30 days')
      const offer = found.find(({ esim }) => esim?.data_gb === 5) as WireOffer
      expect(offer).toMatchObject({ country: 'US', price: '12.00', email: null, duration: null })
      const { key } = await testCustomer(server.db)
      const { status, body: order } = await buy(key, { kind: 'esim', plan: 'usa 5gb / 30 DAYS' })
      expect({ status, order }).toMatchObject({
        status: 201,
        order: {
          kind: 'esim',
          state: 'finished',
          country: 'US',
          offer_id: offer.id,
          price: '12.00',
          esim: { plan: 'USA 5GB / 30 days', smdp_address: 'SMDP.EXAMPLE.COM' },
        },
      })
      expect(order.esim?.activation_code).toBe(`LPA:1$SMDP.EXAMPLE.COM$${order.esim?.matching_id}`)
      expect(await read(key, order.id)).toEqual(order)
      expect(await balance(key)).toBe(88)
      const other = await buy(key, { offer_id: offer.id })
      expect(other.body.esim?.activation_code).not.toBe(order.esim?.activation_code)
      const [now] = (await offers('kind=esim&country=US')).filter(({ id }) => id === offer.id)
      expect(now?.stock).toBe(offer.stock - 2)
      for (const name of ['cancel', 'finish', 'resend', 'reorder', 'replace', 'renew', 'repeat']) {
        const { status: answer } = await verb(key, order.id, name)
        expect(`${name} ${answer}`).toBe(`${name} ${name === 'finish' ? 200 : 409}`)
      }
    })

    it('once for each Idempotency-Key, also with several', async () => {
      const { key } = await testCustomer(server.db)
      const once = { 'idempotency-key': 'esims' }
      const body = { kind: 'esim', plan: 'UK 3GB / 30 days', quantity: 3 }
      const first = await ask<{ orders: WireOrder[] }>(key, 'POST', '/v1/orders', body, once)
      const codes = first.body.orders.map((order) => order.esim?.activation_code)
      expect(new Set(codes).size).toBe(3)
      const again = await ask(key, 'POST', '/v1/orders', body, once)
      expect(again.headers.get('idempotency-replayed')).toBe('true')
      expect(again.body).toEqual(first.body)
      expect(await balance(key)).toBe(100 - 3 * 8)
    })

    it('as a picture, to their owner alone', async () => {
      const { key } = await testCustomer(server.db)
      const { body: order } = await buy(key, { kind: 'esim', plan: 'USA 1GB / 7 days' })
      const path = `/v1/orders/${order.id}/qr`
      const svg = await ask<string>(key, 'GET', path)
      expect(svg).toMatchObject({ status: 200, body: expect.stringMatching(/^<svg .*<\/svg>\s*$/) })
      expect(svg.headers.get('content-type')).toBe('image/svg+xml')
      expect(svg.headers.get('cache-control')).toBe('private, no-store')
      const png = await fetch(`${server.url}${path}?format=png`, {
        headers: { authorization: `Bearer ${key}` },
      })
      expect(png.headers.get('content-type')).toBe('image/png')
      const bytes = Buffer.from(await png.arrayBuffer())
      expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG')
      const { key: stranger } = await testCustomer(server.db)
      expect(await ask(stranger, 'GET', path)).toMatchObject({
        status: 404,
        body: { code: 'order_not_found' },
      })
      const { body: number } = await buy(key, { service: 'whatsapp', country: 'US' })
      expect(await ask(key, 'GET', `/v1/orders/${number.id}/qr`)).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      })
      expect((await ask(key, 'GET', `${path}?format=gif`)).status).toBe(422)
    })
  })

  it('refuses fields of another kind, and names what lacks', async () => {
    const { key } = await testCustomer(server.db)
    const before = await balance(key)
    const [rental] = await offers('kind=rental')
    const [esim] = await offers('kind=esim')
    for (const [body, pointer] of [
      [{ kind: 'rental', service: 'whatsapp' }, '/duration'],
      [{ kind: 'rental', duration: '3d' }, '/service'],
      [{ kind: 'rental', service: 'whatsapp', duration: 'long' }, '/duration'],
      [{ kind: 'rental', service: 'whatsapp', duration: '-3d' }, '/duration'],
      [{ kind: 'rental', service: 'whatsapp', duration: 1.5 }, '/duration'],
      [{ kind: 'rental', service: 'whatsapp', duration: '3d', quantity: 2 }, '/quantity'],
      [{ kind: 'rental', service: 'whatsapp', duration: '3d', plan: 'x' }, '/plan'],
      [{ offer_id: rental?.id, site: 'example.com' }, '/site'],
      [{ services: ['whatsapp', 'telegram'], service: 'google' }, '/service'],
      [{ services: ['whatsapp', 'telegram'], quantity: 2 }, '/quantity'],
      [{ services: ['whatsapp', 'telegram'], area_code: '212' }, '/area_code'],
      [{ service: 'whatsapp', plan: 'x' }, '/plan'],
      [{ kind: 'email' }, '/site'],
      [{ kind: 'email', site: 'no domain' }, '/site'],
      [{ kind: 'email', site: 'example.com', country: 'US' }, '/country'],
      [{ kind: 'email', site: 'example.com', regex: '(' }, '/regex'],
      [
        { kind: 'email', site: 'example.com', domain: 'a.example', domains: ['b.example'] },
        '/domains',
      ],
      [{ kind: 'esim' }, '/plan'],
      [{ kind: 'esim', plan: 'x', offer_id: esim?.id }, '/plan'],
      [{ offer_id: esim?.id, service: 'whatsapp' }, '/service'],
      [{ offer_id: esim?.id, max_price: 'much' }, '/max_price'],
      [{ offer_id: esim?.id, quantity: 21 }, '/quantity'],
    ] as const) {
      const { status, body: problem } = await buy(key, body)
      expect({ body, status, problem }).toMatchObject({
        status: 422,
        problem: { errors: [{ pointer }] },
      })
    }
    for (const [body, status, code] of [
      [{ kind: 'esim', plan: 'No plan' }, 404, 'plan_not_found'],
      [{ kind: 'esim', offer_id: rental?.id }, 404, 'offer_not_found'],
      [{ kind: 'email', offer_id: esim?.id, site: 'a.example' }, 404, 'offer_not_found'],
      [{ kind: 'email', site: 'a.example', domain: 'not-ours.example' }, 404, 'domain_not_found'],
      [
        { kind: 'rental', service: 'whatsapp', country: 'US', duration: '9d' },
        404,
        'offer_not_found',
      ],
      [{ offer_id: rental?.id, duration: '9d' }, 404, 'offer_not_found'],
      [{ offer_id: esim?.id, max_price: '0.01' }, 409, 'price_above_maximum'],
      [{ kind: 'email', site: 'a.example', max_price: '0' }, 409, 'price_above_maximum'],
    ] as const)
      expect({ sent: body, ...(await buy(key, body)) }).toMatchObject({ status, body: { code } })
    expect(await balance(key)).toBe(before)
  })
})
