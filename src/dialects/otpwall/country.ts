// The names that OTPWALL's clients have for a country.
import type { Catalog, Country } from '../../core/catalog/catalog.ts'

/** By ISO 3166-1 alpha-2, alpha-3, or the code of a currency that is this country's alone; in any case. */
export function countryCalled(catalog: Catalog, text: string): Country | undefined {
  const code = text.toUpperCase()
  const { countries } = catalog
  const named = catalog.country(code) ?? countries.find(({ alpha3 }) => alpha3 === code)
  if (named) return named
  const [only, another] = countries.filter(({ currency }) => currency === code)
  return another ? undefined : only
}
