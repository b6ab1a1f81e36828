// A status and a short text for each failure, as most APIs of the field write it. Dialects differ from it.
import type { FailureCode } from './failure.ts'

export type ShortFailure = { readonly status: number; readonly text: string }

const noNumbers = { status: 409, text: 'No numbers available' }
const noService = { status: 404, text: 'Service not found' }
const notFound = { status: 404, text: 'Not found' }
const notCancellable = { status: 409, text: 'Order cannot be cancelled' }

export const shortFailures = {
  invalid_request: { status: 400, text: 'Invalid request' },
  not_found: notFound,
  unauthenticated: { status: 401, text: 'Invalid API key' },
  forbidden: { status: 403, text: 'Forbidden' },
  account_suspended: { status: 403, text: 'Account suspended' },
  rate_limited: { status: 429, text: 'Rate limit exceeded' },
  not_signed_in: { status: 401, text: 'Not signed in' },
  wrong_credentials: { status: 401, text: 'Wrong credentials' },
  second_factor_required: { status: 403, text: 'Second factor required' },
  too_many_attempts: { status: 429, text: 'Too many attempts' },
  insecure_connection: { status: 403, text: 'Insecure connection' },
  origin_refused: { status: 403, text: 'Forbidden' },
  sign_up_closed: { status: 403, text: 'Sign-up is closed' },
  last_owner: { status: 409, text: 'The account needs an owner' },
  account_in_use: { status: 409, text: 'The account is in use' },
  link_not_valid: { status: 410, text: 'Link is not valid' },
  public_url_missing: { status: 409, text: 'The public URL is not set' },
  service_not_found: noService,
  country_not_found: { status: 404, text: 'Country not found' },
  operator_not_found: noNumbers,
  offer_not_found: noNumbers,
  domain_not_found: noService,
  plan_not_found: noService,
  service_closed: noService,
  country_closed: noNumbers,
  out_of_stock: noNumbers,
  price_above_maximum: noNumbers,
  insufficient_balance: { status: 402, text: 'Insufficient balance' },
  key_limit_reached: { status: 402, text: 'The API key has reached its spending limit' },
  too_many_open_orders: { status: 429, text: 'Too many open orders' },
  daily_limit_reached: { status: 429, text: 'Daily order limit reached' },
  too_many_cancelled: { status: 429, text: 'Too many cancelled orders' },
  order_not_found: { status: 404, text: 'Order not found' },
  order_not_cancellable: notCancellable,
  cancel_cooldown: notCancellable,
  supplier_rejected: notCancellable,
  supply_pending: { status: 503, text: 'Service temporarily unavailable' },
  order_not_finishable: { status: 409, text: 'Order cannot be finished' },
  order_not_resendable: { status: 409, text: 'Order cannot be resent' },
  resend_pending: { status: 429, text: 'Resend pending' },
  order_not_replaceable: { status: 409, text: 'Order cannot be replaced' },
  order_not_renewable: { status: 409, text: 'Order cannot be renewed' },
  order_not_repeatable: noNumbers,
  order_not_claimable: { status: 409, text: 'No late code' },
  no_message_yet: { status: 409, text: 'No message yet' },
  deposit_not_found: notFound,
  webhook_not_found: notFound,
  too_many_webhooks: { status: 409, text: 'Too many webhooks' },
  host_lookup_failed: { status: 400, text: 'The host cannot be looked up right now' },
  too_many_keys: { status: 409, text: 'Too many API keys' },
  idempotency_conflict: { status: 422, text: 'Idempotency-Key was used with another request' },
  idempotency_running: { status: 409, text: 'A request with this Idempotency-Key is running' },
  unavailable: { status: 503, text: 'Service temporarily unavailable' },
  malformed_body: { status: 400, text: 'Malformed JSON body' },
  unsupported_media_type: { status: 415, text: 'Content-Type must be application/json' },
  body_too_large: { status: 413, text: 'Request body too large' },
  path_not_found: notFound,
  method_not_allowed: { status: 405, text: 'Method not allowed' },
  malformed_request: { status: 400, text: 'Bad request' },
  expectation_failed: { status: 417, text: 'Expectation failed' },
  internal_error: { status: 500, text: 'Internal server error' },
} as const satisfies Record<FailureCode, ShortFailure>

/** What a dialect writes differently: a status, a text, or both. */
export type Differences = Partial<Record<FailureCode, Partial<ShortFailure>>>

/** The status and text of each failure, with a dialect's differences. */
export const differing =
  (own: Differences) =>
  (code: FailureCode): ShortFailure => ({ ...shortFailures[code], ...own[code] })
