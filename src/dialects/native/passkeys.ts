// /v1/user/passkeys: the passkeys of the person who is signed in.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { DomainError } from '../../core/error.ts'
import { maxPasskeys, type Passkey } from '../../core/people/passkeys.ts'
import { passkeySite, siteHost } from '../../http/connection.ts'
import { personOf } from '../../http/guards.ts'
import { forPerson, withFactor } from './for-person.ts'
import * as forms from './passkey-schemas.ts'
import { fromOf } from './session-wire.ts'
import { time, type Wire } from './wire.ts'

const params = z.object({
  id: z
    .string()
    .max(100)
    .meta({ description: 'The passkey’s id.', examples: [forms.examplePasskey.id] }),
})

const listRoute = {
  config: forPerson({
    answers: {
      200: {
        description: 'The passkeys.',
        examples: [{ summary: 'One passkey', value: { data: [forms.examplePasskey] } }],
      },
    },
    failures: ['second_factor_required'],
  }),
  schema: {
    operationId: 'listPasskeys',
    tags: ['User'],
    summary: 'List passkeys',
    description: `The passkeys of the user, the oldest first; ${maxPasskeys} at most.`,
    response: { 200: z.object({ data: z.array(forms.passkey) }) },
  },
}

const beginRoute = {
  config: withFactor({
    answers: {
      201: {
        description: 'What the browser needs to make a passkey.',
        examples: [{ summary: 'Options', value: forms.exampleCreation }],
      },
    },
    failures: ['second_factor_required', 'insecure_connection'],
  }),
  schema: {
    operationId: 'beginPasskey',
    tags: ['User'],
    summary: 'Request options of a new passkey',
    description:
      'Passkeys belong to the name of the host in `NUMLET_PUBLIC_URL`, or else in the address of the ' +
      'request; to an IP address they cannot. The challenge is for this session only.',
    response: { 201: forms.creationOptions },
  },
}

const addRoute = {
  config: withFactor({
    answers: {
      201: {
        description: 'The passkey.',
        examples: [
          {
            summary: 'The first second factor (codes shortened)',
            value: {
              passkey: forms.examplePasskey,
              recovery_codes: ['k7mq-w2xd-9fvn-3hpt', 'a8cz-5rjy-tu4b-n6we'],
            },
          },
        ],
      },
    },
    failures: ['wrong_credentials', 'second_factor_required', 'insecure_connection'],
    requests: [{ summary: 'A passkey', value: { name: 'Phone', credential: forms.exampleNew } }],
  }),
  schema: {
    operationId: 'createPasskey',
    tags: ['User'],
    summary: 'Create a passkey',
    description:
      'With it the user signs in without an address or a password, and it is a second factor for sessions ' +
      'that began with a password. This session has then given its second factor.',
    body: z.strictObject({ name: forms.name, credential: forms.newCredential }),
    response: {
      201: z
        .object({
          passkey: forms.passkey,
          recovery_codes: z
            .array(z.string())
            .nullable()
            .meta({
              description:
                'Shown only here, if the user had no second factor before; otherwise null, and those of ' +
                'before count.',
            }),
        })
        .meta({ id: 'AddedPasskey' }),
    },
  },
}

const renameRoute = {
  config: forPerson({
    answers: {
      200: {
        description: 'The passkey.',
        examples: [{ summary: 'A passkey', value: forms.examplePasskey }],
      },
    },
    failures: ['not_found', 'second_factor_required'],
    requests: [{ summary: 'Another name', value: { name: 'Phone' } }],
  }),
  schema: {
    operationId: 'updatePasskey',
    tags: ['User'],
    summary: 'Update a passkey',
    description: 'Changes its name.',
    params,
    body: z.strictObject({ name: forms.name }),
    response: { 200: forms.passkey },
  },
}

const removeRoute = {
  config: withFactor({
    answers: { 204: { description: 'The passkey is removed.', examples: [] } },
    failures: ['not_found', 'second_factor_required'],
  }),
  schema: {
    operationId: 'removePasskey',
    tags: ['User'],
    summary: 'Remove a passkey',
    description: 'Nobody signs in with it any more. Recovery codes go with the last second factor.',
    params,
    response: { 204: z.null() },
  },
}

/** The number of a passkey's id. @throws not_found */
function numberOf(app: App, token: string): number {
  const id = app.ids.fromToken('psk', token)
  if (id === null || id > 2n ** 31n - 1n)
    throw new DomainError('not_found', 'You have no such passkey.')
  return Number(id)
}

const answer = (app: App, request: FastifyRequest, one: Passkey): Wire<typeof forms.passkey> => ({
  id: app.ids.toToken('psk', one.id),
  name: one.name,
  backed_up: one.isBackedUp,
  host: one.host,
  usable: one.host === null || one.host === siteHost(app, request),
  created_at: one.createdAt.toISOString(),
  last_used_at: time(one.lastUsedAt),
})

export function passkeyRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.get('/user/passkeys', listRoute, async (request) => {
    const all = await app.passkeys.list(personOf(request).user.id)
    return { data: all.map((one) => answer(app, request, one)) }
  })

  scope.post('/user/passkeys/options', beginRoute, async (request, reply) => {
    const site = passkeySite(app, request)
    const { platform_name: platform } = app.settings()
    const options = await app.passkeys.begin(personOf(request), { site, platform })
    return reply.code(201).send(options)
  })

  scope.post('/user/passkeys', addRoute, async (request, reply) => {
    const site = passkeySite(app, request)
    const { name, credential } = request.body
    const { passkey, recoveryCodes } = await app.passkeys.add(personOf(request), {
      ...{ name, site, from: fromOf(app, request) },
      credential: { ...credential, clientExtensionResults: {} },
    })
    return reply.code(201).send({
      passkey: answer(app, request, passkey),
      recovery_codes: recoveryCodes && [...recoveryCodes],
    })
  })

  scope.patch('/user/passkeys/:id', renameRoute, async (request) => {
    const id = numberOf(app, request.params.id)
    const { name } = request.body
    return answer(app, request, await app.passkeys.rename(personOf(request).user.id, { id, name }))
  })

  scope.delete('/user/passkeys/:id', removeRoute, async (request, reply) => {
    const id = numberOf(app, request.params.id)
    await app.passkeys.remove(personOf(request), { id, from: fromOf(app, request) })
    return reply.code(204).send(null)
  })
}
