// Pages of other origins that may call the API with a key.
// https://fetch.spec.whatwg.org/#http-cors-protocol
import type { FastifyInstance } from 'fastify'

const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE'
/** What a page may read of an answer beside what every page may. */
const exposed = [
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Request-Id',
  'Idempotency-Replayed',
  'ETag',
].join(', ')
const preflightAgeS = 600

/**
 * Answers preflights, and lets pages of the listed origins read answers. There are no credentials: a key
 * comes in a header, which a page has to know. A preflight of another origin is answered with no permission.
 */
export function allowOrigins(server: FastifyInstance, origins: readonly string[]) {
  const allowed = new Set(origins)
  if (allowed.size > 0)
    server.addHook('onSend', async (_request, reply) => {
      const vary = String(reply.getHeader('vary') ?? '')
      if (!/\borigin\b/i.test(vary))
        reply.header('vary', vary === '' ? 'Origin' : `${vary}, Origin`)
    })
  server.addHook('onRequest', async (request, reply) => {
    // @NOTE here, too: streams are sent past the other hook
    if (allowed.size > 0) reply.header('vary', 'Origin')
    const { origin, 'access-control-request-method': wanted } = request.headers
    const isAllowed = origin !== undefined && allowed.has(origin)
    if (isAllowed)
      reply.headers({
        'access-control-allow-origin': origin,
        'access-control-expose-headers': exposed,
      })
    if (request.method !== 'OPTIONS' || origin === undefined || wanted === undefined) return
    if (isAllowed)
      reply.headers({
        'access-control-allow-methods': methods,
        'access-control-allow-headers':
          request.headers['access-control-request-headers'] ?? 'authorization, content-type',
        'access-control-max-age': String(preflightAgeS),
      })
    return reply.code(204).send()
  })
}
