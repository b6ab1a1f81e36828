// /v1/pins and /v1/last-used: the products that a customer wants at hand.
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { invalid } from '../../core/accounts/accounts.ts'
import { maxPins, type Pin } from '../../core/accounts/pins.ts'
import { DomainError } from '../../core/error.ts'
import { unknownOf } from '../../core/nearest.ts'
import { callerOf } from '../../http/dialect.ts'
import { isoTime } from '../../http/iso-time.ts'
import { answerOnce } from '../../http/once.ts'
import * as examples from './examples.ts'
import { serviceName } from './names.ts'
import * as schemas from './pin-schemas.ts'
import { listOf, serviceName as nameOfService, poolName } from './schemas.ts'
import { countryCode, findCountry, findService } from './wanted.ts'
import type { Wire } from './wire.ts'

const maxLastUsed = 20

const listPinsRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'All pins, oldest first.',
          examples: [{ summary: 'One pin', value: examples.list([schemas.examplePin]) }],
        },
      },
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'listPins',
    tags: ['Catalog'],
    summary: 'List pinned products',
    description: `Returns the products that the account has pinned, ${maxPins} at most.`,
    response: { 200: listOf(schemas.pin) },
  },
}

const createPinRoute = {
  config: {
    scope: 'buy',
    reference: {
      answers: {
        201: {
          description: 'The pin. A product that is pinned already keeps its pin.',
          examples: [{ summary: 'A pin', value: schemas.examplePin }],
        },
      },
      failures: ['service_not_found', 'country_not_found'],
      requests: [
        { summary: 'All pools', value: { service: 'whatsapp', country: 'US' } },
        { summary: 'One pool', value: { service: 'whatsapp', country: 'US', pool: '1' } },
      ],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'createPin',
    tags: ['Catalog'],
    summary: 'Create a pin',
    description:
      'Keeps a service in a country at hand, in one pool or in all of them. It buys nothing.',
    body: z
      .strictObject({
        service: nameOfService,
        country: countryCode,
        pool: poolName.min(1).nullable().default(null),
      })
      .meta({ id: 'NewPin' }),
    response: { 201: schemas.pin },
  },
}

const deletePinRoute = {
  config: {
    scope: 'buy',
    reference: {
      answers: { 204: { description: 'The pin is gone.', examples: [] } },
      failures: ['not_found'],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'deletePin',
    tags: ['Catalog'],
    summary: 'Delete a pin',
    description: 'The product is no longer pinned. Its orders stay as they are.',
    params: z.object({
      id: z
        .string()
        .max(100)
        .meta({ description: 'The pin’s id (`pin_...`).', examples: [schemas.examplePin.id] }),
    }),
    response: { 204: z.null() },
  },
}

const lastUsedRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'The products, the last used one first.',
          examples: [
            { summary: 'One product', value: examples.list([schemas.exampleUsedProduct]) },
          ],
        },
      },
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'listLastUsed',
    tags: ['Catalog'],
    summary: 'List products used last',
    description: `Returns the products of the newest orders of numbers, ${maxLastUsed} at most.`,
    response: { 200: listOf(schemas.usedProduct) },
  },
}

export function pinRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.get('/pins', listPinsRoute, async (request) => {
    const pins = await app.accounts.pins(callerOf(request).accountId)
    return { data: await Promise.all(pins.map((pin) => pinAnswer(app, pin))) }
  })

  scope.post('/pins', createPinRoute, async (request, reply) => {
    const { accountId } = callerOf(request)
    const { service: name, country, pool } = request.body
    const service = await findService(app, name)
    await findCountry(app, country)
    if (!service) throw new Error('a service that was named was not looked up')
    const pools = (await app.catalog.current()).pools.map((one) => one.id)
    if (pool !== null && !pools.includes(pool))
      throw invalid('pool', unknownOf('pool', pool, pools))
    const product = { accountId, serviceId: service.id, country, pool }
    const render = async (pin: Pin) => ({ status: 201, body: await pinAnswer(app, pin) })
    return answerOnce<Pin>(app, request, reply, {
      run: (once) => app.accounts.pin({ ...product, once }),
      render,
      // Pinning again changes nothing.
      renderAgain: async () => render((await app.accounts.pin({ ...product, once: null })) as Pin),
    })
  })

  scope.delete('/pins/:id', deletePinRoute, async (request, reply) => {
    const id = app.ids.fromToken('pin', request.params.id)
    const { accountId } = callerOf(request)
    const isGone =
      id !== null && id < 2n ** 31n && (await app.accounts.unpin(accountId, Number(id)))
    if (!isGone) throw new DomainError('not_found', 'There is no such pin.')
    return reply.code(204).send(null)
  })

  scope.get('/last-used', lastUsedRoute, async (request) => {
    const { accountId } = callerOf(request)
    const catalog = await app.catalog.current()
    const products = await app.accounts.lastUsed({ accountId, limit: maxLastUsed })
    const data = products.map(({ serviceId, country, pool, lastUsedAt }) => ({
      service: serviceName(catalog, serviceId) as string,
      country,
      pool,
      last_used_at: isoTime(lastUsedAt),
    }))
    return { data }
  })
}

async function pinAnswer(app: App, pin: Pin): Promise<Wire<typeof schemas.pin>> {
  return {
    id: app.ids.toToken('pin', pin.id),
    service: serviceName(await app.catalog.current(), pin.serviceId) as string,
    country: pin.country,
    pool: pin.pool,
    created_at: isoTime(pin.createdAt),
  }
}
