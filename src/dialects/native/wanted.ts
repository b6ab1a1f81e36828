// Looks up what a caller names: services, countries, operators, prices, durations.
import { z } from 'zod'
import type { App } from '../../app.ts'
import type { Catalog, Operator, Service } from '../../core/catalog/catalog.ts'
import { DomainError } from '../../core/error.ts'
import { type Amount, parseAmount } from '../../core/money.ts'
import { alternativesTo, didYouMean, fewOf } from '../../core/nearest.ts'

/** Ten years: longer than any rental. */
const maxDurationS = 10 * 366 * 86_400

export const countryCode = z
  .string()
  .regex(/^[A-Za-z]{2}$/, 'must be an ISO 3166-1 alpha-2 code')
  .toUpperCase()
  .meta({ description: 'ISO 3166-1 alpha-2.', examples: ['US'] })

/** By slug, UUID or number. @throws service_not_found */
export async function findService(
  app: App,
  name: string | undefined,
): Promise<Service | undefined> {
  if (name === undefined) return undefined
  const key = /^\d{1,9}$/.test(name) ? Number(name) : name
  const service = await app.catalog.find((catalog) => catalog.service(key))
  if (!service) throw serviceNotFound(name, await app.catalog.current())
  return service
}

function serviceNotFound(name: string, catalog: Catalog): DomainError {
  const { alternatives, hint } = alternativesTo(
    name,
    catalog.services.filter((one) => !one.closed).map((one) => one.slug),
  )
  return new DomainError('service_not_found', `There is no service ${name}.${hint}`, {
    alternatives,
  })
}

/** By ISO code. @throws country_not_found */
export async function findCountry(app: App, code: string | undefined): Promise<void> {
  if (code === undefined || (await app.catalog.find((catalog) => catalog.country(code)))) return
  const { countries } = await app.catalog.current()
  const open = countries.filter((one) => !one.closed).map((one) => one.code)
  const { alternatives, hint } =
    code === 'UK' ? { alternatives: ['GB'], hint: didYouMean(['GB']) } : fewOf(open)
  throw new DomainError('country_not_found', `There is no country ${code}.${hint}`, {
    alternatives,
  })
}

/** @throws invalid_request without a country; country_not_found, operator_not_found */
export async function findOperator(
  app: App,
  country: string | undefined,
  slug: string | undefined,
  countryPointer: 'country' | '/country',
): Promise<Operator | undefined> {
  if (slug === undefined) return undefined
  if (country === undefined)
    throw new DomainError('invalid_request', 'An operator requires its country.', {
      fields: [{ pointer: countryPointer, detail: 'is required with an operator' }],
    })
  const operator = await app.catalog.find((it) => it.operatorBySlug(country, slug.toLowerCase()))
  if (!operator) throw operatorNotFound(country, slug, await app.catalog.current())
  return operator
}

function operatorNotFound(country: string, slug: string, catalog: Catalog): DomainError {
  const slugs = catalog.operators.filter((one) => one.country === country).map((one) => one.slug)
  const { alternatives, hint } = alternativesTo(slug, slugs)
  return new DomainError(
    'operator_not_found',
    `There is no operator ${slug} in ${country}.${hint}`,
    { alternatives },
  )
}

const amountRule = 'must be a decimal from 0 to 100000000 with up to four places'

/** An amount of money as a decimal. @throws invalid_request */
export function amountOf(value: string | number | undefined, pointer: string): Amount | null {
  if (value === undefined) return null
  const amount = parseAmount(String(value))
  if (amount === null)
    throw new DomainError(
      'invalid_request',
      `${String(value).slice(0, 30)} is not a valid amount. It ${amountRule}.`,
      { fields: [{ pointer, detail: amountRule }] },
    )
  return amount
}

const secondsOf = { s: 1, h: 3_600, d: 86_400 } as const

/** Seconds of a text such as `3d`, `12h` or `86400`. @throws invalid_request */
export function durationOf(value: string | number | undefined, pointer: string): number | null {
  if (value === undefined) return null
  const [, count, unit = 's'] = /^([1-9]\d{0,8})([hd])?$/.exec(String(value)) ?? []
  const seconds = Number(count) * secondsOf[unit as keyof typeof secondsOf]
  if (seconds <= maxDurationS) return seconds
  throw new DomainError(
    'invalid_request',
    `${String(value).slice(0, 30)} is not a duration. Write it as 3d, 12h or seconds.`,
    {
      fields: [{ pointer, detail: 'must be a duration such as 3d, 12h or 86400 (seconds)' }],
    },
  )
}
