// What all dialects share: paths, authentication, rate limits and failures.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../app.ts'
import { withKeyOf } from '../core/accounts/acting-key.ts'
import type { Principal } from '../core/accounts/principal.ts'
import type { DialectScope, Scope } from '../core/accounts/scopes.ts'
import { DomainError } from '../core/error.ts'
import type { WebhookFormat } from '../core/webhooks/formats.ts'
import { forAccount } from '../db/shares.ts'
import type { PushForm } from '../push/form.ts'
import { type Authenticate, byBearerKey, missingKey } from './authentication.ts'
import { readBodies } from './bodies.ts'
import { answer, failWith } from './failed-request.ts'
import { transportFailure } from './failure.ts'
import { admitPerson, admitStaff, assertFactorOf } from './guards.ts'
import type { DialectReference, FailureForm } from './openapi/reference.ts'
import { originOf } from './origin.ts'
import type { Rates } from './rates.ts'
import { requestNotes } from './request-log.ts'

declare module 'fastify' {
  interface FastifyRequest {
    caller: Principal | null
  }
  interface FastifyContextConfig {
    /** The scope that a route requires; null if it needs no key. */
    scope?: Scope | null
    /** How this call writes failures, if its dialect has several ways. */
    failures?: FailureForm
    /** Set when the route is mounted. */
    dialect?: Dialect
  }
}

export type Dialect = {
  /** The name of its folder and its label in metrics and logs. */
  readonly name: string
  /** The prefix of its documented paths, such as `/whichotp/api/v1`. */
  readonly prefix: string
  /** All paths that belong to this dialect, also unknown ones. */
  readonly territory: string
  /** Whether only the documented paths and bodies are accepted. The other dialects are lenient. */
  readonly isStrict?: boolean
  /** Whether bodies of any type are read, as the bytes that were sent. */
  readonly takesAnyBody?: boolean
  /** Parses a form, if the dialect takes forms as well as JSON. */
  readonly forms?: (fields: URLSearchParams) => unknown
  /** Whether suppliers and payment gateways call it. Their requests are not rate-limited. */
  readonly isForPartners?: boolean
  /** Requests per minute and key, if its document gives a number; otherwise the platform's limit. */
  readonly rateLimit?: number
  /** Authenticates a request, before its body is read; by default with `Authorization: Bearer KEY`. */
  readonly authenticate?: Authenticate
  /** Whether the session of a browser opens its routes as well as a key. */
  readonly takesSessions?: boolean
  /** Authenticates a POST after its body is read, if `authenticate` found no credentials. */
  readonly authenticateBody?: Authenticate
  /** Writes a failure of any code in the dialect's own format. */
  readonly failures: FailureForm
  readonly reference: DialectReference
  /** The scope of keys that open only this dialect, if it has one. */
  readonly ownScope?: DialectScope
  /** The payload format of its webhooks, if it sends any. */
  readonly webhooks?: WebhookFormat & { readonly write: PushForm }
  readonly routes: (scope: FastifyInstance, app: App) => void
}

/** Mounts dialects on a server. Each answers everything that fails below its paths in its own format. */
export function mountDialects(
  server: FastifyInstance,
  app: App,
  rates: Rates,
  dialects: readonly Dialect[],
) {
  const paths = pathTable()
  server.decorateRequest('caller', null)
  for (const name of ['person', 'staff']) server.decorateRequest(name, null)
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
          const { handler } = route
          route.handler = function (request, reply) {
            return asCaller(request, () => handler.call(this, request, reply))
          }
        })
        scope.addHook('onRequest', async (request, reply) => {
          const needed = neededScope(app, request)
          if (needed === null) return admitWithoutKey(app, dialect, rates, request, reply)
          const principal = principalOf(app, dialect, request)
          const isInBody = dialect.authenticateBody !== undefined && request.method === 'POST'
          if (principal === null && isInBody) return
          await admit(dialect, rates, request, reply, principal)
          if (needed !== undefined) assertScope(callerOf(request), needed)
          assertFactorOf(app, request)
        })
        const { authenticateBody } = dialect
        if (authenticateBody)
          scope.addHook('preValidation', async (request, reply) => {
            const needed = request.routeOptions.config.scope
            if (needed === null || request.caller) return
            await admit(dialect, rates, request, reply, authenticateBody(app, request))
            if (needed !== undefined) assertScope(callerOf(request), needed)
          })
        scope.addHook('onResponse', requestNotes(app, dialect.name))
        scope.setErrorHandler((error, request, reply) =>
          failWith(app, dialect, rates, error, request, reply),
        )
        readBodies(scope, dialect)
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
  // @NOTE before the body is read
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

/** Runs the work of a request for its account, and for its key. */
function asCaller<T>({ caller }: FastifyRequest, work: () => T): T {
  if (!caller) return work()
  return forAccount(caller.accountId, () => withKeyOf(caller, work))
}

/** The scope that a request needs. @throws unavailable if this node must not use the database */
function neededScope(app: App, request: FastifyRequest): Scope | null | undefined {
  const refusal = app.node.refusal()
  if (refusal !== null) throw new DomainError('unavailable', refusal, { retryAfterS: 2 })
  return request.routeOptions.config.scope
}

const principalOf = (app: App, dialect: Dialect | undefined, request: FastifyRequest) =>
  (dialect?.authenticate ?? byBearerKey)(app, request)

/** Admits a person, the operator's programs, or anybody. */
async function admitWithoutKey(
  app: App,
  dialect: Dialect,
  rates: Rates,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const { guard, staffScope } = request.routeOptions.config
  if (staffScope !== undefined) return admitStaff(app, rates, request, reply)
  if (guard === undefined) {
    if (!dialect.isForPartners) await rates.ofAddress(dialect, request)
    return
  }
  await admitPerson(app, rates, request, reply)
  assertFactorOf(app, request)
}

async function admit(
  dialect: Dialect,
  rates: Rates,
  request: FastifyRequest,
  reply: FastifyReply,
  principal: Promise<Principal> | null,
) {
  if (principal === null) throw missingKey()
  const caller = await principal
  request.caller = caller
  await rates.ofCaller(dialect, caller, request, reply)
}

/** Checks again whether a request may still be made, for responses that go on long after it.
 * The returned function throws as `Authenticate` does. */
export function rightOf(app: App, request: FastifyRequest): () => Promise<Principal> {
  const { dialect } = request.routeOptions.config
  return async () => {
    const principal = await principalOf(app, dialect, request)
    if (principal === null) throw missingKey()
    return principal
  }
}

function assertScope({ kind, scopes }: Principal, needed: Scope) {
  if (scopes.includes(needed)) return
  const message =
    kind === 'session'
      ? 'Your role in this account does not allow that. Ask an owner.'
      : `This key does not have the scope ${needed}.`
  throw new DomainError('forbidden', message, { scope: needed })
}

/** The caller, on a route that requires a key. */
export function callerOf(request: FastifyRequest): Principal {
  if (!request.caller) throw new Error(`${request.routeOptions.url} has no caller`)
  return request.caller
}

/** The path as the router sees it: without the query and without one trailing slash. */
const pathOf = (url: string) => url.split('?', 1)[0]?.replace(/(?<=.)\/$/, '') ?? '/'

/** The methods of a path, for 405, which the router does not know. */
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
