// /v1/events and /v1/orders/:id/events: streams of server-sent events.
import type { FastifyContextConfig, FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { DomainError } from '../../core/error.ts'
import { eventTypes, isEventType } from '../../core/events/catalog.ts'
import { toEventId } from '../../core/events/event-id.ts'
import type { Place } from '../../core/events/tail.ts'
import { callerOf } from '../../http/dialect.ts'
import { orderIdOf } from '../../http/ids.ts'
import { event } from './event-schemas.ts'
import { fromEventId } from './event-wire.ts'
import * as examples from './examples.ts'
import { orderParams } from './orders.ts'
import { streams } from './streams.ts'

const typeList = Object.keys(eventTypes)

/** @NOTE OpenAPI 3.1 cannot describe streams: `contentSchema` describes what follows `data:` */
const stream = z.string().meta({
  contentMediaType: 'text/event-stream',
  contentSchema: { $ref: `#/components/schemas/${event.meta()?.id}` },
})

const lastEventId = z.object({
  'last-event-id': z.string().max(60).optional().meta({
    description: 'The id of the last event received. The stream continues after it, on any server.',
  }),
})

const after = z.string().max(60).optional().meta({
  description: 'The same as `Last-Event-ID`, for clients that cannot send the header.',
})

const example = [
  `id: ${toEventId({ epoch: 1, xid: '90211', id: 771204n })}`,
  'event: order.code_received',
  `data: ${JSON.stringify({
    id: 'evt_1_90211_771204',
    type: 'order.code_received',
    timestamp: '2026-11-20T09:30:07.512Z',
    data: examples.received,
  })}`,
  '',
  '',
].join('\n')

const streamed = {
  scope: 'read',
  reference: {
    answers: {
      200: {
        description:
          'A stream that stays open. Each event has an id, a type and data. A comment is sent every 15 ' +
          'seconds. Events are kept for 30 days.',
        contentTypes: ['text/event-stream'],
        examples: [{ summary: 'One event', value: example }],
      },
    },
    failures: ['order_not_found'],
  },
} satisfies FastifyContextConfig

const eventsRoute = {
  config: streamed,
  exposeHeadRoute: false,
  schema: {
    operationId: 'streamEvents',
    tags: ['Events'],
    summary: 'Stream events',
    description:
      'Sends the events of the account as they happen (server-sent events). The `data:` of each is an ' +
      '`Event`. With `Last-Event-ID` the stream continues after that event and misses none. ' +
      `Types: ${typeList.map((type) => `\`${type}\``).join(', ')}.`,
    headers: lastEventId,
    querystring: z.object({
      types: z
        .string()
        .max(1000)
        .optional()
        .meta({
          description: 'Only these types, separated by commas.',
          examples: ['order.code_received'],
        }),
      after,
    }),
    response: { 200: stream },
  },
}

const orderEventsRoute = {
  config: streamed,
  exposeHeadRoute: false,
  schema: {
    operationId: 'streamOrderEvents',
    tags: ['Events'],
    summary: 'Stream the events of an order',
    description:
      'Starts with the first event of the order. With `Last-Event-ID` it continues after that event.',
    headers: lastEventId,
    params: orderParams,
    querystring: z.object({ after }),
    response: { 200: stream },
  },
}

const theBeginning: Place = { epoch: 0, xid: '0', id: 0n }

export function eventRoutes(plain: FastifyInstance, app: App) {
  const scope = plain.withTypeProvider<ZodTypeProvider>()
  const open = streams(app)

  scope.get('/events', eventsRoute, (request, reply) => {
    const { types, after } = request.query
    const place = placeAsked(request.headers['last-event-id'], after)
    return open(request, reply, { types: typesAsked(types), orderId: null, after: place })
  })

  scope.get('/orders/:id/events', orderEventsRoute, async (request, reply) => {
    const id = orderIdOf(app, request.params.id)
    await app.orders.read(callerOf(request).accountId, id)
    const place = placeAsked(request.headers['last-event-id'], request.query.after)
    return open(request, reply, { types: null, orderId: id, after: place ?? theBeginning })
  })
}

function placeAsked(header: string | undefined, query: string | undefined): Place | null {
  if (header !== undefined && header !== '') return fromEventId(header, 'Last-Event-ID')
  return query === undefined ? null : fromEventId(query, 'after')
}

function typesAsked(text: string | undefined): ReadonlySet<string> | null {
  if (text === undefined || text === '*') return null
  const types = text.split(',').map((type) => type.trim())
  const unknown = types.find((type) => !isEventType(type))
  if (unknown !== undefined)
    throw new DomainError('invalid_request', 'The event type is unknown.', {
      fields: [{ pointer: 'types', detail: `must be one or more of: ${typeList.join(', ')}` }],
    })
  return new Set(types)
}
