// How many requests a key may make: a fixed window of a minute, counted on this node.
// Headers: draft-ietf-httpapi-ratelimit-headers (RateLimit, RateLimit-Policy).

export type RateState = {
  readonly limit: number
  readonly remaining: number
  readonly resetS: number
  readonly exceeded: boolean
}

export const windowS = 60
const windowMs = windowS * 1000
/** Keys remembered before windows that are over are swept out. */
const sweepAt = 10_000

/** Counts requests by name. @returns the state after this request */
export function rateLimiter(): (name: string, limit: number, nowMs: number) => RateState {
  const windows = new Map<string, { used: number; endsAt: number }>()
  return (name, limit, nowMs) => {
    let window = windows.get(name)
    if (!window || window.endsAt <= nowMs) {
      if (windows.size >= sweepAt)
        for (const [key, old] of windows) if (old.endsAt <= nowMs) windows.delete(key)
      window = { used: 0, endsAt: nowMs + windowMs }
      windows.set(name, window)
    }
    window.used++
    return {
      limit,
      remaining: Math.max(0, limit - window.used),
      resetS: Math.max(1, Math.ceil((window.endsAt - nowMs) / 1000)),
      exceeded: window.used > limit,
    }
  }
}
