// A circuit breaker for each host: one that does not answer is asked again by one attempt at a time. A host
// has one for each account: customers share receivers' hosts, and one's dead path silences no others.

const failuresToOpen = 5
const firstPauseMs = 5_000
const longestPauseMs = 60_000
/** Targets that do not answer are remembered, up to so many: the oldest are forgotten first. */
const mostTargets = 10_000

export type Breaker = {
  /** How many attempts a target, which is an account's host, may have at the same time. */
  allowance(target: string, nowMs: number): number
  answered(target: string): void
  unanswered(target: string, nowMs: number): void
}

type Silence = { failures: number; pauseMs: number; openUntilMs: number }

/** @param most how many attempts a target may have that answers */
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
      if (silent.size > mostTargets) silent.delete(silent.keys().next().value as string)
      silence.failures++
      if (silence.failures < failuresToOpen || nowMs < silence.openUntilMs) return
      silence.openUntilMs = nowMs + silence.pauseMs
      silence.pauseMs = Math.min(2 * silence.pauseMs, longestPauseMs)
    },
  }
}
