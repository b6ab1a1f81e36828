// Numbers: /order/create, /order/check, and /order/{cancel,finish,resend,replace}
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import type { Once } from '../../core/idempotency/idempotency.ts'
import type { Bought } from '../../core/orders/buying/buy.ts'
import type { Order } from '../../core/orders/order.ts'
import { notFound } from '../../core/orders/read.ts'
import { buyNumbers } from '../../http/buy-numbers.ts'
import { callerOf } from '../../http/dialect.ts'
import { orderIdOf } from '../../http/ids.ts'
import { answerOnce } from '../../http/once.ts'
import { newOrder, type Wanted, wantedOf } from './new-order.ts'
import { verbs } from './order-verbs.ts'
import { buyingFailures, example, pendingOrder, telling } from './reference.ts'
import * as shapes from './shapes.ts'
import { ok, orderIdField, orderIdParameter } from './values.ts'
import { verbRoute, withBody } from './verb-route.ts'
import { orderData, serverTwoChannel } from './wire.ts'

const tags = ['OTPZap']

const createRoute = {
  config: {
    scope: 'buy' as const,
    reference: telling('The order', pendingOrder, {
      failures: [
        ...buyingFailures,
        'country_not_found',
        'country_closed',
        'operator_not_found',
        'offer_not_found',
      ],
      requests: [
        { summary: 'Server 1', value: { product_id: 17 } },
        { summary: 'Server 2', value: { service_id: 22, country_id: 7, operator_id: 0 } },
        {
          summary: 'Several services',
          value: { service_ids: [22, 1012], country_id: 7, operator_id: 0 },
        },
        { summary: 'With its name', value: { product_id: 17, server: 1 } },
      ],
    }),
  },
  schema: {
    operationId: 'otpzapCreateOrder',
    tags,
    summary: 'Create an order',
    body: newOrder,
    response: { 200: shapes.orderAnswer },
  },
  preValidation: withBody,
}

const checkRoute = {
  config: {
    scope: 'read' as const,
    reference: telling('The order', example.order, { failures: ['order_not_found'] }),
  },
  schema: {
    operationId: 'otpzapCheckOrder',
    tags,
    summary: 'Get an order',
    querystring: z.object({
      order_id: orderIdParameter.meta({ description: 'The order’s id.', examples: ['65'] }),
    }),
    response: { 200: shapes.orderAnswer },
  },
}

const verbBody = z
  .object({ order_id: orderIdField }, 'must be a JSON object')
  .meta({ id: 'OtpzapOrderTarget' })

/** An order of a number. Inboxes have their own calls; this API has none for data plans.
 * @throws order_not_found */
async function readNumberOrder(app: App, accountId: number, id: bigint): Promise<Order> {
  const order = await app.orders.readNumbered(accountId, id)
  if (order.kind !== 'activation' && order.kind !== 'rental') throw notFound()
  return order
}

/** Server 2 notes itself, unless the order itself shows it. */
const channelOf = ({ server }: Wanted) => (server === 2 ? serverTwoChannel : undefined)

async function buy(app: App, request: FastifyRequest, wanted: Wanted, once: Once | null) {
  const { accountId } = callerOf(request)
  if (wanted.serviceIds === null)
    return buyNumbers(app, request, {
      selection: wanted.selection,
      quantity: 1,
      channel: channelOf(wanted),
      once,
    })
  const { serviceIds, country, operatorId } = wanted
  const purchase = { accountId, serviceIds, country, operatorId, pool: null, isSplit: false, once }
  return app.orders.buyMultiService(purchase)
}

export function orderRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  const answer = async (order: Order) => ({ status: 200, body: ok(await orderData(app, order)) })

  // "Buy an OTP number. Use IDs from the latest catalog response."
  scope.post('/order/create', createRoute, (request, reply) => {
    const caller = callerOf(request)
    const { accountId } = caller
    return answerOnce<Extract<Bought, { orders: unknown }>>(app, request, reply, {
      run: async (once) => {
        const wanted = await wantedOf(app, caller, request.body)
        return buy(app, request, wanted, once)
      },
      render: ({ orders: [order] }) => answer(order as Order),
      renderAgain: async ({ subjectIds: [id] }) =>
        answer(await app.orders.readNumbered(accountId, id as bigint)),
    })
  })

  // "Check status & fetch OTP. Poll this endpoint every 5 seconds."
  scope.get('/order/check', checkRoute, async (request) => {
    const id = orderIdOf(app, request.query.order_id)
    const order = await readNumberOrder(app, callerOf(request).accountId, id)
    return ok(await orderData(app, order))
  })

  for (const verb of verbs) {
    const route = verbRoute(verb, verbBody, shapes.orderAnswer)
    scope.post(`/order/${verb.name}`, route, (request, reply) => {
      const { accountId } = callerOf(request)
      const id = orderIdOf(app, request.body.order_id)
      return answerOnce<Order>(app, request, reply, {
        run: async (once) => {
          const order = await readNumberOrder(app, accountId, id)
          return verb.run(app, order, { accountId, id, once }, request)
        },
        render: answer,
        renderAgain: async ({ subjectIds }) =>
          answer(await app.orders.readNumbered(accountId, subjectIds[0] ?? id)),
      })
    })
  }
}
