// OTPZap's failures: `{success: false, message, error: {code, message}}`, with `fields` for bad input.
import { z } from 'zod'
import type { ErrorCode, FieldError } from '../../core/error.ts'
import { DomainError } from '../../core/error.ts'
import { tooEarly } from '../../http/cooldown.ts'
import { type Failure, type FailureCode, fieldName } from '../../http/failure.ts'
import type { FailureAnswer, FailureForm } from '../../http/openapi/reference.ts'
import { shortFailures } from '../../http/short-failures.ts'

type WireError = { readonly status: number; readonly code: string }

const notPending = { status: 409, code: 'order_not_pending' }

/** The codes are those of the core, with other names and statuses where OTPZap's document has them. */
const differences: Partial<Record<FailureCode, Partial<WireError>>> = {
  invalid_request: { status: 422, code: 'validation_failed' },
  operator_not_found: { status: 404 },
  offer_not_found: { status: 404, code: 'product_not_found' },
  plan_not_found: { code: 'product_not_found' },
  service_closed: { code: 'service_not_found' },
  country_closed: { status: 404, code: 'country_not_found' },
  price_above_maximum: { code: 'out_of_stock' },
  order_not_cancellable: notPending,
  cancel_cooldown: { status: 429 },
  supplier_rejected: { status: 502 },
  supply_pending: { code: 'unavailable' },
  order_not_finishable: { code: 'no_otp_yet' },
  order_not_resendable: { code: 'no_otp_yet' },
  resend_pending: { code: 'resend_locked' },
  order_not_replaceable: notPending,
  webhook_not_found: { code: 'webhook_not_configured' },
  host_lookup_failed: { status: 422 },
  path_not_found: { code: 'not_found' },
}

const wireError = (code: FailureCode): WireError => ({
  status: shortFailures[code].status,
  code,
  ...differences[code],
})

/** Codes that OTPZap's document distinguishes and the core does not. Their status is the core's. */
const finerCodes = {
  service_name_mismatch: 'invalid_request',
  replace_unsupported: 'invalid_request',
  resend_unsupported: 'invalid_request',
  order_closed: 'order_not_finishable',
} as const satisfies Record<string, ErrorCode>

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
  const { status, code } = wireError(failure.code)
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
  const named = fields.map((field) => [fieldName(field) || 'body', field.detail])
  return Object.fromEntries(named.reverse())
}

export const failures: FailureForm = {
  write,
  says: {
    invalid_request: 'product_id: must be a whole number.',
    service_not_found: 'There is no service 9999.',
    country_not_found: 'There is no country 9999.',
    operator_not_found: 'The country does not have this operator.',
    offer_not_found: 'The product was not found.',
  },
  schemaOf: () => errorBody,
  labelOf: (code) => `\`${wireError(code).code}\``,
}
