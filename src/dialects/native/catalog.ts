// /v1/countries, /v1/services, /v1/operators, /v1/offers
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import type { Offer } from '../../core/catalog/offers.ts'
import { callerOf } from '../../http/dialect.ts'
import { shareAnswers } from '../../http/list-answers.ts'
import * as examples from './examples.ts'
import { offerAnswer } from './offer-wire.ts'
import { fromCursor, toPage } from './pages.ts'
import * as schemas from './schemas.ts'
import { testAnswer } from './tests.ts'
import {
  amountOf,
  countryCode,
  durationOf,
  findCountry,
  findOperator,
  findService,
} from './wanted.ts'

const listCountriesRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'All open countries, by name.',
          examples: [{ summary: 'One country', value: examples.list([examples.country]) }],
        },
      },
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'listCountries',
    tags: ['Catalog'],
    summary: 'List countries',
    description: 'Returns all open countries, sorted by name.',
    response: { 200: schemas.listOf(schemas.country) },
  },
}

const testFilter = z
  .enum(['true', 'false', '1', '0'])
  .default('false')
  .meta({
    description:
      'Lists test services instead of real ones. Orders of a test service always end in the same way. ' +
      'Test services come with the demo data and appear in no other list.',
    examples: ['false'],
  })

const isTrue = (flag: 'true' | 'false' | '1' | '0') => flag === 'true' || flag === '1'

const listServicesRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'All open services, by name.',
          examples: [{ summary: 'One service', value: examples.list([examples.service]) }],
        },
      },
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'listServices',
    tags: ['Catalog'],
    summary: 'List services',
    description: 'Returns all open services, sorted by name.',
    querystring: z.object({ test: testFilter }),
    response: { 200: schemas.listOf(schemas.service) },
  },
}

const listOperatorsRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'The country’s operators, by name. Empty if none is known.',
          examples: [{ summary: 'One operator', value: examples.list([examples.operator]) }],
        },
      },
      failures: ['country_not_found'],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'listOperators',
    tags: ['Catalog'],
    summary: 'List operators',
    description: 'Returns the mobile networks of a country, sorted by name.',
    querystring: z.object({ country: countryCode }),
    response: { 200: schemas.listOf(schemas.operator) },
  },
}

const offersQuery = z.object({
  ...schemas.pageQuery,
  kind: schemas.kindFilter,
  service: schemas.serviceName.optional(),
  country: countryCode.optional(),
  operator: schemas.operatorName.optional(),
  pool: schemas.poolName.optional(),
  duration: z.string().max(20).optional().meta({
    description: 'Only rentals of this duration, such as `3d`, `12h` or seconds.',
  }),
  max_price: schemas.decimalText.optional().meta({
    description: 'Only offers at or below this price, in the account’s currency.',
    examples: ['2.50'],
  }),
  in_stock: z
    .enum(['true', 'false', '1', '0'])
    .default('false')
    .meta({ description: 'Only offers that are in stock.', examples: ['true'] }),
  test: testFilter,
})

const listOffersRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'A page of matching offers, by id.',
          examples: [
            { summary: 'An activation', value: examples.page([examples.offer]) },
            {
              summary: 'A rental, an inbox, a data plan',
              value: examples.page([examples.rentalOffer, examples.emailOffer, examples.esimOffer]),
            },
          ],
        },
      },
      failures: ['service_not_found', 'country_not_found', 'operator_not_found'],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'listOffers',
    tags: ['Catalog'],
    summary: 'List offers',
    description: 'Returns what can be bought, with the current price and stock, sorted by id.',
    querystring: offersQuery,
    response: { 200: schemas.pageOf(schemas.offer) },
  },
}

export function catalogRoutes(plain: FastifyInstance, app: App) {
  offerRoutes(plain, app)
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.get('/countries', listCountriesRoute, async () => ({
    data: (await app.catalog.current()).countries
      .filter((country) => !country.closed)
      .map((country) => ({
        code: country.code,
        name: country.name,
        calling_code: country.callingCode,
      })),
  }))

  scope.get('/services', listServicesRoute, async (request) => ({
    data: (await app.catalog.current())[isTrue(request.query.test) ? 'testServices' : 'services']
      .filter((service) => !service.closed)
      .map((service) => ({
        slug: service.slug,
        id: service.uuid,
        number: service.id,
        name: service.name,
        category: service.category,
        site: service.site,
        ...(service.test === null ? {} : { test: testAnswer(service) }),
      })),
  }))

  scope.get('/operators', listOperatorsRoute, async (request) => {
    const { country } = request.query
    await findCountry(app, country)
    const { operators } = await app.catalog.current()
    return {
      data: operators
        .filter((operator) => operator.country === country)
        .map(({ slug, name }) => ({ slug, name, country })),
    }
  })
}

function offerRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  const share = shareAnswers()
  scope.get('/offers', listOffersRoute, (request, reply) => {
    const { currency, decimals } = callerOf(request)
    const { query } = request
    return share(request, reply, ['offers', currency, decimals, query], () =>
      offersPage(app, { currency, decimals }, query),
    )
  })
}

type OffersQuery = z.output<typeof offersQuery>

async function offersPage(
  app: App,
  money: { readonly currency: string; readonly decimals: number },
  query: OffersQuery,
) {
  const { currency } = money
  const { cursor, limit, kind, country, pool, in_stock, test } = query
  const service = await findService(app, query.service)
  await findCountry(app, country)
  const operator = await findOperator(app, country, query.operator, 'country')
  const offers = await app.catalog.offers({
    currency,
    kind,
    serviceId: service?.id,
    country,
    operatorId: operator?.id,
    pool,
    durationS: durationOf(query.duration, 'duration') ?? undefined,
    maxPrice: amountOf(query.max_price, 'max_price') ?? undefined,
    inStock: isTrue(in_stock),
    tests: isTrue(test),
    after: Number(fromCursor(cursor) ?? 0n),
    limit: limit + 1,
  })
  const { domains, plans } = await ownFields(app, currency, offers)
  const catalog = await app.catalog.current()
  const shown = (offer: Offer) => {
    const own = { domain: domains.get(offer.id), plan: plans.get(offer.id) }
    return offerAnswer(catalog, offer, own, money)
  }
  return toPage(offers, limit, (offer) => offer.id, shown)
}

/** Fields that only offers of inboxes and data plans have. */
async function ownFields(app: App, currency: string, offers: readonly Offer[]) {
  const offerIds = (kind: string) => offers.flatMap((one) => (one.kind === kind ? one.id : []))
  const ofPlans = offerIds('esim')
  const [domains, plans] = await Promise.all([
    offerIds('email').length > 0 ? app.inboxes.domains({ currency, site: null }) : [],
    ofPlans.length > 0 ? app.esims.plans({ currency, offerIds: ofPlans }) : [],
  ])
  return {
    domains: new Map(domains.map((domain) => [domain.offerId, domain])),
    plans: new Map(plans.map((plan) => [plan.offerId, plan])),
  }
}
