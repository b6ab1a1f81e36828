// The demo's stock: fictional numbers, offers with prices, and rates. Pure and deterministic.
import { operators, pools, rentalProducts, services } from './load.ts'
import { readTable } from './table.ts'

export type DemoNumbers = {
  country: string
  operator: string
  pool: string
  phones: readonly string[]
}

/** What is for sale. `price` is in US dollars; `days` is the length of a rental. */
export type DemoOffer = {
  kind: 'activation' | 'rental'
  days?: number
  service: string
  country: string
  operator: string
  pool: string
  price: string
}

export type DemoCountryRow = { country: string; pricePermille: number; pools: readonly string[] }

export type DemoRangeRow = {
  country: string
  prefix: string
  first: string
  last: string
  kind: string
  why: string
}

export type DemoSpecialRow = {
  country: string
  operator: string
  service: string
  prefix: string
  first: string
  last: string
}

export type DemoRateRow = { currency: string; perUsd: string }

export const demoCountries: readonly DemoCountryRow[] = readTable('demo-countries.tsv', (row) => ({
  country: row.text('country'),
  pricePermille: row.number('price_permille'),
  pools: row.list('pools'),
}))

export const demoRanges: readonly DemoRangeRow[] = readTable('demo-ranges.tsv', (row) => ({
  country: row.text('country'),
  prefix: row.text('prefix'),
  first: row.text('first'),
  last: row.text('last'),
  kind: row.text('kind'),
  why: row.text('why'),
}))

export const demoSpecials: readonly DemoSpecialRow[] = readTable('demo-special.tsv', (row) => ({
  country: row.text('country'),
  operator: row.text('operator'),
  service: row.text('service'),
  prefix: row.text('prefix'),
  first: row.text('first'),
  last: row.text('last'),
}))

/** The value of one US dollar in each currency. */
export const demoRates: readonly DemoRateRow[] = readTable('demo-rates.tsv', (row) => ({
  currency: row.text('currency'),
  perUsd: row.text('per_usd'),
}))

/** Each country's numbers, distributed over its operators and pools so that every area code has some of each,
 * and the reserved numbers. */
export function demoNumbers(): DemoNumbers[] {
  return [...dealtNumbers(), ...specialNumbers()]
}

const specialPool = 'special'

const specialNumbers = (): DemoNumbers[] =>
  demoSpecials.map((row) => ({
    country: row.country,
    operator: row.operator,
    pool: specialPool,
    phones: phonesIn(row),
  }))

function dealtNumbers(): DemoNumbers[] {
  return demoCountries.flatMap((row) => {
    const shelves = shelvesOf(row)
    const phones = phonesOf(row.country)
    return shelves.map((shelf, place) => ({
      ...shelf,
      phones: phones.filter((_, index) => index % shelves.length === place),
    }))
  })
}

/** Every demo service on every shelf that has numbers, the services with dedicated numbers, and rentals. */
export function demoOffers(): DemoOffer[] {
  return [...activations(), ...specials(), ...rentals()]
}

const onSale = services.filter((service) => service.isInDemo)
/** The demo's rental countries, and the price of a rental relative to an activation, by days. */
const rentalCountries = ['US', 'GB', 'DE', 'IN', 'ID']
const rentalPermille = new Map([
  [1, 3_000],
  [3, 10_000],
  [30, 30_000],
])
const rentalPool = '1'

function specials(): DemoOffer[] {
  return demoSpecials.map((row) => ({
    kind: 'activation' as const,
    service: row.service,
    country: row.country,
    operator: row.operator,
    pool: specialPool,
    price: demoPrice(serviceNamed(row.service).priceUsd, 1000, poolPermille(specialPool)),
  }))
}

function rentals(): DemoOffer[] {
  return demoCountries
    .filter((row) => rentalCountries.includes(row.country))
    .flatMap((row) =>
      shelvesOf(row)
        .filter((shelf) => shelf.pool === rentalPool)
        .flatMap((shelf) =>
          onSale.flatMap((service) =>
            [...rentalPermille].map(([days, permille]) => ({
              kind: 'rental' as const,
              days,
              service: service.slug,
              ...shelf,
              price:
                rentalProducts.find(
                  (one) =>
                    one.country === row.country &&
                    one.service === service.slug &&
                    one.days === days,
                )?.priceUsd ?? demoPrice(service.priceUsd, row.pricePermille, permille),
            })),
          ),
        ),
    )
}

function serviceNamed(slug: string) {
  const service = services.find((row) => row.slug === slug)
  if (!service) throw new Error(`no service ${slug}`)
  return service
}

function activations(): DemoOffer[] {
  return demoCountries.flatMap((row) =>
    onSale.flatMap((service) =>
      shelvesOf(row).map((shelf) => ({
        kind: 'activation' as const,
        service: service.slug,
        ...shelf,
        price: demoPrice(service.priceUsd, row.pricePermille, poolPermille(shelf.pool)),
      })),
    ),
  )
}

/** The list price times both factors, rounded to the nearest cent. */
export function demoPrice(priceUsd: string, countryPermille: number, permilleOfPool: number) {
  const millionths = 1_000_000n
  const cents = BigInt(priceUsd.replace('.', ''))
  const scaled = cents * BigInt(countryPermille) * BigInt(permilleOfPool)
  const digits = String((scaled + millionths / 2n) / millionths).padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}

function shelvesOf(row: DemoCountryRow) {
  return operators
    .filter((operator) => operator.isInDemo && operator.country === row.country)
    .flatMap((operator) =>
      row.pools.map((pool) => ({ country: row.country, operator: operator.slug, pool })),
    )
}

function phonesOf(country: string): string[] {
  return demoRanges.filter((range) => range.country === country).flatMap(phonesIn)
}

const phonesIn = ({ prefix, first, last }: Pick<DemoRangeRow, 'prefix' | 'first' | 'last'>) =>
  Array.from(
    { length: Number(last) - Number(first) + 1 },
    (_, index) => prefix + String(Number(first) + index).padStart(first.length, '0'),
  )

function poolPermille(id: string): number {
  const pool = pools.find((row) => row.id === id)
  if (!pool) throw new Error(`no pool ${id}`)
  return pool.pricePermille
}
