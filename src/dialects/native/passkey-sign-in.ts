// /v1/session by passkeys: signing in by one alone, and giving one as second factor.
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { passkeySite } from '../../http/connection.ts'
import { personOf } from '../../http/guards.ts'
import * as forms from './passkey-schemas.ts'
import { exampleSession, session } from './session-schemas.ts'
import { assertMaySignIn, fromOf, giveSession, sessionAfterFactor } from './session-wire.ts'

const complete = {
  ...exampleSession,
  second_factor: { needed: false, ways: ['passkey'], at: '2026-11-20T09:30:00.000Z' },
}

const options = (isAlone: boolean) => ({
  201: {
    description: 'What the browser needs to use a passkey.',
    examples: [{ summary: 'Options', value: forms.exampleRequest(isAlone) }],
  },
})

const body = z.strictObject({ credential: forms.usedCredential })
const requests = [{ summary: 'A passkey', value: { credential: forms.exampleUsed } }]

const askRoute = {
  config: {
    scope: null,
    reference: {
      answers: options(true),
      failures: ['too_many_attempts', 'insecure_connection', 'origin_refused'],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'beginPasskeySignIn',
    tags: ['Sessions'],
    summary: 'Request passkey options to sign in',
    description: 'The answer is the same for everybody. The browser asks the user which passkey.',
    response: { 201: forms.requestOptions },
  },
}

const signInRoute = {
  config: {
    scope: null,
    reference: {
      answers: {
        201: {
          description: 'The session. Its cookie is in the header `Set-Cookie`.',
          examples: [{ summary: 'A session', value: complete }],
        },
      },
      failures: ['wrong_credentials', 'account_suspended', 'insecure_connection', 'origin_refused'],
      requests,
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'signInByPasskey',
    tags: ['Sessions'],
    summary: 'Sign in by a passkey',
    description:
      'Begins a session. The authenticator must have asked who is there (a finger, a face or a PIN), so ' +
      'that both factors are given.',
    body,
    response: { 201: session },
  },
}

const askFactorRoute = {
  config: {
    scope: null,
    guard: 'incomplete session',
    reference: { answers: options(false), failures: ['insecure_connection'] },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'beginPasskeyFactor',
    tags: ['Sessions'],
    summary: 'Request passkey options as second factor',
    description: 'For users who have one. The challenge is for this session only.',
    response: { 201: forms.requestOptions },
  },
}

const giveRoute = {
  config: {
    scope: null,
    guard: 'incomplete session',
    reference: {
      answers: {
        200: {
          description:
            'The session. If it was incomplete, its new cookie is in the header `Set-Cookie`.',
          examples: [{ summary: 'A session', value: complete }],
        },
      },
      failures: ['wrong_credentials', 'too_many_attempts', 'insecure_connection'],
      requests,
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'givePasskeyFactor',
    tags: ['Sessions'],
    summary: 'Give a passkey as second factor',
    description:
      'After signing in with a password, and again before what needs a second factor of the last 15 minutes.',
    body,
    response: { 200: session },
  },
}

type Body = z.infer<typeof body>

/** The credential as the core takes it. */
function credentialIn({ credential }: Body) {
  const { userHandle, ...response } = credential.response
  return {
    ...credential,
    response: { ...response, ...(typeof userHandle === 'string' ? { userHandle } : {}) },
    clientExtensionResults: {},
  }
}

export function passkeySignInRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.post('/session/passkey/options', askRoute, async (request, reply) => {
    assertMaySignIn(app, request)
    const place = { site: passkeySite(app, request), from: fromOf(app, request) }
    return reply.code(201).send(await app.passkeys.askForSignIn(place))
  })

  scope.post('/session/passkey', signInRoute, async (request, reply) => {
    assertMaySignIn(app, request)
    const place = { site: passkeySite(app, request), from: fromOf(app, request) }
    const begun = await app.passkeys.signIn({ ...place, credential: credentialIn(request.body) })
    return giveSession(app, request, reply, begun)
  })

  scope.post('/session/second-factor/passkey/options', askFactorRoute, async (request, reply) => {
    const site = passkeySite(app, request)
    return reply.code(201).send(await app.passkeys.askForFactor(personOf(request), site))
  })

  scope.post('/session/second-factor/passkey', giveRoute, async (request, reply) => {
    const place = { site: passkeySite(app, request), from: fromOf(app, request) }
    const credential = credentialIn(request.body)
    const { token } = await app.passkeys.giveFactor(personOf(request), { ...place, credential })
    return sessionAfterFactor(app, request, reply, token)
  })
}
