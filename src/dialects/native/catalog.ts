// /v1/countries, /v1/services, /v1/operators, /v1/offers
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { listOffers } from '../../core/catalog/offers.ts'
import { orderKinds } from '../../core/orders/order.ts'
import { callerOf } from '../../http/dialect.ts'
import * as schemas from './schemas.ts'
import { countryCode, findOperator, findService, priceOf } from './wanted.ts'
import { fromCursor, offerAnswer, toPage } from './wire.ts'

const config = { scope: 'read' as const }

export function catalogRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.get(
    '/countries',
    {
      config,
      schema: {
        tags: ['Catalog'],
        summary: 'The countries that are open',
        response: schemas.answers({ 200: schemas.listOf(schemas.country) }),
      },
    },
    async () => ({
      data: (await app.catalog.current()).countries
        .filter((country) => !country.closed)
        .map((country) => ({
          code: country.code,
          name: country.name,
          calling_code: country.callingCode,
        })),
    }),
  )

  scope.get(
    '/services',
    {
      config,
      schema: {
        tags: ['Catalog'],
        summary: 'The services that are open',
        response: schemas.answers({ 200: schemas.listOf(schemas.service) }),
      },
    },
    async () => ({
      data: (await app.catalog.current()).services
        .filter((service) => !service.closed)
        .map((service) => ({
          slug: service.slug,
          id: service.uuid,
          number: service.id,
          name: service.name,
          category: service.category,
        })),
    }),
  )

  scope.get(
    '/operators',
    {
      config,
      schema: {
        tags: ['Catalog'],
        summary: 'The mobile networks of a country',
        querystring: z.object({ country: countryCode }),
        response: schemas.answers({ 200: schemas.listOf(schemas.operator) }, 422),
      },
    },
    async (request) => ({
      data: (await app.catalog.current()).operators
        .filter((operator) => operator.country === request.query.country)
        .map(({ slug, name, country }) => ({ slug, name, country })),
    }),
  )

  scope.get(
    '/offers',
    {
      config,
      schema: {
        tags: ['Catalog'],
        summary: 'What can be bought: price and stock of this moment',
        querystring: z.object({
          ...schemas.pageQuery,
          kind: z.enum(orderKinds).optional(),
          service: z.string().max(100).optional().meta({ description: 'Slug, UUID or number.' }),
          country: countryCode.optional(),
          operator: z.string().max(60).optional().meta({ description: 'Needs a country.' }),
          pool: z.string().max(20).optional(),
          max_price: z.string().max(20).optional(),
          in_stock: z.stringbool().default(false),
        }),
        response: schemas.answers({ 200: schemas.pageOf(schemas.offer) }, 404, 422),
      },
    },
    async (request) => {
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
        inStock: in_stock,
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
    },
  )
}
