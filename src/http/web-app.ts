// /app: the web application's files. It is a client of the API; this module knows nothing of what it shows.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { htmlPage, pageHeaders } from './html-page.ts'
import { readWebFiles, type WebFile, type WebFiles } from './web-files.ts'

/** Only our own files run, and nobody may frame a page. Tests fail on what a browser reports. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const pagesHeaders = {
  'content-security-policy': policy,
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
} as const

const immutable = 'public, max-age=31536000, immutable'

const missing = htmlPage(
  'The dashboard is not built',
  `<h1>The dashboard is not built</h1>
<p>This server runs without its web application: it could not be built when the server started. The API works:
see <a href="/docs">the reference</a>.</p>
<p>If you operate this server: start it again (<code>npm start</code>) with a connection to the npm registry,
and read what it says about the dashboard.</p>`,
)

/** Serves the application at /app and below. Paths are looked up in a list; none reaches the file system. */
export function webApp(server: FastifyInstance, files: WebFiles | null = readWebFiles()) {
  const answer = (request: FastifyRequest, reply: FastifyReply) => {
    if (files === null) return reply.code(503).headers(pageHeaders).send(missing)
    const path = (request.params as { '*'?: string })['*'] ?? ''
    const file = files.named.get(path)
    if (file) return sendFile(file, request, reply)
    // A page that is older than this server asks for parts that are gone: it must not get a page instead.
    if (path.startsWith('assets/') || /\.\w{2,5}$/.test(path)) return nothingThere(reply)
    return sendFile(files.index, request, reply.headers(pagesHeaders))
  }
  server.get('/app', { schema: { hide: true } }, answer)
  server.get('/app/*', { schema: { hide: true } }, answer)
}

const nothingThere = (reply: FastifyReply) =>
  reply
    .code(404)
    .headers({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    .send('There is no such file.\n')

function sendFile(file: WebFile, request: FastifyRequest, reply: FastifyReply) {
  reply.headers({
    'content-type': file.type,
    'cache-control': file.isImmutable ? immutable : 'no-cache',
    etag: file.etag,
    vary: 'accept-encoding',
    'x-content-type-options': 'nosniff',
  })
  if (request.headers['if-none-match']?.includes(file.etag)) return reply.code(304).send()
  const accepted = String(request.headers['accept-encoding'] ?? '')
  if (file.brotli && takes(accepted, 'br'))
    return reply.header('content-encoding', 'br').send(file.brotli)
  if (file.gzip && takes(accepted, 'gzip'))
    return reply.header('content-encoding', 'gzip').send(file.gzip)
  return reply.send(file.plain)
}

const takes = (accepted: string, coding: string) =>
  accepted.split(',').some((one) => {
    const [name, weight] = one
      .trim()
      .toLowerCase()
      .split(/\s*;\s*q=/)
    return name === coding && weight !== '0' && !/^0\.0*$/.test(weight ?? '')
  })
