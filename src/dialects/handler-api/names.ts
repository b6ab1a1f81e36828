// The names of the field: service codes, numeric country ids, numeric currencies; and our things behind them.
import type { App } from '../../app.ts'
import type { Catalog, Country, Service } from '../../core/catalog/catalog.ts'
import { currencies, handlerCountries } from '../../core/catalog/data/load.ts'
import { DomainError } from '../../core/error.ts'
import { countryCode } from '../../http/country-code.ts'
import type { Params } from './params.ts'

/** Countries that the field has no id for: our own number, well above all of the field's. */
const ownCountriesFrom = 10_000
/** The code that stands for any service, of rentals only. */
const anyService = 'full'

const aliases = new Map(
  handlerCountries.filter((row) => row.isAlias).map((row) => [row.code, row.country]),
)
const currencyNumbers = new Map(currencies.map((one) => [one.code, Number(one.numeric)]))

export type Names = {
  readonly service: (code: string) => Service | undefined
  /** By id, an alias's too, by ISO 3166-1 alpha-2, or by 5sim's word, which its own endpoint of this
   * protocol takes. */
  readonly country: (text: string) => Country | undefined
}

/** A service's code: the field's, else our own slug. */
export const codeOf = (service: Service | undefined): string =>
  service === undefined ? '' : (service.handlerCode ?? service.slug)

/** A country's id: the field's, else one of our own. */
export const idOf = (country: Country | undefined): number =>
  country === undefined ? -1 : (country.handlerId ?? ownCountriesFrom + country.number)

/** ISO 4217's number. */
export const currencyNumber = (code: string): number => currencyNumbers.get(code) ?? 0

const known = new WeakMap<Catalog, Names>()

/** The names of a catalog, gathered once for each. */
export function namesOf(catalog: Catalog): Names {
  const there = known.get(catalog)
  if (there) return there
  const everyService = [...catalog.services, ...catalog.testServices]
  const services = new Map(everyService.map((one) => [codeOf(one), one]))
  const countries = new Map(catalog.countries.map((one) => [String(idOf(one)), one]))
  const words = new Map(catalog.countries.map((one) => [one.fivesimSlug, one]))
  const products = new Map(catalog.services.map((one) => [one.fivesimSlug, one]))
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

/** @throws service_not_found, also where none is named */
export async function serviceNamed(app: App, code: string | undefined): Promise<Service> {
  const found =
    code === undefined ? undefined : await app.catalog.find((it) => namesOf(it).service(code))
  if (!found) throw new DomainError('service_not_found', 'There is no such service.')
  return found
}

/** The service of a rental; `full` is the one that takes what no other does. @throws service_not_found */
export async function rentedService(app: App, code: string | undefined): Promise<Service> {
  if (code !== anyService) return serviceNamed(app, code)
  const any = (await app.catalog.current()).services.find((one) => one.takesAny)
  if (!any) throw new DomainError('service_not_found', 'There is no such service.')
  return any
}

/** The country that is named, else undefined. @throws country_not_found */
export async function countryNamed(app: App, ask: Params): Promise<Country | undefined> {
  const text = ask.get('country')
  if (text === undefined) return undefined
  const found = await app.catalog.find((it) => namesOf(it).country(text))
  if (!found) throw new DomainError('country_not_found', 'There is no such country.')
  return found
}

/** The names in a list with commas, without `any`, which is no wish. */
export const listed = (text: string | undefined): string[] =>
  (text ?? '')
    .toLowerCase()
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '' && one !== 'any')
