// WhichOtp to the letter: its document's shapes and types, who may call, and in which country it buys.
import { describe, expect, it } from 'vitest'
import { suspendAccount } from '../../src/core/accounts/accounts.ts'
import { createKey, revokeKey } from '../../src/core/accounts/keys.ts'
import { closeService } from '../../src/core/catalog/deny-list.ts'
import { writeSetting } from '../../src/core/settings.ts'
import { referenceOf } from '../harness/documented.ts'
import { endOverdueOrders } from '../harness/ending.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'

const whatsapp = '123e4567-e89b-12d3-a456-426614174000'
const base = '/whichotp/api/v1'

type Bought = { id: string; phoneNumber: string; cost: number; status: string; createdAt: string }
type Listed = { id: string; name: string; price: number; available: boolean }

describe('whichotp', async () => {
  const server = await testServer()
  const reference = await referenceOf(server)
  const { secret } = await testSupplier(server.db)
  // @NOTE before the first request: the server reads its catalog again only now and then
  const own = await ownService(server.db, { numbers: 1 })

  const ask = async <T = Record<string, unknown>>(
    key: string | null,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => {
    const reply = await call<T>(server, key, method, base + path, body, headers)
    reference.check(method, base + path, reply)
    expect(reply.headers.get('content-type')).toMatch(/^application\/json/)
    return reply
  }
  const buy = (key: string, serviceId = whatsapp) =>
    ask<Bought>(key, 'POST', '/orders/buy', { serviceId })
  const services = async (key: string) =>
    (await ask<{ services: Listed[] }>(key, 'GET', '/services')).body.services

  it('answers exactly the fields of the document, with its types', async () => {
    const { key } = await testCustomer(server.db, { credit: '150.5' })
    expect(await ask(key, 'GET', '/balance')).toMatchObject({
      status: 200,
      body: { balance: 150.5, currency: 'USD' },
    })
    const listed = await services(key)
    expect(listed.length).toBeGreaterThanOrEqual(40)
    for (const service of listed)
      expect(service).toStrictEqual({
        id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        name: expect.any(String),
        price: expect.any(Number),
        available: expect.any(Boolean),
      })
    expect(listed.find(({ id }) => id === whatsapp)).toMatchObject({
      name: 'WhatsApp',
      available: true,
    })
    const bought = await buy(key)
    expect(bought.status).toBe(200)
    expect(Object.keys(bought.body)).toEqual(['id', 'phoneNumber', 'cost', 'status', 'createdAt'])
    expect(bought.body.cost).toBe(listed.find(({ id }) => id === whatsapp)?.price)
    expect(bought.body.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    const { id } = bought.body
    const order = await ask(key, 'GET', `/orders/${id}`)
    expect(Object.keys(order.body)).toEqual(['id', 'phoneNumber', 'status', 'smsCode', 'cost'])
    server.advance(121)
    const cancelled = await ask(key, 'POST', `/orders/${id}/cancel`)
    expect(Object.keys(cancelled.body)).toEqual(['id', 'status', 'refundedAmount'])
  })

  it('writes money as a number with the currency’s own decimals', async () => {
    const { key } = await testCustomer(server.db, { currency: 'JPY', credit: '10000' })
    const { body } = await buy(key)
    expect(Number.isInteger(body.cost)).toBe(true)
    expect((await ask(key, 'GET', '/balance')).body).toEqual({
      balance: 10_000 - body.cost,
      currency: 'JPY',
    })
  })

  it('takes the token and the number for an order, and a UUID in any case', async () => {
    const { key } = await testCustomer(server.db)
    const { body } = await buy(key, whatsapp.toUpperCase())
    const number = server.app.ids.fromToken('ord', body.id)
    const byToken = await ask(key, 'GET', `/orders/${body.id}`)
    const byNumber = await ask(key, 'GET', `/orders/${number}`)
    expect(byNumber.body).toEqual(byToken.body)
    server.advance(121)
    expect((await ask(key, 'POST', `/orders/${number}/cancel`)).body.id).toBe(body.id)
  })

  it('says waiting, completed and refunded, also of orders that expired or were finished', async () => {
    const { key } = await testCustomer(server.db)
    const first = (await buy(key)).body
    const second = (await buy(key)).body
    await call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number: second.phoneNumber, sender: 'WhatsApp', sms: 'WhatsApp code 593-821' },
    })
    server.advance(1_201)
    await endOverdueOrders(server.db, server.app.now())
    expect((await ask(key, 'GET', `/orders/${first.id}`)).body).toMatchObject({
      status: 'refunded',
      smsCode: null,
    })
    expect((await ask(key, 'GET', `/orders/${second.id}`)).body).toMatchObject({
      status: 'completed',
      smsCode: '593821',
    })
    expect((await ask(key, 'GET', '/balance')).body).toMatchObject({ balance: 100 - second.cost })
    expect(await ask(key, 'POST', `/orders/${first.id}/cancel`)).toMatchObject({
      status: 409,
      body: { error: 'Order cannot be cancelled' },
    })
  })

  it('names the field that is wrong', async () => {
    const { key } = await testCustomer(server.db)
    const wrong = [{}, { serviceId: null }, { serviceId: 7 }, { serviceId: '' }, { serviceId: 'x' }]
    for (const body of [undefined, ...wrong, { serviceId: `${whatsapp}0` }, { serviceId: [] }])
      expect(await ask(key, 'POST', '/orders/buy', body)).toMatchObject({
        status: 400,
        body: {
          success: false,
          message: 'Validation failed',
          errors: [{ field: 'serviceId', message: 'Invalid serviceId. Must be a valid UUID.' }],
        },
      })
    expect(await ask(key, 'POST', '/orders/buy', [])).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'body', message: 'The body must be a JSON object.' }] },
    })
  })

  it('answers 404 for a service that is not there or is closed', async () => {
    const { key } = await testCustomer(server.db)
    const unknown = await buy(key, '00000000-0000-4000-8000-000000000000')
    expect(unknown).toMatchObject({ status: 404, body: { error: 'Service not found' } })
    await closeService(server.db, { actor: 'test', reason: null }, own.slug, true)
    expect(await buy(key, own.uuid)).toMatchObject({
      status: 404,
      body: { error: 'Service not found' },
    })
    expect((await services(key)).map(({ id }) => id)).not.toContain(own.uuid)
    await closeService(server.db, { actor: 'test', reason: null }, own.slug, false)
    expect((await buy(key, own.uuid)).status).toBe(200)
    expect((await services(key)).find(({ id }) => id === own.uuid)?.available).toBe(false)
    expect(await buy(key, own.uuid)).toMatchObject({
      status: 409,
      body: { error: 'No numbers available' },
    })
  })

  describe('knows its keys:', () => {
    const refusedAs = async (key: string, status: number, error: string) => {
      for (const path of ['/balance', '/services', '/orders/ord_00000000000'])
        expect(await ask(key, 'GET', path)).toMatchObject({ status, body: { error } })
      for (const path of ['/orders/buy', '/orders/ord_00000000000/cancel'])
        expect(await ask(key, 'POST', path, {})).toMatchObject({ status, body: { error } })
    }

    it('a revoked one is refused at once', async () => {
      const { accountId } = await testCustomer(server.db)
      const { key, apiKey } = await createKey(server.db, new Date(), { accountId })
      expect((await ask(key, 'GET', '/balance')).status).toBe(200)
      await revokeKey(server.db, server.app.now(), apiKey.id, accountId)
      await refusedAs(key, 401, 'Invalid API key')
    })

    it('an expired one is refused from the moment that it ends', async () => {
      const { accountId } = await testCustomer(server.db)
      const expiresAt = new Date(server.app.now().getTime() + 60_000)
      const { key } = await createKey(server.db, new Date(), { accountId, expiresAt })
      expect((await ask(key, 'GET', '/balance')).status).toBe(200)
      server.advance(60)
      await refusedAs(key, 401, 'Invalid API key')
    })

    it('one that is used from elsewhere is forbidden', async () => {
      const { accountId } = await testCustomer(server.db)
      const { key } = await createKey(server.db, new Date(), {
        accountId,
        allowedIps: ['203.0.113.0/24'],
      })
      await refusedAs(key, 403, 'Forbidden')
      const near = await createKey(server.db, new Date(), {
        accountId,
        allowedIps: ['127.0.0.0/8'],
      })
      expect((await ask(near.key, 'GET', '/balance')).status).toBe(200)
    })

    it('one of a suspended account is forbidden', async () => {
      const { accountId, key } = await testCustomer(server.db)
      await suspendAccount(server.db, accountId, true)
      await refusedAs(key, 403, 'Account suspended')
    })

    it('one for reading cannot buy', async () => {
      const { key } = await testCustomer(server.db, { scopes: ['read'] })
      expect((await ask(key, 'GET', '/balance')).status).toBe(200)
      expect(await buy(key)).toMatchObject({ status: 403, body: { error: 'Forbidden' } })
    })
  })

  describe('buys where no country is named:', async () => {
    const { accountId } = await testCustomer(server.db)
    const countryOf = async (key: string) => {
      const { body } = await buy(key)
      return (await call(server, key, 'GET', `/v1/orders/${body.id}`)).body.country
    }
    const cheapestIn = async (key: string, country: string | null) => {
      const filter = country === null ? '' : `&country=${country}`
      const { body } = await call<{ data: { price: string }[] }>(
        server,
        key,
        'GET',
        `/v1/offers?service=whatsapp&in_stock=true&limit=100${filter}`,
      )
      return Math.min(...body.data.map((offer) => Number(offer.price)))
    }
    const listedPrice = async (key: string) =>
      (await services(key)).find(({ id }) => id === whatsapp)?.price

    it('in the key’s own, else the platform’s, else where it is cheapest', async () => {
      const { key: plain } = await createKey(server.db, new Date(), { accountId })
      const { key: polish } = await createKey(server.db, new Date(), {
        accountId,
        defaultCountry: 'PL',
      })
      expect(await listedPrice(plain)).toBe(await cheapestIn(plain, null))
      expect((await buy(plain)).body.cost).toBe(await cheapestIn(plain, null))
      expect(await countryOf(polish)).toBe('PL')
      expect(await listedPrice(polish)).toBe(await cheapestIn(polish, 'PL'))

      await writeSetting(
        server.db,
        new Date(),
        { actor: 'test', reason: null },
        'default_country',
        'US',
      )
      await server.app.refresh()
      expect(await countryOf(plain)).toBe('US')
      expect(await listedPrice(plain)).toBe(await cheapestIn(plain, 'US'))
      expect(await countryOf(polish)).toBe('PL')
      await writeSetting(
        server.db,
        new Date(),
        { actor: 'test', reason: null },
        'default_country',
        null,
      )
      await server.app.refresh()
    })
  })
})
