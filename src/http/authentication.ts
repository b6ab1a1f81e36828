// How a request shows who makes it. Each dialect states how it reads credentials.
import type { FastifyRequest } from 'fastify'
import type { App } from '../app.ts'
import type { Principal } from '../core/accounts/principal.ts'
import { DomainError } from '../core/error.ts'

/** Reads a request's credentials and says whose they are; null if it has none.
 * The promise fails with unauthenticated, forbidden or account_suspended. */
export type Authenticate = (app: App, request: FastifyRequest) => Promise<Principal> | null

/** Authenticates with the API key that `keyIn` finds in a request. */
export const byKey =
  (keyIn: (request: FastifyRequest) => string | null): Authenticate =>
  (app, request) => {
    const key = keyIn(request)
    return key === null ? null : app.keys.recognise(key, request.ip, app.now())
  }

/** The key of `Authorization: Bearer KEY`, or null. */
export function bearerKey(request: FastifyRequest): string | null {
  return /^Bearer +(\S{1,200}) *$/i.exec(request.headers.authorization ?? '')?.[1] ?? null
}

/** Authenticates with `Authorization: Bearer KEY`. */
export const byBearerKey = byKey(bearerKey)

export const missingKey = () => new DomainError('unauthenticated', 'The API key is missing.')
