// What operators' tools ask: /health/live, /health/ready, /metrics.
import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { App } from '../app.ts'
import { countPending } from '../core/webhooks/queue.ts'
import { pendingMigrations } from '../db/migrate.ts'
import './drain.ts'

declare module 'fastify' {
  interface FastifyInstance {
    metrics: Registry
  }
}

/** @returns what is missing until the platform can serve; nothing when it can */
export async function missingToServe(app: App): Promise<string[]> {
  try {
    const pending = await pendingMigrations(app.db)
    return pending.length > 0 ? [`migrations are missing: ${pending.join(', ')}`] : []
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string }
    return [`the database cannot be reached (${code ?? message ?? 'unknown error'})`]
  }
}

/** To be called before any route is made: every request is measured. */
export function operationRoutes(server: FastifyInstance, app: App) {
  const metrics = openMetrics(app)
  measureRequests(server, metrics)
  server.decorate('metrics', metrics)
  server.register(async (scope) => {
    scope.get('/health/live', { schema: { hide: true } }, async () => ({ status: 'live' }))
    scope.get('/health/ready', { schema: { hide: true } }, async (_request, reply) => {
      const missing = server.drain.isDraining()
        ? ['the server is shutting down']
        : await missingToServe(app)
      if (missing.length === 0) return { status: 'ready' }
      reply.code(503).header('retry-after', '2')
      return { status: 'not ready', missing }
    })
    scope.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
      reply.header('content-type', metrics.contentType)
      return reply.send(await metrics.metrics())
    })
  })
}

function measureRequests(server: FastifyInstance, registry: Registry) {
  const requests = new Histogram({
    name: 'numlet_http_request_seconds',
    help: 'Requests by route, method and status: how many and how long.',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers: [registry],
  })
  // @NOTE a series is looked up by its labels' hash each time; this is on every request's way
  const series = new Map<string, { observe(seconds: number): void }>()
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    const name = `${request.method} ${reply.statusCode} ${route}`
    let one = series.get(name)
    if (!one) {
      one = requests.labels(route, request.method, String(reply.statusCode))
      series.set(name, one)
    }
    one.observe(reply.elapsedTime / 1000)
    done()
  })
}

/** What this process can tell of itself and of the platform; a server adds its requests. */
export function openMetrics(app: App): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'numlet_' })
  new Counter({
    name: 'numlet_mails_total',
    help: 'Mails that came to this node, for each inbox, by what became of them.',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [outcome, mails] of app.mails.all()) this.inc({ outcome }, mails)
    },
  })
  pushMetrics(registry, app)
  new Gauge({
    name: 'numlet_open_orders',
    help: 'Orders that are open, by state.',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      this.reset()
      for (const row of await openOrders(app)) this.set({ state: row.state }, row.orders)
    },
  })
  new Gauge({
    name: 'numlet_up_database',
    help: '1 while the database answers.',
    registers: [registry],
    async collect() {
      this.set((await missingToServe(app)).length === 0 ? 1 : 0)
    },
  })
  return registry
}

function pushMetrics(registry: Registry, app: App) {
  new Counter({
    name: 'numlet_webhook_attempts_total',
    help: 'Attempts of this node to deliver webhooks, by how they ended.',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [outcome, { attempts }] of app.pushes.all()) this.inc({ outcome }, attempts)
    },
  })
  new Counter({
    name: 'numlet_webhook_attempt_seconds_total',
    help: 'Seconds that those attempts took.',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [outcome, { seconds }] of app.pushes.all()) this.inc({ outcome }, seconds)
    },
  })
  new Gauge({
    name: 'numlet_webhook_pending',
    help: 'Deliveries that are on their way or wait for another attempt, by lane.',
    labelNames: ['lane'],
    registers: [registry],
    async collect() {
      this.reset()
      for (const { fast, pending } of await countPending(app.db).catch(() => []))
        this.set({ lane: fast ? 'codes' : 'rest' }, pending)
    },
  })
}

const openOrders = (app: App) =>
  app.db
    .query<{ state: string; orders: number }>(
      `select state, count(*)::int as orders from orders
        where state in ('allocating', 'waiting', 'received', 'active') group by state`,
    )
    // @NOTE the metrics of the process are wanted most when the database is gone
    .catch(() => [])
