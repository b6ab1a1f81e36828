// /v1/countries, /v1/services, /v1/operators, /v1/offers
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import * as examples from './examples.ts'
import { offerRoutes } from './offers.ts'
import * as schemas from './schemas.ts'
import { isTrue, testFilter } from './test-filter.ts'
import { testAnswer } from './tests.ts'
import { countryCode, findCountry } from './wanted.ts'

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
