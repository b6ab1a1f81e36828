// The seven ways to order. Each answers 201.
import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import type { App } from '../../app.ts'
import type { Service } from '../../core/catalog/catalog.ts'
import { DomainError } from '../../core/error.ts'
import type { Once } from '../../core/idempotency/idempotency.ts'
import type { Bought } from '../../core/orders/buying/buy.ts'
import { anyNumber, type Selection } from '../../core/orders/buying/selection.ts'
import type { Order } from '../../core/orders/order.ts'
import { buyNumbers, rentNumber } from '../../http/buy-numbers.ts'
import { callerOf } from '../../http/dialect.ts'
import { answerOnce } from '../../http/once.ts'
import type { FailureForm, RouteReference } from '../../http/openapi/reference.ts'
import { bareHome, wrapped, wrappedGlobal, wrappedHome } from './errors.ts'
import { findAbroad } from './lists.ts'
import * as reference from './reference.ts'
import { bodies, shapes } from './schemas.ts'
import { dayS, esimOrderAnswer, home, orderedAnswer, rentalAnswer, rentedAnswer } from './wire.ts'

const buying = (
  failures: FailureForm,
  reference: RouteReference,
): FastifyContextConfig & { readonly scope: 'buy' } => ({ scope: 'buy', failures, reference })

const described = <Body extends z.ZodType, Name extends keyof typeof shapes>(
  operationId: string,
  summary: string,
  body: Body,
  shape: Name,
) => ({
  operationId: `smsVerificationService${operationId}`,
  tags: [reference.tag],
  summary,
  body,
  response: { 201: shapes[shape] },
})

/** A missing body is parsed as an empty one, so that the error names the missing fields. */
const preValidation = async (request: FastifyRequest) => {
  request.body ??= {} as never
}

const routesOf = {
  temporary: {
    preValidation,
    config: buying(wrappedHome, reference.orderTemporary),
    schema: described('OrderTemporary', 'Buy a US number', bodies.temporary, 'ordered'),
  },
  best: {
    preValidation,
    config: buying(wrappedHome, reference.orderBest),
    schema: described('OrderBest', 'Buy a US number of the best offer', bodies.service, 'ordered'),
  },
  global: {
    preValidation,
    config: buying(wrappedGlobal, reference.orderGlobal),
    schema: described('OrderGlobal', 'Buy a number of another country', bodies.global, 'ordered'),
  },
  rental: {
    preValidation,
    config: buying(bareHome, reference.orderRental),
    schema: described('OrderRental', 'Rent a US number for 3 or 30 days', bodies.rental, 'rental'),
  },
  oneDay: {
    preValidation,
    config: buying(wrappedHome, reference.orderOneDay),
    schema: described('OrderOneDay', 'Rent a US number for one day', bodies.service, 'ordered'),
  },
  thirtyDays: {
    preValidation,
    config: buying(wrappedHome, reference.orderThirtyDays),
    schema: described('OrderThirtyDays', 'Rent a US number for 30 days', bodies.service, 'ordered'),
  },
  esim: {
    preValidation,
    config: buying(wrapped, reference.orderEsim),
    schema: described('OrderEsim', 'Buy an eSIM', bodies.esim, 'esimOrder'),
  },
}

/** One way to order: the verb and the response. */
type Sale = {
  readonly buy: (once: Once | null) => Promise<Bought>
  readonly answer: (order: Order) => object | Promise<object>
}

function sell(app: App, request: FastifyRequest, reply: FastifyReply, { buy, answer }: Sale) {
  const { accountId } = callerOf(request)
  const created = async (order: Order) => ({ status: 201, body: await answer(order) })
  return answerOnce<Extract<Bought, { orders: unknown }>>(app, request, reply, {
    run: buy,
    render: ({ orders: [order] }) => created(order as Order),
    renderAgain: async ({ subjectIds: [id] }) =>
      created(await app.orders.readNumbered(accountId, id as bigint)),
  })
}

export function buyingRoutes(plain: FastifyInstance, app: App) {
  numberRoutes(plain, app)
  rentalRoutes(plain, app)
  esimRoute(plain, app)
}

function numberRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  const buy = (request: FastifyRequest, selection: Selection, once: Once | null) =>
    buyNumbers(app, request, { quantity: 1, once, selection })

  // "Place an order for a USA short-term verification number."
  scope.post('/order/temporary', routesOf.temporary, (request, reply) =>
    sell(app, request, reply, {
      buy: async (once) => {
        const service = await findService(app, request.body.service_id)
        const area = request.body.area_code ?? null
        return buy(request, { ...selectionFor(service, home), area }, once)
      },
      answer: orderedAnswer,
    }),
  )

  // "Place a short-term order using the curated best-temp catalog."
  scope.post('/order/best-temp', routesOf.best, (request, reply) =>
    sell(app, request, reply, {
      buy: async (once) => {
        const service = await findService(app, request.body.service_id)
        const { currency } = callerOf(request)
        const wanted = { currency, country: home, serviceId: service.id, limit: 1 }
        const [best] = await app.catalog.bestOffers(wanted)
        if (!best) throw notOffered()
        return buy(request, { ...selectionFor(service, home), offerId: best.offerId }, once)
      },
      answer: orderedAnswer,
    }),
  )

  // "Purchase a non-USA verification number."
  scope.post('/order/global', routesOf.global, (request, reply) =>
    sell(app, request, reply, {
      buy: async (once) => {
        const service = await findService(app, request.body.service_id)
        const country = await findAbroad(app, request.body.country_id)
        if (!country) throw notOffered()
        return buy(request, selectionFor(service, country.code), once)
      },
      answer: orderedAnswer,
    }),
  )
}

function rentalRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  const rent = (request: FastifyRequest, service: Service, days: number, once: Once | null) =>
    rentNumber(app, request, {
      selection: selectionFor(service, home),
      durationS: days * dayS,
      once,
    })

  // "Place an order for a USA rental number with a fixed duration (3 or 30 days)."
  scope.post('/order/rental', routesOf.rental, (request, reply) =>
    sell(app, request, reply, {
      buy: async (once) => {
        const name = request.body.service.toLowerCase()
        const service = await app.catalog.find((catalog) =>
          catalog.services.find((one) => one.name.toLowerCase() === name),
        )
        if (!service) throw noService()
        return rent(request, service, request.body.duration, once)
      },
      answer: rentalAnswer,
    }),
  )

  // "Place a 1-day USA rental order."
  scope.post('/order/rent-1day', routesOf.oneDay, (request, reply) =>
    sell(app, request, reply, {
      buy: async (once) => rent(request, await findService(app, request.body.service_id), 1, once),
      answer: rentedAnswer,
    }),
  )

  // "Place a 30-day USA rental order."
  scope.post('/order/rent-30days', routesOf.thirtyDays, (request, reply) =>
    sell(app, request, reply, {
      buy: async (once) => rent(request, await findService(app, request.body.service_id), 30, once),
      answer: rentedAnswer,
    }),
  )
}

function esimRoute(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  // "Order an eSIM data plan. The activation_code is returned in the response."
  scope.post('/order/esim', routesOf.esim, (request, reply) =>
    sell(app, request, reply, {
      buy: async (once) => {
        const { accountId, currency } = callerOf(request)
        const { offerId } = await app.esims.plan({ currency, name: request.body.plan })
        return app.esims.buy({ accountId, offerId, once })
      },
      answer: async (order) => esimOrderAnswer(order, (await app.esims.read(order)).activationCode),
    }),
  )
}

const selectionFor = (service: Service, country: string): Selection => ({
  ...anyNumber,
  serviceId: service.id,
  country,
})

const noService = () => new DomainError('service_not_found', 'There is no such service.')
const notOffered = () => new DomainError('offer_not_found', 'There is no such offer.')

/** A service by its number, which some clients send as text. */
async function findService(app: App, id: number | string): Promise<Service> {
  const service = await app.catalog.find((catalog) => catalog.service(Number(id)))
  if (!service) throw noService()
  return service
}
