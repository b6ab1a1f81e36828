// WhichOtp's five calls. README.md describes the contract and the intended differences.
//
//   GET    /balance            Get the balance
//   GET    /services           List services
//   POST   /orders/buy         Buy a number
//   GET    /orders/:id         Get an order
//   POST   /orders/:id/cancel  Cancel an order
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { App } from '../../app.ts'
import type { Principal } from '../../core/accounts/principal.ts'
import { DomainError } from '../../core/error.ts'
import type { Bought } from '../../core/orders/buying/buy.ts'
import { anyNumber } from '../../core/orders/buying/selection.ts'
import type { Order } from '../../core/orders/order.ts'
import { buyNumbers } from '../../http/buy-numbers.ts'
import { callerOf, type Dialect } from '../../http/dialect.ts'
import { orderIdOf } from '../../http/ids.ts'
import { shareAnswers, wholeListWeight } from '../../http/list-answers.ts'
import { readLoosely } from '../../http/loose.ts'
import { answerOnce } from '../../http/once.ts'
import { descriptions } from './descriptions.ts'
import { failures } from './errors.ts'
import * as reference from './reference.ts'
import {
  balanceAnswer,
  boughtAnswer,
  buyBody,
  cancelledAnswer,
  orderAnswer,
  orderParams,
  serviceAnswer,
  shapes,
} from './wire.ts'

export const whichotp: Dialect = {
  name: 'whichotp',
  prefix: '/whichotp/api/v1',
  territory: '/whichotp',
  failures,
  reference: { tags: reference.tags, descriptions },
  routes(scope, app) {
    readLoosely(scope)
    catalogRoutes(scope, app)
    orderRoutes(scope, app)
  },
}

const tags = ['WhichOtp']

/** The country if a call names none: that of the key, that of the platform, or any. */
const countryOf = (app: App, caller: Principal) =>
  caller.defaultCountry ?? app.settings().default_country

const getBalanceRoute = {
  config: { scope: 'read' as const, reference: reference.balance },
  schema: {
    operationId: 'whichotpGetBalance',
    tags,
    summary: 'Get the balance',
    response: { 200: shapes.balance },
  },
}

const listServicesRoute = {
  config: { scope: 'read' as const, reference: reference.services, weigh: () => wholeListWeight },
  schema: {
    operationId: 'whichotpListServices',
    tags,
    summary: 'List services',
    response: { 200: shapes.services },
  },
}

const buyRoute = {
  config: { scope: 'buy' as const, reference: reference.buy },
  schema: {
    operationId: 'whichotpBuy',
    tags,
    summary: 'Buy a number',
    body: buyBody,
    response: { 200: shapes.bought },
  },
  // A missing body is parsed as an empty one, so that the error names the missing field.
  preValidation: async (request: FastifyRequest) => {
    request.body ??= {} as never
  },
}

const getOrderRoute = {
  config: { scope: 'read' as const, reference: reference.order },
  schema: {
    operationId: 'whichotpGetOrder',
    tags,
    summary: 'Get an order',
    params: orderParams,
    response: { 200: shapes.order },
  },
}

const cancelRoute = {
  config: { scope: 'buy' as const, reference: reference.cancel },
  schema: {
    operationId: 'whichotpCancel',
    tags,
    summary: 'Cancel an order',
    params: orderParams,
    response: { 200: shapes.cancelled },
  },
}

async function servicesAt(
  app: App,
  place: { readonly currency: string; readonly country: string | null },
) {
  const catalog = await app.catalog.current()
  const offers = await app.catalog.cheapestByService(place)
  return offers.flatMap((offer) => {
    const service = catalog.service(offer.serviceId)
    return service ? [serviceAnswer(service, offer)] : []
  })
}

function catalogRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  const share = shareAnswers()

  // "Retrieve your current account balance."
  scope.get('/balance', getBalanceRoute, async (request) => {
    const caller = callerOf(request)
    return balanceAnswer(await app.money.balance(caller.accountId), caller.currency)
  })

  // "List all currently available services and their exact pricing."
  scope.get('/services', listServicesRoute, (request, reply) => {
    const caller = callerOf(request)
    const place = { currency: caller.currency, country: countryOf(app, caller) }
    return share(request, reply, ['services', place], async () => ({
      services: await servicesAt(app, place),
    }))
  })
}

function orderRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  // "Purchase a temporary virtual number for verification."
  scope.post('/orders/buy', buyRoute, (request, reply) => {
    const caller = callerOf(request)
    return answerOnce<Extract<Bought, { orders: unknown }>>(app, request, reply, {
      run: async (once) => {
        const service = await app.catalog.find((it) => it.service(request.body.serviceId))
        if (!service) throw new DomainError('service_not_found', 'There is no such service.')
        return buyNumbers(app, request, {
          quantity: 1,
          once,
          selection: {
            ...anyNumber,
            serviceId: service.id,
            country: countryOf(app, caller),
          },
        })
      },
      render: ({ orders: [order] }) => ({
        status: 200,
        body: boughtAnswer(app.ids, order as Order),
      }),
      renderAgain: async ({ subjectIds: [id] }) => ({
        status: 200,
        body: boughtAnswer(app.ids, await app.orders.readNumbered(caller.accountId, id as bigint)),
      }),
    })
  })

  // "Poll this endpoint every 5-10 seconds to retrieve the SMS code once received."
  scope.get('/orders/:id', getOrderRoute, async (request) =>
    orderAnswer(
      app.ids,
      await app.orders.readNumbered(callerOf(request).accountId, orderIdOf(app, request.params.id)),
    ),
  )

  // "Cancel a waiting order. Funds will be instantly returned to your balance."
  scope.post('/orders/:id/cancel', cancelRoute, (request, reply) => {
    const { accountId } = callerOf(request)
    const id = orderIdOf(app, request.params.id)
    return answerOnce<Order>(app, request, reply, {
      run: async () => {
        const { order, changed } = await app.orders.cancel({ accountId, id })
        if (!changed)
          throw new DomainError('order_not_cancellable', 'The order has already been cancelled.')
        return order
      },
      render: (order) => ({ status: 200, body: cancelledAnswer(app.ids, order) }),
      renderAgain: async () => ({
        status: 200,
        body: cancelledAnswer(app.ids, await app.orders.readNumbered(accountId, id)),
      }),
    })
  })
}
