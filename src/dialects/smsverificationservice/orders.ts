// Existing orders: the list, the status, cancel and renew.
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { App } from '../../app.ts'
import type { Principal } from '../../core/accounts/principal.ts'
import { DomainError } from '../../core/error.ts'
import type { Order } from '../../core/orders/order.ts'
import { callerOf } from '../../http/dialect.ts'
import { orderIdOf } from '../../http/ids.ts'
import { answerOnce } from '../../http/once.ts'
import { wrapped } from './errors.ts'
import * as reference from './reference.ts'
import { orderParams, shapes } from './schemas.ts'
import { cancelledAnswer, listedAnswer, orderedAnswer, statusAnswer } from './wire.ts'

const ordersShown = 50

const ordersRoute = {
  config: {
    scope: 'read',
    failures: wrapped,
    reference: reference.orders,
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'smsVerificationServiceListOrders',
    tags: [reference.tag],
    summary: 'List orders',
    response: { 200: shapes.orders },
  },
}

const statusRoute = {
  config: {
    scope: 'read',
    failures: wrapped,
    reference: reference.status,
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'smsVerificationServiceGetStatus',
    tags: [reference.tag],
    summary: 'Get an order',
    params: orderParams,
    response: { 200: shapes.status },
  },
}

const cancelRoute = {
  config: {
    scope: 'buy',
    failures: wrapped,
    reference: reference.cancel,
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'smsVerificationServiceCancel',
    tags: [reference.tag],
    summary: 'Cancel an order',
    params: orderParams,
    response: { 200: shapes.cancelled },
  },
}

const renewRoute = {
  config: {
    scope: 'buy',
    failures: wrapped,
    reference: reference.renew,
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'smsVerificationServiceRenew',
    tags: [reference.tag],
    summary: 'Renew a rental',
    params: orderParams,
    response: { 200: shapes.ordered },
  },
}

export function orderRoutes(plain: FastifyInstance, app: App) {
  readingRoutes(plain, app)
  verbRoutes(plain, app)
}

function readingRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  // "Returns the 50 most recent orders for the authenticated account, newest first."
  scope.get('/orders', ordersRoute, (request) => newestOrders(app, callerOf(request)))

  // "Get the current status of one of your orders."
  scope.get('/order/:id/status', statusRoute, async (request) => {
    const id = orderIdOf(app, request.params.id)
    const order = await app.orders.readNumbered(callerOf(request).accountId, id)
    const messages = order.messageCount > 0 ? await app.messages.of(id) : []
    return statusAnswer(order, messages, app.now())
  })
}

function verbRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  // "Cancel an eligible order."
  scope.post('/order/:id/cancel', cancelRoute, (request, reply) => {
    const { accountId } = callerOf(request)
    const id = orderIdOf(app, request.params.id)
    const answer = (order: Order) => ({ status: 200, body: cancelledAnswer(order) })
    return answerOnce<Order>(app, request, reply, {
      run: async () => {
        const { order, changed } = await app.orders.cancel({ accountId, id })
        if (!changed)
          throw new DomainError('order_not_cancellable', 'The order has already been cancelled.')
        return order
      },
      render: answer,
      renderAgain: async () => answer(await app.orders.readNumbered(accountId, id)),
    })
  })

  // "Extend a rental order at the current sell price."
  scope.post('/order/:id/renew', renewRoute, (request, reply) => {
    const { accountId } = callerOf(request)
    const id = orderIdOf(app, request.params.id)
    const answer = (order: Order) => ({ status: 200, body: orderedAnswer(order) })
    return answerOnce<Order>(app, request, reply, {
      run: (once) => app.orders.renew({ accountId, id, once }),
      render: answer,
      renderAgain: async () => answer(await app.orders.readNumbered(accountId, id)),
    })
  })
}

async function newestOrders(app: App, { accountId, currency }: Principal) {
  const catalog = await app.catalog.current()
  const orders = await app.orders.list({ accountId, numbered: true, limit: ordersShown })
  const offerIds = orders.filter(({ kind }) => kind === 'esim').map(({ offerId }) => offerId)
  const plans =
    offerIds.length > 0 ? await app.esims.plans({ currency, offerIds, unsold: true }) : []
  const names = new Map(plans.map((plan) => [plan.offerId, plan.name]))
  return orders.map((order) =>
    listedAnswer({ catalog, order, planName: names.get(order.offerId) ?? null }),
  )
}
