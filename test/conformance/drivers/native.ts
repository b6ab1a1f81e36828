// The native API: how to ask it, and how to read it.
import { expect } from 'vitest'
import type { DialectDriver, Failure, OrderState } from '../driver.ts'

const problem = (status: number, code: string, more: object = {}): Failure => ({
  status,
  body: { type: expect.stringMatching(`/docs/errors/${code}$`), status, code, ...more },
})
const states: Record<string, OrderState> = {
  waiting: 'waiting',
  received: 'received',
  finished: 'received',
  cancelled: 'refunded',
  expired: 'refunded',
}

export const driver: DialectDriver = {
  name: 'native',
  ask: {
    balance: () => ({ method: 'GET', path: '/v1/balance' }),
    buy: ({ slug, country }) => ({
      method: 'POST',
      path: '/v1/orders',
      body: { service: slug, country },
    }),
    order: (id) => ({ method: 'GET', path: `/v1/orders/${id}` }),
    cancel: (id) => ({ method: 'POST', path: `/v1/orders/${id}/cancel` }),
    finish: (id) => ({ method: 'POST', path: `/v1/orders/${id}/finish` }),
    nothing: () => ({ method: 'GET', path: '/v1/nothing' }),
    wrongMethod: () => ({ method: 'DELETE', path: '/v1/balance' }),
    wrongField: () => ({ method: 'POST', path: '/v1/orders', body: { service: 7 } }),
  },
  read: {
    balance: ({ body }) => Number(body.balance),
    bought: ({ body }) => ({
      id: body.id as string,
      phone: body.phone as string,
      price: Number(body.price),
    }),
    order: ({ body }) => ({
      state: states[body.state as string] as OrderState,
      code: body.code as string | null,
    }),
  },
  succeeds: { bought: 201 },
  fails: {
    unauthenticated: problem(401, 'unauthenticated'),
    noMoney: problem(402, 'insufficient_balance'),
    noStock: problem(409, 'out_of_stock'),
    noOrder: problem(404, 'order_not_found'),
    notFinishable: problem(409, 'order_not_finishable'),
    notCancellable: problem(409, 'order_not_cancellable'),
    inCooldown: problem(409, 'cancel_cooldown', { retry_after: 120 }),
    rateLimited: problem(429, 'rate_limited', { retry_after: 60 }),
    wrongField: problem(422, 'invalid_request', { errors: [{ pointer: '/service' }] }),
    malformedBody: problem(400, 'malformed_body'),
    wrongType: problem(415, 'unsupported_media_type'),
    tooLarge: problem(413, 'body_too_large'),
    nothing: problem(404, 'path_not_found'),
    wrongMethod: problem(405, 'method_not_allowed'),
    otherRequest: problem(422, 'idempotency_conflict'),
  },
}
