// O4: an order for several services on one number has one hold for each. Each is paid by its own first code,
// and what no code has paid for is refunded when the order ends.
import { describe, expect, it } from 'vitest'
import { setRate } from '../../src/core/catalog/rates.ts'
import { endOverdueOrders } from '../harness/ending.ts'
import { testCustomer } from '../harness/server.ts'
import { expectCleanAudit } from '../promises/market.ts'
import { type Line, type Order, type Quote, severalServices, windowS } from './several-services.ts'

const pair = 'whatsapp,telegram'

describe('O4: an order for several services', async () => {
  const { server, app, db, ask, buy, read, verb, balance, send, states, lastCode } =
    await severalServices()
  const eventsOf = async ({ number }: Order) =>
    (
      await db.query<{ type: string }>('select type from events where order_id = $1 order by id', [
        number,
      ])
    ).map((row) => row.type)

  it('shows the price of each service before it is bought, and buys at that price', async () => {
    const { status, body: quote } = await ask<Quote>(
      'GET',
      `/v1/quotes?services=${pair}&country=GB`,
    )
    expect({ status, quote }).toMatchObject({
      status: 200,
      quote: {
        services: [
          { service: 'whatsapp', price: '0.40' },
          { service: 'telegram', price: '0.30' },
        ],
        price: '0.70',
        currency: 'USD',
      },
    })
    const before = await balance()
    const order = await buy()
    expect(order).toMatchObject({ price: quote.price, state: 'waiting', services: quote.services })
    expect(states(order)).toEqual(['held', 'held'])
    expect(await balance()).toBeCloseTo(before - 0.7, 4)
    await verb('cancel', order.id)
  })

  it.each([
    ['', 422],
    ['services=whatsapp', 422],
    ['services=whatsapp,whatsapp', 422],
    ['services=a,b,c,d,e,f', 422],
    ['services=whatsapp,nonsense', 404],
    ['services=whatsapp,telegram&operator=drama', 422],
    ['services=whatsapp,telegram&country=FR', 404],
  ])('quotes nothing for %j', async (query, status) => {
    const reply = await ask('GET', `/v1/quotes?${query}`)
    expect(reply.status, JSON.stringify(reply.body)).toBe(status)
  })

  it('charges for the service whose code came, and refunds the other when it is finished', async () => {
    const before = await balance()
    const { id, phone } = await buy()
    await send(phone, 'Telegram')
    expect(await read(id)).toMatchObject({
      state: 'received',
      services: [
        { service: 'whatsapp', price: '0.40', state: 'held', code: null },
        { service: 'telegram', price: '0.30', state: 'paid', code: lastCode() },
      ],
    })
    expect(await verb('cancel', id)).toMatchObject({
      status: 409,
      body: { code: 'order_not_cancellable' },
    })
    expect(await balance()).toBeCloseTo(before - 0.7, 4)
    const { body: finished } = await verb('finish', id)
    expect(finished).toMatchObject({ state: 'finished', price: '0.70' })
    expect(states(finished)).toEqual(['refunded', 'paid'])
    expect(await balance()).toBeCloseTo(before - 0.3, 4)
    expect(await eventsOf(finished)).toEqual([
      ...['order.created', 'message.received', 'order.code_received'],
      ...['order.finished', 'order.refunded'],
    ])
    const { body: lines } = await ask<{ data: Line[] }>('GET', '/v1/transactions?limit=4')
    expect(lines.data.map(({ type, amount }) => `${type} ${amount}`)).toEqual([
      ...['void 0.40', 'post 0.30', 'hold 0.30', 'hold 0.40'],
    ])
    expect((await verb('finish', id)).body).toEqual(finished)
    await expectCleanAudit(db)
  })

  it('refunds the services without a code when the window is over', async () => {
    const before = await balance()
    const one = await buy()
    const none = await buy()
    await send(one.phone, 'WhatsApp')
    server.advance(windowS)
    await endOverdueOrders(db, app.now())
    const [finished, expired] = [await read(one.id), await read(none.id)]
    expect([finished.state, ...states(finished)]).toEqual(['finished', 'paid', 'refunded'])
    expect([expired.state, ...states(expired)]).toEqual(['expired', 'refunded', 'refunded'])
    expect(await balance()).toBeCloseTo(before - 0.4, 4)
    await expectCleanAudit(db)
  })

  it('charges for all when all codes came, and says nothing of a refund', async () => {
    const before = await balance()
    const order = await buy(['whatsapp', 'telegram', 'other'])
    for (const sender of ['WhatsApp', 'Telegram', '12345']) await send(order.phone, sender)
    expect(states(await read(order.id))).toEqual(['paid', 'paid', 'paid'])
    await verb('finish', order.id)
    expect(await balance()).toBeCloseTo(before - 0.9, 4)
    expect(await eventsOf(order)).not.toContain('order.refunded')
  })

  it('gives all of it back when it is cancelled before a code', async () => {
    const before = await balance()
    const order = await buy()
    const { status, body: cancelled } = await verb('cancel', order.id)
    expect([status, cancelled.state, ...states(cancelled)]).toEqual([
      ...[200, 'cancelled', 'refunded', 'refunded'],
    ])
    expect(await balance()).toBeCloseTo(before, 4)
    expect(await send(order.phone, 'WhatsApp')).toEqual([])
    expect(await balance()).toBeCloseTo(before, 4)
  })

  it('charges nothing for another code of a service that was paid for', async () => {
    const before = await balance()
    const { id, phone } = await buy()
    for (let times = 0; times < 3; times++) await send(phone, 'Telegram')
    await verb('resend', id)
    await send(phone, 'Telegram')
    const order = await read(id)
    expect(states(order)).toEqual(['held', 'paid'])
    expect(order).toMatchObject({ resend_pending: false, code: lastCode() })
    expect(order.services[1]?.code).toBe(lastCode())
    await verb('finish', id)
    expect(await balance()).toBeCloseTo(before - 0.3, 4)
  })

  it('charges nothing for a code that comes when the service was refunded', async () => {
    const before = await balance()
    const { id, phone } = await buy()
    await send(phone, 'Telegram')
    await verb('finish', id)
    expect(await send(phone, 'WhatsApp')).toEqual([])
    expect(states(await read(id))).toEqual(['refunded', 'paid'])
    expect(await balance()).toBeCloseTo(before - 0.3, 4)
  })

  it('charges nothing for a message without a code', async () => {
    const { id, phone } = await buy()
    expect(await send(phone, 'WhatsApp', 'Welcome to WhatsApp!')).toEqual([id])
    expect(states(await read(id))).toEqual(['held', 'held'])
  })

  describe('a code that does not tell its service', () => {
    it('pays for the cheapest that waits, then for the next', async () => {
      const { id, phone } = await buy()
      expect(await send(phone, '12345')).toEqual([id])
      const once = await read(id)
      expect(once.services).toMatchObject([
        { state: 'held', code: null },
        { state: 'paid', code: lastCode() },
      ])
      expect(once.messages).toMatchObject([{ service: null, code: lastCode() }])
      await send(phone, 'Telegram')
      expect(states(await read(id))).toEqual(['held', 'paid'])
      await send(phone, '12345')
      expect(states(await read(id))).toEqual(['paid', 'paid'])
    })

    it('pays for the only one that waits', async () => {
      const { id, phone } = await buy()
      await send(phone, 'Telegram')
      await send(phone, '12345')
      expect(states(await read(id))).toEqual(['paid', 'paid'])
    })

    it('is taken for the one that was asked for again, and pays for nothing', async () => {
      const { id, phone } = await buy()
      await send(phone, 'Telegram')
      await verb('resend', id)
      await send(phone, '12345')
      const order = await read(id)
      expect(order).toMatchObject({ resend_pending: false, code: lastCode() })
      expect(states(order)).toEqual(['held', 'paid'])
    })

    it('reaches the order when it names two of its services', async () => {
      const { id, phone } = await buy()
      const sms = 'Telegram or WhatsApp: your code is 778899'
      expect(await send(phone, '12345', sms)).toEqual([id])
      expect(states(await read(id)).filter((state) => state === 'paid')).toHaveLength(1)
    })
  })

  it('pays for both when their codes come at once', async () => {
    for (let round = 0; round < 20; round++) {
      const { id, phone } = await buy()
      await Promise.all([send(phone, 'Telegram'), send(phone, 'WhatsApp'), send(phone, 'Telegram')])
      const order = await read(id)
      expect(states(order)).toEqual(['paid', 'paid'])
      await verb('finish', id)
    }
    await expectCleanAudit(db)
  })

  it('is neither replaced nor repeated', async () => {
    const { id } = await buy()
    expect((await verb('replace', id)).status).toBe(409)
    await verb('cancel', id)
    expect((await ask('POST', `/v1/orders/${id}/repeat`, {})).status).toBe(409)
  })

  it('refuses a sum above max_price, and one that the balance does not cover', async () => {
    const { key: poor } = await testCustomer(db, { credit: '0.69' })
    const selection = { services: ['whatsapp', 'telegram'], country: 'GB' }
    expect(await ask('POST', '/v1/orders', { ...selection, max_price: '0.69' })).toMatchObject({
      status: 409,
      body: { code: 'price_above_maximum' },
    })
    expect(await ask('POST', '/v1/orders', selection, poor)).toMatchObject({
      status: 402,
      body: { code: 'insufficient_balance' },
    })
    expect(await balance(poor)).toBe(0.69)
  })

  it.each([
    ['IDR', '16384.5'],
    ['EUR', '0.8761'],
    ['JPY', '151.337'],
  ])('has parts that sum to its price in %s', async (currency, rate) => {
    await setRate(db, new Date(), currency, rate)
    const { key: theirs } = await testCustomer(db, { credit: '1000000', currency })
    const before = await balance(theirs)
    const { price, services: parts, id } = await buy(['whatsapp', 'telegram', 'other'], theirs)
    const sum = parts.reduce((total, one) => total + Number(one.price), 0)
    expect(Number(price)).toBeCloseTo(sum, 4)
    expect(await balance(theirs)).toBeCloseTo(before - sum, 4)
    await ask('POST', `/v1/orders/${id}/cancel`, undefined, theirs)
    expect(await balance(theirs)).toBeCloseTo(before, 4)
    await expectCleanAudit(db)
  })
})
