// Server 1: /countries, /services, /products. A product is a service in a country and a pool.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import type { Country, Service } from '../../core/catalog/catalog.ts'
import { productSorts } from '../../core/catalog/products.ts'
import { DomainError } from '../../core/error.ts'
import { callerOf } from '../../http/dialect.ts'
import { type ShareAnswer, wholeListWeight } from '../../http/list-answers.ts'
import { telling } from './reference.ts'
import * as shapes from './shapes.ts'
import { idParameter, ok } from './values.ts'
import { productData } from './wire.ts'

const tags = ['OTPZap']
const maxPageSize = 100
const defaultPageSize = 20
/** Higher than the page number of any list. */
const maxPage = 1_000_000

/** A list that is not limited to a service or a country weighs more. */
export function weightOfList({ query }: FastifyRequest): number {
  const { platform_id, country_id } = query as Record<string, unknown>
  return platform_id === undefined && country_id === undefined ? wholeListWeight : 1
}

export const countryParameter = idParameter
  .optional()
  .meta({ description: 'A country’s id.', examples: ['7'] })

/** The route of the countries, which both servers have. */
export const countriesRoute = (operationId: string, summary: string) => ({
  config: {
    scope: 'read' as const,
    weigh: weightOfList,
    reference: telling('The countries', {
      countries: [{ id: 7, country_id: 7, name: 'Indonesia' }],
    }),
  },
  schema: { operationId, tags, summary, response: { 200: shapes.countries } },
})

const servicesRoute = {
  config: {
    scope: 'read' as const,
    weigh: weightOfList,
    reference: telling(
      'The services',
      { services: [{ id: 1, platform_id: 1, service_id: 1, name: 'Google' }] },
      { failures: ['country_not_found'] },
    ),
  },
  schema: {
    operationId: 'otpzapServices',
    tags,
    summary: 'List services of server 1',
    querystring: z.object({ country_id: countryParameter }),
    response: { 200: shapes.services },
  },
}

const pageNumber = z.coerce
  .number('must be 1 or more')
  .int('must be 1 or more')
  .min(1, 'must be 1 or more')
  .max(maxPage)
  .default(1)
  .meta({ description: 'The page, from 1.' })

const pageSize = z.coerce
  .number(`must be 1 to ${maxPageSize}`)
  .overwrite((wanted) => Math.min(Math.max(Math.trunc(wanted), 1), maxPageSize))
  .default(defaultPageSize)
  .meta({ description: `Products per page, 1 to ${maxPageSize}. Higher values are clamped.` })

const productsRoute = {
  config: {
    scope: 'read' as const,
    weigh: weightOfList,
    reference: telling(
      'A page of products',
      {
        products: [
          {
            id: 17,
            product_id: 17,
            platform_id: 1,
            service_id: 1,
            platform_name: 'Google',
            country_id: 7,
            country_name: 'Indonesia',
            tier: 'Standard Pool',
            price: 0.09,
            stock: 42,
          },
        ],
        page: 1,
        limit: 20,
        total: 1,
        pages: 1,
      },
      { failures: ['country_not_found', 'service_not_found'] },
    ),
  },
  schema: {
    operationId: 'otpzapProducts',
    tags,
    summary: 'List products of server 1',
    querystring: z.object({
      platform_id: idParameter.optional().meta({ description: 'A service’s id.', examples: ['1'] }),
      country_id: countryParameter,
      page: pageNumber,
      limit: pageSize,
      sort: z
        .enum(productSorts, `must be one of ${productSorts.join(', ')}`)
        .default('price_asc')
        .catch('price_asc')
        .meta({
          description:
            '`name_asc` sorts by service, then country. An unknown value means `price_asc`.',
        }),
    }),
    response: { 200: shapes.products },
  },
}

/** @throws country_not_found */
export async function findCountry(app: App, id: number): Promise<Country> {
  const country = await app.catalog.find((it) => it.countries.find(({ number }) => number === id))
  if (!country) throw new DomainError('country_not_found', `There is no country ${id}.`)
  return country
}

/** @throws service_not_found */
export async function findService(app: App, id: number): Promise<Service> {
  const service = await app.catalog.find((it) => it.service(id))
  if (!service) throw new DomainError('service_not_found', `There is no service ${id}.`)
  return service
}

/** The code of a country named in a query. @throws country_not_found */
export const countryCodeOf = async (app: App, id: string | undefined) =>
  id === undefined ? undefined : (await findCountry(app, Number(id))).code

/** The countries with offers, for both servers. */
export async function countryList(app: App) {
  const { countries } = await app.catalog.placesOfProducts({})
  const catalog = await app.catalog.current()
  return countries.flatMap((code) => {
    const country = catalog.country(code)
    if (!country) return []
    const { number: id, name } = country
    return [{ id, country_id: id, name }]
  })
}

export function catalogRoutes(plain: FastifyInstance, app: App, share: ShareAnswer) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  // "List of available countries (Server 1)."
  const countries = countriesRoute('otpzapCountries', 'List countries of server 1')
  scope.get('/countries', countries, (request, reply) =>
    share(request, reply, ['countries'], async () => ok({ countries: await countryList(app) })),
  )

  // "List of platforms/services. Optional parameter: country_id."
  scope.get('/services', servicesRoute, async (request, reply) => {
    const country = await countryCodeOf(app, request.query.country_id)
    return share(request, reply, ['services', country], async () =>
      ok({ services: await serviceList(app, country) }),
    )
  })

  // "List of products + pricing + stock."
  scope.get('/products', productsRoute, async (request, reply) => {
    const { platform_id: platform, country_id: countryId, page, limit, sort } = request.query
    const { currency } = callerOf(request)
    const country = await countryCodeOf(app, countryId)
    const serviceId = platform === undefined ? undefined : Number(platform)
    if (serviceId !== undefined) await findService(app, serviceId)
    const wanted = { currency, country, serviceId, sort, limit, offset: (page - 1) * limit }
    return share(request, reply, ['products', wanted], async () => {
      const { products, total } = await app.catalog.products(wanted)
      const catalog = await app.catalog.current()
      return ok({
        products: products.flatMap((one) => productData(catalog, one) ?? []),
        page,
        limit,
        total,
        pages: Math.ceil(total / limit),
      })
    })
  })
}

async function serviceList(app: App, country: string | undefined) {
  const { serviceIds } = await app.catalog.placesOfProducts({ country })
  const catalog = await app.catalog.current()
  return serviceIds.flatMap((id) => {
    const service = catalog.service(id)
    return service ? [{ id, platform_id: id, service_id: id, name: service.name }] : []
  })
}
