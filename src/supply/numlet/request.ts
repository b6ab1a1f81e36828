// Requests of Numlet's own API, and the codes of its problems.
import { jsonIn, no, retryAfterOf } from '../answers.ts'
import { objectOf, textOf } from '../bodies.ts'
import type { Settings } from '../supplier.ts'
import type { HttpAnswer, HttpRequest, No, NoClass } from '../upstream.ts'
import { apiKeyOf, urlOf } from '../upstream-settings.ts'

export type Parts = {
  /** Below `/v1`. */
  readonly path: readonly string[]
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** Of a POST. */
  readonly body?: object
}

export function requestFor(
  settings: Settings,
  method: 'GET' | 'POST',
  { path, query = {}, headers = {}, body }: Parts,
): HttpRequest {
  const parameters = new URLSearchParams(query).toString()
  const below = path.map(encodeURIComponent).join('/')
  return {
    method,
    url: `${urlOf(settings)}/v1/${below}${parameters === '' ? '' : `?${parameters}`}`,
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${apiKeyOf(settings)}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
}

const classes: Readonly<Record<string, NoClass>> = {
  out_of_stock: 'empty',
  order_not_repeatable: 'empty',
  order_not_renewable: 'empty',
  order_not_found: 'empty',
  price_above_maximum: 'price',
  invalid_request: 'name',
  service_not_found: 'name',
  country_not_found: 'name',
  operator_not_found: 'name',
  offer_not_found: 'name',
  service_closed: 'name',
  country_closed: 'name',
  insufficient_balance: 'dry',
  key_limit_reached: 'dry',
  unauthenticated: 'key',
  forbidden: 'key',
  account_suspended: 'key',
  rate_limited: 'busy',
  daily_limit_reached: 'busy',
  too_many_cancelled: 'busy',
  too_many_open_orders: 'busy',
}

/** The code of a problem (RFC 9457); empty if the answer is none. */
export const problemIn = ({ body }: HttpAnswer): string => textOf(objectOf(jsonIn(body)).code) ?? ''

/** A certain no; null: the answer is none. */
export function refusalIn(answer: HttpAnswer): No | null {
  const code = problemIn(answer)
  // @NOTE a wrong status is a proxy's own answer, whatever its body says
  if (answer.status < 400 || answer.status >= 500) return null
  const noClass = Object.hasOwn(classes, code) ? classes[code] : undefined
  if (noClass !== undefined) return no(noClass, retryAfterOf(answer))
  if (answer.status === 429) return no('busy', retryAfterOf(answer))
  return answer.status === 401 ? no('key') : null
}

/** A refusal of every call, whatever it is about; null: the answer is none. */
export function refusalOfAny(answer: HttpAnswer): No | null {
  const refusal = refusalIn(answer)
  return refusal?.class === 'key' || refusal?.class === 'busy' ? refusal : null
}
