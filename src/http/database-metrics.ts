// Metrics of the database as this node sees it: its connections, and what holds up the events.
import { Counter, Gauge, type Registry } from 'prom-client'
import type { App } from '../app.ts'

/** Adds them to a registry. None of them asks the database. */
export function databaseMetrics(registry: Registry, app: App) {
  const counts = () => Object.entries(app.pools.counts())
  new Gauge({
    name: 'numlet_database_connections',
    help: 'Connections of this node, and callers that wait for one, by kind of work.',
    labelNames: ['work', 'state'],
    registers: [registry],
    collect() {
      for (const [work, { open, idle, waiting }] of counts()) {
        this.set({ work, state: 'in use' }, open - idle)
        this.set({ work, state: 'idle' }, idle)
        this.set({ work, state: 'waited for' }, waiting)
      }
    },
  })
  new Counter({
    name: 'numlet_database_connection_failures_total',
    help: 'Connections that this node could not make, by kind of work.',
    labelNames: ['work'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [work, { failures }] of counts()) this.inc({ work }, failures)
    },
  })
  new Gauge({
    name: 'numlet_oldest_transaction_seconds',
    help: 'Age of the oldest open transaction that has written, of any database; events wait for its end.',
    registers: [registry],
    collect() {
      this.set(app.events.holdUps.oldest()?.seconds ?? 0)
    },
  })
}
