// GET /: what this server is and where its documentation is, as a page for people or JSON for programs.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { htmlPage, pageHeaders } from './html-page.ts'

const links = {
  docs: '/docs',
  errors: '/docs/errors',
  openapi: '/openapi.json',
  api: '/v1',
  health: '/health/ready',
} as const

const page = htmlPage(
  'One-time codes by API',
  `<h1>Numlet</h1>
<p>This server rents out phone numbers, email inboxes and eSIMs through an API, and delivers the one-time
codes that arrive on them.</p>
<table>
<tr><td><a href="${links.docs}">API reference</a></td><td>Every call, with examples</td></tr>
<tr><td><a href="${links.errors}">Errors</a></td><td>What each error code means, and what to do</td></tr>
<tr><td><a href="${links.openapi}">OpenAPI document</a></td><td>The same for programs</td></tr>
<tr><td><a href="${links.health}">Health</a></td><td>Whether the server is ready</td></tr>
</table>
<p>The API is at <code>${links.api}</code>. Send your key as <code>Authorization: Bearer KEY</code>.</p>`,
)

/** Call it before the dialects are mounted. */
export function homePage(server: FastifyInstance) {
  server.get('/', { schema: { hide: true } }, (request, reply) => {
    reply.header('vary', 'accept')
    if (!wantsPage(request)) return reply.send({ name: 'Numlet', ...links })
    return reply.headers(pageHeaders).send(page)
  })
}

/** Browsers accept HTML by name; programs accept JSON, anything, or send no header. */
const wantsPage = (request: FastifyRequest) => /\btext\/html\b/i.test(request.headers.accept ?? '')
