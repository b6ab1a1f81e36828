// /v1/keys: the API keys of an account.
import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { revocationKnown } from '../../core/accounts/access.ts'
import { maxActiveKeys, type NewKey } from '../../core/accounts/keys.ts'
import { keyIdOf, type Principal } from '../../core/accounts/principal.ts'
import { scopeNames } from '../../core/accounts/scopes.ts'
import { DomainError } from '../../core/error.ts'
import type { Amount } from '../../core/money.ts'
import { assertRecentSecondFactor } from '../../core/people/person.ts'
import { callerOf } from '../../http/dialect.ts'
import { type Answer, answerOnce } from '../../http/once.ts'
import { keyAnswer } from './account-wire.ts'
import * as examples from './examples.ts'
import { assertWithin, boundsFor } from './key-bounds.ts'
import { fromCursor, toPage } from './pages.ts'
import * as schemas from './schemas.ts'
import { amountOf, countryCode, findCountry } from './wanted.ts'

const keyParams = z.object({
  id: z
    .string()
    .max(100)
    .meta({ description: 'The key’s id (`key_...`).', examples: [examples.apiKey.id] }),
})

const maxSpend = z
  .union([schemas.decimalText, z.number()])
  .nullable()
  .meta({
    description:
      'What may be spent with the key on a day (UTC), in the account’s currency. Null: no limit. Only ' +
      'keys without a limit create and change keys.',
    examples: ['25.00'],
  })

const keyChange = z
  .strictObject({
    name: schemas.line(200).optional().meta({ description: 'A label for your own use.' }),
    max_spend_a_day: maxSpend.optional(),
    scopes: z
      .lazy(() => z.array(z.enum(scopeNames())).min(1).max(scopeNames().length))
      .optional()
      .meta({ description: 'What it may do from now on: at most what the calling key may.' }),
    allowed_ips: z.array(z.string().max(50)).max(100).optional().meta({
      description:
        'Addresses or networks (CIDR) that may use it from now on. Empty: those of the calling key.',
    }),
  })
  .meta({ id: 'KeyChange' })

const keyBody = z
  .strictObject({
    name: schemas.line(200).default('').meta({ description: 'A label for your own use.' }),
    scopes: z
      .lazy(() => z.array(z.enum(scopeNames())).min(1).max(scopeNames().length))
      .optional()
      .meta({
        description:
          'By default the scopes of the calling key. `handler-api` cannot be combined with others: such a ' +
          'key opens only that protocol.',
      }),
    default_country: countryCode.optional().meta({
      description: 'The country for calls that name none. ISO 3166-1 alpha-2.',
      examples: ['US'],
    }),
    error_form: schemas.errorForm.optional().meta({
      description:
        'How the handler_api protocol answers failures to this key: bare tokens (`plain`, the ' +
        'default) or JSON with real status codes (`hero`). Only with the scope `handler-api`.',
      examples: ['plain'],
    }),
    allowed_ips: z.array(z.string().max(50)).max(100).optional().meta({
      description:
        'Addresses or networks (CIDR) that may use the key. Empty: those of the calling key.',
    }),
    max_spend_a_day: maxSpend.optional(),
    expires_at: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({
        description: 'In the future. ISO 8601, with an offset.',
        examples: ['2027-11-20T00:00:00Z'],
      }),
  })
  .meta({ id: 'NewKey' })

const listKeysRoute = {
  config: {
    scope: 'manage',
    reference: {
      answers: {
        200: {
          description: 'A page of keys.',
          examples: [{ summary: 'One key', value: examples.page([examples.apiKey]) }],
        },
      },
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'listKeys',
    tags: ['Keys'],
    summary: 'List API keys',
    description: 'Oldest first. Revoked and expired keys are listed, too.',
    querystring: z.strictObject(schemas.pageQuery),
    response: { 200: schemas.pageOf(schemas.apiKey) },
  },
}

const createKeyRoute = {
  config: {
    scope: 'manage',
    recentSecondFactor: true,
    reference: {
      answers: {
        201: {
          description: 'The key. It is not shown again.',
          examples: [{ summary: 'A new key', value: examples.newApiKey }],
        },
      },
      failures: ['forbidden', 'country_not_found', 'too_many_keys'],
      requests: [
        { summary: 'A read-only key', value: { name: 'dashboard', scopes: ['read'] } },
        {
          summary: 'A key for one network',
          value: {
            name: 'ci',
            scopes: ['read', 'buy'],
            default_country: 'US',
            allowed_ips: ['203.0.113.0/24'],
            expires_at: '2031-11-20T00:00:00Z',
          },
        },
        {
          summary: 'A key for handler_api',
          value: { name: 'bot', scopes: ['handler-api'], error_form: 'hero' },
        },
      ],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'createKey',
    tags: ['Keys'],
    summary: 'Create an API key',
    description:
      'The key is shown in this answer only. It has at most the scopes, networks and lifetime of the key ' +
      'that creates it; what you leave out is copied from that key. ' +
      `An account can have ${maxActiveKeys} active keys.`,
    body: keyBody,
    response: { 201: schemas.newApiKey },
  },
}

const changeKeyRoute = {
  config: {
    scope: 'manage',
    reference: {
      answers: {
        200: {
          description: 'The key as it is now.',
          examples: [{ summary: 'With a limit', value: examples.apiKey }],
        },
      },
      failures: ['not_found', 'forbidden', 'second_factor_required'],
      requests: [
        { summary: 'A network', value: { scopes: ['read'], allowed_ips: ['127.0.0.0/8'] } },
        { summary: 'A limit', value: { max_spend_a_day: '25.00' } },
        { summary: 'No limit', value: { max_spend_a_day: null } },
      ],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'changeKey',
    tags: ['Keys'],
    summary: 'Update an API key',
    description:
      'Changes the name, the scopes, the networks, and what may be spent with the key on a day. All of it ' +
      'holds on every server before this call answers. What the key spent today counts.',
    params: keyParams,
    body: keyChange,
    response: { 200: schemas.apiKey },
  },
}

const revokeKeyRoute = {
  config: {
    scope: 'manage',
    recentSecondFactor: true,
    reference: {
      answers: {
        200: {
          description: 'The key, revoked. Revoking it again changes nothing.',
          examples: [{ summary: 'A revoked key', value: examples.revokedKey }],
        },
      },
      failures: ['not_found'],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'revokeKey',
    tags: ['Keys'],
    summary: 'Revoke an API key',
    description: 'The key stops working on every server before this call answers.',
    params: keyParams,
    response: { 200: schemas.apiKey },
  },
}

export function keyRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  scope.get('/keys', listKeysRoute, async (request) => {
    const { cursor, limit } = request.query
    const { accountId, decimals } = callerOf(request)
    const keys = await app.keys.list(accountId, {
      after: fromCursor(cursor),
      limit: limit + 1,
    })
    return toPage(
      keys,
      limit,
      (key) => key.id,
      (key) => keyAnswer(app, key, decimals),
    )
  })

  scope.post('/keys', createKeyRoute, (request, reply) => createOnce(app, request, reply))

  scope.patch('/keys/:id', changeKeyRoute, async (request) => {
    const caller = callerOf(request)
    assertUncapped(caller)
    const { name, max_spend_a_day: cap } = request.body
    const keyId = keyIdIn(app, request.params.id)
    const changed = await app.keys.change(caller.accountId, keyId, {
      name,
      ...(await newBounds(app, request, keyId)),
      ...(cap === undefined ? {} : { maxSpendADay: capOf(cap) }),
    })
    await revocationKnown()
    return keyAnswer(app, changed, caller.decimals)
  })

  scope.delete('/keys/:id', revokeKeyRoute, async (request) => {
    const id = keyIdIn(app, request.params.id)
    const { accountId, decimals } = callerOf(request)
    const revoked = await app.keys.revoke(accountId, id)
    await revocationKnown()
    return keyAnswer(app, revoked, decimals)
  })
}

type Change = FastifyRequest & { readonly body: z.output<typeof keyChange> }

/** What a key is to open, and from where: no more than the key that changes it.
 * @throws forbidden, not_found, second_factor_required */
async function newBounds(app: App, request: Change, keyId: number) {
  const { scopes, allowed_ips: allowedIps } = request.body
  if (scopes === undefined && allowedIps === undefined) return {}
  if (request.person) assertRecentSecondFactor(request.person, app.now())
  const caller = callerOf(request)
  const before = await app.keys.read(caller.accountId, keyId)
  await assertWithin(app, caller, {
    scopes: scopes ?? before.scopes,
    allowedIps: allowedIps ?? before.allowedIps,
    expiresAt: before.expiresAt,
  })
  return { scopes, allowedIps }
}

type Creation = FastifyRequest & { readonly body: z.output<typeof keyBody> }

/** Creates a key, once per Idempotency-Key. */
async function createOnce(app: App, request: Creation, reply: FastifyReply) {
  const caller = callerOf(request)
  const body = request.body
  assertUncapped(caller)
  const maxSpendADay = capOf(body.max_spend_a_day)
  await findCountry(app, body.default_country)
  const bounds = await boundsFor(app, caller, {
    scopes: body.scopes,
    allowedIps: body.allowed_ips,
    expiresAt: body.expires_at === undefined ? null : new Date(body.expires_at),
  })
  return answerOnce<NewKey>(app, request, reply, {
    run: (once) =>
      app.keys.create(
        {
          accountId: caller.accountId,
          madeWith: keyIdOf(caller),
          name: body.name,
          defaultCountry: body.default_country ?? null,
          errorForm: body.error_form,
          maxSpendADay,
          ...bounds,
        },
        once,
      ),
    render: ({ key, apiKey }) => ({
      status: 201,
      body: { ...keyAnswer(app, apiKey, caller.decimals), key },
    }),
    toKeep: withoutKey,
    renderAgain: async () => {
      throw new DomainError(
        'idempotency_conflict',
        'The response was lost, and the key cannot be shown again. Revoke it and create another.',
      )
    },
  })
}

/** @throws not_found */
function keyIdIn(app: App, text: string): number {
  const id = app.ids.fromToken('key', text)
  if (id === null || id > 2n ** 31n - 1n)
    throw new DomainError('not_found', 'The API key was not found.')
  return Number(id)
}

/** A key with a limit could otherwise have keys without one. @throws forbidden */
function assertUncapped({ isCapped }: Principal) {
  if (isCapped)
    throw new DomainError('forbidden', 'A key with a spending limit cannot create or change keys.')
}

/** @throws invalid_request */
function capOf(value: string | number | null | undefined): Amount | null {
  const cap = amountOf(value ?? undefined, '/max_spend_a_day')
  if (cap === 0n)
    throw new DomainError('invalid_request', 'max_spend_a_day: must be greater than 0.', {
      fields: [{ pointer: '/max_spend_a_day', detail: 'must be greater than 0' }],
    })
  return cap
}

const withoutKey = (answer: Answer): Answer => ({
  ...answer,
  body: { ...(answer.body as object), key: null },
})
