// /v1/orders: creating, getting and updating orders. Lists: order-list.ts.
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { hasNumber } from '../../core/orders/buying/await-numbers.ts'
import type { Bought } from '../../core/orders/buying/buy.ts'
import type { Order } from '../../core/orders/order.ts'
import type { Target } from '../../core/orders/orders.ts'
import { callerOf, rightOf } from '../../http/dialect.ts'
import { orderIdOf } from '../../http/ids.ts'
import { longPolls } from '../../http/long-polls.ts'
import { type Answer, answerOnce } from '../../http/once.ts'
import * as examples from './examples.ts'
import { buying, type NewOrder, newOrder } from './new-order.ts'
import * as shapes from './order-schemas.ts'
import { buyWanted } from './purchase.ts'
import * as schemas from './schemas.ts'
import { orderAnswer, ordersAnswer } from './wire.ts'

/** One for all waits: a new reason for each would collect a stack each time. */
const waitEnded = new Error('the wait has ended')

const maxWaitS = 60

export const orderParams = z.object({
  id: z
    .string()
    .max(200)
    .meta({ description: 'The order’s id (`ord_...`) or number.', examples: [examples.order.id] }),
})

const createOrderRoute = {
  config: { scope: 'buy', reference: buying } satisfies FastifyContextConfig,
  schema: {
    operationId: 'createOrder',
    tags: ['Orders'],
    summary: 'Create an order',
    description:
      'Buys a number, an inbox or an eSIM: of an offer, or the cheapest in stock that matches. Each field ' +
      'says which kinds take it. The price of an activation or an inbox is held, charged with the first ' +
      'code, and returned if no code arrives. A rental and an eSIM are charged at once.',
    querystring: z.object({
      wait: z.coerce
        .number()
        .int()
        .min(0)
        .max(14)
        .optional()
        .meta({
          description:
            'Seconds to wait for a number that a supplier is asked for, from 0 to 14. If it has not come ' +
            'by then, the answer is 202 and the supplier has a minute. Without it the answer waits for ' +
            'the number, at most 15 seconds. Our own numbers are there at once.',
          examples: ['5'],
        }),
    }),
    body: newOrder,
    response: {
      201: z.union([shapes.order, shapes.orderBatch]),
      202: z.union([shapes.allocatingOrder, shapes.orderBatch]),
    },
  },
}

const getOrderRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'The order as it is now.',
          examples: [
            { summary: 'Waiting', value: examples.order },
            { summary: 'With its code', value: examples.received },
            { summary: 'With a late code to claim', value: examples.late },
            { summary: 'A rental', value: examples.renewed },
            { summary: 'An inbox with a mail', value: examples.mailReceived },
            { summary: 'An eSIM', value: examples.esim },
          ],
        },
      },
      failures: ['order_not_found'],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'getOrder',
    tags: ['Orders'],
    summary: 'Get an order',
    description:
      'Returns an order. With `wait` the answer is sent when the order changes, or after that many ' +
      'seconds. ' +
      'An order that has its code or has ended is returned at once. A rental waits for its next message.',
    params: orderParams,
    querystring: z.object({
      wait: z.coerce
        .number()
        .int()
        .min(0)
        .max(maxWaitS)
        .default(0)
        .meta({
          description: 'Seconds to wait for a change. 0 does not wait.',
          examples: [30],
        }),
      seen: z.coerce
        .number()
        .int()
        .min(0)
        .max(1_000_000)
        .optional()
        .meta({
          description:
            'The number of messages that you have. If the order has more, the response comes at once.',
          examples: [0],
        }),
    }),
    response: { 200: shapes.order },
  },
}

const changeOrderRoute = {
  config: {
    scope: 'buy',
    reference: {
      answers: {
        200: {
          description: 'The order as it is now.',
          examples: [{ summary: 'Changed', value: examples.annotated }],
        },
      },
      failures: ['order_not_found'],
      requests: [
        { summary: 'A reference', value: { reference: 'signup-4711' } },
        { summary: 'A note', value: { note: 'Second try: the first number was refused.' } },
        {
          summary: 'Set one entry, remove another',
          value: { metadata: { run: '1842', old: null } },
        },
      ],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'updateOrder',
    tags: ['Orders'],
    summary: 'Update an order',
    description:
      'Changes the reference, the metadata and the note. Omitted fields keep their values. This works in ' +
      'every state and sends no event.',
    params: orderParams,
    body: schemas.orderChange,
    response: { 200: shapes.order },
  },
}

export function orderRoutes(plain: FastifyInstance, app: App) {
  const asLongPoll = longPolls()
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.post('/orders', createOrderRoute, (request, reply) => {
    const { body } = request
    return answerOnce<Extract<Bought, { orders: unknown }>>(app, request, reply, {
      run: (once) => buyWanted({ app, request, body, once }),
      render: ({ orders }) => created(app, orders, body),
      renderAgain: async ({ subjectIds }) => {
        const orders = inOrder(await app.orders.byId(subjectIds))
        return created(app, orders.filter(hasNumber), body)
      },
    })
  })

  scope.patch('/orders/:id', changeOrderRoute, async (request) => {
    const { accountId } = callerOf(request)
    const id = orderIdOf(app, request.params.id)
    return orderAnswer(app, await app.orders.annotate({ accountId, id }, request.body))
  })

  scope.get('/orders/:id', getOrderRoute, async (request, reply) => {
    const { accountId } = callerOf(request)
    const id = orderIdOf(app, request.params.id)
    if (request.query.wait === 0) return orderAnswer(app, await app.orders.read(accountId, id))
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort(waitEnded))
    const mayStill = rightOf(app, request)
    const order = await asLongPoll(accountId, () =>
      waitForChange(app, { accountId, id }, request.query, gone.signal),
    )
    // @NOTE the key may have been revoked, or have expired, during the wait
    await mayStill()
    return orderAnswer(app, order)
  })
}

const inOrder = (orders: readonly Order[]) => orders.toSorted((a, b) => (a.id < b.id ? -1 : 1))

/** A purchase with `quantity` is answered as a batch, one without as an order. */
async function created(app: App, orders: readonly Order[], body: NewOrder): Promise<Answer> {
  const shown = await ordersAnswer(app, orders)
  const status = orders.some((order) => order.state === 'allocating') ? 202 : 201
  return { status, body: body.quantity === undefined ? shown[0] : { orders: shown } }
}

const hasNewsToCome = (order: Order) =>
  ['allocating', 'waiting', 'active'].includes(order.state) || order.resendPending

/** The fields whose change ends a wait. */
const looksOf = (order: Order) =>
  [
    order.state,
    order.messageCount,
    order.resendCount,
    order.resendPending,
    order.renewals,
    order.expiresAt.getTime(),
  ].join()

async function waitForChange(
  app: App,
  { accountId, id }: Target,
  { wait: waitS, seen = Number.POSITIVE_INFINITY }: { wait: number; seen?: number | undefined },
  gone: AbortSignal,
): Promise<Order> {
  const until = performance.now() + waitS * 1000
  let first: string | null = null
  for (;;) {
    const done = new AbortController()
    // @NOTE listen before the order is read, so that no change in between is missed
    const leftMs = Math.max(0, until - performance.now())
    const change = app.events.watch.next(id, leftMs, AbortSignal.any([gone, done.signal]))
    try {
      await app.events.watch.listening()
      const order = await app.orders.read(accountId, id)
      first ??= looksOf(order)
      const isNews = !hasNewsToCome(order) || order.messageCount > seen
      if (isNews || looksOf(order) !== first) return order
      // @NOTE a change that the first read already saw may wake, too; then the wait continues
      if ((await change) === 'over') return await app.orders.read(accountId, id)
    } finally {
      done.abort(waitEnded)
    }
  }
}
