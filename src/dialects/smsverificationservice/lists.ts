// The balance, services, plans and countries.
import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { App } from '../../app.ts'
import type { OperatorPrice } from '../../core/catalog/prices.ts'
import { DomainError } from '../../core/error.ts'
import { callerOf } from '../../http/dialect.ts'
import { type ShareAnswer, shareAnswers } from '../../http/list-answers.ts'
import type { FailureForm, RouteReference } from '../../http/openapi/reference.ts'
import { bare, wrapped } from './errors.ts'
import * as reference from './reference.ts'
import { globalQuery, shapes } from './schemas.ts'
import {
  balanceAnswer,
  bestServicesAnswer,
  cheapest,
  countryAnswer,
  dayS,
  esimAnswer,
  globalServicesAnswer,
  home,
  rentalsAnswer,
  servicesAnswer,
  success,
} from './wire.ts'

/** More than the number of services. */
const maxServices = 5_000

const reading = (
  failures: FailureForm,
  reference: RouteReference,
): FastifyContextConfig & { readonly scope: 'read' } => ({ scope: 'read', failures, reference })

const described = <Name extends keyof typeof shapes>(
  operationId: string,
  summary: string,
  shape: Name,
) => ({
  operationId: `smsVerificationService${operationId}`,
  tags: [reference.tag],
  summary,
  response: { 200: shapes[shape] },
})

const routesOf = {
  balance: {
    config: reading(bare, reference.balance),
    schema: described('GetBalance', 'Get the balance', 'balance'),
  },
  wallet: {
    config: reading(wrapped, reference.wallet),
    schema: described('GetWallet', 'Get the wallet', 'wallet'),
  },
  temporary: {
    config: reading(wrapped, reference.temporary),
    schema: described('ListTemporary', 'List US services', 'services'),
  },
  rental: {
    config: reading(bare, reference.rentals),
    schema: described('ListRentals', 'List US rentals for 3 or 30 days', 'rentals'),
  },
  oneDay: {
    config: reading(wrapped, reference.oneDay),
    schema: described('ListOneDay', 'List US rentals for one day', 'services'),
  },
  thirtyDays: {
    config: reading(wrapped, reference.thirtyDays),
    schema: described('ListThirtyDays', 'List US rentals for 30 days', 'services'),
  },
  best: {
    config: reading(wrapped, reference.best),
    schema: described('ListBest', 'List the best US services', 'bestServices'),
  },
  esim: {
    config: reading(wrapped, reference.esims),
    schema: described('ListEsims', 'List eSIM plans', 'esims'),
  },
  countries: {
    config: reading(bare, reference.countries),
    schema: described('ListCountries', 'List countries other than the US', 'countries'),
  },
  global: {
    config: reading(bare, reference.globalServices),
    schema: {
      ...described('ListGlobal', 'List services of a country', 'globalServices'),
      querystring: globalQuery,
    },
  },
}

export function listRoutes(plain: FastifyInstance, app: App) {
  const share = shareAnswers()
  walletRoutes(plain, app)
  numberRoutes(plain, app, share)
  rentalRoutes(plain, app, share)
  globalRoutes(plain, app, share)
}

function walletRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  // "Returns the current wallet balance in USD for the authenticated API key."
  scope.get('/balance', routesOf.balance, async (request) => {
    const { accountId, currency } = callerOf(request)
    return balanceAnswer(await app.money.balance(accountId), currency)
  })

  // "An alias; the same payload wrapped in {success, data}."
  scope.get('/wallet/balance', routesOf.wallet, async (request) => {
    const { accountId, currency } = callerOf(request)
    return success(balanceAnswer(await app.money.balance(accountId), currency))
  })
}

function numberRoutes(plain: FastifyInstance, app: App, share: ShareAnswer) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  // "USA short-term services available for SMS verification, with sell prices."
  scope.get('/services/temporary', routesOf.temporary, (request, reply) => {
    const { currency } = callerOf(request)
    return share(request, reply, ['temporary', currency], async () => {
      const prices = await inStock(app, currency, home)
      return servicesAnswer(await app.catalog.current(), prices)
    })
  })

  // "Curated short-term USA services with the highest delivery success rate."
  scope.get('/services/best-temp', routesOf.best, (request, reply) => {
    const { currency } = callerOf(request)
    return share(request, reply, ['best', currency], async () => {
      const best = await app.catalog.bestOffers({ currency, country: home, limit: maxServices })
      return bestServicesAnswer(await app.catalog.current(), best)
    })
  })

  // "Active eSIM data plans. Returns a raw JSON array."
  scope.get('/services/esim', routesOf.esim, (request, reply) => {
    const { currency } = callerOf(request)
    return share(request, reply, ['esim', currency], async () => {
      const plans = await app.esims.plans({ currency })
      return plans.filter((plan) => plan.stock > 0).map(esimAnswer)
    })
  })
}

function rentalRoutes(plain: FastifyInstance, app: App, share: ShareAnswer) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  const ofLength = (days: number, request: FastifyRequest, reply: FastifyReply) => {
    const { currency } = callerOf(request)
    return share(request, reply, ['rentals of a length', days, currency], async () => {
      const catalog = await app.catalog.current()
      const prices = await rentals(app, currency)
      const fitting = prices.filter(({ durationS }) => durationS === days * dayS)
      return servicesAnswer(catalog, cheapest(catalog, fitting))
    })
  }

  // "USA rental numbers with both 3-day and 30-day prices. Returns a raw JSON array."
  scope.get('/services/rental', routesOf.rental, (request, reply) => {
    const { currency } = callerOf(request)
    return share(request, reply, ['rentals', currency], async () => {
      const prices = await rentals(app, currency)
      return rentalsAnswer(await app.catalog.current(), prices)
    })
  })

  // "USA 1-day rental products."
  scope.get('/services/rent-1day', routesOf.oneDay, (request, reply) => ofLength(1, request, reply))

  // "USA 30-day rental products."
  scope.get('/services/rent-30days', routesOf.thirtyDays, (request, reply) =>
    ofLength(30, request, reply),
  )
}

function globalRoutes(plain: FastifyInstance, app: App, share: ShareAnswer) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  // "List every country (excluding USA) with at least one in-stock service."
  scope.get('/global/countries', routesOf.countries, (request, reply) =>
    share(request, reply, ['countries'], async () => {
      const catalog = await app.catalog.current()
      const codes = await app.catalog.countriesInStock()
      return {
        countries: codes.flatMap((code) => {
          const country = code === home ? undefined : catalog.country(code)
          return country ? [countryAnswer(country)] : []
        }),
      }
    }),
  )

  // "List the services available in the given country, with the sell price."
  scope.get('/global/services', routesOf.global, async (request, reply) => {
    const { currency } = callerOf(request)
    const country = await findAbroad(app, request.query.country_id)
    if (!country) throw new DomainError('country_not_found', 'There is no such country.')
    return share(request, reply, ['services', currency, country.code], async () => {
      const prices = await inStock(app, currency, country.code)
      return globalServicesAnswer(await app.catalog.current(), country, prices)
    })
  })
}

/** The country with this id, unless it is the US, which is not global. */
export const findAbroad = (app: App, id: number | string) =>
  app.catalog.find((catalog) =>
    catalog.countries.find(({ number, code }) => String(number) === String(id) && code !== home),
  )

async function inStock(app: App, currency: string, country: string) {
  const prices = await app.catalog.cheapestByService({ currency, country })
  return prices.filter(({ stock }) => stock > 0)
}

/** The prices of all US rentals in stock. */
async function rentals(app: App, currency: string): Promise<OperatorPrice[]> {
  const prices = await app.catalog.pricesByOperator({ currency, kind: 'rental', country: home })
  return prices.filter(({ stock }) => stock > 0)
}
