// /v1/countries, /v1/services, /v1/operators, /v1/offers
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { listOffers } from '../../core/catalog/offers.ts'
import { callerOf } from '../../http/dialect.ts'
import * as examples from './examples.ts'
import * as schemas from './schemas.ts'
import { countryCode, findOperator, findService, priceOf } from './wanted.ts'
import { fromCursor, offerAnswer, toPage } from './wire.ts'

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
    summary: 'The countries that are open',
    response: { 200: schemas.listOf(schemas.country) },
  },
}

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
    summary: 'The services that are open',
    response: { 200: schemas.listOf(schemas.service) },
  },
}

const listOperatorsRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'The country’s operators, by name; an empty list where none is known.',
          examples: [{ summary: 'One operator', value: examples.list([examples.operator]) }],
        },
      },
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'listOperators',
    tags: ['Catalog'],
    summary: 'The mobile networks of a country',
    querystring: z.object({ country: countryCode }),
    response: { 200: schemas.listOf(schemas.operator) },
  },
}

const listOffersRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'A page of the offers that match, by id.',
          examples: [{ summary: 'One offer', value: examples.page([examples.offer]) }],
        },
      },
      failures: ['service_not_found', 'operator_not_found'],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'listOffers',
    tags: ['Catalog'],
    summary: 'What can be bought: price and stock of this moment',
    querystring: z.object({
      ...schemas.pageQuery,
      kind: schemas.kindFilter,
      service: schemas.serviceName.optional(),
      country: countryCode.optional(),
      operator: schemas.operatorName.optional(),
      pool: schemas.poolName.optional(),
      max_price: schemas.decimalText.optional().meta({
        description: 'Only offers at or below this price, in the account’s currency.',
        examples: ['2.50'],
      }),
      in_stock: z
        .enum(['true', 'false', '1', '0'])
        .default('false')
        .meta({ description: 'Only what can be bought right now.', examples: ['true'] }),
    }),
    response: { 200: schemas.pageOf(schemas.offer) },
  },
}

export function catalogRoutes(plain: FastifyInstance, app: App) {
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

  scope.get('/services', listServicesRoute, async () => ({
    data: (await app.catalog.current()).services
      .filter((service) => !service.closed)
      .map((service) => ({
        slug: service.slug,
        id: service.uuid,
        number: service.id,
        name: service.name,
        category: service.category,
      })),
  }))

  scope.get('/operators', listOperatorsRoute, async (request) => ({
    data: (await app.catalog.current()).operators
      .filter((operator) => operator.country === request.query.country)
      .map(({ slug, name, country }) => ({ slug, name, country })),
  }))

  scope.get('/offers', listOffersRoute, async (request) => {
    const { currency, decimals } = callerOf(request)
    const { cursor, limit, kind, country, pool, in_stock } = request.query
    const service = await findService(app, request.query.service)
    const operator = await findOperator(app, country, request.query.operator)
    const offers = await listOffers(app.db, {
      currency,
      kind,
      serviceId: service?.id,
      country,
      operatorId: operator?.id,
      pool,
      maxPrice: priceOf(request.query.max_price, 'max_price') ?? undefined,
      inStock: in_stock === 'true' || in_stock === '1',
      after: Number(fromCursor(cursor) ?? 0n),
      limit: limit + 1,
    })
    const catalog = await app.catalog.current()
    return toPage(
      offers,
      limit,
      (offer) => offer.id,
      (offer) => offerAnswer(catalog, offer, currency, decimals),
    )
  })
}
