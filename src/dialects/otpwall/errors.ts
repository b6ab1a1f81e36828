// OTPWALL's failures, always `{error}`.
import { z } from 'zod'
import { tooEarly } from '../../http/cooldown.ts'
import type { Failure } from '../../http/failure.ts'
import type { FailureAnswer, FailureForm } from '../../http/openapi/reference.ts'
import { differing } from '../../http/short-failures.ts'

const notCancellable = { text: 'Activation cannot be cancelled' }

const wireError = differing({
  too_many_open_orders: { text: 'Too many open activations' },
  daily_limit_reached: { text: 'Daily activation limit reached' },
  too_many_cancelled: { text: 'Too many cancelled activations' },
  order_not_found: { text: 'Activation not found' },
  order_not_cancellable: notCancellable,
  cancel_cooldown: notCancellable,
  supplier_rejected: notCancellable,
  order_not_finishable: { text: 'Activation cannot be completed' },
  order_not_resendable: { text: 'Activation cannot be resent' },
  resend_pending: { status: 409, text: 'Another message was asked for already' },
  order_not_replaceable: { text: 'Activation cannot be replaced' },
  order_not_renewable: { text: 'Activation cannot be renewed' },
})

const errorBody = z
  .object({ error: z.string().meta({ examples: ['Insufficient balance'] }) })
  .meta({ id: 'OtpwallError' })

function write(failure: Failure): FailureAnswer {
  const { status, text } = wireError(failure.code)
  return { status, contentType: 'application/json', body: { error: textOf(failure, text) } }
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
  labelOf: (code) => `\`${wireError(code).text}\``,
}
