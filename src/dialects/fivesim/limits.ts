// The maximum price that a customer sets for a product.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { App } from '../../app.ts'
import type { MaxPrice } from '../../core/accounts/max-prices.ts'
import { DomainError } from '../../core/error.ts'
import { parseAmount } from '../../core/money.ts'
import { callerOf } from '../../http/dialect.ts'
import { answerOnce } from '../../http/once.ts'
import { findService } from './places.ts'
import * as reference from './reference.ts'
import { maxPriceBody, productBody, shapes } from './schemas.ts'
import { maxPriceAnswer } from './wire.ts'

const tags = ['5sim']
const path = '/user/max-prices'

/** A missing body is parsed as an empty one, so that the error names the missing field. */
const preValidation = async (request: FastifyRequest) => {
  request.body ??= {} as never
}

const listRoute = {
  config: { scope: 'read' as const, reference: reference.maxPrices },
  schema: {
    operationId: 'fivesimListMaxPrices',
    tags,
    summary: 'List maximum prices',
    response: { 200: shapes.maxPrices },
  },
}

const setRoute = {
  config: { scope: 'buy' as const, reference: reference.setMaxPrice },
  schema: {
    operationId: 'fivesimSetMaxPrice',
    tags,
    summary: 'Set a maximum price',
    body: maxPriceBody,
    response: { 200: shapes.maxPrice },
  },
  preValidation,
}

const deleteRoute = {
  config: { scope: 'buy' as const, reference: reference.deleteMaxPrice },
  schema: {
    operationId: 'fivesimDeleteMaxPrice',
    tags,
    summary: 'Delete a maximum price',
    body: productBody,
    response: { 200: shapes.deleted },
  },
  preValidation,
}

/** @throws invalid_request */
function amountOf(price: number) {
  const amount = parseAmount(String(price))
  if (amount === null)
    throw new DomainError('invalid_request', 'The price has at most 4 decimals.', {
      says: 'price is incorrect',
    })
  return amount
}

export function limitRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  scope.get(path, listRoute, async (request) => {
    const catalog = await app.catalog.current()
    const prices = await app.accounts.maxPrices(callerOf(request).accountId)
    return prices.map((one) => maxPriceAnswer(catalog, one))
  })

  scope.post(path, setRoute, (request, reply) => {
    const { accountId } = callerOf(request)
    const { product_name: product, price } = request.body
    const answer = async (max: MaxPrice) => ({
      status: 200,
      body: maxPriceAnswer(await app.catalog.current(), max),
    })
    return answerOnce<MaxPrice>(app, request, reply, {
      run: async (once) => {
        const { id: serviceId } = await findService(app, product)
        const wanted = { accountId, serviceId, price: amountOf(price), once }
        return app.accounts.setMaxPrice(wanted)
      },
      render: answer,
      renderAgain: async () => {
        const { id } = await findService(app, product)
        const all = await app.accounts.maxPrices(accountId)
        const max = all.find((one) => one.serviceId === id)
        if (!max) throw new DomainError('not_found', 'The maximum price was deleted meanwhile.')
        return answer(max)
      },
    })
  })

  scope.delete(path, deleteRoute, async (request) => {
    const service = await findService(app, request.body.product_name)
    const { accountId } = callerOf(request)
    if (!(await app.accounts.deleteMaxPrice({ accountId, serviceId: service.id })))
      throw new DomainError('not_found', 'No maximum price is set for this product.')
    return {}
  })
}
