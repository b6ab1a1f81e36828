// The second factor of the person who is signed in: an authenticator, and recovery codes.
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { recoveryCodeCount } from '../../core/people/recovery-codes.ts'
import { totpUri } from '../../core/people/totp.ts'
import { personOf } from '../../http/guards.ts'
import { withFactor } from './for-person.ts'
import * as forms from './session-schemas.ts'
import { fromOf, sessionAfterFactor } from './session-wire.ts'

const code = z
  .string()
  .min(1)
  .max(100)
  .meta({
    description: 'Six digits from the authenticator, or a recovery code. Each counts once.',
    examples: ['492039'],
  })

const exampleSecret = 'OFVPZMKPIKT5OXNJZBRJOOZRKHVJWG3D'

const recoveryCodes = z
  .object({
    recovery_codes: z.array(z.string()).meta({
      description:
        `${recoveryCodeCount} codes, each of which stands in for the second factor once. They are shown ` +
        'only here.',
    }),
  })
  .meta({ id: 'RecoveryCodes' })

const recoveryAnswer = (description: string) => ({
  description,
  examples: [
    {
      summary: 'Recovery codes (shortened)',
      value: { recovery_codes: ['k7mq-w2xd-9fvn-3hpt', 'a8cz-5rjy-tu4b-n6we'] },
    },
  ],
})

const giveRoute = {
  config: {
    scope: null,
    guard: 'incomplete session',
    reference: {
      answers: {
        200: {
          description:
            'The session. If it was incomplete, its new cookie is in the header `Set-Cookie`.',
          examples: [
            {
              summary: 'A session',
              value: {
                ...forms.exampleSession,
                second_factor: { needed: false, ways: ['totp'], at: '2026-11-20T09:30:00.000Z' },
              },
            },
          ],
        },
      },
      failures: ['wrong_credentials', 'too_many_attempts', 'insecure_connection'],
      requests: [
        { summary: 'By authenticator', value: { code: '492039' } },
        { summary: 'By recovery code', value: { code: 'k7mq-w2xd-9fvn-3hpt' } },
      ],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'giveSecondFactor',
    tags: ['Sessions'],
    summary: 'Give the second factor',
    description:
      'After signing in, and again before what needs a second factor of the last 15 minutes. Clocks may ' +
      'differ by 30 seconds. Wrong codes are slowed down like wrong passwords.',
    body: z.strictObject({ code }),
    response: { 200: forms.session },
  },
}

const beginTotpRoute = {
  config: withFactor({
    answers: {
      201: {
        description: 'The secret, for the authenticator. It counts once a code has confirmed it.',
        examples: [
          {
            summary: 'A secret',
            value: {
              secret: exampleSecret,
              uri: `otpauth://totp/Numlet:kim%40example.com?secret=${exampleSecret}&issuer=Numlet`,
            },
          },
        ],
      },
    },
    failures: ['second_factor_required'],
  }),
  schema: {
    operationId: 'beginTotp',
    tags: ['User'],
    summary: 'Set up an authenticator',
    description:
      'Makes a secret for one-time passwords (RFC 6238: SHA-1, 6 digits, 30 seconds). Repeating it makes ' +
      'another one. An authenticator that is confirmed is removed first.',
    response: {
      201: z
        .object({
          secret: z.string().meta({ description: 'In base32, to type.' }),
          uri: z.string().meta({ description: 'For a QR code.' }),
        })
        .meta({ id: 'PendingTotp' }),
    },
  },
}

const confirmTotpRoute = {
  config: withFactor({
    answers: { 200: recoveryAnswer('The authenticator counts from now on.') },
    failures: ['wrong_credentials', 'too_many_attempts', 'second_factor_required'],
    requests: [{ summary: 'The first code', value: { code: '492039' } }],
  }),
  schema: {
    operationId: 'confirmTotp',
    tags: ['User'],
    summary: 'Confirm the authenticator',
    description:
      'With a code of it. This session has then given its second factor; all others of the user have to. ' +
      'Recovery codes from before count no more.',
    body: z.strictObject({ code }),
    response: { 200: recoveryCodes },
  },
}

const removeTotpRoute = {
  config: withFactor({
    answers: { 204: { description: 'There is no authenticator.', examples: [] } },
    failures: ['second_factor_required'],
  }),
  schema: {
    operationId: 'removeTotp',
    tags: ['User'],
    summary: 'Remove the authenticator',
    description: 'Recovery codes go with the last second factor. Repeating it changes nothing.',
    response: { 204: z.null() },
  },
}

const newCodesRoute = {
  config: withFactor({
    answers: { 201: recoveryAnswer('New codes. Those from before count no more.') },
    failures: ['second_factor_required'],
  }),
  schema: {
    operationId: 'createRecoveryCodes',
    tags: ['User'],
    summary: 'Create recovery codes',
    description: 'For users with a second factor.',
    response: { 201: recoveryCodes },
  },
}

export function secondFactorRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.post('/session/second-factor', giveRoute, async (request, reply) => {
    const person = personOf(request)
    const { token } = await app.secondFactors.give(person, request.body.code, fromOf(app, request))
    return sessionAfterFactor(app, request, reply, token)
  })

  scope.post('/user/totp', beginTotpRoute, async (request, reply) => {
    const person = personOf(request)
    const { secret } = await app.secondFactors.beginTotp(person)
    const { platform_name: platform } = app.settings()
    const { email } = person.user
    return reply.code(201).send({ secret, uri: totpUri({ platform, email, secret }) })
  })

  scope.post('/user/totp/confirm', confirmTotpRoute, async (request) => {
    const from = fromOf(app, request)
    const codes = await app.secondFactors.confirmTotp(personOf(request), request.body.code, from)
    return { recovery_codes: codes }
  })

  scope.delete('/user/totp', removeTotpRoute, async (request, reply) => {
    await app.secondFactors.removeTotp(personOf(request), fromOf(app, request))
    return reply.code(204).send(null)
  })

  scope.post('/user/recovery-codes', newCodesRoute, async (request, reply) => {
    const from = fromOf(app, request)
    const codes = await app.secondFactors.newRecoveryCodes(personOf(request), from)
    return reply.code(201).send({ recovery_codes: codes })
  })
}
