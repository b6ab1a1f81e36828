// The headers of answers, and the one of requests, as the reference's components.

const text = (example: string) => ({ type: 'string', examples: [example] })

/** `components.headers` */
export const headerComponents = {
  'X-Request-Id': {
    description:
      'Names this request in logs. The caller’s own `X-Request-Id` where it sent one of 1 to 100 letters, ' +
      'digits, `_`, `.`, `:` and `-`; else a new UUID.',
    schema: text('0b0f6f0e-6d5c-4a43-9f7e-3c6f4a1f6c0d'),
  },
  RateLimit: {
    description:
      'How many requests are left (`r`) and in how many seconds the window ends (`t`): ' +
      'draft-ietf-httpapi-ratelimit-headers. It tells of the limit that is nearer: that of the `key`, or ' +
      'that of all keys of the `account`. Absent where the limit is switched off.',
    schema: text('"key";r=59;t=60'),
  },
  'RateLimit-Policy': {
    description:
      'How many requests (`q`) the key, or the account, has in a window of `w` seconds. Absent where the ' +
      'limit is switched off.',
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
      '`true` where an earlier request with this key was answered; nothing was done now.',
    schema: { type: 'string', const: 'true' },
  },
  Allow: {
    description: 'The methods that the path takes; with every 405.',
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
      'A name of your own for this request, such as a UUID. The same key with the same request again is ' +
      'answered like the first time and does nothing; with another request it is refused with 422; while the ' +
      'first one runs, with 409. A request that was refused may be sent again under its key. Keys are ' +
      'remembered for two days.',
    schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
    example: '3f0c1a52-8a0e-4a53-bb0c-0f6f6d8a7d10',
  },
}

const reference = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))

/** The headers of one answer of an operation. */
export function headersOf(answer: {
  readonly status: number
  readonly keyed: boolean
  readonly once: boolean
  readonly retry: boolean
  /** Whether a key that is missing or wrong is answered with this status. */
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
