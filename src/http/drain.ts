// The time between being asked to stop and stopping: everybody is still served, and told to go elsewhere.
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    drain: Drain
  }
}

export type Drain = {
  /** Whether the server is about to stop. */
  isDraining(): boolean
  /** From now on the server is not ready, and each answer ends its connection. */
  begin(): void
}

/** To be called before any route is made: every answer is concerned. */
export function drainable(server: FastifyInstance): Drain {
  let isDraining = false
  // @NOTE onSend, not onRequest: answers to requests that were under way already say it, too
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
