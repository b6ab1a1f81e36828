// The names that OTPWALL's clients have for a country.
import type { Catalog, Country } from '../../core/catalog/catalog.ts'
import { countryCode } from '../../http/country-code.ts'

/**
 * By ISO 3166-1 alpha-2 or alpha-3, or by a currency, in any case. A currency stands for the one country that
 * has it; where several do, for the country of its first two letters, if there is one: `usd` is US.
 */
export function countryCalled(catalog: Catalog, text: string): Country | undefined {
  const code = countryCode(text)
  const { countries } = catalog
  const named = catalog.country(code) ?? countries.find(({ alpha3 }) => alpha3 === code)
  if (named) return named
  const [one, another] = countries.filter(({ currency }) => currency === code)
  return another ? catalog.country(code.slice(0, 2)) : one
}
