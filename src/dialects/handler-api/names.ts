// The field's common names (service codes, numeric country ids, numeric currencies) for our objects.
import type { App } from '../../app.ts'
import type { Catalog, Country, Service } from '../../core/catalog/catalog.ts'
import { currencies, protocolCountries } from '../../core/catalog/data/load.ts'
import { DomainError } from '../../core/error.ts'
import { countryCode } from '../../http/country-code.ts'
import type { Params } from './params.ts'

/** Under this name the catalog has the ids of the field. */
const dialect = 'handler-api'
/** Countries without an id in the field use our own number, far above the others. */
const ownCountriesFrom = 10_000
/** The code for any service; rentals only. */
const anyService = 'full'

const aliases = new Map(
  protocolCountries(dialect)
    .filter((row) => row.isAlias)
    .map((row) => [row.code, row.country]),
)
const currencyNumbers = new Map(currencies.map((one) => [one.code, Number(one.numeric)]))

export type Names = {
  readonly service: (code: string) => Service | undefined
  /** By id (also of an alias), by ISO 3166-1 alpha-2, or by 5sim's name, which 5sim's own endpoint of this
   * protocol accepts. */
  readonly country: (text: string) => Country | undefined
}

/** A service's code: that of the field, otherwise our slug. */
export const codeOf = (service: Service | undefined): string =>
  service === undefined ? '' : (service.ids[dialect] ?? service.slug)

/** A country's id: that of the field, otherwise our own. */
export const idOf = (country: Country | undefined): number =>
  country === undefined ? -1 : Number(country.ids[dialect] ?? ownCountriesFrom + country.number)

/** The ISO 4217 number. */
export const currencyNumber = (code: string): number => currencyNumbers.get(code) ?? 0

const known = new WeakMap<Catalog, Names>()

/** The names of a catalog, built once per catalog. */
function namesOf(catalog: Catalog): Names {
  const there = known.get(catalog)
  if (there) return there
  const everyService = [...catalog.services, ...catalog.testServices]
  const services = new Map(everyService.map((one) => [codeOf(one), one]))
  const countries = new Map(catalog.countries.map((one) => [String(idOf(one)), one]))
  const words = new Map(catalog.countries.map((one) => [one.ids.fivesim, one]))
  const products = new Map(catalog.services.map((one) => [one.ids.fivesim, one]))
  const names: Names = {
    service: (code) =>
      services.get(code.toLowerCase()) ?? catalog.service(code) ?? products.get(code.toLowerCase()),
    country: (text) =>
      countries.get(text) ??
      catalog.country(aliases.get(text) ?? countryCode(text)) ??
      words.get(text.toLowerCase()),
  }
  known.set(catalog, names)
  return names
}

/** @throws service_not_found, also if none is given */
export async function findService(app: App, code: string | undefined): Promise<Service> {
  const found =
    code === undefined ? undefined : await app.catalog.find((it) => namesOf(it).service(code))
  if (!found) throw new DomainError('service_not_found', 'There is no such service.')
  return found
}

/** The service of a rental; `full` is the one that takes all other messages. @throws service_not_found */
export async function findRentedService(app: App, code: string | undefined): Promise<Service> {
  if (code !== anyService) return findService(app, code)
  const any = (await app.catalog.current()).services.find((one) => one.takesAny)
  if (!any) throw new DomainError('service_not_found', 'There is no such service.')
  return any
}

/** The given country, or undefined. @throws country_not_found */
export async function findCountry(app: App, ask: Params): Promise<Country | undefined> {
  const text = ask.get('country')
  if (text === undefined) return undefined
  const found = await app.catalog.find((it) => namesOf(it).country(text))
  if (!found) throw new DomainError('country_not_found', 'There is no such country.')
  return found
}

/** The names of a comma-separated list, without `any`. */
export const listed = (text: string | undefined): string[] =>
  (text ?? '')
    .toLowerCase()
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && one !== 'any')
