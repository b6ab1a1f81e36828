// CORS: pages of other origins that may call the API with a key.
// https://fetch.spec.whatwg.org/#http-cors-protocol
import type { FastifyInstance } from 'fastify'

const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE'
/** Response headers that a page may read in addition to the safelisted ones. */
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
 * Answers preflight requests, and lets pages of the listed origins read responses. Credentials are not
 * allowed: the page must know the key, which goes in a header. Other origins get no permission.
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
    // @NOTE also here, because streams bypass the other hook
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
