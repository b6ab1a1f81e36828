// The protocol's failures: bare tokens, JSON for rentals, and the `hero` form for keys that use it.
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { DomainError, type ErrorDetail } from '../../core/error.ts'
import type { Failure, FailureCode } from '../../http/failure.ts'
import type { FailureAnswer, FailureForm } from '../../http/openapi/reference.ts'
import { shortFailures } from '../../http/short-failures.ts'
import { actionOf } from './params.ts'

type Wire = {
  readonly token: string
  /** For requests outside the protocol, and for the rate limit; otherwise 200. */
  readonly status?: number
  /** The `hero` form: the status, and the title if it differs from the token. */
  readonly hero: readonly [status: number, title?: string]
}

/** As `Wire`; the status of the `hero` form is the usual one of the failure unless it is stated. */
type Stated = Omit<Wire, 'hero'> & { readonly hero?: readonly [status?: number, title?: string] }

const noNumbers = { token: 'NO_NUMBERS', hero: [404] } as const
const badKey = { token: 'BAD_KEY', hero: [401] } as const
const badStatus = { token: 'BAD_STATUS', hero: [409, 'ACTIVATION_NOT_ACTIVE'] } as const
const noActivation = { token: 'NO_ACTIVATION', hero: [404, 'NOT_FOUND'] } as const
const unprocessable = { token: 'UNPROCESSABLE_ENTITY' } as const
const closed = [403, 'SERVICE_NOT_AVAILABLE'] as const

/** Every failure, as this dialect writes it. */
const wires: Readonly<Record<FailureCode, Stated>> = {
  invalid_request: { ...unprocessable, hero: [422] },
  not_found: noActivation,
  unauthenticated: badKey,
  forbidden: badKey,
  account_suspended: { token: 'ACCOUNT_INACTIVE' },
  rate_limited: { token: 'TOO_MANY_REQUESTS', status: 429 },
  not_signed_in: badKey,
  wrong_credentials: badKey,
  second_factor_required: badKey,
  too_many_attempts: { token: 'TOO_MANY_REQUESTS', status: 429 },
  insecure_connection: badKey,
  origin_refused: badKey,
  sign_up_closed: badKey,
  link_not_valid: badKey,
  last_owner: badKey,
  account_in_use: badKey,
  public_url_missing: badKey,
  service_not_found: { token: 'BAD_SERVICE', hero: [422, 'WRONG_SERVICE'] },
  country_not_found: { token: 'BAD_COUNTRY', hero: [422, 'WRONG_COUNTRY'] },
  operator_not_found: { token: 'BAD_OPERATOR', hero: [422, 'WRONG_OPERATOR'] },
  offer_not_found: noNumbers,
  domain_not_found: noNumbers,
  plan_not_found: noNumbers,
  service_closed: { token: 'BAD_SERVICE', hero: closed },
  country_closed: { token: 'NO_NUMBERS', hero: closed },
  out_of_stock: noNumbers,
  price_above_maximum: { token: 'WRONG_MAX_PRICE', hero: [400] },
  insufficient_balance: { token: 'NO_BALANCE' },
  key_limit_reached: { token: 'NO_BALANCE' },
  too_many_open_orders: { token: 'CHANNELS_LIMIT', hero: [403] },
  daily_limit_reached: { token: 'CHANNELS_LIMIT', hero: [403] },
  too_many_cancelled: { token: 'BANNED', hero: [403] },
  order_not_found: noActivation,
  order_not_cancellable: badStatus,
  cancel_cooldown: { token: 'EARLY_CANCEL_DENIED' },
  supplier_rejected: { token: 'EARLY_CANCEL_DENIED' },
  supply_pending: { token: 'ERROR_SQL', hero: [503, 'SERVER_ERROR'] },
  order_not_finishable: badStatus,
  order_not_resendable: badStatus,
  resend_pending: badStatus,
  order_not_replaceable: badStatus,
  order_not_renewable: badStatus,
  order_not_repeatable: { token: 'RENEW_ACTIVATION_NOT_AVAILABLE' },
  order_not_claimable: badStatus,
  no_message_yet: badStatus,
  deposit_not_found: noActivation,
  webhook_not_found: noActivation,
  too_many_webhooks: unprocessable,
  host_lookup_failed: { ...unprocessable, hero: [422] },
  too_many_keys: unprocessable,
  idempotency_conflict: { token: 'ORDER_ALREADY_EXISTS', status: 422 },
  idempotency_running: { token: 'ORDER_ALREADY_EXISTS', status: 409 },
  unavailable: { token: 'ERROR_SQL', hero: [503, 'SERVER_ERROR'] },
  malformed_body: { token: 'BAD_REQUEST', status: 400 },
  unsupported_media_type: { token: 'UNSUPPORTED_MEDIA_TYPE', status: 415 },
  body_too_large: { token: 'PAYLOAD_TOO_LARGE', status: 413 },
  path_not_found: { token: 'NOT_FOUND', status: 404 },
  method_not_allowed: { token: 'METHOD_NOT_ALLOWED', status: 405 },
  malformed_request: { token: 'BAD_REQUEST', status: 400 },
  expectation_failed: { token: 'EXPECTATION_FAILED', status: 417 },
  internal_error: { token: 'ERROR_SQL', status: 500, hero: [500, 'SERVER_ERROR'] },
}

type Tokens = Partial<Record<FailureCode, string>>

/** Exceptions for calls about rentals. */
const ofRentals: Tokens = {
  invalid_request: 'SERVER_ERROR',
  country_not_found: 'WRONG_COUNTRY',
  order_not_found: 'NO_ID_RENT',
  cancel_cooldown: 'CANT_CANCEL',
  order_not_finishable: 'INCORECT_STATUS',
  order_not_renewable: 'RENT_DIE',
  unavailable: 'SERVER_ERROR',
  internal_error: 'SERVER_ERROR',
}

/** Exceptions for calls about another activation of a number. */
const ofExtras: Tokens = {
  order_not_found: 'WRONG_ACTIVATION_ID',
  out_of_stock: 'NEW_ACTIVATION_IMPOSSIBLE',
  offer_not_found: 'NEW_ACTIVATION_IMPOSSIBLE',
}

/** Exceptions of single calls. */
const ofTopCountries: Tokens = { service_not_found: 'WRONG_SERVICE' }

/** Exceptions of DaisySMS's batches. */
const ofBatches: Tokens = {
  price_above_maximum: 'MAX_PRICE_EXCEEDED',
  insufficient_balance: 'NO_MONEY',
  key_limit_reached: 'NO_MONEY',
  too_many_open_orders: 'TOO_MANY_ACTIVE_RENTALS',
}
/** The batches' name among the actions; their requests have no action. */
const batch = 'multi/reserve'

const rentalActions: ReadonlySet<string> = new Set([
  'getRentServicesAndCountries',
  'getRentNumber',
  'getRentStatus',
  'setRentStatus',
  'getRentList',
  'continueRentNumber',
  'continueRentInfo',
  'getContinueRentPriceNumber',
  'serviceCountRent',
  'prolong',
  'prolongOptions',
  'prolongHistory',
])
const otherwise: ReadonlyMap<string, Tokens> = new Map([
  ...[...rentalActions].map((action) => [action, ofRentals] as const),
  ['getExtraActivation', ofExtras],
  ['checkExtraActivation', ofExtras],
  ['getListOfTopCountriesByService', ofTopCountries],
  [batch, ofBatches],
])

/** Failures that are the same in every call, because the key is checked before the action. */
const aboutTheKey: ReadonlySet<FailureCode> = new Set(['unauthenticated', 'forbidden'])

/**
 * A refusal that only this protocol has.
 * @param wire.token the bare token; `wire.hero` is its status and title in the other form
 */
export function refused(
  detail: string,
  wire: { readonly token: string; readonly hero: Wire['hero'] },
  more: ErrorDetail = {},
): DomainError {
  return new DomainError('invalid_request', detail, { ...more, wire })
}

/** For rentals, and for further activations. */
export const invalidTime = () =>
  refused('Nothing is offered for this duration.', {
    token: 'INVALID_TIME',
    hero: [422, 'BAD_DURATION'],
  })

function wireOf({ code, detail }: Failure, action: string): Wire {
  const own = detail.wire as Wire | undefined
  if (own) return own
  const wire = wires[code]
  const [status = shortFailures[code].status, title = wire.token] = wire.hero ?? []
  return { ...wire, token: otherwise.get(action)?.[code] ?? wire.token, hero: [status, title] }
}

function written(
  failure: Failure,
  request: FastifyRequest | undefined,
  action: string,
): FailureAnswer {
  const isOfRental = rentalActions.has(action)
  const wire = wireOf(failure, action)
  const { token, status = 200 } = wire
  if (request?.caller?.errorForm === 'hero') return heroAnswer(failure, wire, isOfRental)
  if (isOfRental && status === 200 && !aboutTheKey.has(failure.code))
    return json(200, { status: 'error', message: withValue(token, failure), ...infoOf(failure) })
  return plain(status, withValue(token, failure))
}

/** Some tokens carry a value that the client needs to correct its request. */
function withValue(token: string, { code, detail }: Failure): string {
  // @NOTE DaisySMS says only that the price is higher
  if (token === ofBatches[code]) return token
  return typeof detail.value === 'string' ? `${token}:${detail.value}` : token
}

const infoOf = ({ detail }: Failure) => (detail.info ? { info: detail.info } : {})

function heroAnswer(failure: Failure, wire: Wire, isOfRental: boolean): FailureAnswer {
  const [status, title = wire.token] = wire.hero
  // This form, too, answers bare and with 200 if nothing is in stock.
  if (title === 'NO_NUMBERS' && !isOfRental) return plain(200, title)
  return json(status, { title, details: failure.message, info: heroInfo(failure) })
}

function heroInfo({ code, detail }: Failure): object {
  if (detail.info) return detail.info as object
  const [field] = detail.fields ?? []
  if (code === 'invalid_request' && field)
    return { field: field.pointer.replace(/^\//, ''), code: 'INVALID' }
  if (code === 'rate_limited') return { retry_after_seconds: detail.retryAfterS }
  return {}
}

const json = (status: number, body: object): FailureAnswer => ({
  status,
  contentType: 'application/json',
  body,
})

const plain = (status: number, body: string): FailureAnswer => ({
  status,
  contentType: 'text/plain',
  body,
})

const token = z.string().meta({ examples: ['BAD_KEY'] })

export const failures: FailureForm = {
  write: (failure, _requestId, request) =>
    written(failure, request, (request && actionOf(request)) ?? ''),
  schemaOf: () => token,
  labelOf: (code) => `\`${wires[code].token}\``,
}

export const batchFailures: FailureForm = {
  write: (failure, _requestId, request) => written(failure, request, batch),
  schemaOf: () => token,
  labelOf: (code) => `\`${ofBatches[code] ?? wires[code].token}\``,
}
