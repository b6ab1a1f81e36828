// OTPWALL's API. README.md describes the contract and the intended differences.
//
//   GET    /balance                Get the balance
//   GET    /countries              List countries
//   GET    /services               List services
//   POST   /number                 Buy a number
//   GET    /activation/:id/status  Get an activation
//   POST   /activation/:id/status  Complete or cancel an activation
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { App } from '../../app.ts'
import { DomainError } from '../../core/error.ts'
import type { Bought } from '../../core/orders/buying/buy.ts'
import { anyNumber, type Selection } from '../../core/orders/buying/selection.ts'
import type { Order } from '../../core/orders/order.ts'
import { buyNumbers } from '../../http/buy-numbers.ts'
import { callerOf, type Dialect } from '../../http/dialect.ts'
import { orderIdOf } from '../../http/ids.ts'
import { shareAnswers, wholeListWeight } from '../../http/list-answers.ts'
import { readLoosely } from '../../http/loose.ts'
import { answerOnce } from '../../http/once.ts'
import { countryNamed } from './country.ts'
import { descriptions } from './descriptions.ts'
import { failures } from './errors.ts'
import * as reference from './reference.ts'
import {
  activationAnswer,
  activationParams,
  balanceAnswer,
  changedAnswer,
  countryAnswer,
  mayHaveMessages,
  numberAnswer,
  numberBody,
  serviceAnswer,
  shapes,
  statusBody,
} from './wire.ts'

export const otpwall: Dialect = {
  name: 'otpwall',
  prefix: '/otpwall/v1',
  territory: '/otpwall',
  failures,
  reference: { tags: reference.tags, descriptions },
  routes,
}

const tags = ['OTPWALL']

/** A missing body is parsed as an empty one, so that the error names the missing fields. */
const preValidation = async (request: FastifyRequest) => {
  request.body ??= {} as never
}

const balanceRoute = {
  config: { scope: 'read' as const, reference: reference.balance },
  schema: {
    operationId: 'otpwallGetBalance',
    tags,
    summary: 'Get the balance',
    response: { 200: shapes.balance },
  },
}

const countriesRoute = {
  config: { scope: 'read' as const, reference: reference.countries },
  schema: {
    operationId: 'otpwallListCountries',
    tags,
    summary: 'List countries',
    response: { 200: shapes.countries },
  },
}

const servicesRoute = {
  config: { scope: 'read' as const, reference: reference.services, weigh: () => wholeListWeight },
  schema: {
    operationId: 'otpwallListServices',
    tags,
    summary: 'List services',
    response: { 200: shapes.services },
  },
}

const numberRoute = {
  config: { scope: 'buy' as const, reference: reference.number },
  schema: {
    operationId: 'otpwallGetNumber',
    tags,
    summary: 'Buy a number',
    body: numberBody,
    response: { 200: shapes.number },
  },
  preValidation,
}

const activationRoute = {
  config: { scope: 'read' as const, reference: reference.activation },
  schema: {
    operationId: 'otpwallGetActivation',
    tags,
    summary: 'Get an activation',
    params: activationParams,
    response: { 200: shapes.activation },
  },
}

const changeRoute = {
  config: { scope: 'buy' as const, reference: reference.change },
  schema: {
    operationId: 'otpwallChangeActivation',
    tags,
    summary: 'Complete or cancel an activation',
    params: activationParams,
    body: statusBody,
    response: { 200: shapes.changed },
  },
  preValidation,
}

function routes(plain: FastifyInstance, app: App) {
  readLoosely(plain)
  catalogRoutes(plain, app)
  activationRoutes(plain, app)
}

function catalogRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  const share = shareAnswers()

  // "Check your current wallet balance."
  scope.get('/balance', balanceRoute, async (request) => {
    const { accountId, currency } = callerOf(request)
    return balanceAnswer(await app.money.balance(accountId), currency)
  })

  // "GET LIST OF COUNTRIES/SERVERS"
  scope.get('/countries', countriesRoute, (request, reply) =>
    share(request, reply, ['countries'], async () => {
      const catalog = await app.catalog.current()
      const codes = await app.catalog.countriesInStock()
      return codes.flatMap((code) => catalog.country(code) ?? []).map(countryAnswer)
    }),
  )

  // "GET LIST OF COUNTRIES/SERVERS", a second time
  scope.get('/services', servicesRoute, (request, reply) => {
    const { currency } = callerOf(request)
    return share(request, reply, ['services', currency], async () => {
      const catalog = await app.catalog.current()
      const offers = await app.catalog.cheapestByService({ currency, country: null })
      return offers
        .filter(({ stock }) => stock > 0)
        .flatMap(({ serviceId }) => catalog.service(serviceId) ?? [])
        .map(serviceAnswer)
    })
  })
}

function activationRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  // "Request a virtual number for a specific service and country."
  scope.post('/number', numberRoute, (request, reply) => {
    const { accountId } = callerOf(request)
    return answerOnce<Extract<Bought, { orders: unknown }>>(app, request, reply, {
      run: async (once) =>
        buyNumbers(app, request, {
          selection: await selectionOf(app, request.body),
          quantity: 1,
          once,
        }),
      render: ({ orders: [order] }) => ({ status: 200, body: numberAnswer(order as Order) }),
      renderAgain: async ({ subjectIds: [id] }) => ({
        status: 200,
        body: numberAnswer(await app.orders.readNumbered(accountId, id as bigint)),
      }),
    })
  })

  // "GET ACTIVATION STATUS"
  scope.get('/activation/:id/status', activationRoute, async (request) => {
    const id = orderIdOf(app, request.params.id)
    const order = await app.orders.readNumbered(callerOf(request).accountId, id)
    return activationAnswer(order, mayHaveMessages(order.state) ? await app.messages.of(id) : [])
  })

  // "CHANGE ACTIVATION STATUS"
  scope.post('/activation/:id/status', changeRoute, (request, reply) => {
    const { accountId } = callerOf(request)
    const id = orderIdOf(app, request.params.id)
    const change = request.body.status === 'complete' ? app.orders.finish : app.orders.cancel
    return answerOnce<Order>(app, request, reply, {
      run: async () => {
        const { order } = await change({ accountId, id })
        return order
      },
      render: (order) => ({ status: 200, body: changedAnswer(order) }),
      renderAgain: async () => ({
        status: 200,
        body: changedAnswer(await app.orders.readNumbered(accountId, id)),
      }),
    })
  })
}

/** @throws service_not_found, country_not_found */
async function selectionOf(
  app: App,
  wanted: { readonly service: string; readonly country: string },
): Promise<Selection> {
  const service = await app.catalog.find((it) => it.service(wanted.service))
  if (!service) throw new DomainError('service_not_found', 'There is no such service.')
  const country = await app.catalog.find((it) => countryNamed(it, wanted.country))
  if (!country) throw new DomainError('country_not_found', 'There is no such country.')
  return { ...anyNumber, serviceId: service.id, country: country.code }
}
