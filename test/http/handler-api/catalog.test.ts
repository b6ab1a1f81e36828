// The catalog of handler_api: stock and prices by the usual ids and codes.
import { describe, expect, it } from 'vitest'
import { closeService } from '../../../src/core/catalog/deny-list.ts'
import { countOutcomes } from '../../../src/core/orders/outcomes.ts'
import { call } from '../../harness/server.ts'
import { handlerServer, partsOf, path } from './asking.ts'

type Cell = { cost: number; count: number; physicalCount: number }
type Prices = Record<string, Record<string, Cell>>

describe('handler_api returns', async () => {
  const { server, receive, customer } = await handlerServer()

  it('the balance with the decimals of the currency', async () => {
    const { text } = await customer({ credit: '50.3' })
    expect(await text('getBalance')).toBe('ACCESS_BALANCE:50.30')
    expect(await text('getBalanceAndCashBack')).toBe('ACCESS_BALANCE:50.30')
    const yen = await customer({ currency: 'JPY', credit: '5000' })
    expect(await yen.text('getBalance')).toBe('ACCESS_BALANCE:5000')
    expect(await yen.json('getNumberV2', { service: 'wa', country: 187 })).toMatchObject({
      currency: 392,
    })
  })

  it('countries by their ids, in three languages', async () => {
    const { json } = await customer()
    const countries = await json<Record<string, Record<string, unknown>>>('getCountries')
    expect(countries['2']).toStrictEqual({
      id: 2,
      rus: 'Казахстан',
      eng: 'Kazakhstan',
      chn: '哈萨克斯坦',
      visible: 1,
      retry: 1,
      rent: 0,
      multiService: 1,
    })
    expect(countries['187']).toMatchObject({ eng: 'United States', rent: 1 })
    expect(countries['12']).toBeUndefined()
    // A country that the field has no id for has one of ours.
    const greenland = Object.values(countries).find((one) => one.eng === 'Greenland')
    expect(greenland?.id).toBeGreaterThan(10_000)
    for (const [id, one] of Object.entries(countries)) expect(Number(id)).toBe(one.id)
  })

  it('all services, or those of a country', async () => {
    const { json } = await customer()
    type List = { status: string; services: { code: string; name: string }[] }
    const all = await json<List>('getServicesList', { lang: 'en' })
    expect(all.status).toBe('success')
    expect(all.services).toContainEqual({ code: 'tg', name: 'Telegram' })
    const codes = all.services.map(({ code }) => code)
    expect(new Set(codes).size).toBe(codes.length)
    const there = await json<List>('getServicesList', { country: 187 })
    expect((await json<List>('getServicesList', { country: 99 })).services).toEqual([])
    expect(there.services).toContainEqual({ code: 'wa', name: 'WhatsApp' })
  })

  it('operators by country, or that there are none', async () => {
    const { json, text } = await customer()
    type Operators = { status: string; countryOperators: Record<string, string[]> }
    const here = await json<Operators>('getOperators', { country: 187 })
    expect(Object.keys(here.countryOperators)).toEqual(['187'])
    expect(here.countryOperators['187']).toEqual(expect.arrayContaining(['tmobile', 'verizon']))
    expect(Object.keys((await json<Operators>('getOperators')).countryOperators)).toContain('16')
    const { id } = Object.values(
      await json<Record<string, { id: number; eng: string }>>('getCountries'),
    ).find(({ eng }) => eng === 'Greenland') as { id: number }
    expect(await text('getOperators', { country: id })).toBe('OPERATORS_NOT_FOUND')
  })

  it('countries with operators, and services, as SMSHUB’s clients request them', async () => {
    const { json, key } = await customer({ country: 'GB' })
    type List = { services: object; data: { id: string; operators: string[] }[] }
    const list = await json<List>('getListOfCountriesAndOperators')
    expect(list).toMatchObject({
      status: 'success',
      services: { wa: 'WhatsApp', tg: 'Telegram' },
      currentCountry: '16',
      currentOperator: 'any',
    })
    const there = list.data.find(({ id }) => id === '187')
    expect(there).toMatchObject({ id: '187', name: 'United States' })
    expect(there?.operators[0]).toBe('any')
    expect(there?.operators).toEqual(expect.arrayContaining(['tmobile', 'verizon']))
    const query = `cat=scripts&act=manageActivations&asc=getListOfCountriesAndOperators`
    const asked = await call(server, null, 'POST', `${path}?${query}&api_key=${key}`)
    expect(asked.body).toEqual(list)
  })

  it('the stock, and one less after a sale', async () => {
    const { json, text } = await customer()
    const count = async (params: object = {}) =>
      (await json<Record<string, number>>('getNumbersStatus', { country: 187, ...params })).wa ?? 0
    const before = await count()
    expect(before).toBeGreaterThan(10)
    const ofSome = (await count({ operator: 'verizon' })) + (await count({ operator: 'att' }))
    expect(await count({ operator: 'verizon,att' })).toBe(ofSome)
    await text('getNumber', { service: 'wa', country: 187 })
    expect(await count()).toBe(before - 1)
  })

  it('prices by country and service, filtered as requested', async () => {
    const { json } = await customer()
    const all = await json<Prices>('getPrices')
    expect(Object.keys(all).length).toBeGreaterThan(5)
    const one = await json<Prices>('getPrices', { service: 'wa', country: 187 })
    expect(one).toEqual({ 187: { wa: all['187']?.wa } })
    expect(one['187']?.wa).toStrictEqual({
      cost: expect.any(Number),
      count: expect.any(Number),
      physicalCount: one['187']?.wa?.count,
    })
    expect(await json('getPrices', { service: 'wa', country: 99 })).toEqual({})
    const { activationCost } = await json('getNumberV2', { service: 'wa', country: 187 })
    expect(activationCost).toBe(one['187']?.wa?.cost)
  })

  it('prices in the formats of related services', async () => {
    const { json } = await customer()
    const asked = { service: 'wa', country: 187 }
    const plain = (await json<Prices>('getPrices', asked))['187']?.wa as Cell
    expect(await json('getPricesExtended', asked)).toEqual({ 187: { wa: plain } })
    const extended = await json<{ 187: { wa: Cell & { freePriceMap: Record<string, number> } } }>(
      'getPricesExtended',
      { ...asked, freePrice: 'true' },
    )
    const { freePriceMap } = extended[187].wa
    expect(Object.values(freePriceMap).reduce((a, b) => a + b)).toBe(plain.count)
    expect(Object.keys(freePriceMap)[0]).toBe(plain.cost.toFixed(2))
    expect(await json('getPricesV2', asked)).toEqual({ 187: { wa: freePriceMap } })
    expect(await json('getPricesVerification', asked)).toEqual({
      wa: { 187: { count: plain.count, price: plain.cost.toFixed(2) } },
    })
  })

  it('the countries of a service, sorted by stock', async () => {
    const { json, text } = await customer()
    type Top = Record<string, { country: number; count: number; price: number }>
    const top = Object.values(await json<Top>('getTopCountriesByService', { service: 'wa' }))
    expect(top.map(({ count }) => count)).toEqual(
      top.map(({ count }) => count).sort((a, b) => b - a),
    )
    expect(top[0]).toStrictEqual({
      country: expect.any(Number),
      count: expect.any(Number),
      price: expect.any(Number),
      retail_price: top[0]?.price,
    })
    const rank = await json<Top>('getTopCountriesByServiceRank', {
      service: 'wa',
      freePrice: 'true',
    })
    expect(rank['0']).toHaveProperty('freePriceMap')
    expect(await json('getTopCountriesByService')).toHaveProperty('wa.0.country')
    expect(await text('getTopCountriesByService', { service: 'zzzz' })).toBe('BAD_SERVICE')
  })

  it('the countries where a service was bought, with success rates', async () => {
    const { json, text } = await customer()
    const buy = async (country: number) =>
      partsOf(await text('getNumber', { service: 'ds', country }))
    const happy = [await buy(187), await buy(187)]
    for (const { id, phone } of happy) {
      await receive(phone, 'Your Discord verification code is: 593821', 'Discord')
      await text('setStatus', { id, status: 6 })
    }
    const sad = [await buy(187), await buy(16)]
    server.advance(121)
    for (const { id } of sad) await text('setStatus', { id, status: 8 })
    const asked = { service: 'ds' }
    const top = async () => {
      await countOutcomes(server.db)
      return json('getListOfTopCountriesByService', asked)
    }
    // @NOTE events count once nothing can commit before them: transactions of other tests are waited for
    await expect.poll(top).toEqual([
      { country: 187, share: 75, rate: 67 },
      { country: 16, share: 25, rate: 0 },
    ])
    expect(await json('getListOfTopCountriesByService', { ...asked, length: 1, page: 2 })).toEqual([
      { country: 16, share: 25, rate: 0 },
    ])
    expect(await text('getListOfTopCountriesByService')).toBe('WRONG_SERVICE')
  })

  it('the prices by provider, at which it sells', async () => {
    const { json, text } = await customer()
    type Cell = { count: number; price: number; provider_id: number }
    type Table = Record<string, Record<string, Record<string, Cell>>>
    const wa = { service: 'wa', country: 187 }
    const table = await json<Table>('getPricesV3', wa)
    expect(Object.keys(table)).toEqual(['187'])
    expect(Object.keys(table['187'] as object)).toEqual(['wa'])
    const cells = Object.entries(table['187']?.wa ?? {})
    expect(cells.map(([id]) => id)).toEqual(['1', '2'])
    for (const [id, { count, price, provider_id }] of cells) {
      expect(provider_id).toBe(Number(id))
      expect(count).toBeGreaterThan(0)
      const bought = await json('getNumberV2', { ...wa, providerIds: id, maxPrice: price })
      expect(bought.activationCost).toBe(price)
    }
    const prices = await json<Prices>('getPrices', wa)
    const counts = cells.map(([, { count }]) => count)
    expect(prices['187']?.wa?.count).toBe(counts.reduce((sum, one) => sum + one, -cells.length))
    expect(prices['187']?.wa?.cost).toBe(Math.min(...cells.map(([, { price }]) => price)))
    const some = await json<Table>('getPricesV3', { ...wa, exceptProviderIds: '1' })
    expect(Object.keys(some['187']?.wa ?? {})).toEqual(['2'])
    expect(Object.keys(await json('getPricesV3', { service: 'wa' }))).toEqual(
      expect.arrayContaining(['16', '187']),
    )
    const here = await json<Table>('getPricesV3', { country: 187 })
    expect(Object.keys(here['187'] ?? {})).toEqual(expect.arrayContaining(['wa', 'tg']))
    expect(await json('getPricesV3', { ...wa, providerIds: '99' })).toEqual({})
    expect(await text('getPricesV3')).toBe('BAD_SERVICE')
    expect(await text('getPricesV3', { ...wa, service: 'zzzz' })).toBe('BAD_SERVICE')
    expect(await text('getPricesV3', { ...wa, country: 'Atlantis' })).toBe('BAD_COUNTRY')
  })

  it('no closed service, and sells none', async () => {
    const { json, text } = await customer()
    await closeService(server.db, { actor: 'test', reason: null }, 'viber', true)
    expect((await json<Prices>('getPrices', { country: 187 }))['187']).not.toHaveProperty('vi')
    expect(await text('getNumber', { service: 'vi', country: 187 })).toBe('BAD_SERVICE')
  })
})
