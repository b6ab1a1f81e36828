// Endpoints for operators' tools: /health/live, /health/ready, /metrics.
import './drain.ts'
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import type { App } from '../app.ts'
import { wordsOfHoldUp } from '../core/events/hold-up.ts'
import { countDry } from '../core/supply/balances.ts'
import type { NodeDetails } from '../node-watch.ts'
import { measureRequests, metricsReader, openMetrics } from './metrics.ts'

declare module 'fastify' {
  interface FastifyInstance {
    metrics: Registry
  }
}

/** The body of /health/ready. Without `missing`, the node is ready. */
export type Readiness = {
  readonly status: 'ready' | 'not ready'
  readonly missing?: readonly string[]
  readonly details: NodeDetails & {
    /** How far each reader of the events is behind; empty if the database does not answer. */
    readonly readers: Readonly<Record<string, { events: number; seconds: number }>>
    /** By what the events are held up. */
    readonly held_up: string | null
    /** How many suppliers have too little money to be asked; null if the database does not answer. */
    readonly dry_suppliers: number | null
  }
}

/** Whether this node can serve, and what it lacks. */
export async function readiness(app: App, isDraining: boolean): Promise<Readiness> {
  const missing = isDraining ? ['the server is shutting down'] : await app.node.missing()
  const lags = missing.length === 0 ? await app.events.lags.current().catch(() => []) : []
  const readers = Object.fromEntries(
    lags.map(({ reader, events, seconds }) => [reader, { events, seconds }]),
  )
  const holdUp = app.events.holdUps.current()
  const held_up = holdUp && wordsOfHoldUp(holdUp)
  const dry_suppliers =
    missing.length === 0 ? await countDry(app.pools.watch).catch(() => null) : null
  const details = { ...app.node.details(), readers, held_up, dry_suppliers }
  if (missing.length === 0) return { status: 'ready', details }
  return { status: 'not ready', missing, details }
}

/** Call it before any route is created, so that every request is measured. */
export function operationRoutes(server: FastifyInstance, app: App) {
  const metrics = openMetrics(app)
  measureRequests(server, metrics)
  server.decorate('metrics', metrics)
  const readMetrics = metricsReader(metrics)
  server.register(async (scope) => {
    scope.get('/health/live', { schema: { hide: true } }, async () => ({ status: 'live' }))
    scope.get('/health/ready', { schema: { hide: true } }, async (_request, reply) => {
      const answer = await readiness(app, server.drain.isDraining())
      if (answer.missing) reply.code(503).header('retry-after', '2')
      return answer
    })
    scope.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
      reply.header('content-type', metrics.contentType)
      return reply.send(await readMetrics())
    })
  })
}
