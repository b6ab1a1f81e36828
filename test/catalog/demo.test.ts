// The demo's stock: numbers that can be nobody's, and the prices that the documents show.
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { expect, test } from 'vitest'
import {
  demoCountries,
  demoNumbers,
  demoOffers,
  demoPrice,
  demoRanges,
  demoRates,
  demoSpecials,
} from '../../src/core/catalog/data/demo.ts'
import {
  categories,
  countries,
  currencies,
  esimPlans,
  operators,
  pools,
  rentalProducts,
  services,
} from '../../src/core/catalog/data/load.ts'
import { expectUnique } from './unique.ts'

const stock = demoNumbers()
const offers = demoOffers()
const phones = stock.flatMap((shelf) => shelf.phones)

test('several thousand numbers, each there once', () => {
  expect(phones.length).toBeGreaterThanOrEqual(3000)
  expect(phones.length).toBeLessThanOrEqual(8000)
  expect(new Set(phones).size).toBe(phones.length)
})

test('every number has its country, and a length that is possible there', () => {
  for (const { country, phones: own } of stock) {
    const code = countries.find((row) => row.iso2 === country)?.callingCode
    for (const phone of own) {
      const parsed = parsePhoneNumberFromString(phone)
      expect(parsed?.isPossible(), phone).toBe(true)
      expect(parsed?.number, phone).toBe(phone)
      expect(parsed?.countryCallingCode, phone).toBe(code)
    }
  }
})

test('every number is kept for fiction, or valid nowhere', () => {
  for (const range of demoRanges) {
    expect(['fiction', 'unassigned']).toContain(range.kind)
    expect(range.first.length, range.prefix).toBe(range.last.length)
    expect(Number(range.first), range.prefix).toBeLessThanOrEqual(Number(range.last))
    if (range.kind === 'fiction') continue
    for (const ending of [range.first, range.last]) {
      expect(parsePhoneNumberFromString(range.prefix + ending)?.isValid(), range.prefix).toBe(false)
    }
  }
})

test('North American numbers are 555-0100 to 555-0199', () => {
  const american = stock.filter(({ country }) => country === 'US' || country === 'CA')
  for (const phone of american.flatMap((shelf) => shelf.phones)) {
    expect(phone).toMatch(/^\+1[2-9]\d\d55501\d\d$/)
  }
})

test('the numbers that the documents show are in stock', () => {
  for (const last of ['3', '4', '5', '6', '7']) expect(phones).toContain(`+1415555012${last}`)
  expect(phones).toContain('+442079460017')
})

test('every American area code is on every shelf, thirty of them', () => {
  const american = stock.filter(({ country, pool }) => country === 'US' && pool !== 'special')
  for (const shelf of american) {
    const areas = new Set(shelf.phones.map((phone) => phone.slice(2, 5)))
    expect(areas.size).toBe(30)
    for (const area of ['212', '415', '646', '718', '305', '312', '609']) {
      expect(areas).toContain(area)
    }
  }
})

test('every operator of the demo has numbers in two pools or more', () => {
  const shelves = Map.groupBy(stock, ({ country, operator }) => `${country} ${operator}`)
  for (const [operator, own] of shelves) {
    expect(own.length, operator).toBeGreaterThanOrEqual(2)
    for (const shelf of own) expect(shelf.phones.length, operator).toBeGreaterThanOrEqual(20)
  }
  expect([...shelves.keys()].sort()).toEqual(
    operators
      .filter((operator) => operator.isInDemo)
      .map((operator) => `${operator.country} ${operator.slug}`)
      .sort(),
  )
})

test('at least forty open services in twelve countries with two operators', () => {
  const closed = categories.filter((category) => category.isClosedByDefault).map((row) => row.slug)
  const open = services.filter((service) => !closed.includes(service.category))
  const openSlugs = new Set(open.map((service) => service.slug))
  const byCountry = Map.groupBy(offers, (offer) => offer.country)
  expect(byCountry.size).toBeGreaterThanOrEqual(12)
  for (const [country, own] of byCountry) {
    const sold = new Set(own.map((offer) => offer.service).filter((slug) => openSlugs.has(slug)))
    expect(sold.size, country).toBeGreaterThanOrEqual(40)
    expect(new Set(own.map((offer) => offer.operator)).size, country).toBeGreaterThanOrEqual(2)
    expect(new Set(own.map((offer) => offer.pool)).size, country).toBeGreaterThanOrEqual(2)
  }
})

test('the countries that the documents name are sold', () => {
  const sold = new Set(offers.map((offer) => offer.country))
  for (const country of ['US', 'GB', 'DE', 'IN', 'PK', 'NG', 'ID']) expect(sold).toContain(country)
})

test('closed services are offered, too, for the deny list to hide', () => {
  const sold = new Set(offers.map((offer) => offer.service))
  for (const { slug } of categories.filter((category) => category.isClosedByDefault)) {
    const own = services.filter((service) => service.category === slug)
    expect(own.some((service) => sold.has(service.slug))).toBe(true)
  }
})

test('rentals have the prices that the document shows, and last 1, 3 and 30 days', () => {
  const rentals = offers.filter((offer) => offer.kind === 'rental')
  expect(new Set(rentals.map((offer) => offer.days))).toEqual(new Set([1, 3, 30]))
  for (const { country, service, days, priceUsd } of rentalProducts) {
    const shown = rentals.filter(
      (offer) => offer.country === country && offer.service === service && offer.days === days,
    )
    expect(new Set(shown.map((offer) => offer.price))).toEqual(new Set([priceUsd]))
  }
})

test('the reserved pool has numbers of its own, for some services only', () => {
  const apart = stock.filter(({ pool }) => pool === 'special').flatMap((shelf) => shelf.phones)
  expect(apart.length).toBeGreaterThan(100)
  const others = new Set(
    stock.filter(({ pool }) => pool !== 'special').flatMap((shelf) => shelf.phones),
  )
  expect(apart.filter((phone) => others.has(phone))).toEqual([])
  const sold = new Set(offers.filter(({ pool }) => pool === 'special').map((it) => it.service))
  expect(sold.size).toBe(demoSpecials.length)
})

test('an offer stands on a shelf that has numbers, once', () => {
  const shelves = new Set(stock.map(shelfKey))
  for (const offer of offers) {
    expect(shelves.has(shelfKey(offer)), shelfKey(offer)).toBe(true)
    expect(offer.price).toMatch(/^\d+\.\d\d$/)
    expect(offer.price).not.toBe('0.00')
  }
  const keys = offers.map((offer) => `${shelfKey(offer)} ${offer.service} ${offer.days ?? 0}`)
  expect(new Set(keys).size).toBe(keys.length)
})

test('the cheapest offers cost what the documents show', () => {
  expect(cheapest('whatsapp', 'US')).toBe(0.4)
  expect(cheapest('telegram', 'US')).toBe(0.3)
  expect(cheapest('whatsapp', 'GB')).toBe(0.95)
})

test('prices are rounded to the nearest cent', () => {
  expect(demoPrice('0.40', 2375, 1000)).toBe('0.95')
  expect(demoPrice('0.15', 450, 700)).toBe('0.05')
  expect(demoPrice('1.00', 1005, 1000)).toBe('1.01')
  expect(demoPrice('12.00', 1000, 1750)).toBe('21.00')
})

test('the stock is the same at each call', () => {
  expect(demoNumbers()).toEqual(stock)
  expect(demoOffers()).toEqual(offers)
})

test('pools and demo countries refer to what exists', () => {
  const poolIds = pools.map((pool) => pool.id)
  expectUnique(poolIds, 'id')
  expect(pools[0]).toMatchObject({ id: '1', name: 'Standard Pool', successRate: 85 })
  const iso2s = countries.map((country) => country.iso2)
  const named = demoCountries.map((row) => row.country)
  expectUnique(named, 'country')
  expect(iso2s).toEqual(expect.arrayContaining(named))
  expect(new Set(demoRanges.map((range) => range.country))).toEqual(new Set(named))
  for (const row of demoCountries) expect(poolIds).toEqual(expect.arrayContaining([...row.pools]))
})

test('rates are positive decimals of currencies that exist', () => {
  const codes = currencies.map((currency) => currency.code)
  const rated = demoRates.map((rate) => rate.currency)
  expectUnique(rated, 'currency')
  expect(codes).toEqual(expect.arrayContaining(rated))
  expect(rated).toEqual(expect.arrayContaining(['USD', 'EUR', 'GBP', 'NGN', 'IDR', 'INR', 'PKR']))
  for (const { perUsd } of demoRates) expect(perUsd).toMatch(/^(?!0(\.0+)?$)\d+(\.\d+)?$/)
})

test('rentals and eSIM plans are those of the documents', () => {
  for (const { service, number, priceUsd } of rentalProducts) {
    expect(services.find((row) => row.slug === service)?.number, service).toBe(number)
    expect(priceUsd).toMatch(/^\d+\.\d\d$/)
  }
  const rental = (service: string, days: number) =>
    rentalProducts.find((row) => row.service === service && row.days === days)?.priceUsd
  expect(rental('whatsapp', 3)).toBe('4.00')
  expect(rental('whatsapp', 30)).toBe('12.00')
  expect(rental('tinder', 1)).toBe('1.20')
  expect(rental('discord', 1)).toBe('1.50')
  expect(rental('instagram', 30)).toBe('12.00')
  expect(esimPlans).toContainEqual({
    country: 'US',
    name: 'USA 5GB / 30 days',
    dataGb: 5,
    validityDays: 30,
    priceUsd: '12.00',
  })
})

function cheapest(service: string, country: string): number {
  const prices = offers
    .filter((offer) => offer.service === service && offer.country === country)
    .map((offer) => Number(offer.price))
  return Math.min(...prices)
}

function shelfKey(shelf: { country: string; operator: string; pool: string }): string {
  return `${shelf.country} ${shelf.operator} ${shelf.pool}`
}
