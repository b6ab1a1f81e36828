// WhichOtp's failures: `{error}`, and for invalid input a list of fields.
import { z } from 'zod'
import { tooEarly } from '../../http/cooldown.ts'
import type { Failure, FailureCode } from '../../http/failure.ts'
import type { FailureAnswer, FailureForm } from '../../http/openapi/reference.ts'

type WireError = { readonly status: number; readonly error: string }

const cannotBeCancelled = { status: 409, error: 'Order cannot be cancelled' }
const invalid = { status: 400, error: 'Validation failed' }

/** Every failure, as this dialect writes it. */
const wireErrors = {
  invalid_request: invalid,
  not_found: { status: 404, error: 'Not found' },
  unauthenticated: { status: 401, error: 'Invalid API key' },
  forbidden: { status: 403, error: 'Forbidden' },
  account_suspended: { status: 403, error: 'Account suspended' },
  rate_limited: { status: 429, error: 'Rate limit exceeded' },
  service_not_found: { status: 404, error: 'Service not found' },
  country_not_found: { status: 404, error: 'Service not found' },
  operator_not_found: { status: 404, error: 'Service not found' },
  offer_not_found: { status: 409, error: 'No numbers available' },
  domain_not_found: { status: 404, error: 'Service not found' },
  plan_not_found: { status: 404, error: 'Service not found' },
  service_closed: { status: 404, error: 'Service not found' },
  country_closed: { status: 409, error: 'No numbers available' },
  out_of_stock: { status: 409, error: 'No numbers available' },
  price_above_maximum: { status: 409, error: 'No numbers available' },
  insufficient_balance: { status: 402, error: 'Insufficient balance' },
  too_many_open_orders: { status: 429, error: 'Too many open orders' },
  daily_limit_reached: { status: 429, error: 'Daily order limit reached' },
  too_many_cancelled: { status: 429, error: 'Too many cancelled orders' },
  order_not_found: { status: 404, error: 'Order not found' },
  order_not_cancellable: cannotBeCancelled,
  cancel_cooldown: cannotBeCancelled,
  order_not_finishable: { status: 409, error: 'Order cannot be finished' },
  order_not_resendable: { status: 409, error: 'Order cannot be resent' },
  resend_pending: { status: 429, error: 'Resend pending' },
  order_not_replaceable: { status: 409, error: 'Order cannot be replaced' },
  order_not_renewable: { status: 409, error: 'Order cannot be renewed' },
  order_not_repeatable: { status: 409, error: 'No numbers available' },
  no_message_yet: { status: 409, error: 'No message yet' },
  deposit_not_found: { status: 404, error: 'Not found' },
  webhook_not_found: { status: 404, error: 'Not found' },
  too_many_webhooks: { status: 409, error: 'Too many webhooks' },
  host_lookup_failed: { status: 400, error: 'The host cannot be looked up right now' },
  too_many_keys: { status: 409, error: 'Too many API keys' },
  idempotency_conflict: { status: 422, error: 'Idempotency-Key was used with another request' },
  idempotency_running: { status: 409, error: 'A request with this Idempotency-Key is running' },
  unavailable: { status: 503, error: 'Service temporarily unavailable' },
  malformed_body: { status: 400, error: 'Malformed JSON body' },
  unsupported_media_type: { status: 415, error: 'Content-Type must be application/json' },
  body_too_large: { status: 413, error: 'Request body too large' },
  path_not_found: { status: 404, error: 'Not found' },
  method_not_allowed: { status: 405, error: 'Method not allowed' },
  malformed_request: { status: 400, error: 'Bad request' },
  expectation_failed: { status: 417, error: 'Expectation failed' },
  internal_error: { status: 500, error: 'Internal server error' },
} as const satisfies Record<FailureCode, WireError>

const errorBody = z
  .object({ error: z.string().meta({ examples: ['Insufficient balance'] }) })
  .meta({ id: 'WhichOtpError' })

const validationBody = z
  .object({
    success: z.literal(false),
    message: z.literal('Validation failed'),
    errors: z.array(
      z.object({
        field: z.string().meta({ examples: ['serviceId'] }),
        message: z.string().meta({ examples: ['Invalid serviceId. Must be a valid UUID.'] }),
      }),
    ),
  })
  .meta({ id: 'WhichOtpValidationError' })

function write(failure: Failure): FailureAnswer {
  const { status, error } = wireErrors[failure.code]
  return { status, contentType: 'application/json', body: bodyOf(failure, error) }
}

function bodyOf(failure: Failure, error: string) {
  if (failure.code === 'invalid_request') return validationOf(failure)
  return { error: failure.code === 'cancel_cooldown' ? tooEarly(error, failure) : error }
}

const validationOf = (failure: Failure): z.output<typeof validationBody> => ({
  success: false,
  message: 'Validation failed',
  errors: (failure.detail.fields ?? [{ pointer: '', detail: failure.message }]).map((field) => ({
    field: field.pointer.replace(/^\//, '').replaceAll('/', '.') || 'body',
    message: field.detail,
  })),
})

export const failures: FailureForm = {
  write,
  schemaOf: (code) => (code === 'invalid_request' ? validationBody : errorBody),
  labelOf: (code) => `\`${wireErrors[code].error}\``,
}
