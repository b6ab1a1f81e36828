// OTPZap, as the suite that every dialect passes asks and reads it.
import { expect } from 'vitest'
import { countries } from '../../../src/core/catalog/data/load.ts'
import type { DialectDriver, Failure, OrderState } from '../driver.ts'

const base = '/otpzap/api/v1'
const error = (status: number, code: string): Failure => ({
  status,
  body: { success: false, message: expect.any(String), error: { code } },
})
const states: Record<string, OrderState> = {
  pending: 'waiting',
  otp_received: 'received',
  success: 'received',
  cancelled: 'refunded',
  failed: 'refunded',
}
const numberOf = (country: string) => countries.find((row) => row.iso2 === country)?.number

type Order = {
  order_id: number
  phone_number: string
  price: number
  status: string
  otp_code: string | null
}

const dataOf = <Data>(body: Record<string, unknown>) => body.data as Data

export const driver: DialectDriver = {
  name: 'otpzap',
  rateLimit: 300,
  ask: {
    balance: () => ({ method: 'GET', path: `${base}/balance` }),
    buy: ({ id, country }) => ({
      method: 'POST',
      path: `${base}/order/create`,
      body: { service_id: id, country_id: numberOf(country), operator_id: 0 },
    }),
    order: (id) => ({ method: 'GET', path: `${base}/order/check?order_id=${id}` }),
    cancel: (id) => ({ method: 'POST', path: `${base}/order/cancel`, body: { order_id: id } }),
    finish: (id) => ({ method: 'POST', path: `${base}/order/finish`, body: { order_id: id } }),
    nothing: () => ({ method: 'GET', path: `${base}/nothing` }),
    wrongMethod: () => ({ method: 'DELETE', path: `${base}/balance` }),
    wrongField: () => ({
      method: 'POST',
      path: `${base}/order/create`,
      body: { product_id: 'nonsense' },
    }),
  },
  read: {
    balance: ({ body }) => dataOf<{ balance: number }>(body).balance,
    bought: ({ body }) => {
      const { order_id: id, phone_number: phone, price } = dataOf<Order>(body)
      return { id: String(id), phone, price }
    },
    order: ({ body }) => {
      const { status, otp_code: code } = dataOf<Order>(body)
      return { state: states[status] as OrderState, code }
    },
  },
  succeeds: { bought: 200 },
  fails: {
    unauthenticated: error(401, 'unauthenticated'),
    noMoney: error(402, 'insufficient_balance'),
    noStock: error(409, 'out_of_stock'),
    noOrder: error(404, 'order_not_found'),
    notFinishable: { status: 409, body: { success: false, error: { code: 'no_otp_yet' } } },
    notCancellable: error(409, 'order_not_pending'),
    inCooldown: {
      status: 429,
      body: {
        message: 'The order cannot be cancelled yet. Try again in 120 seconds.',
        error: { code: 'cancel_cooldown' },
      },
    },
    rateLimited: error(429, 'rate_limited'),
    wrongField: {
      status: 422,
      body: { error: { code: 'validation_failed', fields: { product_id: expect.any(String) } } },
    },
    malformedBody: error(400, 'malformed_body'),
    wrongType: error(415, 'unsupported_media_type'),
    tooLarge: error(413, 'body_too_large'),
    nothing: error(404, 'not_found'),
    wrongMethod: error(405, 'method_not_allowed'),
    otherRequest: error(422, 'idempotency_conflict'),
  },
}
