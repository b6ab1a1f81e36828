// The reference's first page: what holds for every call.

export const description = `Phone numbers by the order, and the one-time codes that arrive on them.

## Requests
JSON in UTF-8, field names in snake_case. Money is a decimal string with its \`currency\` beside it;
times are ISO 8601 in UTC. A trailing slash never matters. Bodies are at most 128 KiB and are not
compressed.

## Keys
Send \`Authorization: Bearer KEY\`. A key has scopes: \`read\` looks, \`buy\` spends money and ends
orders, \`manage\` makes and ends keys. Each call names the scope that it needs.

## Failures
Calls of \`/v1\` fail with \`application/problem+json\` (RFC 9457); programs decide by its \`code\`, and
\`invalid_request\` names every wrong field in \`errors\`. The dialects of other platforms fail in their
own shapes. Besides the statuses that each call lists, every path answers a method that it does not take
with 405 and \`Allow\`. A path that does not exist is answered with 404, a path with a broken escape with 400,
an \`Expect\` other than \`100-continue\` with 417, and what is not valid HTTP with 400, 408 or 431.
\`X-Request-Id\` comes with every answer: tell us that one when something is wrong on our side.

## Once and only once
Every POST takes an \`Idempotency-Key\` of your own. After a timeout, send the same request with the
same key: it is done once, and answered like the first time, with \`Idempotency-Replayed: true\`.

## Pages
A list answers \`data\` and \`next_cursor\`; ask again with \`cursor=\` that, until it is null. What
comes into being meanwhile neither shifts nor repeats anything.

## Limits
A key may make so many requests a minute, and all keys of an account together five times as many.
\`RateLimit\` says how many are left of the limit that is nearer, and when more come. Every 429, and every
other refusal that time mends, says in \`Retry-After\` when to come back. At most 200 streams and 500
long polls of an account may be open at once.

## Waiting for a code
\`GET /v1/orders/{id}?wait=60\` answers the moment the code is there, or after 60 seconds: ask again
until the order's \`state\` is no longer \`waiting\`.
`
