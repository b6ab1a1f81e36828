// smsVerificationService's failures: `{error}` on some calls, `{success: false, error}` on the others.
import { z } from 'zod'
import { tooEarly } from '../../http/cooldown.ts'
import type { Failure, FailureCode } from '../../http/failure.ts'
import type { FailureForm } from '../../http/openapi/reference.ts'
import { differing } from '../../http/short-failures.ts'

const notAvailable = { status: 404, text: 'Service not available' }
const cannotBeCancelled = { status: 400, text: 'Order cannot be cancelled' }

const wireError = differing({
  unauthenticated: { text: 'Invalid or missing API key' },
  rate_limited: { text: 'Rate limit exceeded.' },
  country_not_found: notAvailable,
  operator_not_found: notAvailable,
  offer_not_found: notAvailable,
  country_closed: notAvailable,
  out_of_stock: notAvailable,
  price_above_maximum: notAvailable,
  order_not_cancellable: cannotBeCancelled,
  cancel_cooldown: cannotBeCancelled,
  supplier_rejected: cannotBeCancelled,
  order_not_finishable: { status: 400 },
  order_not_resendable: { status: 400 },
  order_not_replaceable: { status: 400 },
  order_not_renewable: { status: 400 },
  order_not_repeatable: notAvailable,
  no_message_yet: { status: 400 },
})

const text = z.string().meta({ examples: ['Insufficient balance'] })

const bareBody = z.object({ error: text }).meta({ id: 'SmsVerificationServiceError' })

const wrappedBody = z
  .object({ success: z.literal(false), error: text })
  .meta({ id: 'SmsVerificationServiceFailure' })

/** The message: that of the first invalid field, the actual rate limit, or the text of the table. */
function errorOf(failure: Failure): string {
  if (failure.code === 'rate_limited') return failure.message
  const { text: error } = wireError(failure.code)
  if (failure.code === 'cancel_cooldown') return tooEarly(error, failure)
  if (failure.code !== 'invalid_request') return error
  const [field] = failure.detail.fields ?? []
  if (!field) return failure.message
  const name = field.pointer.replace(/^\//, '')
  return field.detail.includes(name) ? field.detail : `${name} ${field.detail}`
}

const labelOf = (code: FailureCode) => `\`${wireError(code).text}\``

/** `{success: false, error}`: all calls except those of `bare`. The rate limit is always answered bare. */
export const wrapped: FailureForm = {
  write: (failure) => {
    const error = errorOf(failure)
    return {
      status: wireError(failure.code).status,
      contentType: 'application/json',
      body: failure.code === 'rate_limited' ? { error } : { success: false, error },
    }
  },
  schemaOf: (code) => (code === 'rate_limited' ? bareBody : wrappedBody),
  labelOf,
}

/** As `wrapped`, for global orders, whose document has one answer for everything that is not for sale. */
export const wrappedGlobal = saying(wrapped, 'Service not available')

/** `{error}`: the calls whose document shows it so. There, a wrong key has its own text. */
export const bare: FailureForm = {
  write: (failure) => ({
    status: wireError(failure.code).status,
    contentType: 'application/json',
    body: { error: failure.code === 'unauthenticated' ? 'Invalid API key' : errorOf(failure) },
  }),
  schemaOf: () => bareBody,
  labelOf: (code) => (code === 'unauthenticated' ? '`Invalid API key`' : labelOf(code)),
}

/** As `wrapped` and `bare`, for orders in the United States. The lists show what is in stock, so what cannot
 * be sold is `Service not found`. Only an area code without numbers is not available. */
export const wrappedHome = saying(wrapped, 'Service not found')
export const bareHome = saying(bare, 'Service not found')

type NotForSale = 'Service not found' | 'Service not available'

/** A form with one text for everything that is not for sale. */
function saying(form: FailureForm, text: NotForSale): FailureForm {
  const codeOf = (code: FailureCode): FailureCode => (isNotForSale(code) ? notForSale[text] : code)
  return {
    ...form,
    write: (failure, id, request) => {
      const hasArea = Boolean(Object(request?.body).area_code)
      const isOfArea = hasArea && failure.code === 'out_of_stock'
      return form.write(
        isOfArea ? failure : { ...failure, code: codeOf(failure.code) },
        id,
        request,
      )
    },
    labelOf: (code) => form.labelOf(codeOf(code)),
  }
}

const notForSale = {
  'Service not found': 'service_not_found',
  'Service not available': 'out_of_stock',
} as const satisfies Record<NotForSale, FailureCode>

const isNotForSale = (code: FailureCode) => Object.hasOwn(notForSale, wireError(code).text)
