// /v1/webhooks: the webhook endpoints of an account.
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { keyIdOf } from '../../core/accounts/principal.ts'
import type { WithSecret } from '../../core/webhooks/endpoints.ts'
import { allFormats } from '../../core/webhooks/formats.ts'
import { callerOf } from '../../http/dialect.ts'
import type { FailureCode } from '../../http/failure.ts'
import { type Answer, answerOnce } from '../../http/once.ts'
import { eventNames } from './event-schemas.ts'
import * as examples from './examples.ts'
import { line, listOf } from './schemas.ts'
import * as schemas from './webhook-schemas.ts'
import { endpointIdOf, formatAnswer, webhookAnswer } from './webhook-wire.ts'

export const webhookParams = z.object({
  id: z
    .string()
    .max(100)
    .meta({ description: 'The endpoint’s id (`whk_...`).', examples: [schemas.exampleWebhook.id] }),
})

const fields = {
  url: z
    .string()
    .max(2048)
    .meta({
      description: 'An https URL. All addresses of its host must be public.',
      examples: [schemas.exampleWebhook.url],
    }),
  events: z
    .array(z.enum(eventNames))
    .min(1)
    .max(50)
    .meta({
      description: '`*`, or event types that the format has: GET /v1/webhook-formats lists them.',
      examples: [['*']],
    }),
  description: line(200).meta({ description: 'A label for your own use.' }),
}

const newWebhook = z
  .strictObject({
    url: fields.url,
    events: fields.events,
    format: schemas.format.default('standard'),
    description: fields.description.default(''),
  })
  .meta({ id: 'NewWebhook' })

const webhookChange = z
  .strictObject({
    url: fields.url.optional(),
    format: schemas.format.optional().meta({
      description:
        'Another format. It has to have all events of the endpoint, or of this request. Deliveries that ' +
        'are queued already are still sent in the format before.',
    }),
    events: fields.events.optional(),
    description: fields.description.optional(),
    active: z.boolean().optional().meta({
      description:
        'False drops pending deliveries. True switches it on again and clears its failures.',
    }),
  })
  .meta({ id: 'WebhookChange' })

type Example = { readonly summary: string; readonly value: unknown }

/** The parts of the reference that all of these calls share. */
const answering = (
  status: 200 | 201,
  description: string,
  value: unknown,
  more: { failures?: readonly FailureCode[]; requests?: readonly Example[] } = {},
) =>
  ({
    scope: 'manage',
    reference: {
      answers: { [status]: { description, examples: [{ summary: description, value }] } },
      failures: more.failures ?? ['webhook_not_found'],
      ...(more.requests ? { requests: more.requests } : {}),
    },
  }) satisfies FastifyContextConfig

const deleted = {
  scope: 'manage',
  reference: {
    answers: { 204: { description: 'The endpoint is deleted.', examples: [] } },
    failures: ['webhook_not_found'],
  },
} satisfies FastifyContextConfig

const tags = ['Webhooks']

const createRoute = {
  config: answering(
    201,
    'The endpoint and its secret, which is not shown again.',
    schemas.exampleWithSecret,
    {
      failures: ['too_many_webhooks', 'host_lookup_failed'],
      requests: [
        { summary: 'All events', value: { url: schemas.exampleWebhook.url, events: ['*'] } },
        {
          summary: 'Codes, in the format of another API',
          value: {
            url: 'https://example.com/hooks/sms',
            events: ['message.received'],
            format: 'handler-api',
            description: 'Bots',
          },
        },
      ],
    },
  ),
  schema: {
    operationId: 'createWebhook',
    tags,
    summary: 'Create a webhook',
    description:
      'Creates an endpoint. Each event is sent to it at least once, signed as Standard Webhooks 1.0 says. ' +
      'The header `webhook-id` is the id of the event, the same in every attempt. An account can have 20 ' +
      'endpoints.',
    body: newWebhook,
    response: { 201: schemas.webhookWithSecret },
  },
}

const listRoute = {
  config: answering(200, 'All endpoints, oldest first.', examples.list([schemas.exampleWebhook]), {
    failures: [],
  }),
  schema: {
    operationId: 'listWebhooks',
    tags,
    summary: 'List webhooks',
    description: 'Returns all endpoints of the account, oldest first. Secrets are not included.',
    response: { 200: listOf(schemas.webhook) },
  },
}

const readRoute = {
  config: answering(200, 'The endpoint.', schemas.exampleWebhook),
  schema: {
    operationId: 'getWebhook',
    tags,
    summary: 'Get a webhook',
    description: 'Returns an endpoint. The secret is not included.',
    params: webhookParams,
    response: { 200: schemas.webhook },
  },
}

const changeRoute = {
  config: answering(200, 'The updated endpoint.', schemas.exampleWebhook, {
    requests: [
      { summary: 'Other events', value: { events: ['order.code_received', 'order.expired'] } },
      { summary: 'Switch it on again', value: { active: true } },
    ],
  }),
  schema: {
    operationId: 'changeWebhook',
    tags,
    summary: 'Update a webhook',
    description: 'Changes the fields that are given. `active` switches the endpoint off or on.',
    params: webhookParams,
    body: webhookChange,
    response: { 200: schemas.webhook },
  },
}

const deleteRoute = {
  config: deleted,
  schema: {
    operationId: 'deleteWebhook',
    tags,
    summary: 'Delete a webhook',
    description: 'Deletes the endpoint. Deliveries that are still pending are dropped.',
    params: webhookParams,
    response: { 204: z.null() },
  },
}

const rotateRoute = {
  config: answering(200, 'The endpoint and its new secret, which is not shown again.', {
    ...schemas.exampleWithSecret,
    old_secret_until: '2026-11-21T09:30:00.000Z',
  }),
  schema: {
    operationId: 'rotateWebhookSecret',
    tags,
    summary: 'Rotate the secret of a webhook',
    description: 'Creates a new secret. For a day the old secret signs as well.',
    params: webhookParams,
    response: { 200: schemas.webhookWithSecret },
  },
}

const formatsRoute = {
  config: {
    scope: 'read',
    reference: {
      answers: {
        200: {
          description: 'The formats; the default comes first.',
          examples: [{ summary: 'One format', value: examples.list([schemas.exampleFormat]) }],
        },
      },
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'listWebhookFormats',
    tags,
    summary: 'List the formats of webhooks',
    description:
      'Returns the formats in which deliveries can be written: `standard`, and those of the other APIs. ' +
      'An endpoint gets one when it is created, and can be changed to another.',
    response: { 200: listOf(schemas.webhookFormat) },
  },
}

export function webhookRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  scope.get('/webhook-formats', formatsRoute, () => ({ data: allFormats().map(formatAnswer) }))

  scope.get('/webhooks', listRoute, async (request) => ({
    data: (await app.webhooks.list(callerOf(request).accountId)).map((one) =>
      webhookAnswer(app, one),
    ),
  }))

  scope.post('/webhooks', createRoute, (request, reply) => {
    const caller = callerOf(request)
    const { accountId } = caller
    const keyId = keyIdOf(caller)
    return answerOnce<WithSecret>(app, request, reply, {
      run: (once) =>
        app.webhooks.create({
          accountId,
          keyId,
          ...request.body,
          once,
        }),
      render: (made) => withSecret(app, 201, made),
      toKeep: withoutSecret,
      renderAgain: ({ subjectIds }) =>
        shownAgain(app, 201, { accountId, id: Number(subjectIds[0] ?? 0) }),
    })
  })

  scope.get('/webhooks/:id', readRoute, async (request) =>
    webhookAnswer(app, await app.webhooks.read(targetOf(app, request))),
  )

  scope.patch('/webhooks/:id', changeRoute, async (request) => {
    const { url, format, events, description, active: isActive } = request.body
    const change = { url, format, events, description, isActive, keyId: keyIdOf(callerOf(request)) }
    const target = targetOf(app, request)
    return webhookAnswer(app, await app.webhooks.change(target, change))
  })

  scope.delete('/webhooks/:id', deleteRoute, async (request, reply) => {
    await app.webhooks.delete(targetOf(app, request))
    return reply.code(204).send(null)
  })

  scope.post('/webhooks/:id/rotate', rotateRoute, (request, reply) => {
    const target = () => targetOf(app, request)
    return answerOnce<WithSecret>(app, request, reply, {
      run: async (once) => app.webhooks.rotate({ ...target(), once }),
      render: (made) => withSecret(app, 200, made),
      toKeep: withoutSecret,
      renderAgain: async () => shownAgain(app, 200, target()),
    })
  })
}

type Target = { readonly accountId: number; readonly id: number }

/** @throws webhook_not_found */
export const targetOf = (
  app: App,
  request: Parameters<typeof callerOf>[0] & { readonly params: { readonly id: string } },
): Target => ({
  accountId: callerOf(request).accountId,
  id: endpointIdOf(app, request.params.id),
})

const withSecret = (app: App, status: number, { endpoint, secret }: WithSecret): Answer => ({
  status,
  body: { ...webhookAnswer(app, endpoint), secret },
})

const withoutSecret = (answer: Answer): Answer => ({
  ...answer,
  body: { ...(answer.body as object), secret: null },
})

const shownAgain = async (app: App, status: number, target: Target): Promise<Answer> => ({
  status,
  body: { ...webhookAnswer(app, await app.webhooks.read(target)), secret: null },
})
