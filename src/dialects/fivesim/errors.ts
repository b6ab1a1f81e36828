// 5sim's failures: short plain text. The status depends on the call.
import { z } from 'zod'
import type { Failure, FailureCode } from '../../http/failure.ts'
import type { FailureAnswer, FailureForm } from '../../http/openapi/reference.ts'

type WireError = { readonly status: number; readonly text: string }

/** 5sim sends this with 200: its clients look for these words before they parse JSON. */
const noFreePhones = { status: 200, text: 'no free phones' }
/** 5sim's rating limits how many orders may be open, and how many may be cancelled before more are bought. */
const notEnoughRating = { status: 400, text: 'not enough rating' }
const noProduct = { status: 400, text: 'no product' }
const expired = { status: 400, text: 'order expired' }
const noRecord = { status: 404, text: 'record not found' }

/** Every failure, as this dialect writes it. */
const wireErrors = {
  invalid_request: { status: 400, text: 'bad request' },
  not_found: noRecord,
  unauthenticated: { status: 401, text: '' },
  forbidden: { status: 403, text: 'forbidden' },
  account_suspended: { status: 403, text: 'account suspended' },
  rate_limited: { status: 429, text: 'api limit is 60 requests per minute' },
  service_not_found: noProduct,
  country_not_found: { status: 400, text: 'bad country' },
  operator_not_found: { status: 400, text: 'bad operator' },
  offer_not_found: noProduct,
  domain_not_found: noProduct,
  plan_not_found: noProduct,
  service_closed: noProduct,
  country_closed: { status: 400, text: 'bad country' },
  out_of_stock: noFreePhones,
  price_above_maximum: noFreePhones,
  insufficient_balance: { status: 400, text: 'not enough user balance' },
  too_many_open_orders: notEnoughRating,
  daily_limit_reached: notEnoughRating,
  too_many_cancelled: notEnoughRating,
  order_not_found: { status: 400, text: 'order not found' },
  order_not_cancellable: { status: 400, text: 'order has sms' },
  cancel_cooldown: { status: 400, text: 'you need to wait time' },
  order_not_finishable: { status: 400, text: 'order no sms' },
  order_not_resendable: expired,
  resend_pending: { status: 400, text: 'you need to wait time' },
  order_not_replaceable: expired,
  order_not_renewable: expired,
  order_not_repeatable: { status: 400, text: 'reuse not possible' },
  no_message_yet: { status: 400, text: 'order no sms' },
  deposit_not_found: noRecord,
  webhook_not_found: noRecord,
  too_many_webhooks: { status: 400, text: 'too many webhooks' },
  host_lookup_failed: { status: 400, text: 'the host cannot be looked up right now' },
  too_many_keys: { status: 400, text: 'too many API keys' },
  idempotency_conflict: { status: 422, text: 'Idempotency-Key was used with another request' },
  idempotency_running: { status: 409, text: 'a request with this Idempotency-Key is running' },
  unavailable: { status: 503, text: 'server offline' },
  malformed_body: { status: 400, text: 'malformed JSON body' },
  unsupported_media_type: { status: 415, text: 'Content-Type must be application/json' },
  body_too_large: { status: 413, text: 'body too large' },
  path_not_found: { status: 404, text: 'not found' },
  method_not_allowed: { status: 405, text: 'method not allowed' },
  malformed_request: { status: 400, text: 'bad request' },
  expectation_failed: { status: 417, text: 'expectation failed' },
  internal_error: { status: 500, text: 'internal error' },
} as const satisfies Record<FailureCode, WireError>

const errorText = z.string().meta({ id: 'FivesimError', examples: ['not enough user balance'] })

/** Where 5sim has several texts for one code, `detail.says` names the text. */
const saidIn = ({ code, detail }: Failure) =>
  code === 'rate_limited' && typeof detail.limit === 'number'
    ? `api limit is ${detail.limit} requests per minute`
    : typeof detail.says === 'string'
      ? detail.says
      : undefined

/** 5sim's own text for a missing or wrong parameter, if it has one: the message in the schema. */
const fieldText = ({ code, detail }: Failure) =>
  code === 'invalid_request' ? detail.fields?.[0]?.detail.match(/^[a-z_ ]{5,40}$/)?.[0] : undefined

function formWith(own: Partial<Record<FailureCode, WireError>>): FailureForm {
  const wireOf = (code: FailureCode): WireError => own[code] ?? wireErrors[code]
  return {
    write(failure): FailureAnswer {
      const { status, text } = wireOf(failure.code)
      const body = saidIn(failure) ?? fieldText(failure) ?? text
      return { status, contentType: 'text/plain', body }
    },
    schemaOf: () => errorText,
    labelOf: (code) => (wireOf(code).text === '' ? 'No body.' : `\`${wireOf(code).text}\``),
  }
}

export const failures = formWith({})

/** Calls that read an order answer an unknown one with 404. */
export const checkFailures = formWith({ order_not_found: { status: 404, text: 'order not found' } })

/** Prices have their own texts for unknown names. */
export const priceFailures = formWith({
  country_not_found: { status: 400, text: 'country is incorrect' },
  service_not_found: { status: 400, text: 'product is incorrect' },
})
