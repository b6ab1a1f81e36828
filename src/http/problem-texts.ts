// The title, meaning and remedy of each failure of the native API. The pages below /docs/errors are built
// from this table.
import type { FailureCode } from './failure.ts'

export type ProblemText = {
  readonly status: number
  /** Short, and the same for every request. */
  readonly title: string
  readonly meaning: string
  readonly remedy: string
}

export const problemTexts = {
  invalid_request: {
    status: 422,
    title: 'Invalid request',
    meaning:
      'A field, parameter or header is missing, unknown or has a value that is not accepted.',
    remedy: 'Read `errors`: each entry names a field and says what is wrong with it.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    meaning: 'The object does not exist, or it belongs to another account.',
    remedy: 'Check the id, and that you use a key of the right account.',
  },
  unauthenticated: {
    status: 401,
    title: 'Invalid API key',
    meaning: 'The API key is missing, malformed, unknown, revoked or expired.',
    remedy: 'Send `Authorization: Bearer KEY` with an active key. `GET /v1/keys` lists the keys.',
  },
  forbidden: {
    status: 403,
    title: 'Not allowed for this API key',
    meaning: 'The key lacks the scope that this call needs, or may not be used from your address.',
    remedy: 'Use a key with the scope named in `detail`, or call from one of its networks.',
  },
  account_suspended: {
    status: 403,
    title: 'Account suspended',
    meaning: 'The operator has suspended the account. Its balance and orders are kept.',
    remedy: 'Contact the operator of this platform.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    meaning:
      'The API key, its account or its address has sent more requests than its limit allows.',
    remedy:
      'Wait for the seconds in `Retry-After`. Use `?wait=` or a stream in place of short polling.',
  },
  not_signed_in: {
    status: 401,
    title: 'Not signed in',
    meaning:
      'The request has no session, or the session has ended: by time, by its user or by the operator.',
    remedy: 'Sign in (`POST /v1/session`). Programs use an API key.',
  },
  wrong_credentials: {
    status: 401,
    title: 'Wrong credentials',
    meaning: 'The address, the password or the code is wrong. It is not said which.',
    remedy: 'Try again, or set a new password by mail.',
  },
  second_factor_required: {
    status: 403,
    title: 'Second factor required',
    meaning: 'The second factor was not given in this session, or too long ago for what is asked.',
    remedy: 'Give it with `POST /v1/session/second-factor`, then repeat the request.',
  },
  too_many_attempts: {
    status: 429,
    title: 'Too many attempts',
    meaning: 'There were many attempts for this address or from your network.',
    remedy: 'Wait for the seconds in `Retry-After`. Each further attempt makes the wait longer.',
  },
  insecure_connection: {
    status: 403,
    title: 'Insecure connection',
    meaning: 'Nobody can sign in over plain http, except on the machine itself.',
    remedy: 'Use https. Behind a proxy, the operator sets `NUMLET_TRUST_PROXY`.',
  },
  origin_refused: {
    status: 403,
    title: 'Not from this site',
    meaning:
      'A request with a session that changes something must come from a page of this server, as its ' +
      'headers `Origin` and `Sec-Fetch-Site` say.',
    remedy: 'Programs use an API key in place of the session of a browser.',
  },
  sign_up_closed: {
    status: 403,
    title: 'Sign-up is closed',
    meaning: 'The operator lets nobody sign up, or only who was invited.',
    remedy: 'Ask for an invitation.',
  },
  link_not_valid: {
    status: 410,
    title: 'Link not valid',
    meaning: 'The link has been used, has expired, or was never made.',
    remedy: 'Ask for a new one.',
  },
  last_owner: {
    status: 409,
    title: 'Last owner',
    meaning: 'An account always has an owner, and this is its only one.',
    remedy: 'Make somebody else an owner first.',
  },
  account_in_use: {
    status: 409,
    title: 'Account in use',
    meaning: 'An account with `open_orders`, `open_deposits` or a `balance` cannot be closed.',
    remedy: 'Settle them first. The operator pays out a balance and debits it.',
  },
  public_url_missing: {
    status: 409,
    title: 'Public URL missing',
    meaning: 'Mails with links need an address that strangers cannot choose.',
    remedy: 'The operator sets `NUMLET_PUBLIC_URL`.',
  },
  service_not_found: {
    status: 404,
    title: 'Service not found',
    meaning: 'No service has this slug, id or number.',
    remedy: 'Use a slug from `GET /v1/services`. `alternatives` names services with similar names.',
  },
  country_not_found: {
    status: 404,
    title: 'Country not found',
    meaning: 'No country has this code.',
    remedy: 'Use an ISO 3166-1 alpha-2 code from `GET /v1/countries`.',
  },
  operator_not_found: {
    status: 404,
    title: 'Operator not found',
    meaning: 'The country has no mobile network with this slug.',
    remedy: 'Use a slug from `GET /v1/operators?country=`. `alternatives` names similar ones.',
  },
  offer_not_found: {
    status: 404,
    title: 'Offer not found',
    meaning:
      'Nothing on sale matches the request: the offer, its country, its pool or its duration.',
    remedy: 'Look at `GET /v1/offers`. `alternatives` names values that would match.',
  },
  domain_not_found: {
    status: 404,
    title: 'Mail domain not found',
    meaning: 'The platform has no mail domain with this name.',
    remedy: 'Use a domain from `GET /v1/offers?kind=email`.',
  },
  plan_not_found: {
    status: 404,
    title: 'Plan not found',
    meaning: 'No eSIM plan has this name.',
    remedy: 'Use a plan from `GET /v1/offers?kind=esim`.',
  },
  service_closed: {
    status: 403,
    title: 'Service closed',
    meaning: 'The operator does not sell numbers for this service.',
    remedy: 'Choose another service. `GET /v1/services` lists those that are open.',
  },
  country_closed: {
    status: 403,
    title: 'Country closed',
    meaning: 'The operator does not sell numbers of this country.',
    remedy: 'Choose another country. `GET /v1/countries` lists those that are open.',
  },
  out_of_stock: {
    status: 409,
    title: 'Out of stock',
    meaning: 'The offer exists but is out of stock now. Nothing was charged.',
    remedy: 'Try again later, or look at `GET /v1/offers?in_stock=true` for what is available.',
  },
  price_above_maximum: {
    status: 409,
    title: 'Price above the maximum',
    meaning: 'The cheapest match costs more than `max_price`. Nothing was charged.',
    remedy: 'Raise `max_price` to at least `lowest_price`, or choose another offer.',
  },
  insufficient_balance: {
    status: 402,
    title: 'Insufficient balance',
    meaning: 'The balance is lower than the price. Nothing was charged.',
    remedy: 'Add funds with `POST /v1/deposits`, then order again.',
  },
  key_limit_reached: {
    status: 402,
    title: 'Spending limit of the API key reached',
    meaning:
      'What may be spent with this key on a day (UTC), its `max_spend_a_day`, does not suffice.',
    remedy:
      'Use another key, raise the limit with `PATCH /v1/keys/:id`, or wait until the next day.',
  },
  too_many_open_orders: {
    status: 409,
    title: 'Too many open orders',
    meaning: 'The account has reached its limit of open orders.',
    remedy:
      'Finish or cancel orders that you no longer need, or ask the operator for a higher limit.',
  },
  daily_limit_reached: {
    status: 429,
    title: 'Daily order limit reached',
    meaning: 'The account has reached its limit of orders for today. Days begin at 00:00 UTC.',
    remedy: 'Try again tomorrow, or ask the operator for a higher limit.',
  },
  too_many_cancelled: {
    status: 429,
    title: 'Too many cancelled orders',
    meaning: 'The account has cancelled too large a share of its orders today.',
    remedy: 'Try again tomorrow. Wait for codes longer before you cancel.',
  },
  order_not_found: {
    status: 404,
    title: 'Order not found',
    meaning: 'The order does not exist, or it belongs to another account.',
    remedy: 'Check the id, and that you use a key of the account that bought the order.',
  },
  order_not_cancellable: {
    status: 409,
    title: 'Order cannot be cancelled',
    meaning: 'The order has received a code or has ended.',
    remedy:
      'Finish an order that has its code. An order without a code is refunded when it expires.',
  },
  cancel_cooldown: {
    status: 409,
    title: 'Order cannot be cancelled yet',
    meaning:
      'An order can be cancelled some time after it was bought, so that a code can arrive first.',
    remedy:
      'Cancel it after the seconds in `Retry-After`. The order shows the time as `cancel_after`.',
  },
  supplier_rejected: {
    status: 502,
    title: 'Cancellation refused',
    meaning:
      'Where the number comes from, the order could not be cancelled. It waits for its code as before.',
    remedy: 'Try again later. An order without a code is refunded when it expires.',
  },
  supply_pending: {
    status: 503,
    title: 'Cancellation not confirmed yet',
    meaning:
      'The order is being cancelled where its number comes from. A code that arrives before the ' +
      'confirmation is still delivered, and charged.',
    remedy: 'Read the order after the seconds in `Retry-After`, or cancel it again.',
  },
  order_not_finishable: {
    status: 409,
    title: 'Order cannot be finished',
    meaning: 'Only an order that has received a code can be finished.',
    remedy: 'Wait for the code, or cancel the order.',
  },
  order_not_resendable: {
    status: 409,
    title: 'No further code can be requested',
    meaning: 'Only an open order that has received a code can wait for another one.',
    remedy: 'Wait for the first code, or buy another order.',
  },
  resend_pending: {
    status: 409,
    title: 'Another code is already expected',
    meaning: 'The order is waiting for the further code that you asked for.',
    remedy: 'Wait for it. You can ask again once it has arrived.',
  },
  order_not_replaceable: {
    status: 409,
    title: 'Number cannot be replaced',
    meaning: 'Only an order that is waiting for its first code can get another number.',
    remedy: 'Buy another order.',
  },
  order_not_renewable: {
    status: 409,
    title: 'Order cannot be renewed',
    meaning: 'The order is not a rental, or its number is no longer kept for it.',
    remedy: 'Rent another number. Renew rentals before they end, or soon after.',
  },
  order_not_repeatable: {
    status: 409,
    title: 'Number cannot be ordered again',
    meaning: 'The number of that order is not available for this service any more.',
    remedy: 'Buy another number.',
  },
  order_not_claimable: {
    status: 409,
    title: 'No late code to claim',
    meaning:
      'No code came after the order was over, it was purged, or its day has passed. Nothing was charged.',
    remedy: 'Claim an order while its `late_code_available` is true.',
  },
  no_message_yet: {
    status: 409,
    title: 'No message yet',
    meaning: 'This is possible only after a message has arrived.',
    remedy: 'Wait for a message, or cancel the order.',
  },
  deposit_not_found: {
    status: 404,
    title: 'Deposit not found',
    meaning: 'The deposit does not exist, or it belongs to another account.',
    remedy: 'Check the id. `GET /v1/deposits` lists the deposits.',
  },
  webhook_not_found: {
    status: 404,
    title: 'Webhook endpoint not found',
    meaning: 'The endpoint does not exist, was deleted or belongs to another account.',
    remedy: 'Check the id. `GET /v1/webhooks` lists the endpoints.',
  },
  too_many_webhooks: {
    status: 409,
    title: 'Too many webhook endpoints',
    meaning: 'The account has reached its limit of webhook endpoints.',
    remedy: 'Delete an endpoint that you no longer need.',
  },
  host_lookup_failed: {
    status: 422,
    title: 'Host cannot be looked up',
    meaning: 'The name servers of the host do not answer, so its addresses cannot be checked.',
    remedy: 'Check the DNS of the host, or try again shortly.',
  },
  too_many_keys: {
    status: 409,
    title: 'Too many API keys',
    meaning: 'The account has reached its limit of active API keys.',
    remedy: 'Revoke a key that you no longer need.',
  },
  idempotency_conflict: {
    status: 422,
    title: 'Idempotency key used before',
    meaning: 'The same `Idempotency-Key` was used earlier with another request.',
    remedy: 'Use a new key for each new request, and the same key only to repeat one.',
  },
  idempotency_running: {
    status: 409,
    title: 'Request still running',
    meaning: 'The first request with this `Idempotency-Key` has not ended yet.',
    remedy: 'Send it again after the seconds in `Retry-After` to get its answer.',
  },
  unavailable: {
    status: 503,
    title: 'Temporarily unavailable',
    meaning: 'The platform cannot reach its database right now.',
    remedy:
      'Try again after the seconds in `Retry-After`, with the same `Idempotency-Key` for a POST.',
  },
  malformed_body: {
    status: 400,
    title: 'Malformed body',
    meaning:
      'The body is not valid JSON in UTF-8, it is nested too deeply, or it has a field named ' +
      '`__proto__` or `constructor.prototype`.',
    remedy: 'Send one JSON object, encoded in UTF-8.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    meaning: 'The body is not JSON in UTF-8, or it is compressed.',
    remedy: 'Send JSON with `Content-Type: application/json`.',
  },
  body_too_large: {
    status: 413,
    title: 'Body too large',
    meaning: 'The body is larger than 128 KiB.',
    remedy: 'Send a smaller body.',
  },
  path_not_found: {
    status: 404,
    title: 'Path not found',
    meaning: 'The API has no such path.',
    remedy: 'Check the URL against the reference at `/docs`.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    meaning: 'The path exists but does not support this method.',
    remedy: 'Use one of the methods in the header `Allow`.',
  },
  malformed_request: {
    status: 400,
    title: 'Malformed request',
    meaning: 'The request is not valid HTTP, or its path has a broken percent escape.',
    remedy: 'Check how your client builds the URL and the headers.',
  },
  expectation_failed: {
    status: 417,
    title: 'Expectation failed',
    meaning: 'The header `Expect` asks for something other than `100-continue`.',
    remedy: 'Leave the header out.',
  },
  internal_error: {
    status: 500,
    title: 'Internal error',
    meaning: 'Something went wrong on our side.',
    remedy: 'Try again with the same `Idempotency-Key`, or give the operator the `request_id`.',
  },
} as const satisfies Record<FailureCode, ProblemText>
