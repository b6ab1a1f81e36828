// Counts the outcomes of this node's delivery attempts, for its metrics.
import type { Outcome } from './delivery.ts'

const pushOutcomes = ['delivered', 'failed', 'gone', 'skipped'] as const satisfies Outcome[]

export type PushCounts = {
  add(outcome: Outcome, seconds: number): void
  /** Attempts and their duration in seconds, since the process started. */
  all(): ReadonlyMap<Outcome, { readonly attempts: number; readonly seconds: number }>
}

export function pushCounts(): PushCounts {
  const counts = new Map(
    pushOutcomes.map((outcome) => [outcome as Outcome, { attempts: 0, seconds: 0 }]),
  )
  return {
    add(outcome, seconds) {
      const count = counts.get(outcome)
      if (!count) return
      count.attempts++
      count.seconds += seconds
    },
    all: () => counts,
  }
}
