// A key with a limit never spends more on a day, in every API, however many purchases are made at once.
import { describe, expect, it } from 'vitest'
import { createKey } from '../../src/core/accounts/keys.ts'
import { refund } from '../../src/core/operating/orders.ts'
import { referenceOf } from '../harness/documented.ts'
import { call, serverOn, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { expectCleanAudit } from './market.ts'

type Key = {
  id: string
  key: string
  max_spend_a_day: string | null
  spent_today: string | null
}
type Order = { id: string; price: string; phone: string }
type Problem = { code: string; max_spend_a_day: string; spent_today: string }

describe('the spending limit of a key', async () => {
  const server = await testServer({ env: { NUMLET_CANCEL_COOLDOWN_S: '0' } })
  const { app, db } = server
  const described = await referenceOf(server)
  const { secret } = await testSupplier(db)
  const usual = { service: 'whatsapp', country: 'US' }

  const customer = async () => {
    const { key, accountId } = await testCustomer(db, { credit: '1000' })
    const ask = async <T = Order>(method: string, path: string, body?: unknown, by = key) => {
      const reply = await call<T>(server, by, method, path, body)
      described.check(method, path, reply)
      return reply
    }
    const [first] = (
      await ask<{ data: { price: string }[] }>('GET', '/v1/offers?service=whatsapp&country=US')
    ).body.data
    expect(Number(first?.price)).toBeGreaterThan(0)
    const newKey = async (body: object) => (await ask<Key>('POST', '/v1/keys', body)).body
    const shown = async (id: string) =>
      (await ask<{ data: Key[] }>('GET', '/v1/keys?limit=100')).body.data.find(
        (one) => one.id === id,
      )
    return { key, accountId, ask, newKey, shown }
  }
  /** The price of one order. */
  const priceOf = async (by: string) => {
    const { body } = await call<Order>(server, by, 'POST', '/v1/orders', usual)
    await call(server, by, 'POST', `/v1/orders/${body.id}/cancel`)
    return Number(body.price)
  }

  it('holds for 200 purchases at once, on two servers', async () => {
    const { key, newKey, shown } = await customer()
    const other = await serverOn(server.databaseUrl, { NUMLET_CANCEL_COOLDOWN_S: '0' })
    const each = await priceOf(key)
    const most = 7
    const capped = await newKey({ max_spend_a_day: (each * most + each / 2).toFixed(4) })
    const replies = await Promise.all(
      Array.from({ length: 200 }, (_, at) =>
        call<Order & Problem>(at % 2 ? server : other, capped.key, 'POST', '/v1/orders', {
          ...usual,
          ...(at % 10 === 0 ? { quantity: 2 } : {}),
        }),
      ),
    )
    const bought = await db.query<{ price: bigint }>('select price from orders where key_id = $1', [
      Number(app.ids.fromToken('key', capped.id)),
    ])
    expect(bought.length).toBeLessThanOrEqual(most)
    expect(bought.length).toBeGreaterThan(0)
    const refused = replies.filter(({ status }) => status !== 201)
    for (const { status, body } of refused) {
      expect(status).toBe(402)
      expect(body).toMatchObject({
        code: 'key_limit_reached',
        max_spend_a_day: capped.max_spend_a_day,
      })
    }
    expect(Number((await shown(capped.id))?.spent_today)).toBeCloseTo(bought.length * each)
    // Another key of the account goes on.
    expect((await call(server, key, 'POST', '/v1/orders', usual)).status).toBe(201)
    await expectCleanAudit(db)
  })

  it('counts every way to spend, and gives back what came back whole', async () => {
    const { key, ask, newKey, shown } = await customer()
    const each = await priceOf(key)
    const rental = await ask('POST', '/v1/orders', { kind: 'rental', ...usual, duration: '3d' })
    const perRental = Number(rental.body.price)
    const limit = each + 2 * perRental
    const capped = await newKey({ max_spend_a_day: limit.toFixed(2) })
    const spent = async () => Number((await shown(capped.id))?.spent_today)
    const by = capped.key
    const first = (await ask('POST', '/v1/orders', usual, by)).body
    const rented = await ask('POST', '/v1/orders', { kind: 'rental', ...usual, duration: '3d' }, by)
    expect(rented.status).toBe(201)
    expect(await spent()).toBeCloseTo(each + perRental)
    expect((await ask('POST', `/v1/orders/${rented.body.id}/renew`, undefined, by)).status).toBe(
      200,
    )
    expect(await spent()).toBeCloseTo(limit)
    for (const body of [
      usual,
      { kind: 'email', site: 'example.com' },
      { services: ['whatsapp', 'telegram'], country: 'US' },
      { kind: 'rental', ...usual, duration: '3d' },
      { kind: 'esim', plan: 'USA 1GB / 7 days' },
    ]) {
      const reply = await ask<Problem>('POST', '/v1/orders', body, by)
      expect(reply.body.code, JSON.stringify(body)).toBe('key_limit_reached')
    }
    expect((await ask('POST', `/v1/orders/${rented.body.id}/renew`, undefined, by)).status).toBe(
      402,
    )
    await ask('POST', `/v1/orders/${first.id}/cancel`, undefined, by)
    expect(await spent()).toBeCloseTo(2 * perRental)
    const again = (await ask('POST', '/v1/orders', usual, by)).body
    await call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number: again.phone, sender: 'WhatsApp', sms: 'Your WhatsApp code: 123-456' },
    })
    expect((await ask('POST', `/v1/orders/${again.id}/finish`, undefined, by)).status).toBe(200)
    expect(await spent()).toBeCloseTo(limit)
    expect((await ask('POST', '/v1/orders', usual, by)).status).toBe(402)
  })

  it('is free again for an order that an operator refunds', async () => {
    const { key, ask, newKey, shown } = await customer()
    const each = await priceOf(key)
    const capped = await newKey({ max_spend_a_day: (2.5 * each).toFixed(4) })
    const spent = async () => Number((await shown(capped.id))?.spent_today)
    const order = (await ask('POST', '/v1/orders', usual, capped.key)).body
    expect((await ask('POST', '/v1/orders', usual, capped.key)).status).toBe(201)
    await call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number: order.phone, sender: 'WhatsApp', sms: 'Your WhatsApp code: 123-456' },
    })
    expect((await ask('POST', '/v1/orders', usual, capped.key)).status).toBe(402)
    const by = { actor: 'tester', reason: 'a used number' }
    const id = app.ids.fromToken('ord', order.id) as bigint
    for (const changed of [true, false]) {
      expect(await refund(db, app.now(), by, id)).toMatchObject({ changed })
      expect(await spent()).toBeCloseTo(each)
    }
    expect((await ask('POST', '/v1/orders', usual, capped.key)).status).toBe(201)
    await expectCleanAudit(db)
  })

  it('is refused in the words of each API', async () => {
    const { accountId } = await customer()
    const keyOf = async (...scopes: string[]) =>
      (await createKey(db, app.now(), { accountId, scopes, maxSpendADay: 1n })).key
    const plain = await keyOf('read', 'buy')
    const stubs = await keyOf('handler-api')
    const tries: [method: string, path: string, body: object | undefined, status: number][] = [
      ['POST', '/v1/orders', usual, 402],
      [
        'POST',
        '/whichotp/api/v1/orders/buy',
        { serviceId: '123e4567-e89b-12d3-a456-426614174000' },
        402,
      ],
      ['GET', '/fivesim/v1/user/buy/activation/usa/any/whatsapp', undefined, 400],
    ]
    for (const [method, path, body, status] of tries) {
      const reply = await call<unknown>(server, plain, method, path, body)
      expect(reply.status, `${path} ${JSON.stringify(reply.body)}`).toBe(status)
    }
    const path = '/stubs/handler_api.php?action=getNumber&service=wa&country=187'
    expect((await call<unknown>(server, stubs, 'GET', path)).body).toBe('NO_BALANCE')
  })

  it('is changed at once, counts what was spent before, and ends with the day', async () => {
    const { ask, newKey, shown, key } = await customer()
    const each = await priceOf(key)
    const made = await newKey({ name: 'bot', scopes: ['read', 'buy'] })
    expect(made).toMatchObject({ max_spend_a_day: null, spent_today: null })
    for (let at = 0; at < 3; at++)
      expect((await ask('POST', '/v1/orders', usual, made.key)).status).toBe(201)
    const path = `/v1/keys/${made.id}`
    const set = await ask<Key>('PATCH', path, { max_spend_a_day: (4 * each).toFixed(2) })
    expect(set.body).toMatchObject({
      max_spend_a_day: (4 * each).toFixed(2),
      spent_today: (3 * each).toFixed(2),
    })
    expect((await ask('POST', '/v1/orders', usual, made.key)).status).toBe(201)
    expect((await ask('POST', '/v1/orders', usual, made.key)).status).toBe(402)
    server.advance(24 * 60 * 60)
    expect((await shown(made.id))?.spent_today).toBe('0.00')
    expect((await ask('POST', '/v1/orders', usual, made.key)).status).toBe(201)
    await ask('PATCH', path, { max_spend_a_day: null, name: 'free' })
    for (let at = 0; at < 5; at++)
      expect((await ask('POST', '/v1/orders', usual, made.key)).status).toBe(201)
    expect(await shown(made.id)).toMatchObject({ name: 'free', max_spend_a_day: null })
  })

  it('is not got around, nor changed by others', async () => {
    const [owner, stranger] = [await customer(), await customer()]
    const capped = await owner.newKey({ max_spend_a_day: '5' })
    const path = `/v1/keys/${capped.id}`
    for (const [method, url, body] of [
      ['POST', '/v1/keys', { name: 'more' }],
      ['PATCH', path, { max_spend_a_day: null }],
      ['PATCH', path, { scopes: ['read', 'buy', 'manage'] }],
    ] as const)
      expect((await owner.ask(method, url, body, capped.key)).status).toBe(403)
    expect((await stranger.ask('PATCH', path, { max_spend_a_day: null })).status).toBe(404)
    for (const cap of ['0', '-1', 'much', 0, '1e9', true])
      expect((await owner.ask('PATCH', path, { max_spend_a_day: cap })).status, String(cap)).toBe(
        422,
      )
    expect((await owner.ask('PATCH', path, { scopes: ['all'] })).status).toBe(422)
    expect((await owner.shown(capped.id))?.max_spend_a_day).toBe('5.00')
  })
})
