// smsVerificationService's failures: `{error}` on some calls, `{success: false, error}` on the others.
import { z } from 'zod'
import { tooEarly } from '../../http/cooldown.ts'
import type { Failure, FailureCode } from '../../http/failure.ts'
import type { FailureForm } from '../../http/openapi/reference.ts'

type WireError = { readonly status: number; readonly error: string }

const serviceNotFound = { status: 404, error: 'Service not found' }
const notAvailable = { status: 404, error: 'Service not available' }
const cannotBeCancelled = { status: 400, error: 'Order cannot be cancelled' }
const nothingThere = { status: 404, error: 'Not found' }

/** Every failure, as this dialect writes it. */
const wireErrors = {
  invalid_request: { status: 400, error: 'Invalid request' },
  not_found: nothingThere,
  unauthenticated: { status: 401, error: 'Invalid or missing API key' },
  forbidden: { status: 403, error: 'Forbidden' },
  account_suspended: { status: 403, error: 'Account suspended' },
  rate_limited: { status: 429, error: 'Rate limit exceeded.' },
  service_not_found: serviceNotFound,
  country_not_found: notAvailable,
  operator_not_found: notAvailable,
  offer_not_found: notAvailable,
  domain_not_found: serviceNotFound,
  plan_not_found: serviceNotFound,
  service_closed: serviceNotFound,
  country_closed: notAvailable,
  out_of_stock: notAvailable,
  price_above_maximum: notAvailable,
  insufficient_balance: { status: 402, error: 'Insufficient balance' },
  too_many_open_orders: { status: 429, error: 'Too many open orders' },
  daily_limit_reached: { status: 429, error: 'Daily order limit reached' },
  too_many_cancelled: { status: 429, error: 'Too many cancelled orders' },
  order_not_found: { status: 404, error: 'Order not found' },
  order_not_cancellable: cannotBeCancelled,
  cancel_cooldown: cannotBeCancelled,
  order_not_finishable: { status: 400, error: 'Order cannot be finished' },
  order_not_resendable: { status: 400, error: 'Order cannot be resent' },
  resend_pending: { status: 429, error: 'Resend pending' },
  order_not_replaceable: { status: 400, error: 'Order cannot be replaced' },
  order_not_renewable: { status: 400, error: 'Order cannot be renewed' },
  order_not_repeatable: notAvailable,
  no_message_yet: { status: 400, error: 'No message yet' },
  deposit_not_found: nothingThere,
  webhook_not_found: nothingThere,
  too_many_webhooks: { status: 409, error: 'Too many webhooks' },
  host_lookup_failed: { status: 400, error: 'The host cannot be looked up right now' },
  too_many_keys: { status: 409, error: 'Too many API keys' },
  idempotency_conflict: { status: 422, error: 'Idempotency-Key was used with another request' },
  idempotency_running: { status: 409, error: 'A request with this Idempotency-Key is running' },
  unavailable: { status: 503, error: 'Service temporarily unavailable' },
  malformed_body: { status: 400, error: 'Malformed JSON body' },
  unsupported_media_type: { status: 415, error: 'Content-Type must be application/json' },
  body_too_large: { status: 413, error: 'Request body too large' },
  path_not_found: nothingThere,
  method_not_allowed: { status: 405, error: 'Method not allowed' },
  malformed_request: { status: 400, error: 'Bad request' },
  expectation_failed: { status: 417, error: 'Expectation failed' },
  internal_error: { status: 500, error: 'Internal server error' },
} as const satisfies Record<FailureCode, WireError>

const text = z.string().meta({ examples: ['Insufficient balance'] })

const bareBody = z.object({ error: text }).meta({ id: 'SmsVerificationServiceError' })

const wrappedBody = z
  .object({ success: z.literal(false), error: text })
  .meta({ id: 'SmsVerificationServiceFailure' })

/** The message: that of the first invalid field, the actual rate limit, or the text of the table. */
function errorOf(failure: Failure): string {
  if (failure.code === 'rate_limited') return failure.message
  const { error } = wireErrors[failure.code]
  if (failure.code === 'cancel_cooldown') return tooEarly(error, failure)
  if (failure.code !== 'invalid_request') return error
  const [field] = failure.detail.fields ?? []
  if (!field) return failure.message
  const name = field.pointer.replace(/^\//, '')
  return field.detail.includes(name) ? field.detail : `${name} ${field.detail}`
}

const labelOf = (code: FailureCode) => `\`${wireErrors[code].error}\``

/** `{success: false, error}`: all calls except those of `bare`. The rate limit is always answered bare. */
export const wrapped: FailureForm = {
  write: (failure) => {
    const error = errorOf(failure)
    return {
      status: wireErrors[failure.code].status,
      contentType: 'application/json',
      body: failure.code === 'rate_limited' ? { error } : { success: false, error },
    }
  },
  schemaOf: (code) => (code === 'rate_limited' ? bareBody : wrappedBody),
  labelOf,
}

/** As `wrapped`, for global orders, whose document has one answer for everything that is not for sale. */
export const wrappedGlobal: FailureForm = {
  ...wrapped,
  write: (failure, ...rest) => wrapped.write(asNotAvailable(failure), ...rest),
  labelOf: (code) => labelOf(asNotAvailable({ code }).code),
}

const asNotAvailable = <T extends { readonly code: FailureCode }>(failure: T): T =>
  wireErrors[failure.code] === serviceNotFound ? { ...failure, code: 'out_of_stock' } : failure

/** `{error}`: the calls whose document shows it so. There, a wrong key has its own text. */
export const bare: FailureForm = {
  write: (failure) => ({
    status: wireErrors[failure.code].status,
    contentType: 'application/json',
    body: { error: failure.code === 'unauthenticated' ? 'Invalid API key' : errorOf(failure) },
  }),
  schemaOf: () => bareBody,
  labelOf: (code) => (code === 'unauthenticated' ? '`Invalid API key`' : labelOf(code)),
}
