// GET /: what this server is, and where to go: a page for people, JSON for programs.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

const links = {
  docs: '/docs',
  openapi: '/openapi.json',
  api: '/v1',
  health: '/health/ready',
} as const

const policy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Numlet</title>
<link rel="icon" href="data:,">
<style>
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.25rem}
h1{font-size:1.75rem;margin:0 0 .5rem}
dl{margin:2rem 0 0}dt{font-weight:600;margin-top:1rem}dd{margin:0}
code{font-family:ui-monospace,monospace}
</style>
<h1>Numlet</h1>
<p>This server rents out phone numbers, email inboxes and eSIMs through an API, and delivers the one-time codes
that arrive on them.</p>
<dl>
<dt><a href="${links.docs}">API reference</a></dt><dd>Every call, with examples.</dd>
<dt><a href="${links.openapi}">OpenAPI document</a></dt><dd>The same for programs: OpenAPI 3.1.</dd>
<dt><a href="${links.health}">Health</a></dt><dd>Whether the server is ready.</dd>
</dl>
<p>The API is at <code>${links.api}</code>. Send your key as <code>Authorization: Bearer KEY</code>.</p>
</html>
`

/** To be called before the dialects are mounted. */
export function homePage(server: FastifyInstance) {
  server.get('/', { schema: { hide: true } }, (request, reply) => {
    reply.header('vary', 'accept')
    return wantsPage(request) ? sendPage(reply) : reply.send({ name: 'Numlet', ...links })
  })
}

/** Browsers name HTML first; programs name JSON, anything, or nothing. */
const wantsPage = (request: FastifyRequest) => /\btext\/html\b/i.test(request.headers.accept ?? '')

const sendPage = (reply: FastifyReply) =>
  reply
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    .send(page)
