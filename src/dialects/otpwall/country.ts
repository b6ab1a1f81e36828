// Country names as OTPWALL's clients write them.
import type { Catalog, Country } from '../../core/catalog/catalog.ts'
import { countryCode } from '../../http/country-code.ts'

/**
 * By ISO 3166-1 alpha-2 or alpha-3, or by currency, in any case. A currency means the only country that uses
 * it; if several do, the country of its first two letters, if there is one: `usd` is US.
 */
export function countryNamed(catalog: Catalog, text: string): Country | undefined {
  const code = countryCode(text)
  const { countries } = catalog
  const named = catalog.country(code) ?? countries.find(({ alpha3 }) => alpha3 === code)
  if (named) return named
  const [one, another] = countries.filter(({ currency }) => currency === code)
  return another ? catalog.country(code.slice(0, 2)) : one
}
