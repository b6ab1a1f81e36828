// The metrics of a process: of its requests, its work and the platform.
import type { FastifyInstance } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { App } from '../app.ts'
import { countPending } from '../core/webhooks/queue.ts'
import { callMetrics } from './call-metrics.ts'
import { databaseMetrics } from './database-metrics.ts'
import { nodeMetrics } from './node-metrics.ts'
import { platformMetrics } from './platform-metrics.ts'
import { workQueue } from './work-queue.ts'

/** Returns a function that writes the metrics as text, once for all who ask at the same time. */
export function metricsReader(metrics: Registry): () => Promise<string> {
  // Writing the metrics holds the event loop, so it is always followed by a rest.
  const share = workQueue<string>(0)
  return () => share('everyone', 'metrics', () => metrics.metrics())
}

export function measureRequests(server: FastifyInstance, registry: Registry) {
  const requests = new Histogram({
    name: 'numlet_http_request_seconds',
    help: 'Duration of requests in seconds, by route, method and status.',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers: [registry],
  })
  // @NOTE looking up a series hashes its labels, and this runs on every request
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

/** Metrics of this process and of the platform. A server adds those of its requests. */
export function openMetrics(app: App): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  nodeMetrics(registry, app)
  platformMetrics(registry, app)
  new Counter({
    name: 'numlet_mails_total',
    help: 'Mails received by this node, per inbox, by result.',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [outcome, mails] of app.mail.counts.all()) this.inc({ outcome }, mails)
    },
  })
  new Counter({
    name: 'numlet_user_mails_total',
    help: 'Mails to users that this node sent or tried to send, by result.',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [outcome, mails] of app.mailer.counts.all()) this.inc({ outcome }, mails)
    },
  })
  callMetrics(registry, app)
  pushMetrics(registry, app)
  troubleMetrics(registry, app)
  readerMetrics(registry, app)
  databaseMetrics(registry, app)
  new Gauge({
    name: 'numlet_open_orders',
    help: 'Open orders, by state.',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      this.reset()
      for (const row of await openOrders(app)) this.set({ state: row.state }, row.orders)
    },
  })
  new Gauge({
    name: 'numlet_up_database',
    help: '1 if the database answers, else 0.',
    registers: [registry],
    async collect() {
      this.set((await app.node.missing()).length === 0 ? 1 : 0)
    },
  })
  return registry
}

function readerMetrics(registry: Registry, app: App) {
  const gauge = (what: 'events' | 'seconds', help: string) =>
    new Gauge({
      name: `numlet_event_reader_lag_${what}`,
      help,
      labelNames: ['reader'],
      registers: [registry],
      async collect() {
        this.reset()
        for (const lag of await app.events.lags.current().catch(() => []))
          this.set({ reader: lag.reader }, lag[what])
      },
    })
  gauge('events', 'Events that a reader has not read yet; 10,000 means that there may be more.')
  gauge('seconds', 'Age of the oldest event that a reader has not read yet.')
}

function troubleMetrics(registry: Registry, app: App) {
  new Gauge({
    name: 'numlet_clock_ahead_seconds',
    help: 'How far the clock of this machine is ahead of the database’s. Numlet uses the database’s.',
    registers: [registry],
    collect() {
      this.set((app.node.clock.aheadMs() ?? 0) / 1_000)
    },
  })
  new Gauge({
    name: 'numlet_trouble',
    help: '1 while something fails on this node, else 0.',
    labelNames: ['trouble'],
    registers: [registry],
    collect() {
      for (const [trouble, { isOn }] of app.troubles.all()) this.set({ trouble }, isOn ? 1 : 0)
    },
  })
  new Counter({
    name: 'numlet_trouble_failures_total',
    help: 'Failures on this node, by what they belong to.',
    labelNames: ['trouble'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [trouble, { failures }] of app.troubles.all()) this.inc({ trouble }, failures)
    },
  })
}

function pushMetrics(registry: Registry, app: App) {
  new Counter({
    name: 'numlet_webhook_attempts_total',
    help: 'Webhook delivery attempts of this node, by result.',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [outcome, { attempts }] of app.webhooks.attempts.all())
        this.inc({ outcome }, attempts)
    },
  })
  new Counter({
    name: 'numlet_webhook_attempt_seconds_total',
    help: 'Duration of webhook delivery attempts in seconds.',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [outcome, { seconds }] of app.webhooks.attempts.all())
        this.inc({ outcome }, seconds)
    },
  })
  new Gauge({
    name: 'numlet_webhook_pending',
    help: 'Webhook deliveries that are pending, by lane.',
    labelNames: ['lane'],
    registers: [registry],
    async collect() {
      this.reset()
      for (const { fast, pending } of await countPending(app.pools.watch).catch(() => []))
        this.set({ lane: fast ? 'codes' : 'rest' }, pending)
    },
  })
}

const openOrders = (app: App) =>
  app.pools.watch
    .query<{ state: string; orders: number }>(
      `select state, count(*)::int as orders from orders
        where id in (select order_id from leases where ended_at is null
                     union all select order_id from inboxes where ended_at is null)
          and state in ('allocating', 'waiting', 'received', 'active') group by state`,
    )
    // @NOTE the metrics of the process matter most when the database is down
    .catch(() => [])
