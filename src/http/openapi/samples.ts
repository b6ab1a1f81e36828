// One realistic failure per code, for the reference's examples.
import type { ErrorDetail } from '../../core/error.ts'
import type { Failure, FailureCode } from '../failure.ts'

type Sample = readonly [message: string, detail?: ErrorDetail]

const samples: Readonly<Record<FailureCode, Sample>> = {
  invalid_request: [
    'servic: is not a known field; did you mean service or services?',
    {
      fields: [
        { pointer: '/servic', detail: 'is not a known field; did you mean service or services?' },
      ],
    },
  ],
  not_found: ['The API key was not found.'],
  unauthenticated: ['The API key is not valid.'],
  forbidden: ['This key does not have the scope buy.'],
  account_suspended: ['The account is suspended.'],
  rate_limited: [
    'Rate limit exceeded. Maximum 60 requests per minute.',
    { retryAfterS: 12, limit: 60 },
  ],
  not_signed_in: ['You are not signed in, or your session has ended.'],
  wrong_credentials: ['The e-mail address or the password is wrong.'],
  second_factor_required: ['Give your second factor first.'],
  too_many_attempts: ['There were too many attempts. Try again in 8 seconds.', { retryAfterS: 8 }],
  insecure_connection: [
    'Signing in needs https: over plain http others on the network could read your password. If a proxy ' +
      'in front of this server speaks https, its operator sets NUMLET_TRUST_PROXY.',
  ],
  origin_refused: [
    'With a session, only this server’s own pages may change something; this came from another site.',
  ],
  sign_up_closed: ['New users need an invitation on this platform.'],
  link_not_valid: ['The link has been used, or its time is over. Ask for a new one.'],
  account_in_use: [
    'The account still has a balance of 2.50 USD: spend it, or have it paid out and debited by the operator.',
    { openOrders: 0, openDeposits: 0, balance: '2.50', currency: 'USD' },
  ],
  last_owner: ['The account needs an owner: make somebody else one first.'],
  public_url_missing: [
    'This server cannot send links by mail: its operator has to set NUMLET_PUBLIC_URL.',
  ],
  service_not_found: [
    'There is no service whatsap. Did you mean whatsapp?',
    { alternatives: ['whatsapp'] },
  ],
  country_not_found: ['There is no country UK. Did you mean GB?', { alternatives: ['GB'] }],
  operator_not_found: [
    'There is no operator tmobil in US. Did you mean tmobile?',
    { alternatives: ['tmobile'] },
  ],
  offer_not_found: [
    'WhatsApp for 5d in United States (US) is not offered. Choose a duration of 1d, 3d, 30d.',
    { alternatives: ['1d', '3d', '30d'] },
  ],
  domain_not_found: [
    'There is no mail domain inbx.example.com. Did you mean inbox.example.com?',
    { alternatives: ['inbox.example.com'] },
  ],
  plan_not_found: [
    'There is no plan USA 5GB. Did you mean USA 5GB / 30 days?',
    { alternatives: ['USA 5GB / 30 days'] },
  ],
  service_closed: ['Telegram in United States (US) is closed on this platform.'],
  country_closed: ['WhatsApp in United Kingdom (GB) is closed on this platform.'],
  out_of_stock: ['WhatsApp in United States (US) is out of stock.'],
  price_above_maximum: [
    'WhatsApp in United States (US) costs at least 0.40 USD, which is above the maximum price of 0.25 USD.',
    { maxPrice: '0.25', lowestPrice: '0.40', currency: 'USD' },
  ],
  insufficient_balance: [
    'The price is 0.40 USD, and the balance is 0.10 USD.',
    { price: '0.40', balance: '0.10', currency: 'USD' },
  ],
  key_limit_reached: [
    'The key may spend 10.00 USD a day, and has spent 9.80 USD today.',
    { maxSpendADay: '10.00', spentToday: '9.80', currency: 'USD' },
  ],
  too_many_open_orders: [
    'The account can have 100 open orders at once. Finish or cancel some first.',
    { limit: 100, retryAfterS: 30 },
  ],
  daily_limit_reached: [
    'The account can buy 1000 orders a day. The next day begins at 00:00 UTC.',
    { limit: 1000, retryAfterS: 5400 },
  ],
  too_many_cancelled: [
    "More than 80 percent of today's orders were cancelled. Try again after 00:00 UTC.",
    { limit: 80, retryAfterS: 5400 },
  ],
  order_not_found: ['There is no such order.'],
  order_not_cancellable: ['This order has received a code and cannot be cancelled.'],
  supplier_rejected: ['The order cannot be cancelled now. It waits for its code.'],
  supply_pending: ['The order is being cancelled. Look at it again shortly.', { retryAfterS: 5 }],
  cancel_cooldown: ['The order can be cancelled in 97 seconds.', { retryAfterS: 97 }],
  order_not_finishable: ['Only an order with a code can be finished.'],
  order_not_resendable: ['Another code can be requested only after the first one.'],
  resend_pending: [
    'Another code was already requested and has not arrived yet.',
    { retryAfterS: 30 },
  ],
  order_not_replaceable: ['Only an order that waits for its code can be replaced.'],
  order_not_renewable: ['Only a rental can be renewed.'],
  order_not_repeatable: ['This number cannot be bought again for this service.'],
  order_not_claimable: ['The order has no late code that can be claimed.'],
  no_message_yet: ['This inbox has not received a message yet.'],
  deposit_not_found: ['There is no such deposit.'],
  webhook_not_found: ['There is no such webhook endpoint.'],
  too_many_webhooks: [
    'An account can have 20 webhook endpoints. Delete one before creating another.',
    { limit: 20 },
  ],
  host_lookup_failed: [
    'The host hooks.example.com cannot be looked up right now.',
    { retryAfterS: 5 },
  ],
  too_many_keys: ['An account can have 50 active API keys.', { limit: 50 }],
  idempotency_conflict: ['This Idempotency-Key was already used with a different request.'],
  idempotency_running: [
    'A request with this Idempotency-Key is still running.',
    { retryAfterS: 1 },
  ],
  unavailable: ['The database cannot be reached. Try again shortly.', { retryAfterS: 2 }],
  malformed_body: ['The body is not valid JSON.'],
  unsupported_media_type: [
    'The body must be uncompressed JSON in UTF-8 (Content-Type: application/json).',
  ],
  body_too_large: ['The body is too large.'],
  path_not_found: ['This path does not exist.'],
  method_not_allowed: ['This path does not take this method.'],
  malformed_request: ['The request is malformed.'],
  expectation_failed: ['The only supported expectation is 100-continue.'],
  internal_error: ['Something went wrong on our side.'],
}

/** A failure with this code, as it could occur. @param says other messages than those of `/v1` */
export function sampleFailure(
  code: FailureCode,
  says: Partial<Record<FailureCode, string>> = {},
): Failure {
  const [message, detail = {}] = samples[code]
  return { code, message: says[code] ?? message, detail }
}

/** Whether a failure with this code says when to retry. */
export const hasRetryAfter = (code: FailureCode) => samples[code][1]?.retryAfterS !== undefined
