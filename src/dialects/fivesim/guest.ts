// Calls that need no key: products, prices, countries, notices.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { App } from '../../app.ts'
import type { Catalog } from '../../core/catalog/catalog.ts'
import type { OperatorPrice } from '../../core/catalog/prices.ts'
import { baseCurrency } from '../../core/catalog/rates.ts'
import { DomainError } from '../../core/error.ts'
import { amountAsNumber } from '../../core/money.ts'
import { byBearerKey } from '../../http/authentication.ts'
import { shareAnswers, wholeListWeight } from '../../http/list-answers.ts'
import { groupInPieces, inPieces } from '../../http/pieces.ts'
import { priceFailures } from './errors.ts'
import { countryName, hostingName, productName } from './names.ts'
import { findCountry, findPlace, findService } from './places.ts'
import * as reference from './reference.ts'
import { languageParams, placeParams, pricesQuery, type Shape, shapes } from './schemas.ts'

const tags = ['5sim']

const productsRoute = {
  config: { scope: null, reference: reference.products },
  schema: {
    operationId: 'fivesimListProducts',
    tags,
    summary: 'List products',
    params: placeParams,
    response: { 200: shapes.products },
  },
}

const pricesRoute = {
  config: {
    scope: null,
    reference: reference.prices,
    failures: priceFailures,
    weigh: ({ query }: FastifyRequest) =>
      Object.keys(query as object).length === 0 ? wholeListWeight : 1,
  },
  schema: {
    operationId: 'fivesimListPrices',
    tags,
    summary: 'List prices',
    querystring: pricesQuery,
    response: { 200: shapes.prices },
  },
}

const countriesRoute = {
  config: { scope: null, reference: reference.countries },
  schema: {
    operationId: 'fivesimListCountries',
    tags,
    summary: 'List countries',
    response: { 200: shapes.countries },
  },
}

const flashRoute = {
  config: { scope: null, reference: reference.flash },
  schema: {
    operationId: 'fivesimGetFlash',
    tags,
    summary: 'Get the notice of the day',
    params: languageParams,
    response: { 200: shapes.flash },
  },
}

/** Products by name: the cheapest price of an operator with stock, and the total stock. */
async function productsAnswer(
  catalog: Catalog,
  prices: readonly OperatorPrice[],
  category: 'activation' | 'hosting',
): Promise<Shape<'products'>> {
  const cheapest = new Map<string, { price: OperatorPrice; stock: number }>()
  await inPieces(prices, (price) => {
    const service = catalog.service(price.serviceId)
    if (!service) return
    const isHosting = category === 'hosting'
    const name = isHosting ? hostingName(service, price.durationS) : productName(service)
    const known = cheapest.get(name)
    const isBetter =
      !known ||
      (price.stock > 0 && known.price.stock === 0) ||
      (price.stock > 0 === known.price.stock > 0 && price.price < known.price.price)
    const stock = (known?.stock ?? 0) + price.stock
    cheapest.set(name, { price: isBetter ? price : known.price, stock })
  })
  return Object.fromEntries(
    [...cheapest].map(([name, { price, stock }]) => [
      name,
      { Category: category, Qty: stock, Price: amountAsNumber(price.price) },
    ]),
  )
}

/** Below this 5sim shows no rate. */
const minRate = 20

const priceAnswer = ({ price, stock, rate }: OperatorPrice) => ({
  cost: amountAsNumber(price),
  count: stock,
  ...(rate !== null && rate >= minRate ? { rate } : {}),
})

/** @param byProduct whether the product comes before the country */
async function pricesAnswer(
  catalog: Catalog,
  prices: readonly OperatorPrice[],
  byProduct: boolean,
): Promise<Shape<'prices'>> {
  const answer: Record<string, Record<string, Record<string, object>>> = {}
  await inPieces(prices, (price) => {
    const service = catalog.service(price.serviceId)
    const country = catalog.country(price.country)
    const operator = catalog.operator(price.operatorId)
    if (!service || !country || !operator) return
    const names = [countryName(country), productName(service)] as const
    const [outer, inner] = byProduct ? [names[1], names[0]] : names
    answer[outer] ??= {}
    const level = answer[outer] as Record<string, Record<string, object>>
    level[inner] ??= {}
    ;(level[inner] as Record<string, object>)[operator.slug] = priceAnswer(price)
  })
  return answer
}

const russianNames = new Intl.DisplayNames('ru', { type: 'region' })

type CountryAnswer = Shape<'countries'>[string]

async function countriesAnswer(
  catalog: Catalog,
  kinds: Readonly<Record<'activation' | 'hosting', readonly OperatorPrice[]>>,
): Promise<Shape<'countries'>> {
  const operators = new Map<string, Record<string, Record<string, 1>>>()
  for (const [kind, prices] of Object.entries(kinds))
    for (const operatorId of (await groupInPieces(prices, (price) => price.operatorId)).keys()) {
      const operator = catalog.operator(operatorId)
      if (!operator) continue
      const ofCountry = operators.get(operator.country) ?? {}
      operators.set(operator.country, ofCountry)
      ofCountry[operator.slug] = { ...ofCountry[operator.slug], [kind]: 1 }
    }
  return Object.fromEntries(
    catalog.countries
      .filter((country) => operators.has(country.code))
      .map((country) => {
        const known = {
          iso: { [country.code.toLowerCase()]: 1 },
          prefix: { [`+${country.callingCode}`]: 1 },
          text_en: country.name,
          text_ru: russianNames.of(country.code) ?? country.name,
        }
        return [countryName(country), { ...known, ...operators.get(country.code) } as CountryAnswer]
      }),
  )
}

/** The currency of the prices. Clients send their key here, too, and buy at the prices they read. Without a
 * valid key it is the platform's base currency. */
async function currencyFor(app: App, request: FastifyRequest): Promise<string> {
  const principal = byBearerKey(app, request)
  if (principal === null) return baseCurrency
  try {
    const { scopes, currency } = await principal
    return scopes.includes('read') ? currency : baseCurrency
  } catch (error) {
    // 5sim ignores keys here, so a wrong key is not an error.
    if (error instanceof DomainError) return baseCurrency
    throw error
  }
}

export function guestRoutes(parent: FastifyInstance, app: App) {
  const plain = parent.withTypeProvider<ZodTypeProvider>()
  const share = shareAnswers()
  const pricesOf = (currency: string, kind: 'activation' | 'rental', where: object = {}) =>
    app.catalog.pricesByOperator({ currency, kind, ...where })

  plain.get('/guest/products/:country/:operator', productsRoute, async (request, reply) => {
    const { country, operator } = await findPlace(app, request.params)
    const where = { country: country?.code, operatorId: operator?.id }
    const currency = await currencyFor(app, request)
    return share(request, reply, ['products', currency, where], async () => {
      const catalog = await app.catalog.current()
      return {
        ...(await productsAnswer(catalog, await pricesOf(currency, 'rental', where), 'hosting')),
        ...(await productsAnswer(
          catalog,
          await pricesOf(currency, 'activation', where),
          'activation',
        )),
      }
    })
  })

  plain.get('/guest/prices', pricesRoute, async (request, reply) => {
    const { country, product } = request.query
    const where = {
      country: country === undefined ? undefined : (await findCountry(app, country)).code,
      serviceId: product === undefined ? undefined : (await findService(app, product)).id,
    }
    const byProduct = product !== undefined && country === undefined
    const currency = await currencyFor(app, request)
    return share(request, reply, ['prices', currency, where, byProduct], async () => {
      const prices = await pricesOf(currency, 'activation', where)
      return pricesAnswer(await app.catalog.current(), prices, byProduct)
    })
  })

  plain.get('/guest/countries', countriesRoute, async (request, reply) =>
    share(request, reply, ['countries'], async () =>
      countriesAnswer(await app.catalog.current(), {
        activation: await pricesOf(baseCurrency, 'activation'),
        hosting: await pricesOf(baseCurrency, 'rental'),
      }),
    ),
  )

  // The platform has no notices: an empty one, as the protocol defines it.
  plain.get('/guest/flash/:lang', flashRoute, async () => ({ text: '' }))
}
