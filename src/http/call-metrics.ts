// Metrics of what this node calls in the world: webhooks, other platforms, payment gateways.
import type { Registry } from 'prom-client'
import type { App } from '../app.ts'
import { sampled } from './metric-forms.ts'

export function callMetrics(registry: Registry, app: App): void {
  const { kinds, silences } = app.measured.calls
  const lagOf = ({ dueAt }: { readonly dueAt: Date | null }) =>
    dueAt === null ? 0 : Math.max(0, app.now().getTime() - dueAt.getTime()) / 1_000
  const ofKinds = [
    ['counter', 'claimed_total', 'Work that calls other systems, claimed by this node.', 'claimed'],
    ['gauge', 'running', 'How much of this work is under way.', 'running'],
    ['gauge', 'lag_seconds', 'Age of the oldest piece of this work that is due.', lagOf],
  ] as const
  for (const [kind, name, help, value] of ofKinds)
    sampled(registry, kind, { name: `numlet_calls_${name}`, help, labels: ['work'] }, () =>
      [...kinds].map(([work, one]) => ({
        labels: { work },
        value: typeof value === 'string' ? one[value] : value(one),
      })),
    )
  const ended = {
    ...{ name: 'numlet_calls_ended_total', labels: ['work', 'outcome'] },
    help: 'How much of this work has ended, by outcome.',
  }
  sampled(registry, 'counter', ended, () =>
    [...kinds].flatMap(([work, one]) =>
      [...one.ended].map(([outcome, value]) => ({ labels: { work, outcome }, value })),
    ),
  )
  const silent = {
    ...{ name: 'numlet_calls_silent_targets', labels: ['calls', 'state'] },
    help: 'Targets that do not answer: nothing is sent to them (paused), or one call at a time (tried).',
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
