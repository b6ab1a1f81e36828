// ZapOTP's API, each path with and without `.php`. README.md describes the contract and the differences.
//
//   GET    /user      Get the account
//   GET    /services  List services
//   GET    /sms       Get the code of an order
//   GET    /orders    List orders
//   POST   /rent      Rent a number
//   POST   /cancel    Cancel an order
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { App } from '../../app.ts'
import type { Bought } from '../../core/orders/buying/buy.ts'
import type { Order } from '../../core/orders/order.ts'
import { bearerKey, byKey } from '../../http/authentication.ts'
import { buyNumbers, rentNumber } from '../../http/buy-numbers.ts'
import { callerOf, type Dialect } from '../../http/dialect.ts'
import { orderIdOf } from '../../http/ids.ts'
import { type ShareAnswer, shareAnswers } from '../../http/list-answers.ts'
import { readLoosely } from '../../http/loose.ts'
import { answerOnce } from '../../http/once.ts'
import { descriptions } from './descriptions.ts'
import { failures } from './errors.ts'
import { poolsOf, servicesIn } from './listings.ts'
import * as reference from './reference.ts'
import { assertProvider, given, selectionOf } from './wanted.ts'
import {
  cancelBody,
  cancelledAnswer,
  orderAnswer,
  rentBody,
  rentedAnswer,
  servicesQuery,
  shapes,
  smsAnswer,
  smsQuery,
  success,
  userAnswer,
} from './wire.ts'

export const zapotp: Dialect = {
  name: 'zapotp',
  prefix: '/zapotp/account/api/v1',
  territory: '/zapotp',
  authenticate: byKey((request) => bearerKey(request) ?? keyInQuery(request)),
  forms: (fields) => Object.fromEntries(fields),
  failures,
  reference: { tags: reference.tags, descriptions },
  routes(scope, app) {
    readLoosely(scope)
    const share = shareAnswers()
    for (const ending of endings) {
      readingRoutes(scope, app, share, ending)
      buyingRoutes(scope, app, ending)
    }
  },
}

const endings = ['', '.php'] as const
type Ending = (typeof endings)[number]

const maxOrders = 100

const tags = ['ZapOTP']

/** A header takes precedence even if it holds no key; a key in the query does not help then. */
function keyInQuery(request: FastifyRequest): string | null {
  const { api_key } = request.query as { api_key?: unknown }
  if (request.headers.authorization !== undefined || typeof api_key !== 'string') return null
  return api_key === '' ? null : api_key
}

/** A missing body is parsed as an empty one, so that the error names the missing fields. */
const preValidation = async (request: FastifyRequest) => {
  request.body ??= {} as never
}

const userRoute = {
  config: { scope: 'read' as const, reference: reference.user },
  schema: {
    operationId: 'zapotpGetUser',
    tags,
    summary: 'Get the account',
    response: { 200: shapes.user },
  },
}

const servicesRoute = {
  config: { scope: 'read' as const, reference: reference.services },
  schema: {
    operationId: 'zapotpListServices',
    tags,
    summary: 'List services',
    querystring: servicesQuery,
    response: { 200: shapes.services },
  },
}

const smsRoute = {
  config: { scope: 'read' as const, reference: reference.sms },
  schema: {
    operationId: 'zapotpGetSms',
    tags,
    summary: 'Get the code of an order',
    querystring: smsQuery,
    response: { 200: shapes.sms },
  },
}

const ordersRoute = {
  config: { scope: 'read' as const, reference: reference.orders },
  schema: {
    operationId: 'zapotpListOrders',
    tags,
    summary: 'List orders',
    response: { 200: shapes.orders },
  },
}

const rentRoute = {
  config: { scope: 'buy' as const, reference: reference.rent },
  schema: {
    operationId: 'zapotpRent',
    tags,
    summary: 'Rent a number',
    body: rentBody,
    response: { 200: shapes.rented },
  },
  preValidation,
}

const cancelRoute = {
  config: { scope: 'buy' as const, reference: reference.cancel },
  schema: {
    operationId: 'zapotpCancel',
    tags,
    summary: 'Cancel an order',
    body: cancelBody,
    response: { 200: shapes.cancelled },
  },
  preValidation,
}

/** The same route with its other ending, which is a separate operation in the reference. */
function named<Route extends { readonly schema: { readonly operationId: string } }>(
  route: Route,
  ending: Ending,
): Route {
  if (ending === '') return route
  const { schema } = route
  return { ...route, schema: { ...schema, operationId: `${schema.operationId}Php` } }
}

function readingRoutes(plain: FastifyInstance, app: App, share: ShareAnswer, ending: Ending) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  // "Returns the current wallet balance and account information for the authenticated user."
  scope.get(`/user${ending}`, named(userRoute, ending), async (request) => {
    const { accountId } = callerOf(request)
    const account = await app.accounts.read(accountId)
    return success(userAnswer(account, await app.money.balance(accountId)))
  })

  // "Lists all available services for a country, or retrieves pools for a specific service."
  scope.get(`/services${ending}`, named(servicesRoute, ending), async (request, reply) => {
    const { currency } = callerOf(request)
    const { country, provider, service } = request.query
    assertProvider(provider, country)
    return service === undefined
      ? share(request, reply, ['services', currency, country], async () =>
          success(await servicesIn(app, currency, country)),
        )
      : share(request, reply, ['pools', currency, country, service], async () =>
          success(await poolsOf(app, currency, { country, service })),
        )
  })

  // "Polls for the OTP received on a rented number."
  scope.get(`/sms${ending}`, named(smsRoute, ending), async (request) => {
    const { accountId } = callerOf(request)
    const id = orderIdOf(app, request.query.order_id)
    return success(smsAnswer(await app.orders.readNumbered(accountId, id)))
  })

  // "Returns all orders placed under your account, including their current status and pricing."
  scope.get(`/orders${ending}`, named(ordersRoute, ending), async (request) => {
    const { accountId } = callerOf(request)
    const catalog = await app.catalog.current()
    const orders = await app.orders.list({ accountId, numbered: true, limit: maxOrders })
    return success(orders.map((order) => orderAnswer(catalog, order)))
  })
}

function buyingRoutes(plain: FastifyInstance, app: App, ending: Ending) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  // "Rents a virtual phone number for OTP reception."
  scope.post(`/rent${ending}`, named(rentRoute, ending), (request, reply) => {
    const { body } = request
    return body.action === 'cancel'
      ? cancel(app, request, reply, given(body.order_id, 'order_id'))
      : rent(app, request, reply, body)
  })

  // Not in the document; its clients call it.
  scope.post(`/cancel${ending}`, named(cancelRoute, ending), (request, reply) =>
    cancel(app, request, reply, request.body.order_id),
  )
}

function rent(
  app: App,
  request: FastifyRequest,
  reply: FastifyReply,
  body: Parameters<typeof selectionOf>[2],
): Promise<void> {
  const caller = callerOf(request)
  const { accountId } = caller
  return answerOnce<Extract<Bought, { orders: unknown }>>(app, request, reply, {
    run: async (once) => {
      const { selection, durationS } = await selectionOf(app, caller, body)
      return durationS === null
        ? buyNumbers(app, request, { selection, quantity: 1, once })
        : rentNumber(app, request, { selection, durationS, once })
    },
    render: ({ orders: [order] }) => ({
      status: 200,
      body: success(rentedAnswer(order as Order)),
    }),
    renderAgain: async ({ subjectIds: [id] }) => ({
      status: 200,
      body: success(rentedAnswer(await app.orders.readNumbered(accountId, id as bigint))),
    }),
  })
}

function cancel(
  app: App,
  request: FastifyRequest,
  reply: FastifyReply,
  orderId: string,
): Promise<void> {
  const { accountId } = callerOf(request)
  const id = orderIdOf(app, orderId)
  return answerOnce<Order>(app, request, reply, {
    run: async () => {
      return (await app.orders.cancel({ accountId, id })).order
    },
    render: (order) => ({ status: 200, body: success(cancelledAnswer(order)) }),
    renderAgain: async () => ({
      status: 200,
      body: success(cancelledAnswer(await app.orders.readNumbered(accountId, id))),
    }),
  })
}
