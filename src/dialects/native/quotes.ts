// /v1/quotes: the price of each service on one number for several services.
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { servicesPerOrder } from '../../core/orders/buying/multi-service.ts'
import { callerOf } from '../../http/dialect.ts'
import * as examples from './examples.ts'
import { quoteAnswer } from './offer-wire.ts'
import * as schemas from './schemas.ts'
import { countryCode, findOperator, findService } from './wanted.ts'

const { min, max } = servicesPerOrder
const list = new RegExp(`^[^,\\p{Cc}\\p{Cs}]+(,[^,\\p{Cc}\\p{Cs}]+){${min - 1},${max - 1}}$`, 'u')

const getQuoteRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'The price of the cheapest number for all of the services, by service.',
          examples: [{ summary: 'Two services', value: examples.quote }],
        },
      },
      failures: [
        'service_not_found',
        'service_closed',
        'country_not_found',
        'country_closed',
        'operator_not_found',
        'offer_not_found',
        'out_of_stock',
      ],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'getQuote',
    tags: ['Orders'],
    summary: 'Get the price of several services on one number',
    description:
      'The prices at which `POST /v1/orders` with the same `services` would buy now. Nothing is held. Send ' +
      '`max_price` with the order to limit the price.',
    querystring: z.object({
      services: z
        .string()
        .max(600)
        .regex(list, `must be ${min} to ${max} services separated by commas`)
        .meta({
          description: `${min} to ${max} different services, separated by commas.`,
          examples: ['whatsapp,telegram'],
        }),
      country: countryCode.optional().meta({
        description: 'ISO 3166-1 alpha-2. By default the key’s country, otherwise any.',
        examples: ['US'],
      }),
      operator: schemas.operatorName.optional(),
      pool: schemas.poolName.optional(),
    }),
    response: { 200: schemas.quote },
  },
}

export function quoteRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.get('/quotes', getQuoteRoute, async (request) => {
    const { currency, decimals, defaultCountry } = callerOf(request)
    const { country, pool } = request.query
    const names = request.query.services.split(',')
    const services = await Promise.all(names.map((name) => findService(app, name)))
    const operator = await findOperator(app, country, request.query.operator, 'country')
    const quote = await app.orders.quoteMultiService({
      currency,
      serviceIds: services.flatMap((service) => service?.id ?? []),
      country: country ?? defaultCountry,
      operatorId: operator?.id ?? null,
      pool: pool ?? null,
    })
    return quoteAnswer(await app.catalog.current(), quote, { currency, decimals })
  })
}
