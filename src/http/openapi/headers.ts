// The response headers, and one request header, as components of the reference.

const text = (example: string) => ({ type: 'string', examples: [example] })

/** `components.headers` */
export const headerComponents = {
  'X-Request-Id': {
    description:
      'Identifies this request in logs. The caller’s `X-Request-Id` if it has 1 to 100 letters, ' +
      'digits, `_`, `.`, `:` and `-`; otherwise a new UUID.',
    schema: text('0b0f6f0e-6d5c-4a43-9f7e-3c6f4a1f6c0d'),
  },
  RateLimit: {
    description:
      'How many requests are left (`r`) and in how many seconds the window ends (`t`): ' +
      'draft-ietf-httpapi-ratelimit-headers. It describes the nearer limit: that of the `key`, or ' +
      'that of all keys of the `account`. Absent if rate limiting is switched off.',
    schema: text('"key";r=59;t=60'),
  },
  'RateLimit-Policy': {
    description:
      'The requests (`q`) that the key, or the account, may make in a window of `w` seconds. Absent if ' +
      'rate limiting is switched off.',
    schema: text('"key";q=60;w=60'),
  },
  'Retry-After': {
    description: 'Seconds after which the same request may succeed.',
    schema: { type: 'integer', minimum: 1, examples: [12] },
  },
  'WWW-Authenticate': {
    description: 'How to authenticate: `Bearer`.',
    schema: text('Bearer'),
  },
  'Idempotency-Replayed': {
    description:
      '`true` if this is the response to an earlier request with the same key. Nothing was done now.',
    schema: { type: 'string', const: 'true' },
  },
  Allow: {
    description: 'The methods of the path. Sent with every 405.',
    schema: text('GET, HEAD, POST'),
  },
}

/** `components.parameters` */
export const parameterComponents = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      'A name that you choose for this request, such as a UUID. Repeating the request with the same key ' +
      'returns the first response and does nothing. The same key with another request is refused with 422; ' +
      'while the first request runs, with 409. A refused request may be repeated under its key. Keys are ' +
      'kept for two days.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
    example: '3f0c1a52-8a0e-4a53-bb0c-0f6f6d8a7d10',
  },
}

const reference = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))

/** The headers of one response of an operation. */
export function headersOf(answer: {
  readonly status: number
  readonly keyed: boolean
  readonly once: boolean
  readonly retry: boolean
  /** Whether this status answers a missing or wrong key. */
  readonly challenge: boolean
}) {
  const isRefusedEarly = answer.status === 401
  return reference([
    'X-Request-Id',
    ...(answer.keyed && !isRefusedEarly ? ['RateLimit', 'RateLimit-Policy'] : []),
    ...(answer.once && answer.status < 300 ? ['Idempotency-Replayed'] : []),
    ...(answer.retry ? ['Retry-After'] : []),
    ...(answer.challenge ? ['WWW-Authenticate'] : []),
  ])
}
