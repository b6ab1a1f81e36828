// Reference data of OTPZap's calls: tags, response examples and failures.
import type { FailureCode } from '../../http/failure.ts'
import type { Example, RouteReference } from '../../http/openapi/reference.ts'
import { ok } from './values.ts'

export const tags = [
  {
    name: 'OTPZap',
    description:
      'OTPZap’s API for existing clients: change the base URL to `/otpzap/api/v1` and the ' +
      'key. Servers 1 and 2 sell numbers, server 3 sells inboxes. Orders are the same as those of `/v1`.',
  },
]

/** The reference data of a call: the meaning of its response, with an example of `data`. */
export const telling = (
  description: string,
  data: object,
  more: { failures?: readonly FailureCode[]; requests?: readonly Example[] } = {},
): RouteReference => ({
  answers: { 200: { description, examples: [{ summary: description, value: ok(data) }] } },
  ...more,
})

export const example = {
  order: {
    order_id: 65,
    server: 1,
    status: 'otp_received',
    phone_number: '+447700900123',
    service_name: 'WhatsApp',
    country_name: 'United Kingdom',
    operator_name: 'EE',
    price: 0.95,
    currency: 'USD',
    otp_code: '593821',
    otps: [
      {
        otp_code: '593821',
        message: 'Your code is 593821',
        sender: 'WhatsApp',
        service_name: 'WhatsApp',
        received_at: '2026-05-19 10:30:00 WIB',
      },
    ],
    resend_count: 0,
    resend_locked_until: null,
    cancel_available_at: '2026-05-19 10:31:10 WIB',
    expires_at: '2026-05-19 10:49:10 WIB',
    created_at: '2026-05-19 10:29:10 WIB',
  },
} as const

/** The times of a new order. */
export const pendingFields = {
  expires_at: example.order.expires_at,
  created_at: example.order.created_at,
}

export const pendingOrder = { ...example.order, status: 'pending', otp_code: null, otps: [] }

/** Failures of every purchase. */
export const buyingFailures = [
  'insufficient_balance',
  'key_limit_reached',
  'service_not_found',
  'service_closed',
  'out_of_stock',
  'too_many_open_orders',
  'daily_limit_reached',
  'too_many_cancelled',
] as const satisfies readonly FailureCode[]
