// The drain: after a stop signal the server still answers, and tells clients to reconnect elsewhere.
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    drain: Drain
  }
}

export type Drain = {
  /** Whether the server is about to stop. */
  isDraining(): boolean
  /** From now on the server is not ready, and every response closes its connection. */
  begin(): void
}

/** Call it before any route is created, so that it covers every response. */
export function drainable(server: FastifyInstance): Drain {
  let isDraining = false
  // @NOTE onSend, not onRequest, so that responses to requests already in progress say it, too
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (isDraining) reply.header('connection', 'close')
    done(null, payload)
  })
  return {
    isDraining: () => isDraining,
    begin() {
      isDraining = true
    },
  }
}
