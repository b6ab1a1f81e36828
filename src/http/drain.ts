// The drain: after a stop signal the server still answers, and tells clients to reconnect elsewhere.
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
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
  /** The number of requests in progress. */
  underWay(): number
  /** Waits for a moment in which no request is in progress and none has just arrived.
   * @param patienceMs the longest wait */
  quiet(patienceMs: number): Promise<void>
}

/** As long as this without a request or a new connection is quiet. */
const quietMs = 100
const pollMs = 10

/** Call it before any route is created, so that it covers every response. */
export function drainable(server: FastifyInstance): Drain {
  let isDraining = false
  let underWay = 0
  let lastMs = 0
  const note = () => {
    lastMs = performance.now()
  }
  server.server.on('connection', (_socket: Socket) => note())
  server.server.on('request', (_request, response) => {
    note()
    underWay++
    response.once('close', () => {
      note()
      underWay--
    })
  })
  // @NOTE onSend, not onRequest, so that responses to requests already in progress say it, too
  server.addHook('onSend', (_request, reply, payload, done) => {
    if (isDraining) reply.header('connection', 'close')
    done(null, payload)
  })
  return {
    isDraining: () => isDraining,
    underWay: () => underWay,
    begin() {
      isDraining = true
    },
    async quiet(patienceMs) {
      const deadline = performance.now() + patienceMs
      const isQuiet = () => underWay === 0 && performance.now() - lastMs >= quietMs
      while (!isQuiet() && performance.now() < deadline) await pause(pollMs)
    },
  }
}
