// OTPZap's orders of numbers: bought in each of its ways, read, ended, resent and replaced.
import { describe, expect, it } from 'vitest'
import { endOverdueOrders } from '../../harness/ending.ts'
import { call, testCustomer, testServer } from '../../harness/server.ts'
import { ownService } from '../../harness/stock.ts'
import { asking, countryId, type Order, wib } from './asking.ts'
import { specialService } from './special.ts'

type Product = { id: number; platform_id: number; price: number; tier: string; stock: number }

const whatsapp = 1012
const telegram = 22
const us = countryId('US')

describe('otpzap orders', async () => {
  const server = await testServer()
  const own = await ownService(server.db, { numbers: 60 })
  const scarce = await ownService(server.db, { numbers: 1 })
  const special = await specialService(server)
  const { ask, data, refused, receive } = await asking(server)
  const { key } = await testCustomer(server.db, { credit: '1000' })

  const create = (body: object) => data<Order>(key, 'POST', '/order/create', body)
  const check = (id: number | string) => data<Order>(key, 'GET', `/order/check?order_id=${id}`)
  const verb = (name: string, id: number) =>
    data<Order>(key, 'POST', `/order/${name}`, { order_id: id })
  const refuses = (name: string, id: number, expected: readonly [number, string]) =>
    refused(key, 'POST', `/order/${name}`, { order_id: id }, expected)
  const productOf = async (id: number) => {
    const { products } = await data<{ products: Product[] }>(
      key,
      'GET',
      `/products?platform_id=${id}`,
    )
    return products[0] as Product
  }
  const balance = async () => (await data<{ balance: number }>(key, 'GET', '/balance')).balance

  const newOne = async () => create({ product_id: (await productOf(own.id)).id })

  describe('/order/create', () => {
    it('sells a product of server 1, and answers the exact order', async () => {
      const product = await productOf(own.id)
      const before = await balance()
      const now = server.app.now()
      const order = await create({ product_id: product.id })
      expect(order).toStrictEqual({
        order_id: expect.any(Number),
        server: 1,
        status: 'pending',
        phone_number: expect.stringMatching(/^\+\d{8,15}$/),
        service_name: own.slug,
        country_name: expect.any(String),
        operator_name: own.slug,
        price: product.price,
        currency: 'USD',
        otp_code: null,
        otps: [],
        resend_count: 0,
        resend_locked_until: null,
        cancel_available_at: wib(new Date(now.getTime() + 120_000)),
        expires_at: wib(new Date(now.getTime() + 1_200_000)),
        created_at: wib(now),
      })
      expect(Number.isInteger(order.order_id)).toBe(true)
      expect(await balance()).toBeCloseTo(before - product.price, 4)
      expect(await check(order.order_id)).toEqual(order)
    })

    it('sells on server 2 by service, country and operator', async () => {
      const { operators } = await data<{ operators: { id: number; name: string }[] }>(
        key,
        'GET',
        `/s2/operators?country_id=${us}`,
      )
      const att = operators.find(({ name }) => name === 'AT&T')
      const place = { service_id: whatsapp, country_id: us }
      const order = await create({ ...place, operator_id: att?.id })
      expect(order).toMatchObject({
        server: 2,
        service_name: 'WhatsApp',
        country_name: 'United States',
        operator_name: 'AT&T',
      })
      expect((await create({ ...place, operator_id: 0 })).server).toBe(2)
      expect((await create({ ...place, server: 2 })).server).toBe(2)
      expect((await check(order.order_id)).server).toBe(2)
    })

    it('takes ids as digits, too', async () => {
      const order = await create({ service_id: '1012', country_id: String(us), operator_id: '0' })
      expect(order.service_name).toBe('WhatsApp')
    })

    it('sells a special service by its id alone', async () => {
      const order = await create({ service_id: special.id })
      expect(order).toMatchObject({ server: 2, service_name: special.name, price: 1.25 })
      expect(special.phones).toContain(order.phone_number)
      expect((await check(order.order_id)).server).toBe(2)
    })

    it('does not sell by its id alone what is not special', async () => {
      const body = { service_id: scarce.id }
      const reply = await refused(key, 'POST', '/order/create', body, [422, 'validation_failed'])
      expect(reply.body.error.fields).toHaveProperty('country_id')
    })

    it('does not sell a special number as a product', async () => {
      const [offer] = await server.db.query<{ id: number }>(
        `select id from offers where pool = 'own-special' and service_id = $1`,
        [special.id],
      )
      const body = { product_id: offer?.id }
      await refused(key, 'POST', '/order/create', body, [404, 'product_not_found'])
    })

    it('gives several services one number, and tells the codes apart', async () => {
      const order = await create({ service_ids: [telegram, whatsapp], country_id: us })
      expect(order).toMatchObject({ server: 2, service_name: 'Telegram, WhatsApp', otps: [] })
      await receive(order.phone_number, 'WhatsApp', 'Your WhatsApp code: 482-915')
      await receive(order.phone_number, 'Telegram', 'Telegram code: 73105')
      const found = await check(order.order_id)
      expect(found.status).toBe('success')
      expect(found.otp_code).toBe('73105')
      expect(found.otps).toMatchObject([
        { otp_code: '482915', service_name: 'WhatsApp' },
        { otp_code: '73105', service_name: 'Telegram' },
      ])
    })

    it('holds the service’s name against the id', async () => {
      const { id } = await productOf(own.id)
      const order = await create({ product_id: id, service_name: own.slug.toUpperCase() })
      expect(order.service_name).toBe(own.slug)
      const mismatch = [422, 'service_name_mismatch'] as const
      const named = { service_name: 'Telegram' }
      await refused(key, 'POST', '/order/create', { product_id: id, ...named }, mismatch)
      const two = { service_id: whatsapp, country_id: us, operator_id: 0, ...named }
      await refused(key, 'POST', '/order/create', two, mismatch)
      await refused(key, 'POST', '/order/create', { service_id: special.id, ...named }, mismatch)
      expect(
        await create({ service_ids: [telegram, whatsapp], country_id: us, ...named }),
      ).toMatchObject({ status: 'pending' })
    })

    const invalid: [string, object, string][] = [
      ['nothing', {}, 'product_id'],
      ['a product and a service', { product_id: 1, service_id: 1 }, 'product_id'],
      ['a product of server 2', { product_id: 1, server: 2 }, 'server'],
      ['a service of server 1', { service_id: 1, country_id: 7, server: 1 }, 'server'],
      ['server 3', { product_id: 1, server: 3 }, 'server'],
      ['one of several', { service_ids: [1], country_id: 7 }, 'service_ids'],
      ['six services', { service_ids: [1, 2, 3, 4, 5, 6], country_id: 7 }, 'service_ids'],
      ['one service twice', { service_ids: [22, '22'], country_id: 7 }, 'service_ids'],
      ['several nowhere', { service_ids: [1, 22] }, 'country_id'],
      ['an operator nowhere', { service_id: 1, operator_id: 5 }, 'operator_id'],
      ['no number', { product_id: 'x' }, 'product_id'],
      ['a half', { product_id: 1.5 }, 'product_id'],
    ]
    it.each(invalid)('refuses %s, by the name of the field', async (_name, body, field) => {
      const reply = await refused(key, 'POST', '/order/create', body, [422, 'validation_failed'])
      expect(Object.keys(reply.body.error.fields ?? {})).toContain(field)
      expect(reply.body.error.fields?.[field]).not.toMatch(/^(Invalid|Too)/)
    })

    it('holds what is said beside a product against it', async () => {
      const product_id = (await productOf(own.id)).id
      const country_id = countryId(own.country)
      const order = await create({ product_id, country_id, operator_id: 0 })
      expect(order).toMatchObject({ server: 1, service_name: own.slug })
      for (const [field, body] of [
        ['country_id', { product_id, country_id: us }],
        ['operator_id', { product_id, operator_id: 1 }],
      ] as const) {
        const invalid = [422, 'validation_failed'] as const
        const reply = await refused(key, 'POST', '/order/create', body, invalid)
        expect(Object.keys(reply.body.error.fields ?? {})).toEqual([field])
      }
    })

    it('names what there is not', async () => {
      const tries: [object, string][] = [
        [{ product_id: 99_999_999 }, 'product_not_found'],
        [{ service_id: 99_999_999, country_id: us }, 'service_not_found'],
        [{ service_id: whatsapp, country_id: 99_999 }, 'country_not_found'],
        [{ service_id: whatsapp, country_id: us, operator_id: 99_999 }, 'operator_not_found'],
        [{ service_ids: [whatsapp, 99_999_999], country_id: us }, 'service_not_found'],
      ]
      for (const [body, code] of tries)
        await refused(key, 'POST', '/order/create', body, [404, code])
    })

    it('sells nothing that is not there, and nothing without the money', async () => {
      const { id } = await productOf(scarce.id)
      await create({ product_id: id })
      const path = '/order/create'
      await refused(key, 'POST', path, { product_id: id }, [409, 'out_of_stock'])
      const poor = await testCustomer(server.db, { credit: '0' })
      const body = { product_id: (await productOf(own.id)).id }
      await refused(poor.key, 'POST', path, body, [402, 'insufficient_balance'])
    })

    it('does a repeated request once, also its server', async () => {
      const body = { service_id: whatsapp, country_id: us, operator_id: 0 }
      const once = { 'idempotency-key': 'same-order' }
      const first = await ask<object>(key, 'POST', '/order/create', body, once)
      const again = await ask<object>(key, 'POST', '/order/create', body, once)
      expect(again.body).toEqual(first.body)
      expect(again.headers.get('idempotency-replayed')).toBe('true')
    })
  })

  describe('/order/check', () => {
    it('shows the OTPs oldest first, and the newest by itself', async () => {
      const order = await newOne()
      await receive(order.phone_number, 'Sender', 'Your code is 593-821')
      const first = await check(order.order_id)
      expect(first).toEqual({
        ...order,
        status: 'otp_received',
        otp_code: '593821',
        otps: [
          {
            otp_code: '593821',
            message: 'Your code is 593-821',
            sender: 'Sender',
            service_name: own.slug,
            received_at: wib(server.app.now()),
          },
        ],
      })
      await receive(order.phone_number, 'Sender', 'Your code is 104477')
      await receive(order.phone_number, 'Sender', 'Thank you for signing up')
      const second = await check(order.order_id)
      expect(second.otps.map((otp) => otp.otp_code)).toEqual(['593821', '104477'])
      expect(second.otp_code).toBe('104477')
    })

    it('takes the order’s token of other dialects', async () => {
      const order = await newOne()
      const token = server.app.ids.toToken('ord', order.order_id)
      expect(await check(token)).toEqual(order)
    })

    it('calls an order failed that ended without an OTP', async () => {
      const order = await newOne()
      const before = await balance()
      server.advance(1_201)
      await endOverdueOrders(server.db, server.app.now())
      expect((await check(order.order_id)).status).toBe('failed')
      expect(await balance()).toBeGreaterThan(before)
    })

    it('knows nothing of another’s order, nor of none', async () => {
      const order = await newOne()
      const { key: other } = await testCustomer(server.db)
      for (const id of [order.order_id, 65, 'nonsense'])
        await refused(other, 'GET', `/order/check?order_id=${id}`, undefined, [
          404,
          'order_not_found',
        ])
      await refused(key, 'GET', '/order/check', undefined, [422, 'validation_failed'])
    })
  })

  describe('/order/cancel', () => {
    it('waits for the cooldown, then gives the money back', async () => {
      const before = await balance()
      const order = await newOne()
      const early = await refuses('cancel', order.order_id, [429, 'cancel_cooldown'])
      expect(early.headers.get('retry-after')).toBe('120')
      server.advance(120)
      const cancelled = await verb('cancel', order.order_id)
      expect(cancelled).toEqual({ ...order, status: 'cancelled' })
      expect(await balance()).toBe(before)
      await refuses('cancel', order.order_id, [409, 'order_not_pending'])
      expect(await balance()).toBe(before)
    })

    it('is refused once there is an OTP', async () => {
      const order = await newOne()
      await receive(order.phone_number, 'Sender', 'Your code is 593821')
      server.advance(121)
      await refuses('cancel', order.order_id, [409, 'order_not_pending'])
    })
  })

  describe('/order/finish', () => {
    it('needs an OTP, ends the order, and may be repeated', async () => {
      const order = await newOne()
      await refuses('finish', order.order_id, [409, 'no_otp_yet'])
      await receive(order.phone_number, 'Sender', 'Your code is 593821')
      expect((await verb('finish', order.order_id)).status).toBe('success')
      expect((await verb('finish', order.order_id)).status).toBe('success')
    })

    it('does not end what is over', async () => {
      const order = await newOne()
      server.advance(121)
      await verb('cancel', order.order_id)
      await refuses('finish', order.order_id, [409, 'order_closed'])
      await refuses('resend', order.order_id, [409, 'order_closed'])
    })
  })

  describe('/order/resend', () => {
    it('is taken once for each OTP, and resets nothing', async () => {
      const order = await newOne()
      await refuses('resend', order.order_id, [409, 'no_otp_yet'])
      await receive(order.phone_number, 'Sender', 'Your code is 593821')
      const before = await balance()
      const resent = await verb('resend', order.order_id)
      expect(resent).toMatchObject({
        status: 'otp_received',
        otp_code: '593821',
        resend_count: 1,
        resend_locked_until: order.expires_at,
      })
      expect(resent.otps).toHaveLength(1)
      await refuses('resend', order.order_id, [429, 'resend_locked'])
      await receive(order.phone_number, 'Sender', 'Your code is 104477')
      expect(await check(order.order_id)).toMatchObject({ resend_locked_until: null })
      expect((await verb('resend', order.order_id)).resend_count).toBe(2)
      expect(await balance()).toBe(before)
    })
  })

  describe('/order/replace', () => {
    it('swaps the number for a fresh one of the same product, in one step', async () => {
      const order = await newOne()
      const before = await balance()
      const fresh = await verb('replace', order.order_id)
      expect(fresh).toMatchObject({
        server: 1,
        status: 'pending',
        price: order.price,
        service_name: order.service_name,
      })
      expect(fresh.order_id).not.toBe(order.order_id)
      expect(fresh.phone_number).not.toBe(order.phone_number)
      expect(await balance()).toBe(before)
      expect((await check(order.order_id)).status).toBe('cancelled')
      await refuses('replace', order.order_id, [409, 'order_not_pending'])
    })

    it('changes nothing when no number is left', async () => {
      const last = await ownService(server.db, { numbers: 1 })
      const order = await create({ product_id: (await productOf(last.id)).id })
      const before = await balance()
      await refuses('replace', order.order_id, [409, 'out_of_stock'])
      expect(await check(order.order_id)).toEqual(order)
      expect(await balance()).toBe(before)
    })

    it('is for server 1 alone', async () => {
      const unsupported = [422, 'replace_unsupported'] as const
      const place = { country_id: us, operator_id: 0 }
      for (const body of [
        { service_id: whatsapp, ...place },
        { service_ids: [telegram, whatsapp], ...place },
        { service_id: special.id },
      ])
        await refuses('replace', (await create(body)).order_id, unsupported)
    })
  })

  it('shows an order that another dialect made, as one of server 1', async () => {
    const { body } = await call<{ number: number }>(server, key, 'POST', '/v1/orders', {
      service: 'whatsapp',
      country: 'US',
    })
    expect(await check(body.number)).toMatchObject({ server: 1, service_name: 'WhatsApp' })
  })
})
