// Which of our services and countries a supplier's price list means.
import type { Catalog } from '../catalog/catalog.ts'
import { type PriceLine, productText } from './product.ts'

/** A line of a price list by our names. */
export type NamedLine = Pick<PriceLine, 'cost' | 'stock'> & {
  /** The supplier's product, as a source keeps it. */
  readonly product: string
  readonly serviceId: number
  readonly country: string
  /** A network's slug, which may be new to us; `any` where the supplier tells none. */
  readonly operator: string
  /** The length of a rental; 0: an activation. */
  readonly durationS: number
}

export type Named = {
  readonly lines: readonly NamedLine[]
  /** Names that mean nothing to us, each once, sorted. */
  readonly unknown: {
    readonly services: readonly string[]
    readonly countries: readonly string[]
    readonly operators: readonly string[]
  }
}

export const anyOperator = 'any'

const slug = /^[a-z0-9][a-z0-9_-]{0,40}$/

/**
 * Gives the lines of a price list our names.
 * @param dialect whose names the supplier uses; null: our slugs and codes
 */
export function named(
  catalog: Catalog,
  dialect: string | null,
  lines: readonly PriceLine[],
): Named {
  const idOf = (ids: Readonly<Record<string, string>>) =>
    dialect === null ? undefined : ids[dialect]
  // Names of the dialect come last, and so before our own where they are the same.
  const services = new Map([
    ...catalog.services.map((one) => [one.slug, one.id] as const),
    ...catalog.services.map((one) => [idOf(one.ids) ?? one.slug, one.id] as const),
  ])
  const countries = new Map([
    ...catalog.countries.map((one) => [one.code, one.code] as const),
    // A Numlet that speaks another protocol names a country so if the protocol has no name for it.
    ...catalog.countries.map((one) => [one.code.toLowerCase(), one.code] as const),
    ...catalog.countries.map((one) => [idOf(one.ids) ?? one.code, one.code] as const),
  ])
  const unknown = {
    services: new Set<string>(),
    countries: new Set<string>(),
    operators: new Set<string>(),
  }
  const found = lines.flatMap(({ product, cost, stock }): NamedLine[] => {
    const serviceId = services.get(product.service)
    const country = countries.get(product.country)
    const operator = (product.operator ?? anyOperator).toLowerCase()
    if (serviceId === undefined) unknown.services.add(product.service)
    if (country === undefined) unknown.countries.add(product.country)
    const text = productText(product)
    const { durationS = 0 } = product
    if (!slug.test(operator) || text === null) unknown.operators.add(product.operator ?? '')
    else if (serviceId !== undefined && country !== undefined)
      return [{ product: text, serviceId, country, operator, durationS, cost, stock }]
    return []
  })
  const { services: s, countries: c, operators: o } = unknown
  return {
    lines: found,
    unknown: { services: sorted(s), countries: sorted(c), operators: sorted(o) },
  }
}

const sorted = (names: ReadonlySet<string>) => [...names].sort()
