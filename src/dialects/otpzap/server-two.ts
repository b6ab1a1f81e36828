// Server 2's lists: /s2/countries, /s2/services, /s2/operators, /s2/special
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { callerOf } from '../../http/dialect.ts'
import type { ShareAnswer } from '../../http/list-answers.ts'
import {
  countriesRoute,
  countryCodeOf,
  countryList,
  countryParameter,
  findCountry,
  weightOfList,
} from './catalog.ts'
import { telling } from './reference.ts'
import * as shapes from './shapes.ts'
import { idParameter, ok } from './values.ts'
import { marketData } from './wire.ts'

const tags = ['OTPZap']

/** The operator that stands for any. */
export const anyOperator = { id: 0, operator_id: 0, name: 'any' } as const

const servicesRoute = {
  config: {
    scope: 'read' as const,
    weigh: weightOfList,
    reference: telling(
      'The services',
      {
        services: [
          {
            id: 1,
            platform_id: 1,
            service_id: 1,
            name: 'Google',
            price: 0.09,
            stock: 42,
            multiservice: true,
          },
        ],
      },
      { failures: ['country_not_found'] },
    ),
  },
  schema: {
    operationId: 'otpzapServer2Services',
    tags,
    summary: 'List services of server 2',
    querystring: z.object({ country_id: countryParameter }),
    response: { 200: shapes.s2Services },
  },
}

const operatorsRoute = {
  config: {
    scope: 'read' as const,
    reference: telling(
      'The operators',
      { operators: [anyOperator, { id: 61, operator_id: 61, name: 'Telkomsel' }] },
      { failures: ['country_not_found'] },
    ),
  },
  schema: {
    operationId: 'otpzapServer2Operators',
    tags,
    summary: 'List operators of server 2',
    querystring: z.object({
      country_id: idParameter.meta({ description: 'A country’s id.', examples: ['7'] }),
    }),
    response: { 200: shapes.operators },
  },
}

const specialRoute = {
  config: {
    scope: 'read' as const,
    reference: telling('The special services', {
      services: [
        { id: 1012, platform_id: 1012, service_id: 1012, name: 'WhatsApp', price: 1.2, stock: 25 },
      ],
    }),
  },
  schema: {
    operationId: 'otpzapServer2Special',
    tags,
    summary: 'List special services',
    response: { 200: shapes.special },
  },
}

export function serverTwoRoutes(plain: FastifyInstance, app: App, share: ShareAnswer) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  // "List of available countries (Server 2)."
  const countries = countriesRoute('otpzapServer2Countries', 'List countries of server 2')
  scope.get('/s2/countries', countries, (request, reply) =>
    share(request, reply, ['countries'], async () => ok({ countries: await countryList(app) })),
  )

  // "List of services + pricing per country."
  scope.get('/s2/services', servicesRoute, async (request, reply) => {
    const { currency } = callerOf(request)
    const country = await countryCodeOf(app, request.query.country_id)
    return share(request, reply, ['services', currency, country], async () => {
      const market = await app.catalog.market({ currency, country, reserved: false })
      const catalog = await app.catalog.current()
      return ok({
        services: market.map((one) => ({
          ...marketData(catalog, one),
          // Here every service can be one of several.
          multiservice: true,
        })),
      })
    })
  })

  // "List of operators per country."
  scope.get('/s2/operators', operatorsRoute, async (request) => {
    const { code } = await findCountry(app, Number(request.query.country_id))
    const { operators } = await app.catalog.current()
    const there = operators.filter((one) => one.country === code)
    const named = there.map(({ id, name }) => ({ id, operator_id: id, name }))
    return ok({ operators: [anyOperator, ...named] })
  })

  // "List of special services (no country/operator parameter required)."
  scope.get('/s2/special', specialRoute, (request, reply) => {
    const { currency } = callerOf(request)
    return share(request, reply, ['special', currency], async () => {
      const market = await app.catalog.market({ currency, reserved: true })
      const catalog = await app.catalog.current()
      return ok({ services: market.map((one) => marketData(catalog, one)) })
    })
  })
}
