// The first page of the reference: what applies to every call.

export const description = `Phone numbers, inboxes and eSIMs, and the one-time codes that arrive on them.

## Requests
JSON in UTF-8, field names in snake_case. Money is a decimal string with a \`currency\`. Times are
ISO 8601 in UTC. A trailing slash does not matter. Bodies are at most 128 KiB, uncompressed.

## Keys
Send \`Authorization: Bearer KEY\`. A key has scopes: \`read\` reads, \`buy\` spends money and ends
orders, \`manage\` creates and revokes keys. Each call names the scope that it needs.

## Failures
Calls of \`/v1\` fail with \`application/problem+json\` (RFC 9457). Programs should decide by \`code\`.
\`invalid_request\` names every wrong field in \`errors\`. The other dialects use their own formats.
In addition to the statuses that each call lists, every path answers an unsupported method with 405 and
\`Allow\`. An unknown path is answered with 404, a path or query with a broken percent escape with 400,
an \`Expect\` other than \`100-continue\` with 417, and invalid HTTP with 400, 408 or 431.
Every response has an \`X-Request-Id\`. Include it when you report a problem.

## Idempotency
Every POST takes an \`Idempotency-Key\` that you choose. After a timeout, send the same request with the
same key: it runs once, and the repeat gets the first response, with \`Idempotency-Replayed: true\`.

## Pages
A list returns \`data\` and \`next_cursor\`. Repeat the request with \`cursor\` set to
\`next_cursor\` until it is null. Entries created meanwhile do not shift or repeat others.

## Limits
Each key has a limit of requests per minute. All keys of an account together may make five times as many.
\`RateLimit\` shows how many are left of the nearer limit, and when it resets. Every 429, and every
other failure that passes with time, says in \`Retry-After\` when to retry. At most 200 streams and 500
long polls of an account may be open at once.

## Waiting for a code
\`GET /v1/orders/{id}?wait=60\` responds as soon as the code arrives, or after 60 seconds. Repeat it
until the order's \`state\` is no longer \`waiting\`.
`
