// The actions that read the balance and the catalog: countries, services, operators, stock.
import type { Country } from '../../core/catalog/catalog.ts'
import { formatAmount } from '../../core/money.ts'
import { inPieces } from '../../http/pieces.ts'
import type { Action } from './call.ts'
import { refused } from './errors.ts'
import { lotsAt } from './market.ts'
import { codeOf, findCountry, idOf, listed } from './names.ts'

/** `ACCESS_BALANCE:50.30`, in the account's currency. */
export const getBalance: Action = async ({ app, caller }) => {
  const balance = await app.money.balance(caller.accountId)
  return `ACCESS_BALANCE:${formatAmount(balance, caller.decimals)}`
}

/** Numbers in stock by service, for a country. */
export const getNumbersStatus: Action = async (call) => {
  const { app, caller, ask } = call
  const named = (await findCountry(app, ask))?.code
  const country = named ?? caller.defaultCountry ?? app.settings().default_country ?? undefined
  const catalog = await app.catalog.current()
  const operators = listed(ask.get('operator'))
  const { currency } = caller
  const prices = await app.catalog.pricesByOperator({ currency, kind: 'activation', country })
  const counts: Record<string, number> = {}
  await inPieces(prices, ({ serviceId, operatorId, stock }) => {
    const operator = catalog.operator(operatorId)?.slug.toLowerCase() ?? ''
    if (operators.length > 0 && !operators.includes(operator)) return
    const code = codeOf(catalog.service(serviceId))
    counts[code] = (counts[code] ?? 0) + stock
  })
  return counts
}

const nameIn = (language: string) => new Intl.DisplayNames([language], { type: 'region' })
const russian = nameIn('ru')
const chinese = nameIn('zh-Hans')

const countryAnswer = (country: Country, hasRentals: boolean) => ({
  id: idOf(country),
  rus: russian.of(country.code) ?? country.name,
  eng: country.name,
  chn: chinese.of(country.code) ?? country.name,
  visible: 1,
  retry: 1,
  rent: hasRentals ? 1 : 0,
  multiService: 1,
})

/** Open countries by their ids. */
export const getCountries: Action = async (call) => {
  const catalog = await call.app.catalog.current()
  const withRentals = new Set(await call.app.catalog.countriesWithRentals(null))
  return Object.fromEntries(
    catalog.countries
      .filter((country) => !country.closed)
      .map((country) => [idOf(country), countryAnswer(country, withRentals.has(country.code))]),
  )
}

/** Open services; with a country, those that it has. */
export const getServicesList: Action = async (call) => {
  const country = await findCountry(call.app, call.ask)
  const catalog = await call.app.catalog.current()
  const sold = country && (await lotsAt(call, { country: country.code }))
  const ids = sold && new Set(sold.map((lot) => lot.serviceId))
  return {
    status: 'success',
    services: catalog.services
      .filter((service) => !service.closed && (ids === undefined || ids.has(service.id)))
      .map((service) => ({ code: codeOf(service), name: service.name })),
  }
}

/** Operators by country id. */
export const getOperators: Action = async ({ app, ask }) => {
  const country = await findCountry(app, ask)
  const catalog = await app.catalog.current()
  const byCountry: Record<string, string[]> = {}
  for (const operator of catalog.operators) {
    const home = catalog.country(operator.country)
    if (!home || home.closed || (country && country.code !== home.code)) continue
    byCountry[idOf(home)] = [...(byCountry[idOf(home)] ?? []), operator.slug]
  }
  if (Object.keys(byCountry).length === 0)
    throw refused('No operators are known for this country.', {
      token: 'OPERATORS_NOT_FOUND',
      hero: [404],
    })
  return { status: 'success', countryOperators: byCountry }
}

/** SMSHUB's list: open countries with their operators, and services by code. */
export const getListOfCountriesAndOperators: Action = async ({ app, caller }) => {
  const catalog = await app.catalog.current()
  const operators = Map.groupBy(catalog.operators, (operator) => operator.country)
  const byDefault = catalog.country(caller.defaultCountry ?? app.settings().default_country ?? '')
  return {
    status: 'success',
    services: Object.fromEntries(
      catalog.services
        .filter((service) => !service.closed)
        .map((service) => [codeOf(service), service.name]),
    ),
    data: catalog.countries
      .filter((country) => !country.closed)
      .map((country) => ({
        id: String(idOf(country)),
        name: country.name,
        // Numbers of other platforms may have an operator of that name, which stands for none in particular.
        operators: [
          ...new Set(['any', ...(operators.get(country.code) ?? []).map((one) => one.slug)]),
        ],
      })),
    currentCountry: byDefault ? String(idOf(byDefault)) : null,
    currentOperator: 'any',
  }
}
