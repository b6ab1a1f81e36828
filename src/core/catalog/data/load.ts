// The catalog's tables as typed arrays, read once when this file is first imported.
import { readTable, tablesIn } from './table.ts'

/** `number` is Numlet's id, for dialects that need a numeric one; `ids` are those of dialects with their own. */
export type CountryRow = {
  iso2: string
  iso3: string
  isoNumeric: string
  name: string
  /** Digits without the leading plus. */
  callingCode: string
  currency: string
  number: number
  ids: Readonly<Record<string, string>>
}

export type CategoryRow = { slug: string; name: string; isClosedByDefault: boolean }

/** What a code is for. README.md describes how `senders`, `words` and `rules` are matched. */
export type ServiceRow = {
  slug: string
  uuid: string
  number: number
  name: string
  category: string
  ids: Readonly<Record<string, string>>
  /** The domain that its emails come from; email orders name it. */
  site: string | null
  /** The list price of a US number in the first pool. */
  priceUsd: string
  isInDemo: boolean
  takesAny: boolean
  senders: readonly string[]
  words: readonly string[]
  rules: readonly string[]
}

export type OperatorRow = {
  country: string
  slug: string
  number: number
  name: string
  isInDemo: boolean
}

export type PoolRow = {
  id: string
  name: string
  successRate: number
  pricePermille: number
  isReserved: boolean
}

export type CurrencyRow = { code: string; numeric: string; decimals: number; name: string }

export type RentalProductRow = {
  country: string
  service: string
  number: number
  days: number
  priceUsd: string
}

/** A service for integrators: how its orders end (`test`), and a description of that. */
export type TestServiceRow = {
  slug: string
  uuid: string
  number: number
  name: string
  test: string
  outcome: string
}

export type EsimPlanRow = {
  country: string
  name: string
  dataGb: number
  validityDays: number
  priceUsd: string
}

/** A code of another protocol, with the corresponding service if there is one. */
export type ProtocolServiceRow = { code: string; name: string; service: string | null }

/** An alias is accepted in requests and never shown. */
export type ProtocolCountryRow = { code: string; country: string; isAlias: boolean }

export const countries: readonly CountryRow[] = readTable('countries.tsv', (row) => ({
  iso2: row.text('iso2'),
  iso3: row.text('iso3'),
  isoNumeric: row.text('iso_numeric'),
  name: row.text('name'),
  callingCode: row.text('calling_code'),
  currency: row.text('currency'),
  number: row.number('number'),
  ids: row.ids(),
}))

export const categories: readonly CategoryRow[] = readTable('categories.tsv', (row) => ({
  slug: row.text('slug'),
  name: row.text('name'),
  isClosedByDefault: row.flag('closed'),
}))

export const services: readonly ServiceRow[] = readTable('services.tsv', (row) => ({
  slug: row.text('slug'),
  uuid: row.text('uuid'),
  number: row.number('number'),
  name: row.text('name'),
  category: row.text('category'),
  ids: row.ids(),
  site: row.optional('site'),
  priceUsd: row.text('price_usd'),
  isInDemo: row.flag('demo'),
  takesAny: row.flag('takes_any'),
  senders: row.list('senders'),
  words: row.list('words'),
  rules: row.list('rules'),
}))

export const operators: readonly OperatorRow[] = readTable('operators.tsv', (row) => ({
  country: row.text('country'),
  slug: row.text('slug'),
  number: row.number('number'),
  name: row.text('name'),
  isInDemo: row.flag('demo'),
}))

export const pools: readonly PoolRow[] = readTable('pools.tsv', (row) => ({
  id: row.text('id'),
  name: row.text('name'),
  successRate: row.number('success_rate'),
  pricePermille: row.number('price_permille'),
  isReserved: row.flag('reserved'),
}))

export const currencies: readonly CurrencyRow[] = readTable('currencies.tsv', (row) => ({
  code: row.text('code'),
  numeric: row.text('numeric'),
  decimals: row.number('decimals'),
  name: row.text('name'),
}))

export const rentalProducts: readonly RentalProductRow[] = readTable(
  'rental-products.tsv',
  (row) => ({
    country: row.text('country'),
    service: row.text('service'),
    number: row.number('number'),
    days: row.number('days'),
    priceUsd: row.text('price_usd'),
  }),
)

export const testServices: readonly TestServiceRow[] = readTable('test-services.tsv', (row) => ({
  slug: row.text('slug'),
  uuid: row.text('uuid'),
  number: row.number('number'),
  name: row.text('name'),
  test: row.text('test'),
  outcome: row.text('outcome'),
}))

export const esimPlans: readonly EsimPlanRow[] = readTable('esim-plans.tsv', (row) => ({
  country: row.text('country'),
  name: row.text('name'),
  dataGb: row.number('data_gb'),
  validityDays: row.number('validity_days'),
  priceUsd: row.text('price_usd'),
}))

/** All countries that a dialect's own document names. */
export const protocolCountries = (dialect: string): readonly ProtocolCountryRow[] =>
  readTable(`protocol-ids/${dialect}-countries.tsv`, (row) => ({
    code: row.text('code'),
    country: row.text('iso2'),
    isAlias: row.flag('alias'),
  }))

/** All services that a dialect's own document names. If a code occurs in two rows, the first one counts: only
 * that row has the service. */
export function protocolServices(dialect: string): readonly ProtocolServiceRow[] {
  const slugs = new Map(services.map(({ ids, slug }) => [ids[dialect], slug]))
  const seen = new Set<string>()
  return readTable(`protocol-ids/${dialect}-services.tsv`, (row) => {
    const code = row.text('code')
    const service = seen.has(code) ? null : (slugs.get(code) ?? null)
    seen.add(code)
    return { code, name: row.text('name'), service }
  })
}

/** What all other protocols call the services that they have an id for, whether we have them or not. */
export function protocolServiceNames(): readonly string[] {
  const files = tablesIn('protocol-ids').filter((file) => file.endsWith('-services.tsv'))
  return files.flatMap((file) => readTable(file, (row) => row.text('name')))
}
