// A circuit breaker for each host: one that does not answer is asked again by one attempt at a time.

const failuresToOpen = 5
const firstPauseMs = 5_000
const longestPauseMs = 60_000
/** Hosts that do not answer are remembered, up to so many: the oldest are forgotten first. */
const mostHosts = 10_000

export type Breaker = {
  /** How many attempts a host may have at the same time. */
  allowance(host: string, nowMs: number): number
  answered(host: string): void
  unanswered(host: string, nowMs: number): void
}

type Silence = { failures: number; pauseMs: number; openUntilMs: number }

/** @param most how many attempts a host may have that answers */
export function circuitBreaker(most: number): Breaker {
  const silent = new Map<string, Silence>()
  return {
    allowance(host, nowMs) {
      const silence = silent.get(host)
      if (!silence || silence.failures < failuresToOpen) return most
      return nowMs < silence.openUntilMs ? 0 : 1
    },
    answered: (host) => void silent.delete(host),
    unanswered(host, nowMs) {
      const silence = silent.get(host) ?? { failures: 0, pauseMs: firstPauseMs, openUntilMs: 0 }
      silent.set(host, silence)
      silence.failures++
      if (silence.failures < failuresToOpen || nowMs < silence.openUntilMs) return
      silence.openUntilMs = nowMs + silence.pauseMs
      silence.pauseMs = Math.min(2 * silence.pauseMs, longestPauseMs)
      if (silent.size > mostHosts) silent.delete(silent.keys().next().value as string)
    },
  }
}
