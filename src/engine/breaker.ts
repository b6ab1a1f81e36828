// A circuit breaker for each target: one that does not answer gets one call at a time. What a target is, the
// kind of work says: for webhooks a host of an account, because customers share receivers' hosts, and one's
// broken path must not stop others.

const failuresToOpen = 5
const firstPauseMs = 5_000
const maxPauseMs = 60_000
/** The maximum number of failing targets in memory: the oldest are dropped first. */
const maxTargets = 10_000

export type Breaker = {
  /** The number of concurrent calls that a target may have. */
  allowance(target: string, nowMs: number): number
  answered(target: string): void
  unanswered(target: string, nowMs: number): void
  /** How many targets have nothing sent to them, and how many one call at a time. */
  counts(nowMs: number): { readonly paused: number; readonly tried: number }
}

type Silence = { failures: number; pauseMs: number; openUntilMs: number }

/** @param most the number of concurrent calls to a target that answers */
export function circuitBreaker(most: number): Breaker {
  const silent = new Map<string, Silence>()
  return {
    allowance(target, nowMs) {
      const silence = silent.get(target)
      if (!silence || silence.failures < failuresToOpen) return most
      return nowMs < silence.openUntilMs ? 0 : 1
    },
    answered: (target) => void silent.delete(target),
    unanswered(target, nowMs) {
      const silence = silent.get(target) ?? { failures: 0, pauseMs: firstPauseMs, openUntilMs: 0 }
      silent.set(target, silence)
      if (silent.size > maxTargets) silent.delete(silent.keys().next().value as string)
      silence.failures++
      if (silence.failures < failuresToOpen || nowMs < silence.openUntilMs) return
      silence.openUntilMs = nowMs + silence.pauseMs
      silence.pauseMs = Math.min(2 * silence.pauseMs, maxPauseMs)
    },
    counts(nowMs) {
      const open = [...silent.values()].filter(({ failures }) => failures >= failuresToOpen)
      const paused = open.filter(({ openUntilMs }) => nowMs < openUntilMs).length
      return { paused, tried: open.length - paused }
    },
  }
}
