// Routes that are for people, not for keys of accounts: who may call them.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../app.ts'
import type { Principal } from '../core/accounts/principal.ts'
import { DomainError } from '../core/error.ts'
import {
  assertComplete,
  assertRecentSecondFactor,
  type Person,
  principalOf,
} from '../core/people/person.ts'
import { notSignedIn } from '../core/people/sessions.ts'
import type { StaffKey, StaffScope } from '../core/people/staff-keys.ts'
import { type Authenticate, bearerKey, byBearerKey, missingKey } from './authentication.ts'
import { assertOwnPage, sessionTokenOf } from './connection.ts'
import type { Rates } from './rates.ts'

/**
 * - `session`: whoever is signed in;
 * - `incomplete session`: also somebody whose second factor is still missing.
 */
export type Guard = 'session' | 'incomplete session'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is signed in, if the request was made with a session. */
    person: Person | null
    /** The staff key of a request to /v1/admin. */
    staff: StaffKey | null
  }
  interface FastifyContextConfig {
    /** Who may call a route whose scope is null. */
    guard?: Guard
    /** The scope of staff keys that a route of /v1/admin needs. */
    staffScope?: StaffScope
    /** Whether a person's second factor may only be some minutes old: money, keys, roles, erasure. */
    recentSecondFactor?: true
  }
}

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The person of a request's session; null if it has no cookie of one.
 * @throws not_signed_in, origin_refused */
export async function findPerson(app: App, request: FastifyRequest): Promise<Person | null> {
  const token = sessionTokenOf(request)
  if (token === null) return null
  if (!safeMethods.has(request.method)) assertOwnPage(app, request, true)
  return app.people.recognise(token, app.now())
}

/** Authenticates with a key, or else with the session of a browser. A key in the header wins. */
export const byKeyOrSession: Authenticate = (app, request) => {
  if (request.headers.authorization !== undefined) return byBearerKey(app, request)
  return sessionTokenOf(request) === null ? null : callerOfSession(app, request)
}

async function callerOfSession(app: App, request: FastifyRequest): Promise<Principal> {
  const person = await findPerson(app, request)
  if (!person) throw notSignedIn()
  const caller = principalOf(person)
  request.person = person
  return caller
}

/** Admits a person to a guarded route. @throws not_signed_in, forbidden, origin_refused,
 * second_factor_required, rate_limited */
export async function admitPerson(
  app: App,
  rates: Rates,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  if (request.headers.authorization !== undefined)
    throw new DomainError(
      'forbidden',
      'A key has no user: this call is for people who are signed in.',
    )
  const person = await findPerson(app, request)
  if (!person) throw notSignedIn()
  request.person = person
  await rates.ofPerson(person, request, reply)
  if (request.routeOptions.config.guard === 'session') assertComplete(person)
}

/** Checks what a route asks of people besides its scope. @throws second_factor_required */
export function assertFactorOf(app: App, request: FastifyRequest): void {
  if (request.routeOptions.config.recentSecondFactor && request.person)
    assertRecentSecondFactor(request.person, app.now())
}

/** The person, on a guarded route. */
export function personOf(request: FastifyRequest): Person {
  if (!request.person) throw new Error(`${request.routeOptions.url} has no person`)
  return request.person
}

/** Admits a staff key to a route of /v1/admin. @throws unauthenticated, forbidden, rate_limited */
export async function admitStaff(
  app: App,
  rates: Rates,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const secret = bearerKey(request)
  if (secret === null) throw missingKey()
  const key = await app.staff.recognise(secret)
  request.staff = key
  await rates.ofStaff(key.id, request, reply)
  const { staffScope } = request.routeOptions.config
  if (staffScope === undefined || !key.scopes.includes(staffScope))
    throw new DomainError('forbidden', `This key does not have the scope ${staffScope}.`)
}

/** The staff key, on a route of /v1/admin. */
export function staffOf(request: FastifyRequest): StaffKey {
  if (!request.staff) throw new Error(`${request.routeOptions.url} has no staff key`)
  return request.staff
}
