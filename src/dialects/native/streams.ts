// Open event streams on this node: their heartbeat, and their end when their key loses its rights.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../../app.ts'
import { DomainError } from '../../core/error.ts'
import type { Following } from '../../core/events/feed.ts'
import { callerOf, rightOf } from '../../http/dialect.ts'
import { eventWriter } from './event-wire.ts'

const heartbeatMs = 15_000
/** Bytes that may queue for a slow reader before it is disconnected. It may reconnect. */
const maxBufferedBytes = 1024 * 1024
/** Per account and node, so that one customer leaves room for the others. */
const maxStreams = 200
const reconnectAfterMs = 2_000

type Stream = { readonly reply: FastifyReply; readonly right: ReturnType<typeof rightOf> }

/** Opens streams. The returned function answers a request with the events of its account. */
export function streams(app: App) {
  const all = new Set<Stream>()
  const write = eventWriter(app)
  let heart: NodeJS.Timeout | null = null
  app.events.watch.onClose((leftMs) => {
    if (leftMs > 0) {
      // @NOTE spread, so that the readers do not come to the other nodes all at once
      for (const stream of all) setTimeout(endPolitely, Math.random() * leftMs, stream).unref()
      return
    }
    if (heart) clearInterval(heart)
    for (const stream of all) endPolitely(stream)
  })
  const beat = async () => {
    for (const { reply } of all) send(reply, ':\n\n')
    const looks = await Promise.allSettled([...all].map(endIfUnwelcome))
    const failed = looks.filter((look) => look.status === 'rejected')
    if (failed[0]) app.troubles.caught('keys of streams', failed[0].reason, { isIncident: true })
  }
  const open = (request: FastifyRequest, reply: FastifyReply): Stream => {
    const stream = { reply, right: rightOf(app, request) }
    reply.hijack()
    all.add(stream)
    heart ??= setInterval(beat, heartbeatMs).unref()
    reply.raw.once('close', () => all.delete(stream))
    return stream
  }
  return async (
    request: FastifyRequest,
    reply: FastifyReply,
    wanted: Pick<Following, 'types' | 'orderId' | 'after'>,
  ): Promise<void> => {
    const { accountId } = callerOf(request)
    if (app.events.feed.count(accountId) >= maxStreams)
      throw new DomainError('rate_limited', `At most ${maxStreams} streams may be open at once.`, {
        retryAfterS: 60,
        limit: maxStreams,
      })
    const stream = open(request, reply)
    let begun = Promise.resolve()
    const { caughtUp, stop } = app.events.feed.follow({
      ...wanted,
      accountId,
      // @NOTE a stream that cannot send an event ends; its reader reconnects from the last event it received
      deliver: async (events) => {
        try {
          await begun
          const text = await write(events)
          await endIfUnwelcome(stream)
          send(reply, text)
        } catch (error) {
          app.troubles.caught('streams', error, { isIncident: true })
          reply.raw.destroy()
        }
      },
    })
    reply.raw.once('close', stop)
    // A client that has the headers misses nothing from then on, so the tail must know its place.
    const start = () => begin(reply)
    begun = app.events.tail.started().then(start, start)
    await caughtUp.catch((error: unknown) => {
      app.troubles.caught('streams', error, { isIncident: true })
      void begun.finally(() => reply.raw.end())
    })
  }
}

/** Ends a stream whose node stops: its reader reconnects at once, to another node, and misses nothing. */
function endPolitely({ reply }: Stream) {
  send(reply, `retry: ${Math.ceil(Math.random() * reconnectAfterMs)}\n\n`)
  // @NOTE close the connection, too: an open one would delay the server's shutdown
  reply.raw.end(() => reply.raw.socket?.destroySoon())
}

/** A stream may outlive its key: the key is checked at each heartbeat and before each event. */
async function endIfUnwelcome({ reply, right }: Stream) {
  await right().catch((error: unknown) => {
    if (!(error instanceof DomainError)) throw error
    reply.raw.end()
  })
}

function begin(reply: FastifyReply) {
  if (reply.raw.headersSent || reply.raw.destroyed) return
  reply.raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Asks proxies not to buffer the response.
    'x-accel-buffering': 'no',
  })
  send(reply, `retry: ${reconnectAfterMs}\n\n`)
}

function send(reply: FastifyReply, text: string) {
  const { headersSent, writableEnded, destroyed } = reply.raw
  if (!headersSent || writableEnded || destroyed) return
  reply.raw.write(text)
  if (reply.raw.writableLength > maxBufferedBytes) reply.raw.destroy()
}
