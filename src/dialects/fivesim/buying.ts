// Buying numbers: for one code, for days, or a past number again. All calls are GET and spend money.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { App } from '../../app.ts'
import type { Principal } from '../../core/accounts/principal.ts'
import { DomainError } from '../../core/error.ts'
import type { Once } from '../../core/idempotency/idempotency.ts'
import { type Amount, parseAmount } from '../../core/money.ts'
import type { Bought } from '../../core/orders/buying/buy.ts'
import { anyNumber } from '../../core/orders/buying/selection.ts'
import type { Order } from '../../core/orders/order.ts'
import { buyNumbers, rebuyNumber, rentNumber } from '../../http/buy-numbers.ts'
import { callerOf } from '../../http/dialect.ts'
import { answerOnce } from '../../http/once.ts'
import type { Hosting } from './names.ts'
import { findHosting, findPlace, findService, type Place } from './places.ts'
import * as reference from './reference.ts'
import { activationParams, buyQuery, hostingParams, reuseParams, shapes } from './schemas.ts'
import { boughtAnswer } from './wire.ts'

const tags = ['5sim']

/** No HEAD route: a HEAD must only read, and these calls buy. */
const exposeHeadRoute = false

const buyActivationRoute = {
  exposeHeadRoute,
  config: { scope: 'buy' as const, reference: reference.buyActivation },
  schema: {
    operationId: 'fivesimBuyActivation',
    tags,
    summary: 'Buy an activation',
    params: activationParams,
    querystring: buyQuery,
    response: { 200: shapes.order },
  },
}

const buyHostingRoute = {
  exposeHeadRoute,
  config: { scope: 'buy' as const, reference: reference.buyHosting },
  schema: {
    operationId: 'fivesimBuyHosting',
    tags,
    summary: 'Rent a number',
    params: hostingParams,
    querystring: buyQuery,
    response: { 200: shapes.order },
  },
}

const reuseRoute = {
  exposeHeadRoute,
  config: { scope: 'buy' as const, reference: reference.reuse },
  schema: {
    operationId: 'fivesimReuse',
    tags,
    summary: 'Buy a past number again',
    params: reuseParams,
    response: { 200: shapes.order },
  },
}

type Sold = Extract<Bought, { orders: unknown }>

/** Answers with the order that was bought; a repeated Idempotency-Key gets the same one. */
function answerBought(
  app: App,
  request: FastifyRequest,
  reply: FastifyReply,
  buy: (once: Once | null) => Promise<Bought>,
) {
  const { accountId } = callerOf(request)
  const answer = async (order: Order) => ({
    status: 200,
    body: boughtAnswer(await app.catalog.current(), order),
  })
  return answerOnce<Sold>(app, request, reply, {
    // What a POST would have in its body is in the query here.
    identity: request.query,
    run: buy,
    render: ({ orders: [order] }) => answer(order as Order),
    renderAgain: async ({ subjectIds: [id] }) =>
      answer(await app.orders.readNumbered(accountId, id as bigint)),
  })
}

/** The maximum price of this call, otherwise the one set for the product. Both require the operator `any`.
 * @throws invalid_request */
async function highestPrice(
  app: App,
  caller: Principal,
  wanted: { serviceId: number; place: Place; maxPrice: string | undefined },
): Promise<Amount | null> {
  const text = wanted.maxPrice ?? ''
  const price = text === '' ? null : parseAmount(text)
  if (text !== '' && price === null)
    throw new DomainError('invalid_request', 'The price is not a decimal.', {
      says: 'bad max price',
    })
  if (wanted.place.operator !== null) return null
  return (
    price ?? app.accounts.maxPrice({ accountId: caller.accountId, serviceId: wanted.serviceId })
  )
}

const selectionFor = (serviceId: number, place: Place, maxPrice: Amount | null) => ({
  ...anyNumber,
  serviceId,
  country: place.country?.code ?? null,
  operatorId: place.operator?.id ?? null,
  maxPrice,
})

/** @throws offer_not_found */
async function lengthOf(app: App, hosting: Hosting, place: Place, currency: string) {
  if (hosting.durationS !== null) return hosting.durationS
  const offers = await app.catalog.pricesByOperator({
    currency,
    kind: 'rental',
    serviceId: hosting.service.id,
    country: place.country?.code,
    operatorId: place.operator?.id,
  })
  const lengths = offers.map((offer) => offer.durationS)
  if (lengths.length === 0)
    throw new DomainError('offer_not_found', 'This product is not offered for rent there.')
  return Math.min(...lengths)
}

/** The customer's latest order of a number for a product. @throws order_not_repeatable */
async function lastOrderOf(app: App, accountId: number, serviceId: number, number: string) {
  const [order] = await app.orders.list({
    accountId,
    serviceIds: [serviceId],
    kinds: ['activation'],
    phone: `+${number.replace('+', '')}`,
    limit: 1,
  })
  if (!order)
    throw new DomainError(
      'order_not_repeatable',
      'You have no order of this number for this product.',
    )
  return order
}

export function buyingRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  scope.get(
    '/user/buy/activation/:country/:operator/:product',
    buyActivationRoute,
    (request, reply) => {
      const caller = callerOf(request)
      return answerBought(app, request, reply, async (once) => {
        const { id: serviceId } = await findService(app, request.params.product)
        const place = await findPlace(app, request.params)
        const { maxPrice } = request.query
        const highest = await highestPrice(app, caller, { serviceId, place, maxPrice })
        const selection = selectionFor(serviceId, place, highest)
        return buyNumbers(app, request, { quantity: 1, once, selection })
      })
    },
  )

  scope.get('/user/buy/hosting/:country/:operator/:product', buyHostingRoute, (request, reply) => {
    const caller = callerOf(request)
    return answerBought(app, request, reply, async (once) => {
      const hosting = await findHosting(app, request.params.product)
      const place = await findPlace(app, request.params)
      const serviceId = hosting.service.id
      const durationS = await lengthOf(app, hosting, place, caller.currency)
      const { maxPrice } = request.query
      const highest = await highestPrice(app, caller, { serviceId, place, maxPrice })
      const selection = selectionFor(serviceId, place, highest)
      return rentNumber(app, request, { durationS, once, selection })
    })
  })

  scope.get('/user/reuse/:product/:number', reuseRoute, (request, reply) => {
    const { accountId } = callerOf(request)
    return answerBought(app, request, reply, async (once) => {
      const { product, number } = request.params
      const service = await findService(app, product)
      const { id } = await lastOrderOf(app, accountId, service.id, number)
      return rebuyNumber(app, request, { accountId, id, once })
    })
  })
}
