// The native API's offers: what can be bought, at which price.
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
import { isTrue, testFilter } from './test-filter.ts'
import {
  amountOf,
  countryCode,
  durationOf,
  findCountry,
  findOperator,
  findService,
} from './wanted.ts'

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

export function offerRoutes(plain: FastifyInstance, app: App) {
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
  const { domains, plans, statistics } = await ownFields(app, currency, offers)
  const catalog = await app.catalog.current()
  const shown = (offer: Offer) => {
    const own = {
      domain: domains.get(offer.id),
      plan: plans.get(offer.id),
      statistics: statistics.get(offer.id),
    }
    return offerAnswer(catalog, offer, own, money)
  }
  return toPage(offers, limit, (offer) => offer.id, shown)
}

/** What offers have from other tables; some fields only inboxes and data plans have. */
async function ownFields(app: App, currency: string, offers: readonly Offer[]) {
  const offerIds = (kind: string) => offers.flatMap((one) => (one.kind === kind ? one.id : []))
  const ofPlans = offerIds('esim')
  const ofDomains = offerIds('email')
  const [domains, plans, statistics] = await Promise.all([
    ofDomains.length > 0 ? app.inboxes.domains({ currency, site: null, offerIds: ofDomains }) : [],
    ofPlans.length > 0 ? app.esims.plans({ currency, offerIds: ofPlans }) : [],
    app.orders.offerStatistics(offers.map(({ id }) => id)),
  ])
  return {
    domains: new Map(domains.map((domain) => [domain.offerId, domain])),
    plans: new Map(plans.map((plan) => [plan.offerId, plan])),
    statistics: Map.groupBy(statistics, ({ offerId }) => offerId),
  }
}
