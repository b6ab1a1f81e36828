// The rate limit of a key: windows of one minute, counted for all servers together.
// Headers: draft-ietf-httpapi-ratelimit-headers (RateLimit, RateLimit-Policy).
//
// A server takes a tenth of the limit at a time from the shared count and uses it locally, so that most
// requests need no query. Together the servers never allow more than the limit. What one server has taken and
// not used is lost to the others until the window ends: less than a tenth per server.
import type { Ask, Grant } from '../core/accounts/rate-windows.ts'

export type RateState = {
  readonly limit: number
  readonly remaining: number
  readonly resetS: number
  readonly exceeded: boolean
}

/** @param weight how many requests this one counts as; 1 by default */
export type RateLimiter = (
  name: string,
  limit: number,
  now: Date,
  weight?: number,
) => Promise<RateState>

const takenAtOnce = (limit: number) => Math.max(1, Math.floor(limit / 10))
/** Number of names kept before expired windows are removed. */
const sweepAt = 10_000

type Window = {
  /** Taken from the shared count and not used yet. */
  here: number
  /** What was left for all servers at the last query. */
  elsewhere: number
  endsAt: number
  isUsedUp: boolean
  query: Promise<void> | null
}

/** Counts requests by name. @returns the state after this request */
export function rateLimiter(take: (ask: Ask) => Promise<Grant>): RateLimiter {
  const windows = new Map<string, Window>()
  const windowOf = (name: string, nowMs: number): Window => {
    const known = windows.get(name)
    if (known && (known.endsAt > nowMs || known.query)) return known
    if (windows.size >= sweepAt)
      for (const [key, old] of windows) if (old.endsAt <= nowMs && !old.query) windows.delete(key)
    const fresh = { here: 0, elsewhere: 0, endsAt: 0, isUsedUp: false, query: null }
    windows.set(name, fresh)
    return fresh
  }
  const ask = async (window: Window, count: number, name: string, limit: number, now: Date) => {
    try {
      const { granted, left, endsAt } = await take({ name, limit, count, now })
      window.here += granted
      window.elsewhere = left
      window.endsAt = endsAt.getTime()
      window.isUsedUp = granted < count
    } finally {
      window.query = null
    }
  }
  return async (name, limit, now, weight = 1) => {
    const nowMs = now.getTime()
    const cost = Math.min(weight, limit)
    for (;;) {
      const window = windowOf(name, nowMs)
      const isGiven = window.here >= cost
      if (isGiven || window.isUsedUp) {
        if (isGiven) window.here -= cost
        return {
          limit,
          remaining: window.here + window.elsewhere,
          resetS: Math.max(1, Math.ceil((window.endsAt - nowMs) / 1000)),
          exceeded: !isGiven,
        }
      }
      const count = Math.max(takenAtOnce(limit), cost - window.here)
      window.query ??= ask(window, count, name, limit, now)
      await window.query
    }
  }
}
