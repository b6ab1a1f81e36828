// ZapOTP's failures, always `{status: "error", message}`.
import { z } from 'zod'
import { tooEarly } from '../../http/cooldown.ts'
import { type Failure, fieldName } from '../../http/failure.ts'
import type { FailureAnswer, FailureForm } from '../../http/openapi/reference.ts'
import { differing, type ShortFailure } from '../../http/short-failures.ts'
import { missing } from './wire.ts'

const notCancelable = { text: 'Order cannot be canceled' }

const wireError = differing({
  invalid_request: { status: 422, text: 'A parameter has a bad value' },
  too_many_cancelled: { text: 'Too many canceled orders' },
  order_not_cancellable: notCancelable,
  cancel_cooldown: notCancelable,
  supplier_rejected: notCancelable,
  resend_pending: { status: 409, text: 'Another code was asked for already' },
  host_lookup_failed: { status: 422 },
  malformed_request: { text: 'A parameter is missing' },
})

const errorBody = z
  .object({
    status: z.literal('error'),
    message: z.string().meta({ examples: ['Insufficient balance'] }),
  })
  .meta({ id: 'ZapOtpError' })

function write(failure: Failure): FailureAnswer {
  const { status, text } = wireErrorOf(failure)
  return { status, contentType: 'application/json', body: { status: 'error', message: text } }
}

function wireErrorOf(failure: Failure): ShortFailure {
  if (failure.code === 'invalid_request') return invalid(failure)
  const wire = wireError(failure.code)
  return failure.code === 'cancel_cooldown' ? { ...wire, text: tooEarly(wire.text, failure) } : wire
}

/** 400 if something is missing, otherwise 422, with the problem of each field. */
function invalid({ message, detail: { fields = [] } }: Failure): ShortFailure {
  const isMissing = fields.some(({ detail }) => detail === missing)
  const reasons = fields.map((field) => `${fieldName(field) || 'The body'} ${field.detail}`)
  return { status: isMissing ? 400 : 422, text: reasons.join('; ') || message }
}

export const failures: FailureForm = {
  write,
  schemaOf: () => errorBody,
  labelOf: (code) => `\`${wireError(code).text}\``,
}
