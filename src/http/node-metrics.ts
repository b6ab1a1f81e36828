// Metrics of this process: its work, the size of its batches, its jobs, its version.
import { readFileSync } from 'node:fs'
import type { Registry } from 'prom-client'
import type { App } from '../app.ts'
import { listSuppliers } from '../core/inventory/suppliers.ts'
import { gathered } from '../db/gather.ts'
import { messageBoundsS } from '../measurements.ts'
import { bucketed, sampled } from './metric-forms.ts'
import { askMetrics } from './supply-metrics.ts'

const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as { version: string }
const maxSuppliers = 1_000

export function nodeMetrics(registry: Registry, app: App) {
  versionMetrics(registry, app)
  messageMetrics(registry, app)
  inboundMetrics(registry, app)
  sessionMetrics(registry, app)
  askMetrics(registry, app)
  requestLogMetrics(registry, app)
  batchMetrics(registry)
  jobMetrics(registry, app)
}

function versionMetrics(registry: Registry, app: App) {
  const build = {
    name: 'numlet_build_info',
    help: 'The versions of Numlet and Node that run.',
    labels: ['version', 'node'],
  }
  sampled(registry, 'gauge', build, () => [
    { labels: { version, node: process.versions.node }, value: 1 },
  ])
  const schema = {
    name: 'numlet_schema_info',
    help: 'The last migration that was applied to the database.',
    labels: ['version'],
  }
  sampled(registry, 'gauge', schema, () => {
    const version = app.node.details().schema_version
    return version === null ? [] : [{ labels: { version }, value: 1 }]
  })
  const polls = { name: 'numlet_long_polls', help: 'Requests that wait for a change on this node.' }
  sampled(registry, 'gauge', polls, () => [{ labels: {}, value: app.events.watch.count() }])
}

function messageMetrics(registry: Registry, app: App) {
  const names = new Map<number, string>([[0, 'mail']])
  const learnNames = async () => {
    if ([...app.measured.messages.values()].every(({ supplierId }) => names.has(supplierId))) return
    for (const { id, name } of await listSuppliers(app.pools.watch, maxSuppliers))
      names.set(id, name)
  }
  const messages = {
    name: 'numlet_messages_total',
    help: 'Messages that this node has received, by supplier, channel and what became of them.',
    labels: ['supplier', 'channel', 'state'],
  }
  sampled(registry, 'counter', messages, async () => {
    await learnNames().catch(() => {})
    return [...app.measured.messages.values()].map(({ supplierId, channel, state, count }) => ({
      labels: { supplier: names.get(supplierId) ?? `${supplierId}`, channel, state },
      value: count,
    }))
  })
  const seconds = {
    name: 'numlet_message_seconds',
    help: 'Seconds from the arrival of a message on this node until its order shows it.',
    bounds: messageBoundsS,
  }
  bucketed(registry, seconds, () =>
    [...app.measured.messageSeconds].map(([channel, { counts, sum }]) => ({
      labels: { channel },
      counts,
      sum,
    })),
  )
}

function inboundMetrics(registry: Registry, app: App) {
  const requests = {
    name: 'numlet_inbound_requests_total',
    help: 'Requests of vendors’ webhooks on this node, by supplier and what became of them.',
    labels: ['supplier', 'outcome'],
  }
  sampled(registry, 'counter', requests, () =>
    [...app.inbound.counts()].map(({ supplier, outcome, count }) => ({
      labels: { supplier, outcome },
      value: count,
    })),
  )
}

function sessionMetrics(registry: Registry, app: App) {
  const gauges = {
    wanted: {
      name: 'numlet_supplier_sessions_wanted',
      help: 'Connections to suppliers that there should be, of all nodes together.',
    },
    bound: {
      name: 'numlet_supplier_sessions',
      help: 'Connections to suppliers that this node has bound.',
    },
    unanswered: {
      name: 'numlet_supplier_unanswered',
      help: 'What has come over these connections and waits for its acknowledgement.',
    },
  } as const
  const all = () => [...app.sessions.counts.all()]
  for (const [what, about] of Object.entries(gauges) as [keyof typeof gauges, Gauge][])
    sampled(registry, 'gauge', { ...about, labels: ['supplier'] }, () =>
      all().map(([supplier, one]) => ({ labels: { supplier }, value: one[what] })),
    )
  const lost = {
    name: 'numlet_supplier_sessions_lost_total',
    help: 'Connections to suppliers that this node has lost.',
    labels: ['supplier'],
  }
  sampled(registry, 'counter', lost, () =>
    all().map(([supplier, one]) => ({ labels: { supplier }, value: one.lost })),
  )
  const deliveries = {
    name: 'numlet_supplier_deliveries_total',
    help: 'What has come over these connections, by supplier and what became of it.',
    labels: ['supplier', 'outcome'],
  }
  sampled(registry, 'counter', deliveries, () =>
    all().flatMap(([supplier, { outcomes }]) =>
      [...outcomes].map(([outcome, value]) => ({ labels: { supplier, outcome }, value })),
    ),
  )
}

function requestLogMetrics(registry: Registry, app: App) {
  const lines = {
    name: 'numlet_request_log_lines_total',
    help: 'Lines of the request log on this node, by what became of them.',
    labels: ['outcome'],
  }
  sampled(registry, 'counter', lines, () =>
    Object.entries(app.requestLog.counts).map(([outcome, value]) => ({
      labels: { outcome },
      value,
    })),
  )
}

type Gauge = { readonly name: string; readonly help: string }

function batchMetrics(registry: Registry) {
  for (const what of ['calls', 'inputs'] as const)
    sampled(
      registry,
      'counter',
      {
        name: `numlet_gathered_${what}_total`,
        help:
          what === 'calls'
            ? 'Calls of the database that combine concurrent work of this node, by work.'
            : 'What these calls have combined; divided by the calls, the size of a batch.',
        labels: ['work'],
      },
      () => [...gathered()].map(([work, one]) => ({ labels: { work }, value: one[what] })),
    )
}

function jobMetrics(registry: Registry, app: App) {
  const jobs = () => [...app.measured.jobs]
  const runs = {
    name: 'numlet_job_runs_total',
    help: 'Runs of jobs on this node, by job and result.',
    labels: ['job', 'result'],
  }
  sampled(registry, 'counter', runs, () =>
    jobs().flatMap(([job, one]) => [
      { labels: { job, result: 'success' }, value: one.runs - one.failures },
      { labels: { job, result: 'failure' }, value: one.failures },
    ]),
  )
  const seconds = {
    name: 'numlet_job_seconds_total',
    help: 'Duration of all runs of a job on this node.',
    labels: ['job'],
  }
  sampled(registry, 'counter', seconds, () =>
    jobs().map(([job, one]) => ({ labels: { job }, value: one.seconds })),
  )
  const last = {
    name: 'numlet_job_last_seconds',
    help: 'Duration of the last run of a job on this node.',
    labels: ['job'],
  }
  sampled(registry, 'gauge', last, () =>
    jobs().map(([job, one]) => ({ labels: { job }, value: one.lastSeconds })),
  )
  const success = {
    name: 'numlet_job_last_success_timestamp_seconds',
    help: 'When a job last succeeded on this node.',
    labels: ['job'],
  }
  sampled(registry, 'gauge', success, () =>
    jobs().flatMap(([job, { succeededAt }]) =>
      succeededAt ? [{ labels: { job }, value: succeededAt.getTime() / 1_000 }] : [],
    ),
  )
}
