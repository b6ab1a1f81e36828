// ZapOTP's failures, always `{status: "error", message}`.
import { z } from 'zod'
import { tooEarly } from '../../http/cooldown.ts'
import type { Failure, FailureCode } from '../../http/failure.ts'
import type { FailureAnswer, FailureForm } from '../../http/openapi/reference.ts'
import { missing } from './wire.ts'

type WireError = { readonly status: number; readonly message: string }

const notCancelable = { status: 409, message: 'Order cannot be canceled' }
const noNumbers = { status: 409, message: 'No numbers available' }
const noService = { status: 404, message: 'Service not found' }
const notFound = { status: 404, message: 'Not found' }

/** Every failure, as this dialect writes it. */
const wireErrors = {
  invalid_request: { status: 422, message: 'A parameter has a bad value' },
  not_found: notFound,
  unauthenticated: { status: 401, message: 'Invalid API key' },
  forbidden: { status: 403, message: 'Forbidden' },
  account_suspended: { status: 403, message: 'Account suspended' },
  rate_limited: { status: 429, message: 'Rate limit exceeded' },
  service_not_found: noService,
  country_not_found: { status: 404, message: 'Country not found' },
  operator_not_found: noNumbers,
  offer_not_found: noNumbers,
  domain_not_found: noService,
  plan_not_found: noService,
  service_closed: noService,
  country_closed: noNumbers,
  out_of_stock: noNumbers,
  price_above_maximum: noNumbers,
  insufficient_balance: { status: 402, message: 'Insufficient balance' },
  too_many_open_orders: { status: 429, message: 'Too many open orders' },
  daily_limit_reached: { status: 429, message: 'Daily order limit reached' },
  too_many_cancelled: { status: 429, message: 'Too many canceled orders' },
  order_not_found: { status: 404, message: 'Order not found' },
  order_not_cancellable: notCancelable,
  cancel_cooldown: notCancelable,
  order_not_finishable: { status: 409, message: 'Order cannot be finished' },
  order_not_resendable: { status: 409, message: 'Order cannot be resent' },
  resend_pending: { status: 409, message: 'Another code was asked for already' },
  order_not_replaceable: { status: 409, message: 'Order cannot be replaced' },
  order_not_renewable: { status: 409, message: 'Order cannot be renewed' },
  order_not_repeatable: noNumbers,
  no_message_yet: { status: 409, message: 'No message yet' },
  deposit_not_found: notFound,
  webhook_not_found: notFound,
  too_many_webhooks: { status: 409, message: 'Too many webhooks' },
  host_lookup_failed: { status: 422, message: 'The host cannot be looked up right now' },
  too_many_keys: { status: 409, message: 'Too many API keys' },
  idempotency_conflict: { status: 422, message: 'Idempotency-Key was used with another request' },
  idempotency_running: { status: 409, message: 'A request with this Idempotency-Key is running' },
  unavailable: { status: 503, message: 'Service temporarily unavailable' },
  malformed_body: { status: 400, message: 'Malformed JSON body' },
  unsupported_media_type: { status: 415, message: 'Content-Type must be application/json' },
  body_too_large: { status: 413, message: 'Request body too large' },
  path_not_found: notFound,
  method_not_allowed: { status: 405, message: 'Method not allowed' },
  malformed_request: { status: 400, message: 'A parameter is missing' },
  expectation_failed: { status: 417, message: 'Expectation failed' },
  internal_error: { status: 500, message: 'Internal server error' },
} as const satisfies Record<FailureCode, WireError>

const errorBody = z
  .object({
    status: z.literal('error'),
    message: z.string().meta({ examples: ['Insufficient balance'] }),
  })
  .meta({ id: 'ZapOtpError' })

function write(failure: Failure): FailureAnswer {
  const { status, message } = wireErrorOf(failure)
  return { status, contentType: 'application/json', body: { status: 'error', message } }
}

function wireErrorOf(failure: Failure): WireError {
  if (failure.code === 'invalid_request') return invalid(failure)
  const wire = wireErrors[failure.code]
  return failure.code === 'cancel_cooldown'
    ? { ...wire, message: tooEarly(wire.message, failure) }
    : wire
}

/** 400 if something is missing, otherwise 422, with the problem of each field. */
function invalid({ message, detail: { fields = [] } }: Failure): WireError {
  const isMissing = fields.some(({ detail }) => detail === missing)
  const reasons = fields.map(({ pointer, detail }) => {
    const name = pointer.replace(/^\//, '').replaceAll('/', '.') || 'The body'
    return `${name} ${detail}`
  })
  return { status: isMissing ? 400 : 422, message: reasons.join('; ') || message }
}

export const failures: FailureForm = {
  write,
  schemaOf: () => errorBody,
  labelOf: (code) => `\`${wireErrors[code].message}\``,
}
