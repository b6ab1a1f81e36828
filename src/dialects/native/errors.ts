// The native API's failures: RFC 9457 problem details with a stable `code`.
import { z } from 'zod'
import type { Failure, FailureCode } from '../../http/failure.ts'
import type { FailureAnswer, FailureForm } from '../../http/openapi/reference.ts'

type Problem = { readonly status: number; readonly title: string }

/** Every failure there is: its status and what it is called. */
const problems = {
  invalid_request: { status: 422, title: 'The request is not valid' },
  not_found: { status: 404, title: 'Not found' },
  unauthenticated: { status: 401, title: 'The API key is missing or not valid' },
  forbidden: { status: 403, title: 'The API key may not do this' },
  account_suspended: { status: 403, title: 'The account is suspended' },
  rate_limited: { status: 429, title: 'Too many requests' },
  service_not_found: { status: 404, title: 'No such service' },
  country_not_found: { status: 404, title: 'No such country' },
  operator_not_found: { status: 404, title: 'No such operator' },
  offer_not_found: { status: 404, title: 'No such offer' },
  domain_not_found: { status: 404, title: 'No such mail domain' },
  plan_not_found: { status: 404, title: 'No such plan' },
  service_closed: { status: 403, title: 'The service is closed on this platform' },
  country_closed: { status: 403, title: 'The country is closed on this platform' },
  out_of_stock: { status: 409, title: 'Out of stock' },
  price_above_maximum: { status: 409, title: 'Nothing at or below the highest price' },
  insufficient_balance: { status: 402, title: 'The balance is too low' },
  too_many_open_orders: { status: 409, title: 'Too many open orders' },
  daily_limit_reached: { status: 429, title: 'The daily limit is reached' },
  too_many_cancelled: { status: 429, title: 'Too many orders were cancelled' },
  order_not_found: { status: 404, title: 'No such order' },
  order_not_cancellable: { status: 409, title: 'The order cannot be cancelled' },
  cancel_cooldown: { status: 409, title: 'The order cannot be cancelled yet' },
  order_not_finishable: { status: 409, title: 'The order cannot be finished' },
  order_not_resendable: { status: 409, title: 'No other code can be asked for' },
  resend_pending: { status: 409, title: 'Another code is on its way' },
  order_not_replaceable: { status: 409, title: 'The number cannot be replaced' },
  order_not_renewable: { status: 409, title: 'The rental cannot be renewed' },
  order_not_repeatable: { status: 409, title: 'The number cannot be let again' },
  no_message_yet: { status: 409, title: 'No message has come yet' },
  deposit_not_found: { status: 404, title: 'No such deposit' },
  webhook_not_found: { status: 404, title: 'No such webhook endpoint' },
  idempotency_conflict: { status: 422, title: 'The Idempotency-Key belongs to another request' },
  idempotency_running: { status: 409, title: 'The first request is still running' },
  unavailable: { status: 503, title: 'Temporarily unavailable' },
  malformed_body: { status: 400, title: 'The body is no valid JSON' },
  unsupported_media_type: { status: 415, title: 'The body must be JSON' },
  body_too_large: { status: 413, title: 'The body is too large' },
  path_not_found: { status: 404, title: 'Nothing at this path' },
  method_not_allowed: { status: 405, title: 'The path does not take this method' },
  malformed_request: { status: 400, title: 'The request is malformed' },
  expectation_failed: { status: 417, title: 'The expectation cannot be met' },
  internal_error: { status: 500, title: 'Something went wrong on our side' },
} as const satisfies Record<FailureCode, Problem>

const problem = z
  .object({
    type: z.string().meta({ examples: ['urn:numlet:problem:out_of_stock'] }),
    title: z.string().meta({ description: 'What the code means; the same for every request.' }),
    status: z.number().int().meta({ description: 'The same as the answer’s status.' }),
    detail: z.string().meta({ description: 'What was wrong with this request.' }),
    code: z
      .enum(Object.keys(problems) as [FailureCode])
      .meta({ description: 'Stable: programs decide by this.' }),
    request_id: z.string().meta({ description: 'The same as the header X-Request-Id.' }),
    errors: z
      .array(
        z.object({
          pointer: z.string().meta({
            description: 'A JSON Pointer into the body, or the name of a parameter or header.',
          }),
          detail: z.string(),
        }),
      )
      .optional()
      .meta({ description: 'With `invalid_request`: every field that is wrong.' }),
    retry_after: z
      .number()
      .int()
      .optional()
      .meta({ description: 'Seconds; the same as Retry-After.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' })

/** Writes a failure as a problem. */
function write(failure: Failure, requestId: string): FailureAnswer {
  const { status, title } = problems[failure.code]
  const { fields, retryAfterS } = failure.detail
  return {
    status,
    contentType: 'application/problem+json',
    body: {
      type: `urn:numlet:problem:${failure.code}`,
      title,
      status,
      detail: failure.message,
      code: failure.code,
      request_id: requestId,
      ...(fields ? { errors: fields } : {}),
      ...(retryAfterS === undefined ? {} : { retry_after: retryAfterS }),
    },
  }
}

export const failures: FailureForm = {
  write,
  schemaOf: () => problem,
  labelOf: (code) => `\`${code}\`: ${problems[code].title}.`,
}
