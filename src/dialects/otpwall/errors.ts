// OTPWALL's failures, always `{error}`.
import { z } from 'zod'
import { tooEarly } from '../../http/cooldown.ts'
import type { Failure, FailureCode } from '../../http/failure.ts'
import type { FailureAnswer, FailureForm } from '../../http/openapi/reference.ts'

type WireError = { readonly status: number; readonly error: string }

const invalid = { status: 400, error: 'Invalid request' }
const noNumbers = { status: 409, error: 'No numbers available' }
const noService = { status: 404, error: 'Service not found' }
const notFound = { status: 404, error: 'Not found' }
const notCancellable = { status: 409, error: 'Activation cannot be cancelled' }

/** Every failure, as this dialect writes it. */
const wireErrors = {
  invalid_request: invalid,
  not_found: notFound,
  unauthenticated: { status: 401, error: 'Invalid API key' },
  forbidden: { status: 403, error: 'Forbidden' },
  account_suspended: { status: 403, error: 'Account suspended' },
  rate_limited: { status: 429, error: 'Rate limit exceeded' },
  service_not_found: noService,
  country_not_found: { status: 404, error: 'Country not found' },
  operator_not_found: noNumbers,
  offer_not_found: noNumbers,
  domain_not_found: noService,
  plan_not_found: noService,
  service_closed: noService,
  country_closed: noNumbers,
  out_of_stock: noNumbers,
  price_above_maximum: noNumbers,
  insufficient_balance: { status: 402, error: 'Insufficient balance' },
  too_many_open_orders: { status: 429, error: 'Too many open activations' },
  daily_limit_reached: { status: 429, error: 'Daily activation limit reached' },
  too_many_cancelled: { status: 429, error: 'Too many cancelled activations' },
  order_not_found: { status: 404, error: 'Activation not found' },
  order_not_cancellable: notCancellable,
  cancel_cooldown: notCancellable,
  order_not_finishable: { status: 409, error: 'Activation cannot be completed' },
  order_not_resendable: { status: 409, error: 'Activation cannot be resent' },
  resend_pending: { status: 409, error: 'Another message was asked for already' },
  order_not_replaceable: { status: 409, error: 'Activation cannot be replaced' },
  order_not_renewable: { status: 409, error: 'Activation cannot be renewed' },
  order_not_repeatable: noNumbers,
  no_message_yet: { status: 409, error: 'No message yet' },
  deposit_not_found: notFound,
  webhook_not_found: notFound,
  too_many_webhooks: { status: 409, error: 'Too many webhooks' },
  host_lookup_failed: { status: 400, error: 'The host cannot be looked up right now' },
  too_many_keys: { status: 409, error: 'Too many API keys' },
  idempotency_conflict: { status: 422, error: 'Idempotency-Key was used with another request' },
  idempotency_running: { status: 409, error: 'A request with this Idempotency-Key is running' },
  unavailable: { status: 503, error: 'Service temporarily unavailable' },
  malformed_body: { status: 400, error: 'Malformed JSON body' },
  unsupported_media_type: { status: 415, error: 'Content-Type must be application/json' },
  body_too_large: { status: 413, error: 'Request body too large' },
  path_not_found: notFound,
  method_not_allowed: { status: 405, error: 'Method not allowed' },
  malformed_request: { status: 400, error: 'Bad request' },
  expectation_failed: { status: 417, error: 'Expectation failed' },
  internal_error: { status: 500, error: 'Internal server error' },
} as const satisfies Record<FailureCode, WireError>

const errorBody = z
  .object({ error: z.string().meta({ examples: ['Insufficient balance'] }) })
  .meta({ id: 'OtpwallError' })

function write(failure: Failure): FailureAnswer {
  const { status, error } = wireErrors[failure.code]
  return { status, contentType: 'application/json', body: { error: textOf(failure, error) } }
}

function textOf(failure: Failure, error: string): string {
  if (failure.code === 'invalid_request') return reasonOf(failure)
  return failure.code === 'cancel_cooldown' ? tooEarly(error, failure) : error
}

/** The invalid fields in one line: the schemas of this dialect name the field in their own messages. */
const reasonOf = ({ message, detail }: Failure): string =>
  (detail.fields ?? []).map((field) => field.detail).join('; ') || message

export const failures: FailureForm = {
  write,
  schemaOf: () => errorBody,
  labelOf: (code) => `\`${wireErrors[code].error}\``,
}
