// Metrics of what this node calls in the world: webhooks, other platforms, payment gateways.
import type { Registry } from 'prom-client'
import type { App } from '../app.ts'
import { sampled } from './metric-forms.ts'

export function callMetrics(registry: Registry, app: App): void {
  const { kinds, silences } = app.measured.calls
  const of = (work: string, value: number) => ({ labels: { work }, value })
  const claimed = {
    name: 'numlet_calls_claimed_total',
    help: 'Pieces of work that call other systems, claimed by this node.',
    labels: ['work'],
  }
  sampled(registry, 'counter', claimed, () =>
    [...kinds].map(([work, one]) => of(work, one.claimed)),
  )
  const running = {
    name: 'numlet_calls_running',
    help: 'How many of these are under way.',
    labels: ['work'],
  }
  sampled(registry, 'gauge', running, () => [...kinds].map(([work, one]) => of(work, one.running)))
  const ended = {
    name: 'numlet_calls_ended_total',
    help: 'How many of these have ended, by outcome.',
    labels: ['work', 'outcome'],
  }
  sampled(registry, 'counter', ended, () =>
    [...kinds].flatMap(([work, one]) =>
      [...one.ended].map(([outcome, value]) => ({ labels: { work, outcome }, value })),
    ),
  )
  const lag = {
    name: 'numlet_calls_lag_seconds',
    help: 'Age of the oldest piece of work that is due.',
    labels: ['work'],
  }
  sampled(registry, 'gauge', lag, () => {
    const now = app.now().getTime()
    return [...kinds].map(([work, { dueAt }]) =>
      of(work, dueAt === null ? 0 : Math.max(0, now - dueAt.getTime()) / 1_000),
    )
  })
  const silent = {
    name: 'numlet_calls_silent_targets',
    help: 'Targets that do not answer: nothing is sent to them (paused), or one call at a time (tried).',
    labels: ['calls', 'state'],
  }
  sampled(registry, 'gauge', silent, () =>
    [...silences].flatMap(([calls, countNow]) =>
      Object.entries(countNow(app.now())).map(([state, value]) => ({
        labels: { calls, state },
        value,
      })),
    ),
  )
}
