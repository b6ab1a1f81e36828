// OTPZap's lists: server 1 with its pages and sorts, server 2 with its operators and special services.
import { describe, expect, it } from 'vitest'
import { closeService } from '../../../src/core/catalog/deny-list.ts'
import { testCustomer, testServer } from '../../harness/server.ts'
import { ownService } from '../../harness/stock.ts'
import { asking, countryId } from './asking.ts'

type Named = { id: number; name: string }
type Product = {
  id: number
  platform_id: number
  platform_name: string
  country_id: number
  country_name: string
  tier: string
  price: number
  stock: number
}
type Page = { products: Product[]; page: number; limit: number; total: number; pages: number }
type Priced = Named & { price: number; stock: number; multiservice?: boolean }

const google = 1
const whatsapp = 1012
const indonesia = 7

describe('otpzap lists', async () => {
  const server = await testServer()
  const own = await ownService(server.db, { numbers: 3, price: '0.37' })
  const { data, refused } = await asking(server)
  const { key } = await testCustomer(server.db, { credit: '150.5' })
  const products = (query = '') => data<Page>(key, 'GET', `/products?${query}`)

  it('/balance: a number and its currency', async () => {
    expect(await data(key, 'GET', '/balance')).toStrictEqual({ balance: 150.5, currency: 'USD' })
  })

  it('/countries and /s2/countries: those that sell, by name', async () => {
    const { countries } = await data<{ countries: Named[] }>(key, 'GET', '/countries')
    expect(countries).toContainEqual({ id: indonesia, country_id: indonesia, name: 'Indonesia' })
    expect(countries.map(({ id }) => id)).toContain(countryId(own.country))
    expect(countries.map(({ name }) => name)).toEqual(
      countries.map(({ name }) => name).toSorted((a, b) => (a < b ? -1 : 1)),
    )
    for (const country of countries)
      expect(country).toStrictEqual({
        id: expect.any(Number),
        country_id: country.id,
        name: expect.any(String),
      })
    expect(await data(key, 'GET', '/s2/countries')).toEqual({ countries })
  })

  it('/services: all, or those of a country', async () => {
    const { services } = await data<{ services: Named[] }>(key, 'GET', '/services')
    const ids = (id: number) => ({ id, platform_id: id, service_id: id })
    expect(services).toContainEqual({ ...ids(whatsapp), name: 'WhatsApp' })
    const there = await data<{ services: Named[] }>(
      key,
      'GET',
      `/services?country_id=${countryId(own.country)}`,
    )
    expect(there.services).toContainEqual({ ...ids(own.id), name: own.slug })
    const elsewhere = await data<{ services: Named[] }>(key, 'GET', '/services?country_id=7')
    expect(elsewhere.services).toContainEqual({ ...ids(google), name: 'Google' })
    expect(elsewhere.services.some(({ id }) => id === own.id)).toBe(false)
  })

  it('/products: a product of one service in one country and tier', async () => {
    const { products: found, ...page } = await products('platform_id=1&country_id=7')
    expect(page).toStrictEqual({ page: 1, limit: 20, total: found.length, pages: 1 })
    expect(found.length).toBeGreaterThan(1)
    for (const product of found)
      expect(product).toStrictEqual({
        id: expect.any(Number),
        product_id: product.id,
        platform_id: google,
        service_id: google,
        platform_name: 'Google',
        country_id: indonesia,
        country_name: 'Indonesia',
        tier: expect.stringMatching(/Pool$/),
        price: expect.any(Number),
        stock: expect.any(Number),
      })
    const mine = await products(`platform_id=${own.id}`)
    expect(mine.products).toMatchObject([{ price: 0.37, stock: 3, tier: 'Standard Pool' }])
  })

  it('/products: sorted in each of four ways', async () => {
    const listed = async (sort: string) =>
      (await products(`country_id=7&limit=100${sort}`)).products
    const ascending = (list: readonly (number | string)[]) =>
      expect(list).toEqual([...list].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)))
    ascending((await listed('')).map(({ price }) => price))
    expect(await listed('&sort=price_asc')).toEqual(await listed(''))
    ascending((await listed('&sort=price_desc')).map(({ price }) => -price))
    ascending((await listed('&sort=stock_desc')).map(({ stock }) => -stock))
    const byName = (await listed('&sort=name_asc')).map(({ platform_name: name }) => name)
    expect(new Set(byName).size).toBeGreaterThan(10)
    expect([...new Set(byName)]).toEqual(byName.filter((name, i) => name !== byName[i - 1]))
  })

  it('/products: page by page, each product once', async () => {
    const { total } = await products('country_id=7')
    const limit = 30
    const pages = Math.ceil(total / limit)
    const seen: number[] = []
    for (let page = 1; page <= pages; page++) {
      const one = await products(`country_id=7&limit=${limit}&page=${page}`)
      expect(one).toMatchObject({ page, limit, total, pages })
      seen.push(...one.products.map(({ id }) => id))
    }
    expect(new Set(seen).size).toBe(total)
    expect(await products(`country_id=7&page=${pages + 50}`)).toMatchObject({
      products: [],
      total,
    })
  })

  it('/products: cuts a limit to its bounds, and sorts by price where the sort is unknown (D7)', async () => {
    for (const [limit, cut] of [
      ['101', 100],
      ['1000', 100],
      ['0', 1],
      ['-5', 1],
      ['', 20],
    ] as const)
      expect(await products(`limit=${limit}`)).toMatchObject({ limit: cut, page: 1 })
    const byPrice = await products('country_id=7&limit=100')
    for (const sort of ['cheapest', '', 'PRICE_ASC'])
      expect(await products(`country_id=7&limit=100&sort=${sort}`)).toEqual(byPrice)
    expect(await products('country_id=7&limit=100&sort=Price_Desc')).not.toEqual(byPrice)
  })

  it('/products: refuses what is no page, no limit and no id', async () => {
    const invalid = [422, 'validation_failed'] as const
    for (const [name, value] of [
      ['page', '0'],
      ['page', 'x'],
      ['limit', 'many'],
      ['platform_id', 'google'],
      ['country_id', '-1'],
    ]) {
      const reply = await refused(key, 'GET', `/products?${name}=${value}`, undefined, invalid)
      expect(Object.keys(reply.body.error.fields ?? {})).toEqual([name])
    }
    const path = '/products?platform_id=999999999'
    await refused(key, 'GET', path, undefined, [404, 'service_not_found'])
    for (const one of ['/products', '/services', '/s2/services', '/s2/operators'])
      await refused(key, 'GET', `${one}?country_id=99999`, undefined, [404, 'country_not_found'])
  })

  it('/products: in the account’s currency', async () => {
    const rupiah = await testCustomer(server.db, { currency: 'IDR', credit: '0' })
    const path = `/products?platform_id=${own.id}`
    const { products: found } = await data<Page>(rupiah.key, 'GET', path)
    expect(found[0]?.price).toBeGreaterThan(1_000)
  })

  it('/s2/services: prices of a country, or the cheapest anywhere', async () => {
    const { services } = await data<{ services: Priced[] }>(key, 'GET', '/s2/services?country_id=7')
    for (const service of services)
      expect(service).toStrictEqual({
        id: expect.any(Number),
        platform_id: service.id,
        service_id: service.id,
        name: expect.any(String),
        price: expect.any(Number),
        stock: expect.any(Number),
        multiservice: expect.any(Boolean),
      })
    const { products: cheapest } = await products('platform_id=1&country_id=7')
    const inStock = cheapest.find(({ stock }) => stock > 0)
    const found = services.find(({ id }) => id === google)
    expect(found).toMatchObject({ price: inStock?.price, multiservice: true })
    const all = await data<{ services: Priced[] }>(key, 'GET', '/s2/services')
    const anywhere = all.services.find(({ id }) => id === google)
    expect(anywhere?.price).toBeLessThanOrEqual(found?.price as number)
    expect(anywhere?.stock).toBeGreaterThan(found?.stock as number)
  })

  it('/s2/operators: any, then those of the country', async () => {
    const path = `/s2/operators?country_id=${countryId('US')}`
    const { operators } = await data<{ operators: Named[] }>(key, 'GET', path)
    expect(operators[0]).toStrictEqual({ id: 0, operator_id: 0, name: 'any' })
    expect(operators.map(({ name }) => name)).toContain('T-Mobile')
    expect(operators.slice(1).every(({ id }) => id > 0)).toBe(true)
    const reply = await refused(key, 'GET', '/s2/operators', undefined, [422, 'validation_failed'])
    expect(reply.body.error.fields).toHaveProperty('country_id')
  })

  it('/s2/special: what is set apart, and is sold nowhere else', async () => {
    const { services } = await data<{ services: Priced[] }>(key, 'GET', '/s2/special')
    expect(services.length).toBeGreaterThan(0)
    for (const service of services)
      expect(service).toStrictEqual({
        id: expect.any(Number),
        platform_id: service.id,
        service_id: service.id,
        name: expect.any(String),
        price: expect.any(Number),
        stock: expect.any(Number),
      })
    const special = services[0] as Priced
    const listed = await products(`platform_id=${special.id}&limit=100`)
    expect(listed.products.some(({ tier }) => /special/i.test(tier))).toBe(false)
  })

  it('does not show what is closed', async () => {
    await closeService(server.db, { actor: 'test', reason: null }, own.slug, true)
    const { services } = await data<{ services: Named[] }>(key, 'GET', '/services')
    expect(services.some(({ id }) => id === own.id)).toBe(false)
    expect(await products(`platform_id=${own.id}`)).toMatchObject({ products: [], total: 0 })
  })
})
