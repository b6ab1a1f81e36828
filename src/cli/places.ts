// Looks up services, countries, operators and pools by their typed names; suggests similar ones.
import type { Catalog, Country, Operator, Pool, Service } from '../core/catalog/catalog.ts'
import { meant, unknownOf } from '../core/nearest.ts'
import { Refusal } from './failure.ts'

export function findService(catalog: Catalog, text: string): Service {
  const service = catalog.service(text)
  if (service) return service
  const known = catalog.services.map((one) => one.slug)
  throw new Refusal(unknownOf('service', text, known))
}

/** @param code two capital letters */
export function findCountry(catalog: Catalog, code: string): Country {
  const country = catalog.country(code)
  if (country) return country
  throw new Refusal(`There is no country ${code}.`)
}

export function findOperator(catalog: Catalog, country: string, slug: string): Operator {
  const operator = catalog.operatorBySlug(country, slug)
  if (operator) return operator
  const known = catalog.operators.filter((one) => one.country === country).map((one) => one.slug)
  throw new Refusal(`There is no operator ${slug} in ${country}.${meant(slug, known)}`)
}

export function findPool(catalog: Catalog, id: string): Pool {
  const pool = catalog.pools.find((one) => one.id === id)
  if (pool) return pool
  throw new Refusal(
    `There is no pool ${id}. There are: ${catalog.pools.map((one) => one.id).join(', ')}.`,
  )
}
