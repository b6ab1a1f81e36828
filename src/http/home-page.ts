// GET /: browsers are led to the dashboard; programs get what this server is and where its documentation is.
import type { FastifyInstance, FastifyRequest } from 'fastify'

const links = {
  app: '/app',
  docs: '/docs',
  errors: '/docs/errors',
  openapi: '/openapi.json',
  api: '/v1',
  health: '/health/ready',
} as const

/** Call it before the dialects are mounted. */
export function homePage(server: FastifyInstance) {
  server.get('/', { schema: { hide: true } }, (request, reply) => {
    reply.header('vary', 'accept')
    if (!wantsPage(request)) return reply.send({ name: 'Numlet', ...links })
    return reply.redirect(links.app, 302)
  })
}

/** Browsers accept HTML by name; programs accept JSON, anything, or send no header. */
const wantsPage = (request: FastifyRequest) => /\btext\/html\b/i.test(request.headers.accept ?? '')
