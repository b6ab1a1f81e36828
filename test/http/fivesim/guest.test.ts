// 5sim's guest part: no key, prices as they are nested, and a limit for each address.
import { describe, expect, it } from 'vitest'
import { closeCountry, closeService } from '../../../src/core/catalog/deny-list.ts'
import { lengthName, lengthNamed } from '../../../src/dialects/fivesim/names.ts'
import { networkOf } from '../../../src/http/rates.ts'
import { referenceOf } from '../../harness/documented.ts'
import { call, serverOn, testCustomer, testServer } from '../../harness/server.ts'
import { ownService } from '../../harness/stock.ts'

const base = '/fivesim/v1/guest'

type Prices = Record<string, Record<string, Record<string, { cost: number; count: number }>>>

describe('5sim guests', async () => {
  const server = await testServer()
  const reference = await referenceOf(server)
  const own = await ownService(server.db, { numbers: 3, price: '0.75' })
  const country = own.country.toLowerCase()

  const get = async <T>(path: string, key: string | null = null) => {
    const reply = await call<T>(server, key, 'GET', `${base}${path}`)
    reference.check('GET', `${base}${path}`, reply)
    return reply
  }

  it('see prices by country, product and operator', async () => {
    const offer = { [own.slug]: { cost: 0.75, count: 3 } }
    const both = await get<Prices>(`/prices?country=${country}&product=${own.slug}`)
    expect(both.body).toEqual({ [country]: { [own.slug]: offer } })
    const byProduct = await get<Prices>(`/prices?product=${own.slug}`)
    expect(byProduct.body).toEqual({ [own.slug]: { [country]: offer } })
    const byCountry = (await get<Prices>(`/prices?country=${country}`)).body
    expect(Object.keys(byCountry)).toEqual([country])
    expect(byCountry[country]?.[own.slug]).toEqual(offer)
    const all = (await get<Prices>('/prices')).body
    expect(all[country]).toEqual(byCountry[country])
    expect(Object.keys(all).length).toBeGreaterThan(15)
    expect((await get<Prices>('/prices?country=russia')).body).toEqual({})
  })

  it('hear of names that are none', async () => {
    expect(await get('/prices?country=narnia')).toMatchObject({
      status: 400,
      body: 'country is incorrect',
    })
    expect(await get('/prices?product=narnia')).toMatchObject({
      status: 400,
      body: 'product is incorrect',
    })
    expect(await get('/products/narnia/any')).toMatchObject({ status: 400, body: 'bad country' })
    expect(await get('/products/usa/narnia')).toMatchObject({ status: 400, body: 'bad operator' })
    expect(await get('/flash/xx')).toMatchObject({ status: 400, body: 'bad language' })
  })

  it('see products with rentals among them', async () => {
    const anywhere = await get<Record<string, object>>('/products/any/any')
    expect(anywhere.body[own.slug]).toEqual({ Category: 'activation', Qty: 3, Price: 0.75 })
    const { body } = await get<Record<string, object>>('/products/usa/any')
    expect(body[own.slug]).toBeUndefined()
    expect(body['1day']).toMatchObject({ Category: 'hosting', Price: expect.any(Number) })
    expect(body.whatsapp_1month).toMatchObject({ Category: 'hosting', Price: 12 })
    const operator = await get<Record<string, { Qty: number }>>('/products/usa/tmobile')
    expect(operator.body.whatsapp?.Qty).toBeLessThan((body.whatsapp as { Qty: number }).Qty)
  })

  it('see countries with their operators, in two languages', async () => {
    const { body } = await get<Record<string, object>>('/countries')
    expect(body.england).toMatchObject({
      iso: { gb: 1 },
      prefix: { '+44': 1 },
      text_en: 'United Kingdom',
      text_ru: 'Великобритания',
    })
    const keys = Object.keys(body.england as object)
    expect(keys.slice(0, 4)).toEqual(['iso', 'prefix', 'text_en', 'text_ru'])
    expect(keys.length).toBeGreaterThan(4)
    expect(body[country]).toMatchObject({ [own.slug]: { activation: 1 } })
    expect(body.russia).toBeUndefined()
  })

  it('see prices in the currency of the key that they send', async () => {
    const { key } = await testCustomer(server.db, { currency: 'EUR' })
    const path = `/prices?country=${country}&product=${own.slug}`
    const costOf = async (sent: string) =>
      Object.values((await get<Prices>(path, sent)).body[country]?.[own.slug] ?? {})[0]?.cost
    const bought = await call<{ price: number }>(
      server,
      key,
      'GET',
      `/fivesim/v1/user/buy/activation/${country}/any/${own.slug}`,
    )
    expect(await costOf(key)).toBe(bought.body.price)
    expect(await costOf('nonsense')).toBe(0.75)
    expect(bought.body.price).not.toBe(0.75)
    const products = await get<Record<string, object>>(`/products/${country}/any`, key)
    expect(products.body[own.slug]).toMatchObject({ Price: bought.body.price })
  })

  it('are not asked for a key, and a wrong one does not matter', async () => {
    expect((await get('/flash/en', 'nonsense')).body).toEqual({ text: '' })
  })

  it('do not see what is closed', async () => {
    const other = await ownService(server.db, { numbers: 1 })
    const seen = async () => Object.keys((await get<Prices>(`/prices?product=${other.slug}`)).body)
    expect(await seen()).toEqual([other.slug])
    await closeService(server.db, { actor: 'test', reason: null }, other.slug, true)
    expect(await seen()).toEqual([])
    await closeService(server.db, { actor: 'test', reason: null }, other.slug, false)
    await closeCountry(server.db, { actor: 'test', reason: null }, other.country, true)
    expect(await seen()).toEqual([])
  })

  it('ask as often as a key may, each address for itself', async () => {
    const limited = await serverOn(server.databaseUrl, { NUMLET_RATE_LIMIT: '2' })
    const proxied = await serverOn(server.databaseUrl, {
      NUMLET_RATE_LIMIT: '2',
      NUMLET_TRUST_PROXY: '1',
    })
    const ask = () => call(limited, null, 'GET', `${base}/flash/en`)
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 200])
    const refused = await ask()
    expect(refused).toMatchObject({ status: 429, body: 'api limit is 2 requests per minute' })
    expect(refused.headers.get('retry-after')).toBe('60')
    reference.check('GET', `${base}/flash/en`, refused)
    const { key } = await testCustomer(server.db)
    expect((await call(limited, key, 'GET', '/fivesim/v1/user/profile')).status).toBe(200)
    limited.advance(60)
    expect((await ask()).status).toBe(200)
    const from = (address: string) =>
      call(proxied, null, 'GET', `${base}/flash/en`, undefined, { 'x-forwarded-for': address })
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.2'])
      expect((await from(address)).status).toBe(200)
    expect((await from('192.0.2.1')).status).toBe(429)
  })

  it('count as one where their addresses are one customer’s', () => {
    expect(networkOf('192.0.2.7')).toBe('192.0.2.7')
    expect(networkOf('::ffff:192.0.2.7')).toBe('192.0.2.7')
    expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2')
    expect(networkOf('2001:db8:1:2::1')).toBe('2001:db8:1:2')
    expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0')
    expect(networkOf('::1')).toBe('0:0:0:0')
    expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0')
  })

  it('name lengths as 5sim does', () => {
    const names = { '1hour': 3_600, '3hours': 10_800, '1day': 86_400, '10days': 864_000 }
    for (const [name, seconds] of Object.entries({ ...names, '1month': 2_592_000 })) {
      expect(lengthName(seconds)).toBe(name)
      expect(lengthNamed(name)).toBe(seconds)
    }
    expect(lengthNamed('30days')).toBe(2_592_000)
    for (const name of ['day', '0days', '1week', '1day ', 'whatsapp'])
      expect(lengthNamed(name)).toBeNull()
  })
})
