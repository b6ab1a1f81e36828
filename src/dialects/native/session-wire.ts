// People and their sessions in the native API's wire format, and the cookie that carries a session.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../../app.ts'
import {
  factorsOn,
  type Membership,
  needsSecondFactor,
  type Person,
} from '../../core/people/person.ts'
import { type Begun, idleMs, type ListedSession, notSignedIn } from '../../core/people/sessions.ts'
import type { From } from '../../core/people/sign-in.ts'
import { acceptedLanguage } from '../../http/accept-language.ts'
import {
  assertOwnPage,
  mailOrigin,
  safeConnection,
  sessionCookie,
  siteHost,
} from '../../http/connection.ts'
import { deviceOf } from '../../http/device.ts'
import { findPerson, personOf } from '../../http/guards.ts'
import { networkOf } from '../../http/rates.ts'
import type * as forms from './session-schemas.ts'
import { time, type Wire } from './wire.ts'

/** From where a request comes, as far as it is remembered. */
export const fromOf = (app: App, request: FastifyRequest): From => ({
  device: deviceOf(request.headers['user-agent']),
  address: /^[\da-f.:]+$/i.test(request.ip) ? request.ip : null,
  network: networkOf(request.ip),
  language: acceptedLanguage(request.headers['accept-language']),
  origin: mailOrigin(app, request),
})

/** Checks where somebody signs in, before anything is done. @throws insecure_connection, origin_refused */
export function assertMaySignIn(app: App, request: FastifyRequest): void {
  safeConnection(request)
  assertOwnPage(app, request, false)
}

/** Answers with a session that has just begun, and has the browser keep it. */
export async function giveSession(
  app: App,
  request: FastifyRequest,
  reply: FastifyReply,
  { token, person }: Begun,
): Promise<Wire<typeof forms.session>> {
  await leaveOldSession(app, request)
  const cookie = sessionCookie(request, { token, endsAt: person.endsAt, now: app.now() })
  reply.code(201).headers({ 'set-cookie': cookie, 'cache-control': 'no-store' })
  return sessionAnswer(app, request, person)
}

/** Answers with a session whose second factor was given, and has the browser keep its new token, if any. */
export async function sessionAfterFactor(
  app: App,
  request: FastifyRequest,
  reply: FastifyReply,
  token: string | null,
): Promise<Wire<typeof forms.session>> {
  if (token === null) {
    const renewed = await findPerson(app, request)
    if (!renewed) throw notSignedIn()
    return sessionAnswer(app, request, renewed)
  }
  const now = app.now()
  const { endsAt } = personOf(request)
  reply.header('set-cookie', sessionCookie(request, { token, endsAt, now }))
  return sessionAnswer(app, request, await app.people.recognise(token, now))
}

/** The session that the browser had until now. One that cannot be recognised has ended, or ends by itself. */
async function leaveOldSession(app: App, request: FastifyRequest): Promise<void> {
  const old = await findPerson(app, request).catch(() => null)
  if (old) await app.people.signOut(old)
}

export async function sessionAnswer(
  app: App,
  request: FastifyRequest,
  person: Person,
): Promise<Wire<typeof forms.session>> {
  const isIncomplete = needsSecondFactor(person)
  const memberships = isIncomplete ? [] : await app.people.memberships(person.user.id)
  const { account, secondFactorAt, endsAt, user } = person
  const idleEnd = app.now().getTime() + idleMs
  return {
    user: userAnswer(app, person),
    account: account === null || isIncomplete ? null : membershipAnswer(app, account),
    accounts: memberships.map((one) => membershipAnswer(app, one)),
    staff: isIncomplete ? null : user.staff,
    second_factor: {
      needed: isIncomplete,
      ways: [...factorsOn(user, siteHost(app, request))],
      at: time(secondFactorAt),
    },
    expires_at: new Date(Math.min(endsAt.getTime(), idleEnd)).toISOString(),
  }
}

export const userAnswer = (app: App, { user }: Person): Wire<typeof forms.user> => ({
  id: app.ids.toToken('usr', user.id),
  email: user.email,
  name: user.name,
  locale: user.locale,
  theme: user.theme,
  verified: user.isVerified,
  has_password: user.hasPassword,
  second_factors: [...user.secondFactors],
})

const membershipAnswer = (app: App, one: Membership) => ({
  id: app.ids.toToken('acc', one.accountId),
  name: one.name,
  currency: one.currency,
  role: one.role,
})

export const listedAnswer = (
  app: App,
  person: Person,
  one: ListedSession,
): Wire<typeof forms.listedSession> => ({
  id: app.ids.toToken('ses', one.id),
  device: one.device,
  address: one.address,
  is_current: one.id === person.sessionId,
  created_at: one.createdAt.toISOString(),
  last_seen_at: one.lastSeenAt.toISOString(),
})
