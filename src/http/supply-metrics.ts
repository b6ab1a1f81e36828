// Metrics of the suppliers that numbers are asked of: what this node has asked, and what is at stake.
import type { Registry } from 'prom-client'
import type { App } from '../app.ts'
import type { SupplyTotal } from '../core/supply/totals.ts'
import { askBoundsS } from '../measurements.ts'
import { bucketed, sampled } from './metric-forms.ts'

/** What this node counts of its own requests. */
export function askMetrics(registry: Registry, app: App): void {
  const asks = {
    name: 'numlet_supplier_asks_total',
    help: 'Requests for numbers that this node has sent to suppliers, by what they answered.',
    labels: ['supplier', 'verdict'],
  }
  sampled(registry, 'counter', asks, () =>
    [...app.measured.supply].flatMap(([supplier, { verdicts }]) =>
      [...verdicts].map(([verdict, value]) => ({ labels: { supplier, verdict }, value })),
    ),
  )
  const seconds = {
    name: 'numlet_supplier_ask_seconds',
    help: 'Seconds until a supplier has answered a request for a number, or was no longer waited for.',
    bounds: askBoundsS,
  }
  bucketed(registry, seconds, () =>
    [...app.measured.supply]
      .filter(([, { verdicts }]) => verdicts.size > 0)
      .map(
        ([
          supplier,
          {
            seconds: { counts, sum },
          },
        ]) => ({ labels: { supplier }, counts, sum }),
      ),
  )
  const sweeps = {
    name: 'numlet_supplier_sweeps_total',
    help: 'How often this node has read what has become of numbers of a supplier.',
    labels: ['supplier'],
  }
  sampled(registry, 'counter', sweeps, () =>
    [...app.measured.supply].map(([supplier, one]) => ({
      labels: { supplier },
      value: one.sweeps,
    })),
  )
  const requests = {
    name: 'numlet_supplier_sweep_requests_total',
    help: 'Requests that these readings took.',
    labels: ['supplier'],
  }
  sampled(registry, 'counter', requests, () =>
    [...app.measured.supply].map(([supplier, { sweepRequests }]) => ({
      labels: { supplier },
      value: sweepRequests,
    })),
  )
}

/** What every node reads from the database. */
export function supplyMetrics(
  registry: Registry,
  totals: () => Promise<readonly SupplyTotal[]>,
): void {
  const money = {
    name: 'numlet_supplier_money',
    help: 'Money with suppliers, in units of the currency: prepaid, at_risk, exposure, and told by them.',
    labels: ['supplier', 'currency', 'what'],
  }
  sampled(registry, 'gauge', money, async () =>
    (await totals()).flatMap(({ supplier, currency, money: all }) =>
      [...all].map(([what, value]) => ({ labels: { supplier, currency, what }, value })),
    ),
  )
  const paused = {
    name: 'numlet_supplier_paused',
    help: '1: it is asked for nothing new, until a time (timed), or until an operator resumes it (resumed).',
    labels: ['supplier', 'until'],
  }
  sampled(registry, 'gauge', paused, async () =>
    (await totals()).flatMap(({ supplier, paused: is }) =>
      (['timed', 'resumed'] as const).map((until) => ({
        labels: { supplier, until },
        value: Number(is === until),
      })),
    ),
  )
  const gauges = [
    [
      'numlet_supplier_open_numbers',
      'Numbers whose supplier has not said its last word.',
      'numbers',
    ],
    ['numlet_supplier_differences', 'Differences with suppliers that are open.', 'differences'],
    ['numlet_supplier_dry', '1: the balance at the supplier is below its alarm.', 'isDry'],
    [
      'numlet_supplier_rate_moved',
      '1: the rate of its currency has moved since its products were priced.',
      'hasMoved',
    ],
  ] as const
  for (const [name, help, field] of gauges)
    sampled(registry, 'gauge', { name, help, labels: ['supplier'] }, async () =>
      (await totals()).map((one) => ({
        labels: { supplier: one.supplier },
        value: Number(one[field]),
      })),
    )
}
