// /v1/events and /v1/orders/:id/events: streams of what happens, as server-sent events.
import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { DomainError } from '../../core/error.ts'
import { eventTypes, isEventType } from '../../core/events/catalog.ts'
import { toEventId } from '../../core/events/event-id.ts'
import type { Place } from '../../core/events/tail.ts'
import { bearerKey, callerOf } from '../../http/dialect.ts'
import { orderIdOf } from '../../http/ids.ts'
import { eventWriter, fromEventId } from './event-wire.ts'
import * as examples from './examples.ts'
import { orderParams } from './orders.ts'

const heartbeatMs = 15_000
/** What a reader that does not read may leave lying here before it is dropped; it may come back. */
const mostBufferedBytes = 1024 * 1024
/** Of one account on one node: one customer leaves room for the others. */
const mostStreams = 200
const reconnectAfterMs = 2_000

const typeList = Object.keys(eventTypes)

const lastEventId = z.object({
  'last-event-id': z.string().max(60).optional().meta({
    description: 'The last event that was seen: the stream goes on after it, on any server.',
  }),
})

const after = z.string().max(60).optional().meta({
  description: 'The same as `Last-Event-ID`, for those who cannot send the header.',
})

const example = [
  `id: ${toEventId({ xid: '90211', id: 771204n })}`,
  'event: order.code_received',
  `data: ${JSON.stringify({
    id: 'evt_90211_771204',
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
          'A stream that does not end. Each event has an id, a type and the data; a comment comes every ' +
          '15 seconds. Events are kept for 30 days.',
        contentTypes: ['text/event-stream'],
        examples: [{ summary: 'One event', value: example }],
      },
    },
    failures: ['order_not_found'],
  },
} satisfies FastifyContextConfig

const eventsRoute = {
  config: streamed,
  schema: {
    operationId: 'streamEvents',
    tags: ['Events'],
    summary: 'What happens in the account, as it happens',
    description:
      'Without `Last-Event-ID` the stream begins now; with it, nothing in between is missed. ' +
      `Types: ${typeList.map((type) => `\`${type}\``).join(', ')}.`,
    headers: lastEventId,
    querystring: z.object({
      types: z
        .string()
        .max(1000)
        .optional()
        .meta({
          description: 'Only these, with commas between.',
          examples: ['order.code_received'],
        }),
      after,
    }),
    response: { 200: z.string() },
  },
}

const orderEventsRoute = {
  config: streamed,
  schema: {
    operationId: 'streamOrderEvents',
    tags: ['Events'],
    summary: 'What happens to one order, from its beginning',
    headers: lastEventId,
    params: orderParams,
    querystring: z.object({ after }),
    response: { 200: z.string() },
  },
}

const theBeginning: Place = { xid: '0', id: 0n }

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
    await app.readOrder(callerOf(request).accountId, id)
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
    throw new DomainError('invalid_request', 'There is no such type of event.', {
      fields: [{ pointer: 'types', detail: `must be of: ${typeList.join(', ')}` }],
    })
  return new Set(types)
}

type Wanted = {
  readonly types: ReadonlySet<string> | null
  readonly orderId: bigint | null
  readonly after: Place | null
}

type Stream = { readonly reply: FastifyReply; readonly key: string; readonly ip: string }

/** The open streams of this node: one heartbeat for all of them, and an end when their key's right ends. */
function streams(app: App) {
  const all = new Set<Stream>()
  const write = eventWriter(app)
  let generation = app.access.generation()
  let heart: NodeJS.Timeout | null = null
  app.watch.onClose(() => {
    if (heart) clearInterval(heart)
    // @NOTE with its connection: one that is left open would hold the server's end up
    for (const { reply } of all) reply.raw.end(() => reply.raw.socket?.destroySoon())
  })

  const beat = () => {
    for (const stream of all) send(stream.reply, ':\n\n')
    void dropUnwelcome().catch((error: unknown) =>
      app.log.warn({ err: error }, 'the keys of open streams could not be looked at'),
    )
  }
  /** A stream lives longer than a right may: when rights have changed, each key is asked again. */
  const dropUnwelcome = async () => {
    if (generation === app.access.generation()) return
    generation = app.access.generation()
    for (const stream of all)
      await app.recognise(stream.key, stream.ip, app.now()).catch((error: unknown) => {
        if (error instanceof DomainError) stream.reply.raw.end()
      })
  }

  return async (request: FastifyRequest, reply: FastifyReply, wanted: Wanted): Promise<void> => {
    const { accountId } = callerOf(request)
    if (app.feed.count(accountId) >= mostStreams)
      throw new DomainError('rate_limited', `At most ${mostStreams} streams may be open at once.`, {
        retryAfterS: 60,
        limit: mostStreams,
      })
    const stream: Stream = { reply, key: bearerKey(request) ?? '', ip: request.ip }
    reply.hijack()
    all.add(stream)
    heart ??= setInterval(beat, heartbeatMs).unref()
    const { caughtUp, stop } = app.feed.follow({
      ...wanted,
      accountId,
      // @NOTE a stream that cannot tell of an event ends, and its reader asks again from the last it saw
      deliver: async (events) => {
        try {
          const text = await write(events)
          await dropUnwelcome()
          send(reply, text)
        } catch (error) {
          app.log.warn({ err: error, request: request.id }, 'a stream was ended')
          reply.raw.destroy()
        }
      },
    })
    reply.raw.once('close', () => {
      stop()
      all.delete(stream)
    })
    begin(reply)
    await caughtUp.catch((error: unknown) => {
      app.log.warn({ err: error, request: request.id }, 'a stream could not catch up')
      reply.raw.end()
    })
  }
}

function begin(reply: FastifyReply) {
  reply.raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Proxies that gather answers are asked not to.
    'x-accel-buffering': 'no',
  })
  send(reply, `retry: ${reconnectAfterMs}\n\n`)
}

function send(reply: FastifyReply, text: string) {
  if (reply.raw.writableEnded || reply.raw.destroyed) return
  reply.raw.write(text)
  if (reply.raw.writableLength > mostBufferedBytes) reply.raw.destroy()
}
