// What every dialect shares: where it lives, who calls, how often, and how failures are answered.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../app.ts'
import type { Scope } from '../core/accounts/key.ts'
import type { Caller } from '../core/accounts/keys.ts'
import { DomainError } from '../core/error.ts'
import { readLenientBodies } from './bodies.ts'
import { type Failure, toFailure, transportFailure } from './failure.ts'
import type { DialectReference, FailureForm } from './openapi/reference.ts'
import { originOf } from './origin.ts'
import { countRates, type Rates } from './rates.ts'
import { withRetryAfter } from './retry-after.ts'

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null
  }
  interface FastifyContextConfig {
    /** The scope that a key needs here; null: no key at all. */
    scope?: Scope | null
    /** How this call writes failures, where its dialect has more ways than one. */
    failures?: FailureForm
  }
}

export type Dialect = {
  /** Its folder's name and its label in metrics and logs. */
  readonly name: string
  /** Where its documented paths begin, such as `/whichotp/api/v1`. */
  readonly prefix: string
  /** All paths that are this dialect's also when nothing is there. */
  readonly territory: string
  /** Whether paths and bodies are taken only exactly as documented. Dialects of others are lenient. */
  readonly isStrict?: boolean
  /** What a form becomes, where the dialect takes forms beside JSON. */
  readonly forms?: (fields: URLSearchParams) => unknown
  /** Whether suppliers and payment gateways call it, whose requests are not counted. */
  readonly isForPartners?: boolean
  /** Requests a minute a key, where its document names a number; else the platform's. */
  readonly rateLimit?: number
  /** The key of a request that carries it in its own way; by default `Authorization: Bearer`. */
  readonly keyOf?: (request: FastifyRequest) => string | null
  /** The key of a request that carries it in its body: asked, once that is read, where `keyOf` finds none. */
  readonly keyInBody?: (request: FastifyRequest) => string | null
  /** How it writes a failure: its own shape, for every code there is. */
  readonly failures: FailureForm
  readonly reference: DialectReference
  readonly routes: (scope: FastifyInstance, app: App) => void
}

/** Mounts dialects on a server, each with its own errors for everything that goes wrong in it. */
export function mountDialects(server: FastifyInstance, app: App, dialects: readonly Dialect[]) {
  const rates = countRates(app)
  const paths = pathTable()
  server.decorateRequest('caller', null)
  server.decorateRequest('origin', {
    getter() {
      return originOf(app, this as FastifyRequest)
    },
  })
  for (const dialect of dialects)
    server.register(
      async (scope) => {
        scope.addHook('onRoute', (route) => {
          paths.add(route.url, route.method)
          route.config = { ...route.config, dialect }
        })
        scope.addHook('onRequest', async (request, reply) => {
          const needed = request.routeOptions.config.scope
          if (needed === null) {
            if (!dialect.isForPartners) await rates.ofAddress(dialect, request)
            return
          }
          if (mayHaveKeyInBody(dialect, request)) return
          await admit(app, dialect, rates, request, reply, keyOf(dialect, request))
          if (needed !== undefined) assertScope(request.caller as Caller, needed)
        })
        const { keyInBody } = dialect
        if (keyInBody)
          scope.addHook('preValidation', async (request, reply) => {
            const needed = request.routeOptions.config.scope
            if (needed === null || request.caller) return
            await admit(app, dialect, rates, request, reply, keyInBody(request))
            if (needed !== undefined) assertScope(callerOf(request), needed)
          })
        scope.setErrorHandler((error, request, reply) =>
          failWith(app, dialect, rates, error, request, reply),
        )
        if (!dialect.isStrict) readLenientBodies(scope, dialect)
        dialect.routes(scope, app)
      },
      { prefix: dialect.prefix },
    )
  const [fallback] = dialects
  const dialectAt = (path: string) =>
    dialects.find((one) => path === one.territory || path.startsWith(`${one.territory}/`))
  const notFound = (request: FastifyRequest, reply: FastifyReply) => {
    const path = pathOf(request.url)
    const allowed = paths.methodsAt(path)
    const dialect = dialectAt(path) ?? (fallback as Dialect)
    if (allowed.length > 0) reply.header('allow', allowed.join(', '))
    const code = allowed.length > 0 ? 'method_not_allowed' : 'path_not_found'
    return answer(app, dialect, transportFailure(code), request, reply)
  }
  // @NOTE before its body is read
  server.addHook('onRequest', async (request, reply) => {
    if (request.is404) return notFound(request, reply)
  })
  server.setNotFoundHandler(notFound)
  const failAnywhere = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const dialect = dialectAt(pathOf(request.url)) ?? (fallback as Dialect)
    return failWith(app, dialect, rates, error, request, reply)
  }
  server.setErrorHandler(failAnywhere)
  server.failBeforeRouting = failAnywhere
}

const keyOf = (dialect: Dialect, request: FastifyRequest) => (dialect.keyOf ?? bearerKey)(request)

/** Whether who asks is known only after the body has been read. */
const mayHaveKeyInBody = (dialect: Dialect, request: FastifyRequest) =>
  dialect.keyInBody !== undefined && request.method === 'POST' && keyOf(dialect, request) === null

async function admit(
  app: App,
  dialect: Dialect,
  rates: Rates,
  request: FastifyRequest,
  reply: FastifyReply,
  key: string | null,
) {
  if (key === null) throw new DomainError('unauthenticated', 'The API key is missing.')
  const caller = await app.recognise(key, request.ip, app.now())
  request.caller = caller
  await rates.ofKey(dialect, caller, request, reply)
}

/** The key of `Authorization: Bearer KEY`, or null. */
export function bearerKey(request: FastifyRequest): string | null {
  return /^Bearer +(\S{1,200}) *$/i.exec(request.headers.authorization ?? '')?.[1] ?? null
}

/** Asks again whether the bearer of a request's key may still come in: for what is told long after it.
 * The returned function throws as `recognise` does. */
export function rightOf(app: App, request: FastifyRequest): () => Promise<Caller> {
  const key = bearerKey(request) ?? ''
  const { ip } = request
  return () => app.recognise(key, ip, app.now())
}

function assertScope(caller: Caller, needed: Scope) {
  if (!caller.scopes.includes(needed))
    throw new DomainError('forbidden', `This key lacks the scope ${needed}.`, { scope: needed })
}

/** Who calls, on a route that needs a key. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new Error(`${request.routeOptions.url} has no caller`)
  return request.caller
}

/** In logs and metrics only: nobody is there to be answered. nginx uses the same number. */
const clientClosedRequest = 499

/** Whether the client hung up before it had sent all of its request. */
const isBrokenOff = ({ raw }: FastifyRequest) => raw.destroyed && !raw.complete

async function failWith(
  app: App,
  dialect: Dialect,
  rates: Rates,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  if (isBrokenOff(request)) {
    app.log.debug({ request: request.id, dialect: dialect.name }, 'the client hung up')
    return reply.code(clientClosedRequest).hijack()
  }
  const failure = await judge(rates, error, request)
  if (failure.code === 'internal_error' || failure.code === 'unavailable')
    app.log.error({ err: error, request: request.id, dialect: dialect.name }, failure.code)
  return answer(app, dialect, failure, request, reply)
}

/** Names what went wrong. Who guesses keys is refused as one who asks too often. */
async function judge(rates: Rates, error: unknown, request: FastifyRequest): Promise<Failure> {
  const failure = toFailure(error, request.routeOptions.schema)
  if (failure.code !== 'unauthenticated') return failure
  return rates.ofStranger(request).then(
    () => failure,
    (refusal: unknown) => toFailure(refusal),
  )
}

function answer(
  app: App,
  dialect: Dialect,
  known: Failure,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const failure = withRetryAfter(app, known)
  if (failure.detail.retryAfterS !== undefined)
    reply.header('retry-after', String(failure.detail.retryAfterS))
  // RFC 9110, 11.6.1: a 401 says how to do better.
  if (failure.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer')
  app.log.debug({ request: request.id, dialect: dialect.name, failure: failure.code }, 'refused')
  const form = request.routeOptions.config.failures ?? dialect.failures
  const { status, contentType, body } = form.write(failure, request.id, request)
  return reply
    .code(status)
    .header('x-request-id', request.id)
    .header('content-type', contentType)
    .send(body)
}

/** The path as the router sees it: without its query, and without one slash at its end. */
const pathOf = (url: string) => url.split('?', 1)[0]?.replace(/(?<=.)\/$/, '') ?? '/'

/** Which methods there are at a path: for 405, which the router does not know. */
function pathTable() {
  const known: { pattern: RegExp; methods: Set<string> }[] = []
  const byUrl = new Map<string, Set<string>>()
  return {
    add(url: string, method: string | string[]) {
      let methods = byUrl.get(url)
      if (!methods) {
        methods = new Set()
        byUrl.set(url, methods)
        const source = url
          .replace(/\/+$/, '')
          .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
          .replace(/:[^/\\]+/g, '[^/]+')
        known.push({ pattern: new RegExp(`^${source}$`), methods })
      }
      for (const one of [method].flat()) methods.add(one)
    },
    methodsAt: (path: string) => [
      ...new Set(
        known.filter((one) => one.pattern.test(path)).flatMap((one) => [...one.methods].sort()),
      ),
    ],
  }
}
