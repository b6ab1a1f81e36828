// The errors of the business rules. Each dialect has an answer for every code.

/** All domain errors. A new one breaks the build of `src/http` until it has an answer. */
export const errorCodes = [
  // the request
  'invalid_request',
  'not_found',
  // the caller
  'unauthenticated',
  'forbidden',
  'account_suspended',
  'rate_limited',
  // people
  'not_signed_in',
  'wrong_credentials',
  'second_factor_required',
  'too_many_attempts',
  'insecure_connection',
  'origin_refused',
  'sign_up_closed',
  'link_not_valid',
  'last_owner',
  'account_in_use',
  'public_url_missing',
  // what is requested
  'service_not_found',
  'country_not_found',
  'operator_not_found',
  'offer_not_found',
  'domain_not_found',
  'plan_not_found',
  'service_closed',
  'country_closed',
  'out_of_stock',
  'price_above_maximum',
  'insufficient_balance',
  'key_limit_reached',
  'too_many_open_orders',
  'daily_limit_reached',
  'too_many_cancelled',
  // existing orders
  'order_not_found',
  'order_not_cancellable',
  'cancel_cooldown',
  'supplier_rejected',
  'supply_pending',
  'order_not_finishable',
  'order_not_resendable',
  'resend_pending',
  'order_not_replaceable',
  'order_not_renewable',
  'order_not_repeatable',
  'order_not_claimable',
  'no_message_yet',
  // other objects
  'deposit_not_found',
  'webhook_not_found',
  'too_many_webhooks',
  'host_lookup_failed',
  'too_many_keys',
  // repeated requests
  'idempotency_conflict',
  'idempotency_running',
  // the platform
  'unavailable',
] as const

export type ErrorCode = (typeof errorCodes)[number]

/** An invalid field: where (RFC 6901 pointer into the body, or the parameter's name) and why. */
export type FieldError = { readonly pointer: string; readonly detail: string }

export type ErrorDetail = {
  readonly retryAfterS?: number
  readonly fields?: readonly FieldError[]
  /** For example the scope that a key lacks, or the limit that was reached. */
  readonly [name: string]: unknown
}

/** The only error that verbs throw on purpose. Anything else is an internal error: a 500. */
export class DomainError extends Error {
  readonly code: ErrorCode
  readonly detail: ErrorDetail

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message)
    this.name = 'DomainError'
    this.code = code
    this.detail = detail
  }
}
