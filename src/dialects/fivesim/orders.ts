// Existing orders: check, finish, cancel, ban. All calls are GET.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { App } from '../../app.ts'
import { DomainError, type ErrorCode } from '../../core/error.ts'
import type { Order } from '../../core/orders/order.ts'
import type { Outcome, Target } from '../../core/orders/orders.ts'
import { callerOf } from '../../http/dialect.ts'
import { orderIdOf } from '../../http/ids.ts'
import { checkFailures } from './errors.ts'
import * as reference from './reference.ts'
import { orderParams, shapes } from './schemas.ts'
import { inboxAnswer, orderAnswer } from './wire.ts'

const tags = ['5sim']

const checkRoute = {
  config: { scope: 'read' as const, reference: reference.check, failures: checkFailures },
  schema: {
    operationId: 'fivesimCheck',
    tags,
    summary: 'Get an order',
    params: orderParams,
    response: { 200: shapes.order },
  },
}

const inboxRoute = {
  config: { scope: 'read' as const, reference: reference.inbox, failures: checkFailures },
  schema: {
    operationId: 'fivesimInbox',
    tags,
    summary: 'List the messages of an order',
    params: orderParams,
    response: { 200: shapes.inbox },
  },
}

const endings = {
  finish: {
    operationId: 'fivesimFinish',
    summary: 'Finish an order',
    reference: reference.finish,
    verb: (app: App, target: Target) => app.orders.finish(target),
  },
  cancel: {
    operationId: 'fivesimCancel',
    summary: 'Cancel an order',
    reference: reference.cancel,
    verb: (app: App, target: Target) => app.orders.cancel(target),
  },
  ban: {
    operationId: 'fivesimBan',
    summary: 'Report a used number',
    reference: reference.ban,
    verb: (app: App, target: Target) => app.orders.ban(target),
  },
} as const

/** The order as the API shows it, with its messages. */
async function seen(app: App, order: Order) {
  const banned =
    order.state === 'cancelled' && (await app.orders.bannedAmong([order.id])).has(order.id)
  const messages = await app.messages.of(order.id)
  return orderAnswer(await app.catalog.current(), { order, messages, banned })
}

const refusals: readonly ErrorCode[] = ['order_not_cancellable', 'order_not_finishable']

/** 5sim's text for why an order cannot be changed. */
function reasonOf({ kind, state, messageCount }: Order): string {
  if (kind === 'rental') return 'hosting order'
  if (state === 'waiting' || state === 'allocating') return 'order no sms'
  return state === 'received' || messageCount > 0 ? 'order has sms' : 'order expired'
}

/** Calls a verb. A refusal gets 5sim's text for the state of the order. */
async function attempt(app: App, target: Target, verb: () => Promise<Outcome>) {
  try {
    return (await verb()).order
  } catch (error) {
    if (!(error instanceof DomainError) || !refusals.includes(error.code)) throw error
    const says = reasonOf(await app.orders.readNumbered(target.accountId, target.id))
    throw new DomainError(error.code, error.message, { ...error.detail, says })
  }
}

export function orderRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  const targetOf = (request: FastifyRequest, id: string): Target => ({
    accountId: callerOf(request).accountId,
    id: orderIdOf(app, id),
  })

  scope.get('/user/check/:id', checkRoute, async (request) => {
    const { accountId, id } = targetOf(request, request.params.id)
    return seen(app, await app.orders.readNumbered(accountId, id))
  })

  scope.get('/user/sms/inbox/:id', inboxRoute, async (request) => {
    const { accountId, id } = targetOf(request, request.params.id)
    const order = await app.orders.readNumbered(accountId, id)
    return inboxAnswer(await app.messages.of(order.id), order.messageCount)
  })

  for (const [name, { operationId, summary, reference, verb }] of Object.entries(endings)) {
    const route = {
      // HEAD must only read.
      exposeHeadRoute: false,
      config: { scope: 'buy' as const, reference },
      schema: { operationId, tags, summary, params: orderParams, response: { 200: shapes.order } },
    }
    scope.get(`/user/${name}/:id`, route, async (request) => {
      const target = targetOf(request, request.params.id)
      return seen(app, await attempt(app, target, () => verb(app, target)))
    })
  }
}
