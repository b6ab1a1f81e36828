// OTPWALL, as the suite that every dialect passes asks and reads it.
import type { DialectDriver, Failure, OrderState } from '../driver.ts'

const base = '/otpwall/v1'
const error = (status: number, text: string): Failure => ({ status, body: { error: text } })
const states: Record<string, OrderState> = {
  waiting: 'waiting',
  received: 'received',
  complete: 'received',
  cancelled: 'refunded',
}
/** The answer names no price: this is the one of the service that the suite makes for itself. */
const price = 0.5

export const driver: DialectDriver = {
  name: 'otpwall',
  ask: {
    balance: () => ({ method: 'GET', path: `${base}/balance` }),
    buy: ({ slug, country }) => ({
      method: 'POST',
      path: `${base}/number`,
      body: { service: slug, country },
    }),
    order: (id) => ({ method: 'GET', path: `${base}/activation/${id}/status` }),
    cancel: (id) => ({
      method: 'POST',
      path: `${base}/activation/${id}/status`,
      body: { status: 'cancel' },
    }),
    finish: (id) => ({
      method: 'POST',
      path: `${base}/activation/${id}/status`,
      body: { status: 'complete' },
    }),
    nothing: () => ({ method: 'GET', path: `${base}/nothing` }),
    wrongMethod: () => ({ method: 'DELETE', path: `${base}/balance` }),
    wrongField: () => ({
      method: 'POST',
      path: `${base}/number`,
      body: { service: 7, country: 'US' },
    }),
  },
  read: {
    balance: ({ body }) => body.balance as number,
    bought: ({ body }) => ({
      id: body.activation_id as string,
      phone: body.number as string,
      price,
    }),
    order: ({ body }) => ({
      state: states[body.status as string] as OrderState,
      code: /\d{6}/.exec((body.sms as string | undefined) ?? '')?.[0] ?? null,
    }),
  },
  succeeds: { bought: 200 },
  fails: {
    unauthenticated: error(401, 'Invalid API key'),
    noMoney: error(402, 'Insufficient balance'),
    noStock: error(409, 'No numbers available'),
    noOrder: error(404, 'Activation not found'),
    notFinishable: error(409, 'Activation cannot be completed'),
    notCancellable: error(409, 'Activation cannot be cancelled'),
    inCooldown: error(409, 'Activation cannot be cancelled yet. Try again in 120 seconds.'),
    rateLimited: error(429, 'Rate limit exceeded'),
    wrongField: error(400, 'service must be text'),
    malformedBody: error(400, 'Malformed JSON body'),
    wrongType: error(415, 'Content-Type must be application/json'),
    tooLarge: error(413, 'Request body too large'),
    nothing: error(404, 'Not found'),
    wrongMethod: error(405, 'Method not allowed'),
    otherRequest: error(422, 'Idempotency-Key was used with another request'),
  },
}
