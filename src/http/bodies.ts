// The bodies of requests: which are read, and how.
import type { IncomingHttpHeaders } from 'node:http'
import { errorCodes, type FastifyInstance, type FastifyRequest } from 'fastify'
import { TransportError } from './failure.ts'

/** No body of ours is deeper than 3. */
const maxDepth = 32

/** Methods whose bodies are never read. */
const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'TRACE'])

/** Whether the headers say that a body follows. */
export const hasBody = (headers: IncomingHttpHeaders) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** Whether some parser takes a body of that type. */
function isReadable({ server, headers }: FastifyRequest): boolean {
  const type = headers['content-type'] ?? ''
  return server.hasContentTypeParser('*') || (type !== '' && server.hasContentTypeParser(type))
}

export type ReadBody = (
  request: FastifyRequest,
  body: string | Buffer,
  done: (error: Error | null, value?: unknown) => void,
) => unknown

/** Reads JSON bodies, and refuses others before they are sent where that is known from the headers. */
export function readJsonBodies(server: FastifyInstance, limitBytes: number) {
  server.addHook('onRequest', (request, _reply, done) => {
    // @NOTE clients in PHP, and curl, call a body that is not there a form; it needs no parser
    if (request.headers['content-length'] === '0') delete request.headers['content-type']
    done()
  })
  // Node would send 100 before anything of the request has been looked at.
  server.server.on('checkContinue', (request, response) =>
    server.server.emit('request', request, response),
  )
  server.addHook('preParsing', (request, reply, payload, done) => {
    const { headers } = request
    if (!isPlainUtf8(headers)) return done(new TransportError('unsupported_media_type'), payload)
    if (bodiless.has(request.method)) return done(null, payload)
    if (Number(headers['content-length']) > limitBytes)
      return done(new TransportError('body_too_large'), payload)
    if (hasBody(headers) && !isReadable(request))
      return done(new TransportError('unsupported_media_type'), payload)
    if (headers.expect !== undefined && !request.raw.complete) reply.raw.writeContinue()
    done(null, payload)
  })
  server.addContentTypeParser('application/json', { parseAs: 'string' }, jsonReader(server))
}

/** Reads a body that is JSON and nothing that JSON should not be. */
export function jsonReader(server: FastifyInstance): ReadBody {
  const parseJson = server.getDefaultJsonParser('error', 'error')
  return (request, text, done) => {
    const body = text as string
    // @NOTE clients name JSON also on a POST that has no body
    if (body === '') return done(null, undefined)
    if (isTooDeep(body)) return done(new errorCodes.FST_ERR_CTP_INVALID_JSON_BODY(), undefined)
    return parseJson(request, body, done)
  }
}

/** Whether a body is what the parser takes it for: not compressed, and in UTF-8. */
function isPlainUtf8(headers: IncomingHttpHeaders): boolean {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== '' && encoding.toLowerCase() !== 'identity')
    return false
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(headers['content-type'] ?? '')?.[1]
  return charset === undefined || /^(utf-?8|us-ascii)$/i.test(charset)
}

/** Whether brackets stand in each other deeper than any body of ours. What walks a body later would run out
 * of stack long before the body runs out of bytes. */
function isTooDeep(body: string): boolean {
  let depth = 0
  let quoted = false
  for (let i = 0; i < body.length; i++) {
    const char = body[i]
    if (quoted) {
      if (char === '\\') i++
      else if (char === '"') quoted = false
    } else if (char === '"') quoted = true
    else if (char === '{' || char === '[') {
      if (++depth > maxDepth) return true
    } else if (char === '}' || char === ']') depth--
  }
  return false
}
