// 5sim's failures: short plain text. The status depends on the call.
import { z } from 'zod'
import type { Failure } from '../../http/failure.ts'
import type { FailureAnswer, FailureForm } from '../../http/openapi/reference.ts'
import { type Differences, differing } from '../../http/short-failures.ts'

/** 5sim sends this with 200: its clients look for these words before they parse JSON. */
const noFreePhones = { status: 200, text: 'no free phones' }
/** 5sim's rating limits how many orders may be open, and how many may be cancelled before more are bought. */
const notEnoughRating = { status: 400, text: 'not enough rating' }
const noProduct = { status: 400, text: 'no product' }
const expired = { status: 400, text: 'order expired' }
const noRecord = { status: 404, text: 'record not found' }
const waitFirst = { status: 400, text: 'you need to wait time' }
const noSms = { status: 400, text: 'order no sms' }

const differences: Differences = {
  service_not_found: noProduct,
  offer_not_found: noProduct,
  domain_not_found: noProduct,
  plan_not_found: noProduct,
  service_closed: noProduct,
  invalid_request: { text: 'bad request' },
  not_found: noRecord,
  unauthenticated: { text: '' },
  rate_limited: { text: 'api limit is 60 requests per minute' },
  country_not_found: { status: 400, text: 'bad country' },
  operator_not_found: { status: 400, text: 'bad operator' },
  country_closed: { status: 400, text: 'bad country' },
  out_of_stock: noFreePhones,
  price_above_maximum: noFreePhones,
  insufficient_balance: { status: 400, text: 'not enough user balance' },
  key_limit_reached: { status: 400, text: 'not enough user balance' },
  too_many_open_orders: notEnoughRating,
  daily_limit_reached: notEnoughRating,
  too_many_cancelled: notEnoughRating,
  order_not_found: { status: 400 },
  order_not_cancellable: { status: 400, text: 'order has sms' },
  cancel_cooldown: waitFirst,
  supplier_rejected: { status: 503, text: 'server offline' },
  supply_pending: { text: 'server offline' },
  order_not_finishable: noSms,
  order_not_resendable: expired,
  resend_pending: waitFirst,
  order_not_replaceable: expired,
  order_not_renewable: expired,
  order_not_repeatable: { status: 400, text: 'reuse not possible' },
  no_message_yet: noSms,
  deposit_not_found: noRecord,
  webhook_not_found: noRecord,
  too_many_webhooks: { status: 400 },
  too_many_keys: { status: 400 },
  unavailable: { text: 'server offline' },
  body_too_large: { text: 'body too large' },
  internal_error: { text: 'internal error' },
}

/** 5sim writes in small letters; names of headers stay as they are. */
const inSmallLetters = (text: string) =>
  text.replace(/^[A-Z](?![\w]*-)/, (first) => first.toLowerCase())

const errorText = z.string().meta({ id: 'FivesimError', examples: ['not enough user balance'] })

/** Where 5sim has several texts for one code, `detail.says` names the text. */
const saidIn = ({ code, detail }: Failure) =>
  code === 'rate_limited' && typeof detail.limit === 'number'
    ? `api limit is ${detail.limit} requests per minute`
    : typeof detail.says === 'string'
      ? detail.says
      : undefined

/** 5sim's own text for a missing or wrong parameter, if it has one: the message in the schema. */
const fieldText = ({ code, detail }: Failure) =>
  code === 'invalid_request' ? detail.fields?.[0]?.detail.match(/^[a-z_ ]{5,40}$/)?.[0] : undefined

function formWith(own: Differences): FailureForm {
  const wireOf = differing({ ...differences, ...own })
  return {
    write(failure): FailureAnswer {
      const { status, text } = wireOf(failure.code)
      const body = saidIn(failure) ?? fieldText(failure) ?? inSmallLetters(text)
      return { status, contentType: 'text/plain', body }
    },
    schemaOf: () => errorText,
    labelOf: (code) => {
      const { text } = wireOf(code)
      return text === '' ? 'No body.' : `\`${inSmallLetters(text)}\``
    },
  }
}

export const failures = formWith({})

/** Calls that read an order answer an unknown one with 404. */
export const checkFailures = formWith({ order_not_found: { status: 404, text: 'order not found' } })

/** Prices have their own texts for unknown names. */
export const priceFailures = formWith({
  country_not_found: { status: 400, text: 'country is incorrect' },
  service_not_found: { status: 400, text: 'product is incorrect' },
})
