// The HTTP server on which all dialects are mounted.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from '../log.ts'
import { faultOf } from './arrival.ts'
import { readJsonBodies } from './bodies.ts'
import { isUtf8Escaped } from './escapes.ts'
import { TransportError } from './failure.ts'
import { validatorCompiler } from './plain-issues.ts'
import { drainAfterEnd, leaveNoBodyBehind } from './unread-body.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Answers what the router itself refuses, such as a broken percent escape in the path. */
    failBeforeRouting: (error: unknown, request: FastifyRequest, reply: FastifyReply) => unknown
  }
}

/** Bodies are small: the largest is an inbound message. */
const bodyLimitBytes = 128 * 1024
/** For the whole request: headers and body. */
const requestTimeoutMs = 30_000
/** How late a timeout may be noticed. */
const timeoutCheckMs = 1_000
const keepAliveTimeoutMs = 75_000

/** A server without routes. It reads only JSON bodies, and zod validates. */
export function createServer(options: {
  log: Logger
  /** Whether `rewriteUrl` leaves only trusted X-Forwarded-* headers. */
  isBehindProxy?: boolean
  /** The path for the router. */
  rewriteUrl?: (request: IncomingMessage) => string
  requestTimeoutMs?: number
}): FastifyInstance {
  const timeoutMs = options.requestTimeoutMs ?? requestTimeoutMs
  const server: FastifyInstance = Fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: timeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    http: {
      headersTimeout: timeoutMs,
      connectionsCheckingInterval: Math.min(timeoutCheckMs, timeoutMs),
    },
    trustProxy: options.isBehindProxy ?? false,
    ...(options.rewriteUrl ? { rewriteUrl: options.rewriteUrl } : {}),
    genReqId: (request) => requestId(request.headers['x-request-id']),
    clientErrorHandler: answerGarbage,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    forceCloseConnections: 'idle',
    // A request that arrives in the last moment is served.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => {
      server.failBeforeRouting(error, request, reply)
    },
  })
  endQuietConnections(server)
  server.removeAllContentTypeParsers()
  leaveNoBodyBehind(server, bodyLimitBytes)
  refuseFaults(server)
  readJsonBodies(server, bodyLimitBytes)
  server.setValidatorCompiler(validatorCompiler)
  // The compiler checks the types of responses, so they are not validated again here.
  server.setSerializerCompiler(() => (data) => JSON.stringify(data))
  server.addHook('onResponse', (request, reply, done) => {
    if (options.log.isLevelEnabled('debug')) options.log.debug(lineOf(request, reply), 'request')
    done()
  })
  return server
}

/** Refuses valid HTTP that different implementations read differently. */
function refuseFaults(server: FastifyInstance) {
  // Node's own response to an unknown expectation has no body.
  server.server.on('checkExpectation', (request, response) =>
    server.server.emit('request', request, response),
  )
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    const fault = faultOf(request.raw)
    if (fault !== null) {
      reply.header('connection', 'close')
      return done(new TransportError('malformed_request', fault))
    }
    const { expect } = request.headers
    if (expect !== undefined && expect.toLowerCase() !== '100-continue')
      return done(new TransportError('expectation_failed'))
    done(
      isReadableQuery(request) ? undefined : new TransportError('malformed_request', brokenQuery),
    )
  })
}

const brokenQuery = 'The query has percent escapes that are not valid UTF-8.'

/** Suppliers and payment gateways are not refused for it: see `textOf` in bodies.ts. */
function isReadableQuery({ url, routeOptions }: FastifyRequest): boolean {
  const start = url.indexOf('?')
  if (start < 0 || routeOptions.config?.dialect?.isForPartners) return true
  return isUtf8Escaped(url.slice(start + 1))
}

/**
 * On close, idle connections end at once, and the others after their response. Node alone would keep
 * connections without any request open for a minute.
 */
function endQuietConnections(server: FastifyInstance) {
  const underWay = new Map<Socket, number>()
  let isClosing = false
  server.server.on('connection', (socket: Socket) => {
    underWay.set(socket, 0)
    socket.once('close', () => underWay.delete(socket))
  })
  server.server.on('request', ({ socket }, response) => {
    underWay.set(socket, (underWay.get(socket) ?? 0) + 1)
    response.once('close', () => {
      const left = (underWay.get(socket) ?? 1) - 1
      if (underWay.has(socket)) underWay.set(socket, left)
      if (isClosing && left === 0) socket.destroySoon()
    })
  })
  server.addHook('preClose', (done) => {
    isClosing = true
    for (const [socket, requests] of underWay) if (requests === 0) socket.destroy()
    done()
  })
}

function lineOf(request: FastifyRequest, reply: FastifyReply) {
  return {
    request: request.id,
    method: request.method,
    // The pattern, not the path: it contains no ids, and no query, which may contain a key
    route: request.routeOptions.url ?? null,
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime),
    account: request.caller?.accountId,
  }
}

/** The caller's request id if it is well-formed, otherwise a new one. */
function requestId(sent: string | string[] | undefined): string {
  return typeof sent === 'string' && /^[\w.:-]{1,100}$/.test(sent) ? sent : randomUUID()
}

const details: Readonly<Record<number, string>> = {
  408: 'The request took too long to arrive.',
  431: 'The headers are too large.',
}

/** Answers invalid HTTP. There is no path, so there is no dialect. */
function answerGarbage(error: Error & { code?: string }, socket: Socket) {
  if (socket.destroyed) return
  // The client has closed the connection.
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return void socket.destroy()
  const [status, title] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'Request Header Fields Too Large']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'Request Timeout']
        : [400, 'Bad Request']
  const body = JSON.stringify({
    type: '/docs/errors/malformed_request',
    title: 'Malformed request',
    status,
    detail: details[status] ?? 'The request is not valid HTTP.',
    code: 'malformed_request',
    request_id: randomUUID(),
  })
  if (socket.writable)
    socket.write(
      `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    )
  drainAfterEnd(socket)
}
