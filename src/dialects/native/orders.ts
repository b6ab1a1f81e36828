// /v1/orders: buying, reading, waiting.
import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import type { Caller } from '../../core/accounts/keys.ts'
import { DomainError } from '../../core/error.ts'
import type { Bought, Wish } from '../../core/orders/buy.ts'
import { maxQuantity, type Order, orderKinds, orderStates } from '../../core/orders/order.ts'
import { listOrders, ordersById } from '../../core/orders/read.ts'
import { callerOf } from '../../http/dialect.ts'
import { orderIdOf } from '../../http/ids.ts'
import { type Answer, answerOnce } from '../../http/once.ts'
import * as schemas from './schemas.ts'
import { countryCode, findOperator, findService, priceOf } from './wanted.ts'
import { fromCursor, orderAnswer, ordersAnswer, toPage } from './wire.ts'

const maxWaitS = 60

export const orderParams = z.object({
  id: z.string().max(200).meta({ description: 'The id (`ord_...`) or the number.' }),
})

const newOrder = z
  .strictObject({
    offer_id: z
      .number()
      .int()
      .positive()
      .max(2 ** 31 - 1)
      .optional(),
    kind: z.enum(orderKinds).default('activation'),
    service: z
      .string()
      .max(100)
      .optional()
      .meta({
        description: 'Slug, UUID or number.',
        examples: ['whatsapp'],
      }),
    country: countryCode.optional(),
    operator: z.string().max(60).optional(),
    pool: z.string().max(20).optional(),
    area_code: z
      .string()
      .regex(/^\d{1,6}$/)
      .optional()
      .meta({ description: 'Exact: nothing else is taken where it is out of stock.' }),
    max_price: z.union([z.string().max(20), z.number()]).optional(),
    duration: z.string().max(20).optional().meta({ description: 'For rentals.' }),
    quantity: z.number().int().min(1).max(maxQuantity).default(1).meta({
      description: 'That many numbers, all or none.',
    }),
  })
  .refine((body) => body.offer_id !== undefined || body.service !== undefined, {
    message: 'must be given where there is no offer_id',
    path: ['service'],
  })
  .meta({ id: 'NewOrder' })

const orderList = z
  .object({ orders: z.array(schemas.order) })
  .meta({ id: 'OrderList', description: 'For a quantity above 1.' })

export function orderRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.post(
    '/orders',
    {
      config: { scope: 'buy' },
      schema: {
        tags: ['Orders'],
        summary: 'Buy a number, or several',
        description:
          'By offer, or by service with a country and wishes: the cheapest in stock is taken. The price ' +
          'is held now, becomes the platform’s with the first code, and comes back when none comes.',
        body: newOrder,
        response: schemas.answers(
          { 201: z.union([schemas.order, orderList]) },
          400,
          402,
          404,
          409,
          413,
          415,
          422,
        ),
      },
    },
    (request, reply) => {
      const caller = callerOf(request)
      const body = request.body
      return answerOnce<Extract<Bought, { orders: unknown }>>(app, request, reply, {
        run: async (once) =>
          app.buy(app.now(), {
            accountId: caller.accountId,
            quantity: body.quantity,
            wish: await wishOf(app, caller, body),
            once,
          }),
        render: ({ orders }) => created(app, orders, body.quantity),
        renderAgain: async ({ orderIds }) =>
          created(app, await ordersById(app.db, orderIds), body.quantity),
      })
    },
  )

  scope.get(
    '/orders',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['Orders'],
        summary: 'The account’s orders, newest first',
        querystring: z.object({
          ...schemas.pageQuery,
          state: z.enum(orderStates).optional(),
          kind: z.enum(orderKinds).optional(),
          service: z.string().max(100).optional(),
          country: countryCode.optional(),
          phone: z.string().max(20).optional(),
        }),
        response: schemas.answers({ 200: schemas.pageOf(schemas.order) }, 404, 422),
      },
    },
    async (request) => {
      const { cursor, limit, state, kind, country, phone } = request.query
      const service = await findService(app, request.query.service)
      const orders = await listOrders(app.db, {
        accountId: callerOf(request).accountId,
        states: state ? [state] : undefined,
        kind,
        serviceId: service?.id,
        country,
        phone,
        before: fromCursor(cursor),
        limit: limit + 1,
      })
      const page = toPage(
        orders,
        limit,
        (order) => order.id,
        (order) => order,
      )
      return { data: await ordersAnswer(app, page.data), next_cursor: page.next_cursor }
    },
  )

  scope.get(
    '/orders/:id',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['Orders'],
        summary: 'One order, at once or when it changes',
        description:
          'With `wait` the answer comes when the order changes, or after that many seconds. An order that ' +
          'has its code, or has ended, is answered at once.',
        params: orderParams,
        querystring: z.object({
          wait: z.coerce.number().int().min(0).max(maxWaitS).default(0),
        }),
        response: schemas.answers({ 200: schemas.order }, 404, 422),
      },
    },
    async (request, reply) => {
      const { accountId } = callerOf(request)
      const id = orderIdOf(app, request.params.id)
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())
      const order = await waitForChange(app, accountId, id, request.query.wait, gone.signal)
      return orderAnswer(app, order)
    },
  )
}

async function wishOf(app: App, caller: Caller, body: z.output<typeof newOrder>): Promise<Wish> {
  if (body.duration !== undefined && body.kind === 'activation')
    throw new DomainError('invalid_request', 'An activation has no duration.', {
      fields: [{ pointer: '/duration', detail: 'is for rentals only' }],
    })
  if (body.kind !== 'activation')
    throw new DomainError('offer_not_found', `This platform offers no ${body.kind}.`)
  const service = await findService(app, body.service)
  const country = body.country ?? (body.offer_id === undefined ? caller.defaultCountry : null)
  const operator = await findOperator(app, body.country, body.operator)
  return {
    serviceId: service?.id ?? null,
    country,
    operatorId: operator?.id ?? null,
    pool: body.pool ?? null,
    offerId: body.offer_id ?? null,
    area: body.area_code ?? null,
    maxPrice: priceOf(body.max_price, '/max_price'),
  }
}

async function created(app: App, orders: readonly Order[], quantity: number): Promise<Answer> {
  const shown = await ordersAnswer(app, orders)
  return { status: 201, body: quantity === 1 ? shown[0] : { orders: shown } }
}

const hasNewsToCome = (order: Order) =>
  order.state === 'allocating' || order.state === 'waiting' || order.resendPending

async function waitForChange(
  app: App,
  accountId: number,
  id: bigint,
  waitS: number,
  gone: AbortSignal,
): Promise<Order> {
  if (waitS === 0) return app.readOrder(accountId, id)
  const done = new AbortController()
  // @NOTE listening begins before the order is read: a change in between is not missed
  const change = app.watch.next(id, waitS * 1000, AbortSignal.any([gone, done.signal]))
  try {
    const order = await app.readOrder(accountId, id)
    if (!hasNewsToCome(order)) return order
    await change
    return await app.readOrder(accountId, id)
  } finally {
    done.abort()
  }
}
