// OTPZap's failures: `{success: false, message, error: {code, message}}`, with `fields` for bad input.
import { z } from 'zod'
import type { FieldError } from '../../core/error.ts'
import { DomainError } from '../../core/error.ts'
import { tooEarly } from '../../http/cooldown.ts'
import type { Failure, FailureCode } from '../../http/failure.ts'
import type { FailureAnswer, FailureForm } from '../../http/openapi/reference.ts'

type WireError = { readonly status: number; readonly code: string }

const notPending = { status: 409, code: 'order_not_pending' }

/** Every failure, as this dialect writes it. */
const wireErrors = {
  invalid_request: { status: 422, code: 'validation_failed' },
  not_found: { status: 404, code: 'not_found' },
  unauthenticated: { status: 401, code: 'unauthenticated' },
  forbidden: { status: 403, code: 'forbidden' },
  account_suspended: { status: 403, code: 'account_suspended' },
  rate_limited: { status: 429, code: 'rate_limited' },
  service_not_found: { status: 404, code: 'service_not_found' },
  country_not_found: { status: 404, code: 'country_not_found' },
  operator_not_found: { status: 404, code: 'operator_not_found' },
  offer_not_found: { status: 404, code: 'product_not_found' },
  domain_not_found: { status: 404, code: 'domain_not_found' },
  plan_not_found: { status: 404, code: 'product_not_found' },
  service_closed: { status: 404, code: 'service_not_found' },
  country_closed: { status: 404, code: 'country_not_found' },
  out_of_stock: { status: 409, code: 'out_of_stock' },
  price_above_maximum: { status: 409, code: 'out_of_stock' },
  insufficient_balance: { status: 402, code: 'insufficient_balance' },
  too_many_open_orders: { status: 429, code: 'too_many_open_orders' },
  daily_limit_reached: { status: 429, code: 'daily_limit_reached' },
  too_many_cancelled: { status: 429, code: 'too_many_cancelled' },
  order_not_found: { status: 404, code: 'order_not_found' },
  order_not_cancellable: notPending,
  cancel_cooldown: { status: 429, code: 'cancel_cooldown' },
  order_not_finishable: { status: 409, code: 'no_otp_yet' },
  order_not_resendable: { status: 409, code: 'no_otp_yet' },
  resend_pending: { status: 429, code: 'resend_locked' },
  order_not_replaceable: notPending,
  order_not_renewable: { status: 409, code: 'order_not_renewable' },
  order_not_repeatable: { status: 409, code: 'order_not_repeatable' },
  no_message_yet: { status: 409, code: 'no_message_yet' },
  deposit_not_found: { status: 404, code: 'deposit_not_found' },
  webhook_not_found: { status: 404, code: 'webhook_not_configured' },
  too_many_webhooks: { status: 409, code: 'too_many_webhooks' },
  host_lookup_failed: { status: 422, code: 'host_lookup_failed' },
  too_many_keys: { status: 409, code: 'too_many_keys' },
  idempotency_conflict: { status: 422, code: 'idempotency_conflict' },
  idempotency_running: { status: 409, code: 'idempotency_running' },
  unavailable: { status: 503, code: 'unavailable' },
  malformed_body: { status: 400, code: 'malformed_body' },
  unsupported_media_type: { status: 415, code: 'unsupported_media_type' },
  body_too_large: { status: 413, code: 'body_too_large' },
  path_not_found: { status: 404, code: 'not_found' },
  method_not_allowed: { status: 405, code: 'method_not_allowed' },
  malformed_request: { status: 400, code: 'malformed_request' },
  expectation_failed: { status: 417, code: 'expectation_failed' },
  internal_error: { status: 500, code: 'internal_error' },
} as const satisfies Record<FailureCode, WireError>

/** Codes that OTPZap's document distinguishes and the core does not. Their status is that of `wireErrors`. */
const finerCodes = {
  service_name_mismatch: 'invalid_request',
  replace_unsupported: 'invalid_request',
  resend_unsupported: 'invalid_request',
  order_closed: 'order_not_finishable',
} as const satisfies Record<string, keyof typeof wireErrors>

type FinerCode = keyof typeof finerCodes

/** A failure with a code that only this dialect has. */
export const finer = (code: FinerCode, message: string): DomainError =>
  new DomainError(finerCodes[code], message, { finer: code })

const errorBody = z
  .object({
    success: z.literal(false),
    message: z.string().meta({ examples: ['The balance does not cover the price.'] }),
    error: z.object({
      code: z.string().meta({ examples: ['insufficient_balance'] }),
      message: z.string(),
      fields: z
        .record(z.string(), z.string())
        .optional()
        .meta({
          description: 'For `validation_failed`: the problem of each field.',
          examples: [{ product_id: 'must be a whole number' }],
        }),
    }),
  })
  .meta({ id: 'OtpzapError' })

function write(failure: Failure): FailureAnswer {
  const { status, code } = wireErrors[failure.code]
  const { fields, finer: own } = failure.detail
  const message =
    failure.code === 'cancel_cooldown'
      ? tooEarly('The order cannot be cancelled', failure)
      : failure.message
  const isValidation = failure.code === 'invalid_request' && own === undefined
  return {
    status,
    contentType: 'application/json',
    body: {
      success: false,
      message,
      error: {
        code: typeof own === 'string' ? own : code,
        message,
        ...(isValidation ? { fields: fieldsOf(fields ?? []) } : {}),
      },
    },
  }
}

/** The first problem of each field, by name. */
function fieldsOf(fields: readonly FieldError[]): Record<string, string> {
  const named = fields.map(({ pointer, detail }) => [
    pointer.replace(/^\//, '').replaceAll('/', '.') || 'body',
    detail,
  ])
  return Object.fromEntries(named.reverse())
}

export const failures: FailureForm = {
  write,
  schemaOf: () => errorBody,
  labelOf: (code) => `\`${wireErrors[code].code}\``,
}
