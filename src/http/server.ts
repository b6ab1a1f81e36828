// The HTTP server that every dialect is mounted on.
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import { validatorCompiler } from 'fastify-type-provider-zod'
import type { Logger } from '../log.ts'

/** Bodies are small: the largest is a message on its way in. */
export const bodyLimitBytes = 128 * 1024
const requestTimeoutMs = 30_000
const keepAliveTimeoutMs = 75_000

/** A server without routes. Only JSON bodies are read; validation is zod's. */
export function createServer(options: { log: Logger; trustProxy: boolean }): FastifyInstance {
  const server = Fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    trustProxy: options.trustProxy,
    genReqId: (request) => requestId(request.headers['x-request-id']),
    clientErrorHandler: answerGarbage,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    forceCloseConnections: 'idle',
  })
  server.removeAllContentTypeParsers()
  const parseJson = server.getDefaultJsonParser('error', 'error')
  // @NOTE clients name JSON also on a POST that has no body
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) =>
    body === '' ? done(null, undefined) : parseJson(request, body as string, done),
  )
  server.setValidatorCompiler(validatorCompiler)
  // The types of a handler's answer are checked when the program is built, so nothing is parsed again here.
  server.setSerializerCompiler(() => (data) => JSON.stringify(data))
  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })
  server.addHook('onResponse', async (request, reply) => {
    options.log.debug(
      {
        request: request.id,
        method: request.method,
        // The pattern, not the path: ids stay out, and queries, which may hold a key
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        account: request.caller?.accountId,
      },
      'request',
    )
  })
  return server
}

/** The caller's request id where it is a sane one, else a new one. */
function requestId(sent: string | string[] | undefined): string {
  return typeof sent === 'string' && /^[\w.:-]{1,100}$/.test(sent) ? sent : randomUUID()
}

/** Answers what is no HTTP at all: there is no path, so no dialect. */
function answerGarbage(error: Error & { code?: string }, socket: Socket) {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const [status, title] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'Request Header Fields Too Large']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'Request Timeout']
        : [400, 'Bad Request']
  const body = JSON.stringify({ type: 'about:blank', title, status, code: 'malformed_request' })
  if (socket.writable)
    socket.end(
      `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    )
}
