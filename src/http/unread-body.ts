// Responses that are sent before the request's body has been read, and must still arrive.
//
// A server that closes a connection with unread data resets it, and the reset may overtake the response. So
// the rest of the body is read and discarded, within limits.
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { hasBody } from './bodies.ts'

/** The most that is read and discarded. */
const maxDrainedBytes = 32 * 1024 * 1024
const maxDrainMs = 10_000

/** Connections that are ending: no further request on them is accepted. */
const ending = new WeakSet<Socket>()

/** Closes connections whose request body will not be read to its end, so that the response arrives. */
export function leaveNoBodyBehind(server: FastifyInstance, limitBytes: number) {
  server.addHook('onRequest', (request, reply, done) => {
    if (!ending.has(request.raw.socket)) return done()
    // @NOTE a request sent behind a refused body could not be answered, so it must not be executed
    reply.hijack()
    request.raw.socket.destroy()
  })
  server.addHook('onSend', (request, reply, payload, done) => {
    const { raw, headers } = request
    if (!raw.complete && hasBody(headers)) {
      const left = Number(headers['content-length'] ?? Number.POSITIVE_INFINITY)
      // @NOTE a client that waits for 100 may or may not send its body after another response
      if (left > limitBytes || headers.expect !== undefined) {
        reply.header('connection', 'close')
        raw.socket.destroySoon = () => drainAfterEnd(raw.socket, raw)
      }
    }
    done(null, payload)
  })
}

/** Ends a connection after the pending output, and drains it until the client ends it, too.
 * @param source where to read the data from: the request, or the socket if there is no request */
export function drainAfterEnd(socket: Socket, source: Readable = socket) {
  if (socket.destroyed) return
  ending.add(socket)
  socket.end()
  const readBefore = socket.bytesRead
  const timer = setTimeout(() => socket.destroy(), maxDrainMs).unref()
  socket.once('close', () => clearTimeout(timer))
  for (const one of [socket, source]) one.once('end', () => socket.destroy())
  if (source === socket) socket.removeAllListeners('data')
  source.on('data', () => {
    if (socket.bytesRead - readBefore > maxDrainedBytes) socket.destroy()
  })
  source.resume()
}
