// WhichOtp's failures: `{error}`, and for invalid input a list of fields.
import { z } from 'zod'
import { tooEarly } from '../../http/cooldown.ts'
import { type Failure, fieldName } from '../../http/failure.ts'
import type { FailureAnswer, FailureForm } from '../../http/openapi/reference.ts'
import { differing } from '../../http/short-failures.ts'

const wireError = differing({
  invalid_request: { text: 'Validation failed' },
  country_not_found: { text: 'Service not found' },
  operator_not_found: { status: 404, text: 'Service not found' },
})

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
  const { status, text } = wireError(failure.code)
  return { status, contentType: 'application/json', body: bodyOf(failure, text) }
}

function bodyOf(failure: Failure, error: string) {
  if (failure.code === 'invalid_request') return validationOf(failure)
  return { error: failure.code === 'cancel_cooldown' ? tooEarly(error, failure) : error }
}

const validationOf = (failure: Failure): z.output<typeof validationBody> => ({
  success: false,
  message: 'Validation failed',
  errors: (failure.detail.fields ?? [{ pointer: '', detail: failure.message }]).map((field) => ({
    field: fieldName(field) || 'body',
    message: field.detail,
  })),
})

export const failures: FailureForm = {
  write,
  schemaOf: (code) => (code === 'invalid_request' ? validationBody : errorBody),
  labelOf: (code) => `\`${wireError(code).text}\``,
}
