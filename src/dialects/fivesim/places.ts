// Looks up the countries, operators and products that a call names.
import type { App } from '../../app.ts'
import type { Country, Operator, Service } from '../../core/catalog/catalog.ts'
import { DomainError } from '../../core/error.ts'
import { any, countryNamed, type Hosting, hostingNamed, serviceNamed } from './names.ts'

export type Place = { readonly country: Country | null; readonly operator: Operator | null }

/** `any` is null. @throws country_not_found, operator_not_found */
export async function findPlace(
  app: App,
  names: { readonly country: string; readonly operator: string },
): Promise<Place> {
  const country = names.country === any ? null : await findCountry(app, names.country)
  if (names.operator === any) return { country, operator: null }
  if (country === null)
    throw new DomainError('country_not_found', 'An operator requires its country.', {
      says: 'select country',
    })
  const operator = await app.catalog.find((it) => it.operatorBySlug(country.code, names.operator))
  if (!operator)
    throw new DomainError('operator_not_found', 'The country does not have this operator.')
  return { country, operator }
}

/** @throws country_not_found */
export async function findCountry(app: App, name: string): Promise<Country> {
  const country = await app.catalog.find((it) => countryNamed(it, name))
  if (!country) throw new DomainError('country_not_found', 'There is no such country.')
  return country
}

/** @throws service_not_found */
export async function findService(app: App, name: string): Promise<Service> {
  const service = await app.catalog.find((it) => serviceNamed(it, name))
  if (!service) throw new DomainError('service_not_found', 'There is no such product.')
  return service
}

/** @throws service_not_found */
export async function findHosting(app: App, name: string): Promise<Hosting> {
  const hosting = await app.catalog.find((it) => hostingNamed(it, name))
  if (!hosting) throw new DomainError('service_not_found', 'There is no such product.')
  return hosting
}
