// 5sim's names: countries, operators and products have no ids, only lower-case names.
import type { Catalog, Country, Service } from '../../core/catalog/catalog.ts'
import type { Order } from '../../core/orders/order.ts'
import { countryCode } from '../../http/country-code.ts'

/** Stands for no particular operator or country. */
export const any = 'any'

/** 5sim's own name, if it has one, otherwise ours. */
export const productName = (service: Service) => service.ids.fivesim ?? service.slug

export const countryName = (country: Country) => country.ids.fivesim ?? country.code.toLowerCase()

/** Finds by 5sim's name first, then by ours. */
export const serviceNamed = (catalog: Catalog, name: string): Service | undefined =>
  catalog.services.find((one) => one.ids.fivesim === name) ??
  [...catalog.services, ...catalog.testServices].find((one) => one.slug === name)

export const countryNamed = (catalog: Catalog, name: string): Country | undefined =>
  catalog.countries.find((one) => one.ids.fivesim === name) ?? catalog.country(countryCode(name))

const hourS = 3_600
const dayS = 24 * hourS
const monthDays = 30

/** The duration of a rental as a word: `3hours`, `1day`, `10days`, `1month`. */
export function lengthName(durationS: number): string {
  const days = durationS / dayS
  if (days === monthDays) return '1month'
  if (Number.isInteger(days)) return days === 1 ? '1day' : `${days}days`
  const hours = Math.round(durationS / hourS)
  return hours === 1 ? '1hour' : `${hours}hours`
}

/** The seconds of such a word, or null. */
export function lengthNamed(name: string): number | null {
  const [, digits, unit] = /^([1-9]\d{0,2})(hour|day|month)s?$/.exec(name) ?? []
  if (digits === undefined) return null
  const seconds = { hour: hourS, day: dayS, month: monthDays * dayS }[unit as 'hour']
  return Number(digits) * seconds
}

/** A rental as a product: its duration, preceded by its service unless it takes messages of all services. */
export const hostingName = (service: Service, durationS: number) =>
  service.takesAny ? lengthName(durationS) : `${productName(service)}_${lengthName(durationS)}`

export type Hosting = { readonly service: Service; readonly durationS: number | null }

/** Parses a hosting product: `1day`, `whatsapp_1day`, or `whatsapp` alone for the shortest duration. */
export function hostingNamed(catalog: Catalog, name: string): Hosting | undefined {
  const length = lengthNamed(name)
  if (length !== null) {
    const service = catalog.services.find((one) => one.takesAny)
    return service && { service, durationS: length }
  }
  const whole = serviceNamed(catalog, name)
  if (whole) return { service: whole, durationS: null }
  const cut = name.lastIndexOf('_')
  const service = serviceNamed(catalog, name.slice(0, Math.max(0, cut)))
  const durationS = lengthNamed(name.slice(cut + 1))
  return service && durationS !== null ? { service, durationS } : undefined
}

/** The product of an order; its kind if it has no service that 5sim could name. */
export function productOf(catalog: Catalog, order: Order): string {
  const service = catalog.service(order.serviceId)
  if (!service) return order.kind
  return order.durationS === null ? productName(service) : hostingName(service, order.durationS)
}
