// A circuit breaker for each host of each account: a host that does not answer gets one attempt at a time.
// Accounts are separate, because customers share receivers' hosts, and one's broken path must not stop
// others.

const failuresToOpen = 5
const firstPauseMs = 5_000
const maxPauseMs = 60_000
/** The maximum number of failing targets in memory: the oldest are dropped first. */
const maxTargets = 10_000

export type Breaker = {
  /** The number of concurrent attempts that a target (an account's host) may have. */
  allowance(target: string, nowMs: number): number
  answered(target: string): void
  unanswered(target: string, nowMs: number): void
}

type Silence = { failures: number; pauseMs: number; openUntilMs: number }

/** @param most the number of concurrent attempts for a target that answers */
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
  }
}
