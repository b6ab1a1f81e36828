// WhichOtp: how to ask it, and how to read it.
import type { DialectDriver, Failure, OrderState } from '../driver.ts'

const base = '/whichotp/api/v1'
const error = (status: number, text: string): Failure => ({ status, body: { error: text } })
const states: Record<string, OrderState> = {
  waiting: 'waiting',
  completed: 'received',
  refunded: 'refunded',
}

export const driver: DialectDriver = {
  name: 'whichotp',
  ask: {
    balance: () => ({ method: 'GET', path: `${base}/balance` }),
    buy: ({ uuid }) => ({ method: 'POST', path: `${base}/orders/buy`, body: { serviceId: uuid } }),
    order: (id) => ({ method: 'GET', path: `${base}/orders/${id}` }),
    cancel: (id) => ({ method: 'POST', path: `${base}/orders/${id}/cancel` }),
    nothing: () => ({ method: 'GET', path: `${base}/nothing` }),
    wrongMethod: () => ({ method: 'DELETE', path: `${base}/balance` }),
    wrongField: () => ({ method: 'POST', path: `${base}/orders/buy`, body: { serviceId: 'x' } }),
  },
  read: {
    balance: ({ body }) => body.balance as number,
    bought: ({ body }) => ({
      id: body.id as string,
      phone: body.phoneNumber as string,
      price: body.cost as number,
    }),
    order: ({ body }) => ({
      state: states[body.status as string] as OrderState,
      code: body.smsCode as string | null,
    }),
  },
  succeeds: { bought: 200 },
  fails: {
    unauthenticated: error(401, 'Invalid API key'),
    noMoney: error(402, 'Insufficient balance'),
    noStock: error(409, 'No numbers available'),
    noOrder: error(404, 'Order not found'),
    notCancellable: error(409, 'Order cannot be cancelled'),
    inCooldown: error(409, 'Order cannot be cancelled yet. Try again in 120 seconds.'),
    rateLimited: error(429, 'Rate limit exceeded'),
    wrongField: {
      status: 400,
      body: {
        success: false,
        message: 'Validation failed',
        errors: [{ field: 'serviceId', message: 'Invalid serviceId. Must be a valid UUID.' }],
      },
    },
    malformedBody: error(400, 'Malformed JSON body'),
    wrongType: error(415, 'Content-Type must be application/json'),
    tooLarge: error(413, 'Request body too large'),
    nothing: error(404, 'Not found'),
    wrongMethod: error(405, 'Method not allowed'),
    otherRequest: error(422, 'Idempotency-Key was used with another request'),
  },
}
