// The HTTP server that every dialect is mounted on.
import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import Fastify, {
  errorCodes,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { validatorCompiler } from 'fastify-type-provider-zod'
import type { Logger } from '../log.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Answers what the router itself refuses, such as a broken escape in the path. */
    failBeforeRouting: (error: unknown, request: FastifyRequest, reply: FastifyReply) => unknown
  }
}

/** Bodies are small: the largest is a message on its way in. */
export const bodyLimitBytes = 128 * 1024
/** No body of ours is deeper than 3. */
const maxDepth = 32
const requestTimeoutMs = 30_000
const keepAliveTimeoutMs = 75_000

/** A server without routes. Only JSON bodies are read; validation is zod's. */
export function createServer(options: {
  log: Logger
  trustProxy: boolean
  /** The path that the router is to see. */
  rewriteUrl?: ((request: IncomingMessage) => string) | undefined
}): FastifyInstance {
  const server: FastifyInstance = Fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    trustProxy: options.trustProxy,
    ...(options.rewriteUrl ? { rewriteUrl: options.rewriteUrl } : {}),
    genReqId: (request) => requestId(request.headers['x-request-id']),
    clientErrorHandler: answerGarbage,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => {
      server.failBeforeRouting(error, request, reply)
    },
  })
  endQuietConnections(server)
  server.removeAllContentTypeParsers()
  readJsonBodies(server)
  // RFC 9110, 10.1.1: an expectation that is not met may be ignored; Node's own answer has no body.
  server.server.on('checkExpectation', (request, response) =>
    server.server.emit('request', request, response),
  )
  server.setValidatorCompiler(validatorCompiler)
  // The types of a handler's answer are checked when the program is built, so nothing is parsed again here.
  server.setSerializerCompiler(() => (data) => JSON.stringify(data))
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
  server.addHook('onResponse', (request, reply, done) => {
    if (options.log.isLevelEnabled('debug')) options.log.debug(lineOf(request, reply), 'request')
    done()
  })
  return server
}

/**
 * When the server closes, connections on which nothing is being answered end at once, and the others after
 * their answer. Node by itself leaves those open on which no request has ever come, for a minute.
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
    // The pattern, not the path: ids stay out, and queries, which may hold a key
    route: request.routeOptions.url ?? null,
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime),
    account: request.caller?.accountId,
  }
}

type ReadBody = (
  request: FastifyRequest,
  body: string | Buffer,
  done: (error: Error | null, value?: unknown) => void,
) => unknown

function readJsonBodies(server: FastifyInstance) {
  server.addHook('onRequest', (request, _reply, done) => {
    // @NOTE clients in PHP, and curl, call a body that is not there a form; it needs no parser
    if (request.headers['content-length'] === '0') delete request.headers['content-type']
    done()
  })
  server.addHook('preParsing', (request, _reply, payload, done) => {
    const fit = isPlainUtf8(request.headers)
    done(fit ? null : new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(''), payload)
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
  const body = JSON.stringify({
    type: 'urn:numlet:problem:malformed_request',
    title,
    status,
    detail: 'What came is no sound HTTP request.',
    code: 'malformed_request',
    request_id: randomUUID(),
  })
  if (socket.writable)
    socket.end(
      `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    )
}
