// The native API: buying with every selection, reading with every filter, pages, the statement.
import { describe, expect, it } from 'vitest'
import { closeCountry, closeService } from '../../src/core/catalog/deny-list.ts'
import { referenceOf } from '../harness/documented.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'

type WireOrder = {
  id: string
  number: number
  state: string
  service: string
  country: string
  operator: string
  pool: string
  offer_id: number
  phone: string
  price: string
  code: string | null
  messages: { text: string }[]
  replaces: string | null
  replaced_by: string | null
}
type Page<T> = { data: T[]; next_cursor: string | null }

describe('the native API', async () => {
  const server = await testServer()
  const own = await ownService(server.db, { numbers: 5, price: '1.25' })
  const reference = await referenceOf(server)
  const { secret } = await testSupplier(server.db)

  const ask = async <T = Record<string, unknown>>(
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
  const buy = (key: string, selection: object = { service: 'whatsapp', country: 'US' }) =>
    ask<WireOrder>(key, 'POST', '/v1/orders', selection)
  const walk = async <T>(key: string, path: string, between?: () => Promise<unknown>) => {
    const found: T[] = []
    let cursor: string | null = null
    do {
      const next: string = cursor === null ? '' : `&cursor=${cursor}`
      const { body } = await ask<Page<T>>(key, 'GET', `${path}${next}`)
      found.push(...body.data)
      cursor = body.next_cursor
      await between?.()
    } while (cursor !== null)
    return found
  }
  const receive = (number: string, sms: string) =>
    call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number, sender: 'WhatsApp', sms },
    })

  describe('buys', () => {
    it('by every name of a service, and in the operator, pool and area that are asked for', async () => {
      const { key } = await testCustomer(server.db)
      const { body: listed } = await ask<{ data: { slug: string; id: string; number: number }[] }>(
        key,
        'GET',
        '/v1/services',
      )
      const service = listed.data.find(({ slug }) => slug === 'whatsapp')
      for (const name of ['whatsapp', 'WhatsApp', service?.id, String(service?.number)]) {
        const { body } = await buy(key, { service: name, country: 'us' })
        expect(body).toMatchObject({ service: 'whatsapp', country: 'US', state: 'waiting' })
      }
      const { body: offers } = await ask<Page<{ operator: string; pool: string; price: string }>>(
        key,
        'GET',
        '/v1/offers?kind=activation&service=whatsapp&country=US&in_stock=true&limit=100',
      )
      for (const { operator, pool, price } of offers.data) {
        const { body } = await buy(key, { service: 'whatsapp', country: 'US', operator, pool })
        expect(body).toMatchObject({ operator, pool, price })
      }
      const area = (await buy(key)).body.phone.slice(2, 5)
      const exact = await buy(key, { service: 'telegram', country: 'US', area_code: area })
      expect(exact.body.phone.slice(2, 5)).toBe(area)
      expect(
        await buy(key, { service: 'telegram', country: 'US', area_code: '999' }),
      ).toMatchObject({
        status: 409,
        body: { code: 'out_of_stock' },
      })
    })

    it('an offer by its id, and nothing that contradicts it', async () => {
      const { key } = await testCustomer(server.db)
      const { body } = await ask<Page<{ id: number; price: string; stock: number }>>(
        key,
        'GET',
        `/v1/offers?service=${own.slug}`,
      )
      const [offer] = body.data
      expect(offer).toMatchObject({ price: '1.25', stock: 5 })
      const bought = await buy(key, { offer_id: offer?.id })
      expect(bought).toMatchObject({ status: 201, body: { offer_id: offer?.id, price: '1.25' } })
      expect(own.phones).toContain(bought.body.phone)
      for (const more of [{ country: 'US' }, { service: 'whatsapp' }])
        expect((await buy(key, { offer_id: offer?.id, ...more })).status).toBeGreaterThanOrEqual(
          400,
        )
      expect(await buy(key, { offer_id: 2_000_000_000 })).toMatchObject({ status: 404 })
    })

    it('for no more than max_price, as a string and as a number', async () => {
      const { key } = await testCustomer(server.db)
      const selection = { service: own.slug, country: own.country }
      for (const max_price of ['1.24', 1.24, '0', 0])
        expect(await buy(key, { ...selection, max_price })).toMatchObject({
          status: 409,
          body: { code: 'price_above_maximum' },
        })
      for (const max_price of ['1.25', 1.25])
        expect(await buy(key, { ...selection, max_price })).toMatchObject({ status: 201 })
      for (const max_price of ['1,25', '-1', '1e3', '', -1, 1e21, 1.234_567])
        expect(await buy(key, { ...selection, max_price })).toMatchObject({
          status: 422,
          body: { errors: [{ pointer: '/max_price' }] },
        })
    })

    it('a quantity, all or none', async () => {
      const { key } = await testCustomer(server.db)
      const { body } = await ask<{ orders: WireOrder[] }>(key, 'POST', '/v1/orders', {
        service: 'whatsapp',
        country: 'US',
        quantity: 3,
      })
      expect(new Set(body.orders.map(({ phone }) => phone)).size).toBe(3)
      const before = (await ask(key, 'GET', '/v1/balance')).body
      const tooMany = { service: own.slug, country: own.country, quantity: 5 }
      expect(await buy(key, tooMany)).toMatchObject({ status: 409, body: { code: 'out_of_stock' } })
      expect((await ask(key, 'GET', '/v1/balance')).body).toEqual(before)
      for (const quantity of [0, 21, 1.5, '2'])
        expect(await buy(key, { service: 'whatsapp', quantity })).toMatchObject({ status: 422 })
    })

    it('nothing that is closed', async () => {
      const { key } = await testCustomer(server.db)
      await closeService(server.db, { actor: 'test', reason: null }, 'telegram', true)
      await closeCountry(server.db, { actor: 'test', reason: null }, 'SE', true)
      expect(await buy(key, { service: 'telegram', country: 'US' })).toMatchObject({
        status: 403,
        body: { code: 'service_closed' },
      })
      expect(await buy(key, { service: 'whatsapp', country: 'SE' })).toMatchObject({
        status: 403,
        body: { code: 'country_closed' },
      })
      await closeService(server.db, { actor: 'test', reason: null }, 'telegram', false)
      await closeCountry(server.db, { actor: 'test', reason: null }, 'SE', false)
    })

    it('nothing without a service or an offer, and names the field', async () => {
      const { key } = await testCustomer(server.db)
      for (const [selection, pointer] of [
        [{}, '/service'],
        [{ country: 'US' }, '/service'],
        [{ service: 'whatsapp', country: 'USA' }, '/country'],
        [{ service: 'whatsapp', kind: 'nonsense' }, '/kind'],
        [{ service: 'whatsapp', operator: 'tmobile' }, '/country'],
        [{ service: 'whatsapp', duration: '3d' }, '/duration'],
        [{ service: 'whatsapp', quantity: 99 }, '/quantity'],
        [{ service: 'whatsapp', nonsense: 1 }, '/nonsense'],
      ] as const)
        expect(await buy(key, selection)).toMatchObject({
          status: 422,
          body: { code: 'invalid_request', errors: [{ pointer, detail: expect.any(String) }] },
        })
      const two = await buy(key, { service: 7, country: 'USA' })
      expect(two.body).toMatchObject({ errors: [{ pointer: '/service' }, { pointer: '/country' }] })
    })
  })

  describe('reads', () => {
    it('orders by state, service, country and phone', async () => {
      const { key } = await testCustomer(server.db)
      const american = (await buy(key)).body
      const polish = (await buy(key, { service: 'telegram', country: 'PL' })).body
      await receive(american.phone, 'Your WhatsApp code: 593-821')
      const found = async (query: string) =>
        (await walk<WireOrder>(key, `/v1/orders?${query}`)).map(({ id }) => id)
      expect(await found('')).toEqual([polish.id, american.id])
      expect(await found('state=received')).toEqual([american.id])
      expect(await found('state=waiting')).toEqual([polish.id])
      expect(await found('service=telegram')).toEqual([polish.id])
      expect(await found('country=pl')).toEqual([polish.id])
      expect(await found(`phone=${encodeURIComponent(american.phone)}`)).toEqual([american.id])
      expect(await found(`phone=${american.phone.slice(1)}`)).toEqual([american.id])
      expect(await found('kind=rental')).toEqual([])
      const { body } = await ask<WireOrder>(key, 'GET', `/v1/orders/${american.number}`)
      expect(body).toMatchObject({
        id: american.id,
        code: '593821',
        messages: [{ text: 'Your WhatsApp code: 593-821', code: '593821', sender: 'WhatsApp' }],
      })
    })

    it('all pages without gaps or repeats while orders are being made', async () => {
      const { key } = await testCustomer(server.db)
      const { key: other } = await testCustomer(server.db)
      const made: string[] = []
      for (let i = 0; i < 23; i++) made.unshift((await buy(key)).body.id)
      const found = await walk<WireOrder>(key, '/v1/orders?limit=5', async () => {
        await buy(key)
        await buy(other)
      })
      expect(found.map(({ id }) => id)).toEqual(made)
      expect((await walk(key, '/v1/orders?limit=100')).length).toBe(23 + 5)
    })

    it('all offers by pages, each once', async () => {
      const { key } = await testCustomer(server.db)
      const all = await walk<{ id: number }>(key, '/v1/offers?country=US&limit=100')
      const some = await walk<{ id: number }>(key, '/v1/offers?country=US&limit=37')
      expect(some).toEqual(all)
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
      const cheap = await walk<{ price: string }>(key, '/v1/offers?max_price=0.20&limit=100')
      expect(cheap.length).toBeGreaterThan(0)
      for (const { price } of cheap) expect(Number(price)).toBeLessThanOrEqual(0.2)
    })

    it('a statement whose balances follow from each other', async () => {
      const { key } = await testCustomer(server.db)
      const kept = (await buy(key)).body
      const returned = (await buy(key)).body
      await receive(kept.phone, 'Your WhatsApp code: 593-821')
      server.advance(121)
      await ask(key, 'POST', `/v1/orders/${returned.id}/cancel`)
      type Line = { type: string; change: string; balance_after: string | null; order_id: string }
      const lines = await walk<Line>(key, '/v1/transactions?limit=2')
      expect(lines.map(({ type }) => type)).toEqual(['void', 'post', 'hold', 'hold', 'credit'])
      expect(lines.map(({ order_id }) => order_id)).toEqual([
        returned.id,
        kept.id,
        returned.id,
        kept.id,
        null,
      ])
      let balance = 0
      for (const { change, balance_after } of lines.toReversed()) {
        balance = Math.round((balance + Number(change)) * 10_000) / 10_000
        if (balance_after !== null) expect(Number(balance_after)).toBe(balance)
      }
      const { body } = await ask<{ balance: string }>(key, 'GET', '/v1/balance')
      expect(Number(body.balance)).toBe(balance)
      expect((await ask(key, 'GET', '/v1/account')).body).toMatchObject(body)
    })
  })

  it('replaces, resends and finishes', async () => {
    const { key } = await testCustomer(server.db)
    const first = (await buy(key)).body
    const second = (await ask<WireOrder>(key, 'POST', `/v1/orders/${first.id}/replace`)).body
    expect(second).toMatchObject({ replaces: first.id, state: 'waiting', price: first.price })
    expect(second.phone).not.toBe(first.phone)
    const old = (await ask<WireOrder>(key, 'GET', `/v1/orders/${first.id}`)).body
    expect(old).toMatchObject({ state: 'cancelled', replaced_by: second.id })
    const verb = (name: string) => ask<WireOrder>(key, 'POST', `/v1/orders/${second.id}/${name}`)
    for (const [name, code] of [
      ['finish', 'order_not_finishable'],
      ['resend', 'order_not_resendable'],
    ] as const)
      expect(await verb(name)).toMatchObject({ status: 409, body: { code } })
    await receive(second.phone, 'Your WhatsApp code: 111-222')
    expect(await verb('replace')).toMatchObject({
      status: 409,
      body: { code: 'order_not_replaceable' },
    })
    expect((await verb('resend')).body).toMatchObject({ resend_count: 1, resend_pending: true })
    expect(await verb('resend')).toMatchObject({ status: 409, body: { code: 'resend_pending' } })
    await receive(second.phone, 'Your WhatsApp code: 333-444')
    expect((await verb('finish')).body).toMatchObject({ state: 'finished', code: '333444' })
    expect((await verb('finish')).status).toBe(200)
    expect((await ask(key, 'GET', '/v1/balance')).body).toMatchObject({
      balance: (100 - Number(second.price)).toFixed(2),
    })
  })
})
