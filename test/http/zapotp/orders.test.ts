// ZapOTP’s orders from renting to their end: pools, lengths, cancelling, states.
import { describe, expect, it } from 'vitest'
import { endOverdueOrders } from '../../harness/ending.ts'
import { call, testCustomer } from '../../harness/server.ts'
import { wanted, zapotpClient } from './client.ts'

const whatsapp = '123e4567-e89b-12d3-a456-426614174000'

describe('zapotp orders', async () => {
  const { server, ask, dataOf, refused, rent, sms, balance, receive } = await zapotpClient()
  const native = async (key: string, id: string) =>
    (await call(server, key, 'GET', `/v1/orders/${id}`)).body

  describe('rents', () => {
    it('from the pool that is named, by text or number', async () => {
      const { key } = await testCustomer(server.db)
      for (const pool of ['2', 2]) {
        const { order_id } = await rent(key, { pool })
        expect((await native(key, order_id)).pool).toBe('2')
      }
      for (const pool of ['99', 'special'])
        expect((await ask(key, 'POST', '/rent', { ...wanted, pool })).status).toBe(422)
      await refused(key, 'POST', '/rent', { ...wanted, pool: '3' }, 409, 'No numbers available')
    })

    it.each(['1d', '3d', '30d'])('for %s', async (duration) => {
      const { key } = await testCustomer(server.db)
      const { order_id, price, expiry } = await rent(key, { duration })
      expect(await native(key, order_id)).toMatchObject({ kind: 'rental', state: 'active' })
      expect(await balance(key)).toBe(100 - price)
      const days =
        (Date.parse(`${expiry.replace(' ', 'T')}Z`) - server.app.now().getTime()) / 86_400_000
      expect(days).toBeCloseTo(Number.parseInt(duration, 10), 3)
    })

    it('for no length that nobody offers, or that is none', async () => {
      const { key } = await testCustomer(server.db)
      await refused(
        key,
        'POST',
        '/rent',
        { ...wanted, duration: '2d' },
        422,
        'duration is not a duration of any rental',
      )
      for (const duration of ['1', 'd', '0d', '-1d', '3h', '1000d', 3])
        expect((await ask(key, 'POST', '/rent', { ...wanted, duration })).status).toBe(422)
      await refused(
        key,
        'POST',
        '/rent',
        { ...wanted, country: 'PL', duration: '3d' },
        409,
        'No numbers available',
      )
    })

    it('nothing when something is missing', async () => {
      const { key } = await testCustomer(server.db)
      const cases: [unknown, string][] = [
        [undefined, 'action is missing'],
        [{}, 'action is missing'],
        [{ ...wanted, action: undefined }, 'action is missing'],
        [{ action: 'rent', country: 'US' }, 'service is missing'],
        [{ ...wanted, service: '' }, 'service is missing'],
        [{ action: 'rent', service: 'whatsapp' }, 'country is missing'],
        [{ action: 'cancel' }, 'order_id is missing'],
      ]
      for (const [body, message] of cases) await refused(key, 'POST', '/rent', body, 400, message)
      for (const body of [undefined, {}, { order_id: '' }])
        await refused(key, 'POST', '/cancel', body, 400, 'order_id is missing')
      for (const query of ['', '?order_id='])
        await refused(key, 'GET', `/sms${query}`, undefined, 400, 'order_id is missing')
    })

    it('nothing when a value is bad', async () => {
      const { key } = await testCustomer(server.db)
      await refused(
        key,
        'POST',
        '/rent',
        { ...wanted, action: 'buy' },
        422,
        'action must be "rent"',
      )
      await refused(key, 'POST', '/rent', [], 422, 'The body must be a JSON object')
      await refused(key, 'POST', '/rent', { ...wanted, service: 'no' }, 404, 'Service not found')
      await refused(key, 'POST', '/rent', { ...wanted, country: 'ZZ' }, 404, 'Country not found')
    })
  })

  describe('cancels', () => {
    const ways: [string, (id: unknown) => [string, object]][] = [
      ['by POST /cancel', (id) => ['/cancel', { order_id: id }]],
      ['by the action of POST /rent', (id) => ['/rent', { action: 'cancel', order_id: id }]],
      ['by POST /cancel.php', (id) => ['/cancel.php', { order_id: id }]],
      [
        'by the action of POST /rent.php',
        (id) => ['/rent.php', { action: 'cancel', order_id: id }],
      ],
    ]
    it.each(ways)('%s', async (_name, way) => {
      const { key } = await testCustomer(server.db)
      const { order_id } = await rent(key)
      const early = await refused(
        key,
        'POST',
        ...way(order_id),
        409,
        'Order cannot be canceled yet. Try again in 120 seconds.',
      )
      expect(early.headers.get('retry-after')).toBe('120')
      server.advance(121)
      for (const id of [order_id, Number(order_id)])
        expect(await dataOf(key, 'POST', ...way(id))).toStrictEqual({
          order_id,
          status: 'CANCELED',
        })
      expect(await sms(key, order_id)).toStrictEqual({
        order_id,
        sms_code: null,
        status: 'CANCELED',
      })
      expect(await balance(key)).toBe(100)
      const { key: other } = await testCustomer(server.db)
      await refused(other, 'POST', ...way(order_id), 404, 'Order not found')
    })

    it('nothing that has its code', async () => {
      const { key } = await testCustomer(server.db)
      const { order_id, number } = await rent(key)
      await receive(number, 'WhatsApp code 593-821')
      server.advance(121)
      await refused(key, 'POST', '/cancel', { order_id }, 409, 'Order cannot be canceled')
    })
  })

  describe('says of', () => {
    it('D3: an activation PENDING, RECEIVED, FINISHED or CANCELED, and its newest code', async () => {
      const { key } = await testCustomer(server.db)
      const { order_id, number } = await rent(key)
      const lost = await rent(key)
      for (const code of ['593-821', '777-111']) {
        await receive(number, `Your WhatsApp code: ${code}`)
        expect(await sms(key, order_id)).toMatchObject({ sms_code: code, status: 'RECEIVED' })
      }
      server.advance(1_201)
      await endOverdueOrders(server.db, server.app.now())
      // A client that polls late loops until it reads RECEIVED.
      expect(await sms(key, order_id)).toMatchObject({ sms_code: '777-111', status: 'RECEIVED' })
      expect(await sms(key, lost.order_id)).toMatchObject({ sms_code: null, status: 'CANCELED' })
      const orders = await dataOf<{ order_id: string; status: string }[]>(key, 'GET', '/orders')
      expect(orders.map((one) => [one.order_id, one.status])).toEqual([
        [lost.order_id, 'CANCELED'],
        [order_id, 'FINISHED'],
      ])
    })

    it('a rental PENDING until a message, then RECEIVED, and FINISHED in the list at its end', async () => {
      const { key } = await testCustomer(server.db)
      const { order_id, number } = await rent(key, { duration: '1d' })
      expect(await sms(key, order_id)).toStrictEqual({
        order_id,
        sms_code: null,
        status: 'PENDING',
      })
      await receive(number, 'Welcome to WhatsApp')
      expect(await sms(key, order_id)).toMatchObject({ sms_code: null, status: 'RECEIVED' })
      await receive(number, 'WhatsApp code 593-821')
      expect(await sms(key, order_id)).toMatchObject({ sms_code: '593-821', status: 'RECEIVED' })
      expect(await dataOf(key, 'GET', '/orders')).toMatchObject([{ order_id, status: 'RECEIVED' }])
      server.advance(86_401)
      await endOverdueOrders(server.db, server.app.now())
      expect(await sms(key, order_id)).toMatchObject({ sms_code: '593-821', status: 'RECEIVED' })
      expect(await dataOf(key, 'GET', '/orders')).toMatchObject([{ order_id, status: 'FINISHED' }])
    })

    it('a rental that was given back CANCELED', async () => {
      const { key } = await testCustomer(server.db)
      const { order_id } = await rent(key, { duration: '30d' })
      expect(await dataOf(key, 'POST', '/cancel', { order_id })).toMatchObject({
        status: 'CANCELED',
      })
      expect(await balance(key)).toBe(100)
    })
  })

  it('shows the orders of other dialects, newest first, 100 at most', async () => {
    const { key } = await testCustomer(server.db)
    const { body } = await call(server, key, 'POST', '/whichotp/api/v1/orders/buy', {
      serviceId: whatsapp,
    })
    const { body: number } = await call(server, key, 'POST', '/otpwall/v1/number', {
      service: 'telegram',
      country: 'pkr',
    })
    const orders = await dataOf<Record<string, unknown>[]>(key, 'GET', '/orders')
    expect(orders).toMatchObject([
      { order_id: number.activation_id, service: 'telegram', status: 'PENDING' },
      { number: (body.phoneNumber as string).slice(1), service: 'whatsapp', status: 'PENDING' },
    ])
    expect((await sms(key, body.id)).status).toBe('PENDING')
    const { body: many } = await call<{ orders?: unknown[] }>(server, key, 'POST', '/v1/orders', {
      service: 'telegram',
      country: 'IN',
      quantity: 20,
    })
    expect(many.orders).toHaveLength(20)
    expect(await dataOf<unknown[]>(key, 'GET', '/orders')).toHaveLength(22)
  })
})
