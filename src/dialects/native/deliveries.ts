// /v1/webhooks/:id/{test,replay,deliveries}: the delivery log, test events and redelivery.
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { DomainError } from '../../core/error.ts'
import type { Delivery } from '../../core/webhooks/deliveries.ts'
import { deliveryStates } from '../../core/webhooks/delivery.ts'
import type { Replayed } from '../../core/webhooks/replay.ts'
import type { FailureCode } from '../../http/failure.ts'
import { answerOnce, type OnceWork } from '../../http/once.ts'
import * as examples from './examples.ts'
import { fromCursor, toPage } from './pages.ts'
import { pageOf, pageQuery } from './schemas.ts'
import * as schemas from './webhook-schemas.ts'
import { deliveryAnswer, deliveryIdOf } from './webhook-wire.ts'
import { targetOf, webhookParams } from './webhooks.ts'

const deliveryParams = webhookParams.extend({
  delivery: z
    .string()
    .max(100)
    .meta({
      description: 'The delivery’s id (`dlv_...`).',
      examples: [schemas.exampleDelivery.id],
    }),
})

const range = z
  .strictObject({
    from: z.iso
      .datetime({ offset: true })
      .meta({ description: 'ISO 8601, with an offset.', examples: ['2026-11-20T00:00:00Z'] }),
    to: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({
        description: 'Exclusive. By default the current time.',
        examples: ['2026-11-21T00:00:00Z'],
      }),
    all: z.boolean().default(false).meta({
      description:
        'Also resend events that were delivered. By default, only those that were not and are not pending.',
    }),
  })
  .meta({ id: 'NewWebhookReplay' })

const answering = (status: 200 | 201, description: string, value: unknown) =>
  ({
    scope: 'manage',
    reference: {
      answers: { [status]: { description, examples: [{ summary: description, value }] } },
      failures: ['webhook_not_found'] as FailureCode[],
    },
  }) satisfies FastifyContextConfig

const tags = ['Webhooks']

const testRoute = {
  config: answering(201, 'The delivery, queued.', {
    ...schemas.exampleQueued,
    event_id: null,
    event_type: 'webhook.test',
    cause: 'test',
  }),
  schema: {
    operationId: 'testWebhook',
    tags,
    summary: 'Send a test webhook',
    description:
      'Sends the event `webhook.test` to the endpoint now. The deliveries show the result.',
    params: webhookParams,
    response: { 201: schemas.delivery },
  },
}

const listRoute = {
  config: answering(200, 'A page of deliveries.', examples.page([schemas.exampleDelivery])),
  schema: {
    operationId: 'listWebhookDeliveries',
    tags,
    summary: 'List webhook deliveries',
    description: 'Returns the deliveries of the last 30 days, newest first.',
    params: webhookParams,
    querystring: z.object({
      ...pageQuery,
      state: z
        .enum(deliveryStates)
        .optional()
        .meta({ description: 'Only deliveries in this state.' }),
    }),
    response: { 200: pageOf(schemas.delivery) },
  },
}

const readRoute = {
  config: answering(200, 'The delivery and its attempts.', schemas.exampleDelivery),
  schema: {
    operationId: 'getWebhookDelivery',
    tags,
    summary: 'Get a webhook delivery',
    description: 'Returns a delivery with all of its attempts.',
    params: deliveryParams,
    response: { 200: schemas.delivery },
  },
}

const replayOneRoute = {
  config: answering(201, 'The new delivery of the same event.', {
    ...schemas.exampleQueued,
    cause: 'replay',
  }),
  schema: {
    operationId: 'replayWebhookDelivery',
    tags,
    summary: 'Resend a webhook delivery',
    description: 'Sends the same event again, also if it was delivered before.',
    params: deliveryParams,
    response: { 201: schemas.delivery },
  },
}

const replayRoute = {
  config: {
    ...answering(201, 'The number of events queued.', { queued: 42, more: false }),
    reference: {
      ...answering(201, 'The number of events queued.', { queued: 42, more: false }).reference,
      requests: [
        { summary: 'Missed events', value: { from: '2026-11-20T00:00:00Z' } },
        {
          summary: 'All events of a day',
          value: { from: '2026-11-20T00:00:00Z', to: '2026-11-21T00:00:00Z', all: true },
        },
      ],
    },
  } satisfies FastifyContextConfig,
  schema: {
    operationId: 'replayWebhook',
    tags,
    summary: 'Resend webhooks of a period',
    description:
      'Sends the events of a period again, also those from while the endpoint was switched off. Events are ' +
      'kept for 30 days.',
    params: webhookParams,
    body: range,
    response: { 201: schemas.replayed },
  },
}

export function deliveryRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()

  scope.get('/webhooks/:id/deliveries', listRoute, async (request) => {
    const { cursor, limit, state } = request.query
    const deliveries = await app.webhooks.deliveries({
      ...targetOf(app, request),
      state: state ?? null,
      before: fromCursor(cursor) ?? null,
      limit: limit + 1,
    })
    return toPage(
      deliveries,
      limit,
      (one) => one.id,
      (one) => deliveryAnswer(app, one),
    )
  })

  scope.get('/webhooks/:id/deliveries/:delivery', readRoute, async (request) => {
    const deliveryId = deliveryIdOf(app, request.params.delivery)
    const target = { ...targetOf(app, request), deliveryId }
    return deliveryAnswer(app, await app.webhooks.delivery(target))
  })

  scope.post('/webhooks/:id/test', testRoute, (request, reply) => {
    const target = () => targetOf(app, request)
    return answerOnce<Delivery>(app, request, reply, {
      ...queued(app, target),
      run: async (once) => app.webhooks.test({ ...target(), once }),
    })
  })

  scope.post('/webhooks/:id/deliveries/:delivery/replay', replayOneRoute, (request, reply) => {
    const target = () => targetOf(app, request)
    const deliveryId = () => deliveryIdOf(app, request.params.delivery)
    return answerOnce<Delivery>(app, request, reply, {
      ...queued(app, target),
      run: async (once) => {
        const wanted = { ...target(), deliveryId: deliveryId(), once }
        return app.webhooks.replay(wanted)
      },
    })
  })

  scope.post('/webhooks/:id/replay', replayRoute, (request, reply) => {
    const { from, to, all: isAll } = request.body
    return answerOnce<Replayed>(app, request, reply, {
      run: async (once) => {
        const target = targetOf(app, request)
        const until = to === undefined ? app.now() : new Date(to)
        const wanted = { from: new Date(from), to: until, isAll }
        return app.webhooks.replayRange({ ...target, once }, wanted)
      },
      render: ({ queued, isMore }) => ({ status: 201, body: { queued, more: isMore } }),
      renderAgain: async () => {
        throw new DomainError(
          'idempotency_conflict',
          'The events were queued, but the response was lost. See the delivery log.',
        )
      },
    })
  })
}

/** How the queued delivery is returned, also to a repeated request. */
const queued = (
  app: App,
  target: () => ReturnType<typeof targetOf>,
): Pick<OnceWork<Delivery>, 'render' | 'renderAgain'> => ({
  render: (delivery) => ({ status: 201, body: deliveryAnswer(app, delivery) }),
  renderAgain: async ({ subjectIds }) => {
    const deliveryId = subjectIds[0] ?? 0n
    const delivery = await app.webhooks.delivery({ ...target(), deliveryId })
    return { status: 201, body: deliveryAnswer(app, delivery) }
  },
})
