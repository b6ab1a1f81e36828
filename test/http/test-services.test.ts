// TRIALS A7: the test services. Integrators buy them in every API to see an order end in each way; no list
// shows them by itself.
import { describe, expect, it } from 'vitest'
import { countries } from '../../src/core/catalog/data/load.ts'
import { returnRestedNumbers } from '../../src/core/inventory/inventory.ts'
import { simulateCodes } from '../../src/supply/simulator/simulator.ts'
import { runTestServices } from '../../src/supply/simulator/test-services.ts'
import { referenceOf } from '../harness/documented.ts'
import { endOverdueOrders } from '../harness/ending.ts'
import { call, type Reply, testCustomer, testServer } from '../harness/server.ts'
import { expectCleanAudit } from '../promises/market.ts'

type Ids = {
  whichotp: string
  otpzap: { platform_id: number; service_id: number; product_id?: number }
  zapotp: string
  otpwall: string
  smsverificationservice: { service_id: number }
  handler_api: string
  fivesim: string
}
type Service = { slug: string; id: string; number: number; test: { outcome: string; ids: Ids } }
type Offer = {
  id: number
  service: string
  country: string
  price: string
  stock: number
  test: { ids: Ids }
}
type Order = { id: string; state: string; code: string | null; messages: { code: string }[] }

const outcomes = ['now', 'late', 'two', 'never', 'none_left', 'fails', 'slow'] as const
const slugOf = (outcome: (typeof outcomes)[number]) => `test_${outcome}`
const slugs = outcomes.map(slugOf)
const us = countries.find((row) => row.iso2 === 'US')?.number as number

describe('test services (A7)', async () => {
  const server = await testServer()
  const { app, db } = server
  const reference = await referenceOf(server)
  const { key } = await testCustomer(db, { credit: '100' })
  const handler = await testCustomer(db, { credit: '100', scopes: ['handler-api'] })

  const get = async <T>(path: string, asKey = key) => {
    const reply = await call<T>(server, asKey, 'GET', path)
    reference.check('GET', path, reply)
    return reply
  }
  const tick = () =>
    runTestServices(db, { receive: app.messages.receive, fail: app.orders.fail }, app.now())
  const balance = async () => Number((await get<{ balance: string }>('/v1/balance')).body.balance)
  const buy = async (slug: string, country = 'US') =>
    (await call<Order>(server, key, 'POST', '/v1/orders', { service: slug, country })).body
  const read = async (id: string) => (await get<Order>(`/v1/orders/${id}`)).body
  const services = async () => (await get<{ data: Service[] }>('/v1/services?test=true')).body.data
  const idsOf = async (slug: string) => {
    const path = `/v1/offers?test=true&service=${slug}&country=US`
    return (await get<{ data: Offer[] }>(path)).body.data[0]?.test.ids as Required<Ids>
  }

  it('are listed where they are asked for, with the ids of each API, at 0.01', async () => {
    expect((await services()).map(({ slug }) => slug).sort()).toEqual([...slugs].sort())
    for (const { slug, id, number, test } of await services()) {
      expect(test.outcome).toMatch(/\.$/)
      expect(test.ids).toStrictEqual({
        whichotp: id,
        otpzap: { platform_id: number, service_id: number },
        zapotp: slug,
        otpwall: slug,
        smsverificationservice: { service_id: number },
        handler_api: slug,
        fivesim: slug,
      })
      const offers = (await get<{ data: Offer[] }>(`/v1/offers?test=true&service=${slug}`)).body
        .data
      expect(offers.length).toBeGreaterThan(0)
      for (const offer of offers) {
        expect(offer).toMatchObject({ service: slug, price: '0.01' })
        expect(offer.test.ids.otpzap.product_id).toBe(offer.id)
        expect(offer.stock > 0).toBe(slug !== 'test_none_left')
      }
    }
  })

  const lists = [
    '/v1/services',
    '/v1/offers?limit=100',
    '/v1/offers?service=test_now',
    '/whichotp/api/v1/services',
    '/otpzap/api/v1/services',
    '/otpzap/api/v1/products?limit=100',
    '/otpzap/api/v1/products?limit=100&sort=price_desc',
    '/otpzap/api/v1/s2/services',
    `/otpzap/api/v1/s2/services?country_id=${us}`,
    '/otpzap/api/v1/s2/special',
    '/otpzap/api/v1/s3/sites',
    '/zapotp/account/api/v1/services?country=US',
    '/otpwall/v1/services',
    '/smsverificationservice/api/v1/services/temporary/',
    '/smsverificationservice/api/v1/services/best-temp/',
    '/smsverificationservice/api/v1/services/rental/',
    '/smsverificationservice/api/v1/services/rent-1day/',
    '/smsverificationservice/api/v1/global/services/?country_id=4',
    '/fivesim/v1/guest/products/any/any',
    '/fivesim/v1/guest/products/usa/any',
    '/fivesim/v1/guest/prices',
    '/fivesim/v1/guest/prices?country=usa',
    ...['getServicesList', 'getPrices', 'getPricesExtended', 'getNumbersStatus', 'getPricesV2']
      .concat('getListOfCountriesAndOperators', 'getPricesV3', 'getRentServicesAndCountries')
      .map((action) => `/stubs/handler_api.php?action=${action}&country=187`),
  ]

  it.each(lists)('%s shows none of them', async (path) => {
    const asKey = path.startsWith('/stubs/') ? handler.key : key
    const { status, body } = await call(server, asKey, 'GET', path)
    expect(status).toBe(200)
    const text = JSON.stringify(body)
    expect(text.length).toBeGreaterThan(2)
    expect(text).not.toMatch(/test_|"Test: |\b990\d\b/)
  })

  it('leave lists, counts and prices as they are', async () => {
    const seen = async () =>
      Promise.all(
        lists.slice(3, 20).map(async (path) => (await call(server, key, 'GET', path)).body),
      )
    const before = await seen()
    await db.query(`update services set closed = true where test is not null`)
    expect(await seen()).toEqual(before)
    await db.query(`update services set closed = false where test is not null`)
  })

  it('send a code at once, late, or just before the end, and then no more', async () => {
    const now = await buy('test_now')
    const late = await buy('test_late')
    const slow = await buy('test_slow')
    const never = await buy('test_never')
    const codes = async () =>
      Promise.all([now, late, slow, never].map(async ({ id }) => (await read(id)).code !== null))
    await tick()
    expect(await codes()).toEqual([true, false, false, false])
    server.advance(19)
    await tick()
    expect(await codes()).toEqual([true, false, false, false])
    server.advance(1)
    await tick()
    expect(await codes()).toEqual([true, true, false, false])
    server.advance(1_170)
    await tick()
    await tick()
    expect(await codes()).toEqual([true, true, true, false])
    expect((await read(now.id)).messages).toHaveLength(1)
    server.advance(11)
    await endOverdueOrders(db, app.now())
    expect((await read(never.id)).state).toBe('expired')
  })

  it('send two codes, the second by itself', async () => {
    const { id } = await buy('test_two')
    await tick()
    const [first] = (await read(id)).messages
    await tick()
    expect((await read(id)).messages).toHaveLength(1)
    server.advance(5)
    for (let turn = 0; turn < 3; turn++) await tick()
    const both = await read(id)
    expect(both.messages).toHaveLength(2)
    expect(both.code).not.toBe(first?.code)
  })

  it('send another code where a resend asks for it, and none where none comes', async () => {
    const { id } = await buy('test_now')
    await tick()
    await call(server, key, 'POST', `/v1/orders/${id}/resend`)
    await tick()
    expect((await read(id)).messages).toHaveLength(2)
  })

  it('fail at the supplier: the order ends failed, and the money is back', async () => {
    const before = await balance()
    const { id } = await buy('test_fails')
    expect(await balance()).toBeCloseTo(before - 0.01, 4)
    await tick()
    expect((await read(id)).state).toBe('waiting')
    server.advance(3)
    await tick()
    expect((await read(id)).state).toBe('failed')
    expect(await balance()).toBeCloseTo(before, 4)
    const events = await db.query<{ type: string }>(
      `select type from events where order_id = $1 order by id`,
      [app.ids.fromToken('ord', id)],
    )
    expect(events.map(({ type }) => type)).toEqual([
      'order.created',
      'order.failed',
      'order.refunded',
    ])
    const cancelled = await call(server, key, 'POST', `/v1/orders/${id}/cancel`)
    expect(cancelled.status).toBe(409)
  })

  it('are out of stock where they are said to be', async () => {
    const body = { service: 'test_none_left', country: 'US' }
    expect(await call(server, key, 'POST', '/v1/orders', body)).toMatchObject({
      status: 409,
      body: { code: 'out_of_stock' },
    })
  })

  it('are not touched by what NUMLET_SIMULATOR_AUTO turns on', async () => {
    const { id } = await buy('test_never')
    await simulateCodes(db, app.messages.receive, app.now(), 0)
    expect((await read(id)).messages).toEqual([])
  })

  it('have their numbers back as soon as an order ends', async () => {
    const stock = async () => {
      const rows = await db.query<{ left: number }>(
        `select sum(st.remaining)::int as left from stock st
           join services s on s.id = st.service_id and s.slug = 'test_fails'`,
      )
      return rows[0]?.left
    }
    await returnRestedNumbers(db, app.now())
    const before = await stock()
    await buy('test_fails')
    server.advance(3)
    await tick()
    await returnRestedNumbers(db, app.now())
    expect(await stock()).toBe(before)
  })

  /** A purchase in each API, and the order's id in its answer. */
  const purchases: readonly {
    readonly api: string
    readonly buy: (ids: Required<Ids>) => Promise<Reply>
    readonly id: (reply: Reply) => unknown
    readonly none: readonly [number, string]
  }[] = [
    {
      api: 'whichotp',
      buy: ({ whichotp }) =>
        call(server, key, 'POST', '/whichotp/api/v1/orders/buy', { serviceId: whichotp }),
      id: ({ body }) => body.id,
      none: [409, 'No numbers available'],
    },
    {
      api: 'otpzap, server 1',
      buy: ({ otpzap: { product_id } }) =>
        call(server, key, 'POST', '/otpzap/api/v1/order/create', { product_id }),
      id: ({ body }) => (body.data as { order_id: number } | undefined)?.order_id,
      none: [409, 'out_of_stock'],
    },
    {
      api: 'otpzap, server 2',
      buy: ({ otpzap: { service_id } }) =>
        call(server, key, 'POST', '/otpzap/api/v1/order/create', {
          service_id,
          country_id: us,
          operator_id: 0,
        }),
      id: ({ body }) => (body.data as { order_id: number } | undefined)?.order_id,
      none: [409, 'out_of_stock'],
    },
    {
      api: 'zapotp',
      buy: ({ zapotp: service }) =>
        call(server, key, 'POST', '/zapotp/account/api/v1/rent', {
          action: 'rent',
          service,
          country: 'US',
          pool: '1',
        }),
      id: ({ body }) => (body.data as { order_id: string } | undefined)?.order_id,
      none: [409, 'No numbers available'],
    },
    {
      api: 'otpwall',
      buy: ({ otpwall: service }) =>
        call(server, key, 'POST', '/otpwall/v1/number', { service, country: 'us' }),
      id: ({ body }) => body.activation_id,
      none: [409, 'No numbers available'],
    },
    ...(['temporary', 'global'] as const).map((what) => ({
      api: `smsverificationservice, ${what}`,
      buy: ({ smsverificationservice }: Required<Ids>) =>
        call(server, key, 'POST', `/smsverificationservice/api/v1/order/${what}/`, {
          ...smsverificationservice,
          ...(what === 'global' ? { country_id: 4 } : {}),
        }),
      id: ({ body }: Reply) => (body.data as { order_id: number } | undefined)?.order_id,
      none: [404, `Service not ${what === 'global' ? 'available' : 'found'}`] as const,
    })),
    {
      api: '5sim',
      buy: ({ fivesim }) =>
        call(server, key, 'GET', `/fivesim/v1/user/buy/activation/usa/any/${fivesim}`),
      id: ({ body }) => body.id,
      none: [200, 'no free phones'],
    },
    {
      api: 'handler_api',
      buy: ({ handler_api }) =>
        call(
          server,
          handler.key,
          'GET',
          `/stubs/handler_api.php?action=getNumber&service=${handler_api}&country=187`,
        ),
      id: ({ body }) => String(body).split(':')[1],
      none: [200, 'NO_NUMBERS'],
    },
  ]

  it.each(purchases)('are bought by $api', async ({ api, buy: purchase, id, none }) => {
    const reply = await purchase(await idsOf('test_now'))
    expect([200, 201], JSON.stringify(reply.body)).toContain(reply.status)
    await tick()
    const accountId = api === 'handler_api' ? handler.accountId : undefined
    const [order] = await db.query<{ price: bigint; slug: string; state: string }>(
      `select o.price, s.slug, o.state from orders o join services s on s.id = o.service_id
        where o.id = $1 and ($2::int is null or o.account_id = $2)`,
      [app.ids.fromToken('ord', String(id(reply))) ?? id(reply), accountId ?? null],
    )
    expect(order).toEqual({ price: 100n, slug: 'test_now', state: 'received' })
    const refused = await purchase(await idsOf('test_none_left'))
    expect([refused.status, JSON.stringify(refused.body)]).toEqual([
      none[0],
      expect.stringContaining(none[1]),
    ])
  })

  it('are bought by UUID, by offer and several together', async () => {
    const [offer] = (await get<{ data: Offer[] }>('/v1/offers?test=true&service=test_now')).body
      .data
    const byOffer = await call(server, key, 'POST', '/v1/orders', { offer_id: offer?.id })
    expect(byOffer).toMatchObject({ status: 201, body: { service: 'test_now', price: '0.01' } })
    const together = { services: ['test_now', 'test_two'], country: 'US' }
    const both = await call<Order>(server, key, 'POST', '/v1/orders', together)
    expect(both.status, JSON.stringify(both.body)).toBe(201)
    await tick()
    expect((await read(both.body.id)).messages).toHaveLength(2)
  })

  it('leave the books right', async () => {
    await expectCleanAudit(db)
  })
})

describe('test services without demo data (A7)', async () => {
  const server = await testServer({ template: 'catalog' })
  const { key } = await testCustomer(server.db)

  it('are not there', async () => {
    for (const list of ['services', 'offers'])
      expect((await call(server, key, 'GET', `/v1/${list}?test=true`)).body.data).toEqual([])
    const body = { service: 'test_now', country: 'US' }
    expect((await call(server, key, 'POST', '/v1/orders', body)).status).toBe(404)
  })
})
