// Signing up, and a new password by mail: what needs no session.
import type { FastifyContextConfig, FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { DomainError } from '../../core/error.ts'
import type { Asking } from '../../core/people/sign-up.ts'
import { signUpModes } from '../../core/settings.ts'
import * as schemas from './schemas.ts'
import * as forms from './session-schemas.ts'
import { assertMaySignIn, fromOf, giveSession } from './session-wire.ts'

const begun = {
  201: {
    description: 'The session. Its cookie is in the header `Set-Cookie`.',
    examples: [{ summary: 'A session', value: forms.exampleSession }],
  },
}

const asked = z
  .object({ sent: z.literal('if_possible') })
  .meta({ description: 'The same for every address.' })

const mailed = {
  202: {
    description: 'A mail is on its way, if there is anything to say. It is not said here.',
    examples: [{ summary: 'Any address', value: { sent: 'if_possible' } }],
  },
}

const failures = ['rate_limited', 'insecure_connection', 'origin_refused'] as const

const signUpInfoRoute = {
  config: {
    scope: null,
    reference: {
      answers: {
        200: {
          description: 'What a page for signing in shows.',
          examples: [
            { summary: 'By invitation', value: { sign_up: 'invitation', platform: 'Numlet' } },
          ],
        },
      },
      failures: ['rate_limited'],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'getSignUp',
    tags: ['Sessions'],
    summary: 'Get what signing in needs',
    description: 'Who may sign up, and the name of the platform. It needs no session.',
    response: {
      200: z.object({
        sign_up: z.enum(signUpModes).meta({
          description: '`open`: anybody; `invitation`: who was invited; `closed`: nobody.',
        }),
        platform: z.string(),
      }),
    },
  },
}

const signUpRoute = {
  config: {
    scope: null,
    reference: {
      answers: mailed,
      failures: [...failures, 'sign_up_closed', 'too_many_attempts', 'public_url_missing'],
      requests: [
        {
          summary: 'A user',
          value: {
            email: 'kim@example.com',
            name: 'Kim',
            password: 'nine grey herons by the lake',
          },
        },
      ],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'signUp',
    tags: ['User'],
    summary: 'Sign up',
    description:
      'Sends a mail with a link that confirms the address; only then is the user created, with an account. ' +
      'The answer is the same if there is a user with the address, who gets a mail that says so.',
    body: z.strictObject({
      email: forms.email,
      name: schemas.line(200).default(''),
      password: forms.newPassword,
    }),
    response: { 202: asked },
  },
}

const verifyRoute = {
  config: {
    scope: null,
    reference: {
      answers: begun,
      failures: [...failures, 'link_not_valid'],
      requests: [{ summary: 'A link', value: { token: forms.exampleToken } }],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'verifyUser',
    tags: ['User'],
    summary: 'Confirm the address',
    description:
      'Creates the user that a sign-up asked for, and begins a session. The token works once.',
    body: z.strictObject({ token: forms.token }),
    response: { 201: forms.session },
  },
}

const resetRequestRoute = {
  config: {
    scope: null,
    reference: {
      answers: mailed,
      failures: [...failures, 'too_many_attempts', 'public_url_missing'],
      requests: [{ summary: 'An address', value: { email: 'kim@example.com' } }],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'requestPasswordReset',
    tags: ['User'],
    summary: 'Request a new password',
    description: 'Sends a mail with a link, if there is a user with the address.',
    body: z.strictObject({ email: forms.email }),
    response: { 202: asked },
  },
}

const resetRoute = {
  config: {
    scope: null,
    reference: {
      answers: begun,
      failures: [...failures, 'link_not_valid', 'account_suspended'],
      requests: [
        {
          summary: 'A link',
          value: { token: forms.exampleToken, password: 'a quiet harbour in autumn' },
        },
      ],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'resetPassword',
    tags: ['User'],
    summary: 'Set a new password',
    description:
      'Sets the password by the token of a mail, which works once. All sessions of the user end, and a new ' +
      'one begins. A second factor is still needed.',
    body: z.strictObject({ token: forms.token, password: forms.newPassword }),
    response: { 201: forms.session },
  },
}

export function signUpRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.get('/sign-up', signUpInfoRoute, async () => {
    const { sign_up, platform_name: platform } = app.settings()
    return { sign_up, platform }
  })

  scope.post('/user', signUpRoute, async (request, reply) => {
    const from = askingOf(app, request)
    await app.people.requestSignUp({ ...request.body, mode: app.settings().sign_up }, from)
    return reply.code(202).send({ sent: 'if_possible' })
  })

  scope.post('/user/verify', verifyRoute, async (request, reply) => {
    assertMaySignIn(app, request)
    const session = await app.people.verify(request.body.token, fromOf(app, request))
    return giveSession(app, request, reply, session)
  })

  scope.post('/user/reset-requests', resetRequestRoute, async (request, reply) => {
    await app.people.requestReset(request.body.email, askingOf(app, request))
    return reply.code(202).send({ sent: 'if_possible' })
  })

  scope.post('/user/reset', resetRoute, async (request, reply) => {
    assertMaySignIn(app, request)
    const session = await app.people.reset(request.body, fromOf(app, request))
    return giveSession(app, request, reply, session)
  })
}

/** From where somebody asks for a mail with a link.
 * @throws public_url_missing, insecure_connection, origin_refused */
export function askingOf(app: App, request: FastifyRequest): Asking {
  assertMaySignIn(app, request)
  const { origin, ...from } = fromOf(app, request)
  if (origin === null)
    throw new DomainError(
      'public_url_missing',
      'This server cannot send links by mail: its operator has to set NUMLET_PUBLIC_URL.',
    )
  return { ...from, origin }
}
