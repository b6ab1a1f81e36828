// /v1/session: signing in and out, and what a session may do.
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { DomainError } from '../../core/error.ts'
import { assertComplete } from '../../core/people/person.ts'
import { sessionCookie } from '../../http/connection.ts'
import { findPerson, personOf } from '../../http/guards.ts'
import { forPerson } from './for-person.ts'
import * as forms from './session-schemas.ts'
import { assertMaySignIn, fromOf, giveSession, sessionAnswer } from './session-wire.ts'

const answer = (description: string) => ({
  description,
  examples: [{ summary: 'A session', value: forms.exampleSession }],
})

const signInRoute = {
  config: {
    scope: null,
    reference: {
      answers: { 201: answer('The session. Its cookie is in the header `Set-Cookie`.') },
      failures: [
        'wrong_credentials',
        'too_many_attempts',
        'rate_limited',
        'account_suspended',
        'insecure_connection',
        'origin_refused',
      ],
      requests: [
        {
          summary: 'By password',
          value: { email: 'kim@example.com', password: 'nine grey herons by the lake' },
        },
      ],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'signIn',
    tags: ['Sessions'],
    summary: 'Sign in',
    description:
      'Begins a session of a browser. Over plain http this is refused, except on the server’s own machine. ' +
      'If the user has a second factor, `second_factor.needed` is true, and nothing else is possible ' +
      'until it is given.',
    body: z.strictObject({ email: forms.email, password: forms.password }),
    response: { 201: forms.session },
  },
}

const signInByLinkRoute = {
  config: {
    scope: null,
    reference: {
      answers: { 201: answer('The session. Its cookie is in the header `Set-Cookie`.') },
      failures: [
        'link_not_valid',
        'rate_limited',
        'account_suspended',
        'insecure_connection',
        'origin_refused',
      ],
      requests: [{ summary: 'A link', value: { token: forms.exampleToken } }],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'signInByLink',
    tags: ['Sessions'],
    summary: 'Sign in by a link',
    description: 'Begins a session with the token of a sign-in link, which works once.',
    body: z.strictObject({ token: forms.token }),
    response: { 201: forms.session },
  },
}

const getSessionRoute = {
  config: {
    scope: null,
    guard: 'incomplete session',
    reference: { answers: { 200: answer('The session.') } },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'getSession',
    tags: ['Sessions'],
    summary: 'Get the session',
    description: 'Returns who is signed in, the account that the session acts in, and all others.',
    response: { 200: forms.session },
  },
}

const switchAccountRoute = {
  config: forPerson({
    answers: { 200: answer('The session, in the other account.') },
    failures: ['not_found', 'second_factor_required'],
    requests: [
      { summary: 'Another account', value: { account_id: forms.exampleSession.accounts[0]?.id } },
    ],
  }),
  schema: {
    operationId: 'switchAccount',
    tags: ['Sessions'],
    summary: 'Switch the account',
    description: 'Has the session act in another account of the user.',
    body: z.strictObject({
      account_id: z.string().max(100).meta({ description: 'One of `accounts`.' }),
    }),
    response: { 200: forms.session },
  },
}

const signOutRoute = {
  config: {
    scope: null,
    guard: 'incomplete session',
    reference: {
      answers: { 204: { description: 'The session has ended.', examples: [] } },
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'signOut',
    tags: ['Sessions'],
    summary: 'Sign out',
    description: 'Ends the session, on every server at once.',
    response: { 204: z.null() },
  },
}

export function sessionRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.post('/session', signInRoute, async (request, reply) => {
    assertMaySignIn(app, request)
    const begun = await app.people.signIn(request.body, fromOf(app, request))
    return giveSession(app, request, reply, begun)
  })

  scope.post('/session/link', signInByLinkRoute, async (request, reply) => {
    assertMaySignIn(app, request)
    const begun = await app.people.signInByLink(request.body.token, fromOf(app, request))
    return giveSession(app, request, reply, begun)
  })

  scope.get('/session', getSessionRoute, (request) =>
    sessionAnswer(app, request, personOf(request)),
  )

  scope.patch('/session', switchAccountRoute, async (request) => {
    const person = personOf(request)
    assertComplete(person)
    const id = app.ids.fromToken('acc', request.body.account_id)
    if (id === null || id > 2n ** 31n - 1n)
      throw new DomainError('not_found', 'You belong to no such account.')
    await app.people.switchAccount(person, Number(id))
    return sessionAnswer(app, request, (await findPerson(app, request)) ?? person)
  })

  scope.delete('/session', signOutRoute, async (request, reply) => {
    await app.people.signOut(personOf(request))
    reply.header('set-cookie', sessionCookie(request, null))
    return reply.code(204).send(null)
  })
}
