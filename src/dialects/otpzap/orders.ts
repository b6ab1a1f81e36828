// Numbers: /order/create, /order/check, and /order/{cancel,finish,resend,replace}
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { isRepeated, type Once } from '../../core/idempotency/idempotency.ts'
import type { Bought } from '../../core/orders/buy.ts'
import type { Order } from '../../core/orders/order.ts'
import { notFound } from '../../core/orders/read.ts'
import { noteWay } from '../../core/orders/ways.ts'
import { callerOf } from '../../http/dialect.ts'
import { orderIdOf } from '../../http/ids.ts'
import { answerOnce } from '../../http/once.ts'
import { newOrder, type Wanted, wantedOf } from './new-order.ts'
import { verbs } from './order-verbs.ts'
import { buyingFailures, example, pendingOrder, telling } from './reference.ts'
import * as shapes from './shapes.ts'
import { ok, orderIdField, orderIdParameter } from './values.ts'
import { orderData, serverTwoWay } from './wire.ts'

const tags = ['OTPZap']

/** A missing body is parsed as an empty one, so that the error names the missing fields. */
export const withBody = async (request: FastifyRequest) => {
  request.body ??= {} as never
}

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
  const order = await app.orders.read(accountId, id)
  if (order.kind !== 'activation' && order.kind !== 'rental') throw notFound()
  return order
}

async function buy(app: App, accountId: number, wanted: Wanted, once: Once | null) {
  if (wanted.serviceIds === null)
    return app.orders.buy({ accountId, wish: wanted.wish, quantity: 1, once })
  const { serviceIds, country, operatorId } = wanted
  const together = { accountId, serviceIds, country, operatorId, pool: null, apart: false, once }
  return app.orders.buyTogether(together)
}

/** Notes that an order belongs to server 2, unless the order itself shows it. @returns the note */
async function noteServer(app: App, wanted: Wanted, ids: readonly bigint[]) {
  if (wanted.server !== 2 || wanted.serviceIds !== null) return null
  await noteWay(app.db, ids, serverTwoWay)
  return serverTwoWay
}

export function orderRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  const answer = async (order: Order) => ({ status: 200, body: ok(await orderData(app, order)) })

  scope.post('/order/create', createRoute, (request, reply) => {
    const caller = callerOf(request)
    const { accountId } = caller
    return answerOnce<Extract<Bought, { orders: unknown }>>(app, request, reply, {
      run: async (once) => {
        const wanted = await wantedOf(app, caller, request.body)
        const bought = await buy(app, accountId, wanted, once)
        if (isRepeated(bought)) return bought
        const way = await noteServer(app, wanted, idsOf(bought.orders))
        return { orders: bought.orders.map((order) => ({ ...order, way })) }
      },
      render: ({ orders: [order] }) => answer(order as Order),
      renderAgain: async ({ subjectIds }) => {
        // @NOTE the process died before it answered, and perhaps before it wrote the note
        await noteServer(app, await wantedOf(app, caller, request.body), subjectIds)
        return answer(await app.orders.read(accountId, subjectIds[0] as bigint))
      },
    })
  })

  scope.get('/order/check', checkRoute, async (request) => {
    const id = orderIdOf(app, request.query.order_id)
    const order = await readNumberOrder(app, callerOf(request).accountId, id)
    return ok(await orderData(app, order))
  })

  for (const verb of verbs) {
    const route = {
      config: { scope: 'buy' as const, reference: verb.reference },
      schema: {
        operationId: verb.operationId,
        tags,
        summary: verb.summary,
        body: verbBody,
        response: { 200: shapes.orderAnswer },
      },
      preValidation: withBody,
    }
    scope.post(`/order/${verb.name}`, route, (request, reply) => {
      const { accountId } = callerOf(request)
      const id = orderIdOf(app, request.body.order_id)
      return answerOnce<Order>(app, request, reply, {
        run: async (once) => {
          const order = await readNumberOrder(app, accountId, id)
          return verb.run(app, order, { accountId, id, once })
        },
        render: answer,
        renderAgain: async ({ subjectIds }) =>
          answer(await app.orders.read(accountId, subjectIds[0] ?? id)),
      })
    })
  }
}

const idsOf = (orders: readonly Order[]) => orders.map((order) => order.id)
