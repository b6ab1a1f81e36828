// When a delivery is retried. Pure rules.

const minute = 60
const hour = 60 * minute

/** Seconds from a failed attempt to the next. Codes are valid for minutes, so their retries come quickly. */
const fastWaitsS = [2, 5, 15, minute, 5 * minute]
const slowWaitsS = [30, 2 * minute, 10 * minute]
/** The later retries of all deliveries: more than a day in total. */
const longWaitsS = [0.5 * hour, hour, 2 * hour, 4 * hour, 8 * hour, 12 * hour, 24 * hour]

/** The maximum delay that a receiver can request. */
export const maxRetryAfterS = 6 * hour
/** Jitter, so that a receiver that was down for hours does not get all deliveries at once. */
const maxJitter = 0.2

export type Failed = {
  readonly fast: boolean
  /** The number of failed attempts so far, at least one. */
  readonly attempts: number
  /** The delay that the receiver requested; null: none. */
  readonly retryAfterS: number | null
}

/** When to retry; null: give up.
 * @param luck a random number from 0 to 1: the share of the jitter to add */
export function nextAttempt(now: Date, failed: Failed, luck: number): Date | null {
  const waits = [...(failed.fast ? fastWaitsS : slowWaitsS), ...longWaitsS]
  const waitS = waits[failed.attempts - 1]
  if (waitS === undefined) return null
  const askedS = Math.min(failed.retryAfterS ?? 0, maxRetryAfterS)
  return new Date(now.getTime() + Math.max(waitS * (1 + maxJitter * luck), askedS) * 1000)
}

/** Seconds, from a `Retry-After` in either form (RFC 9110, 10.2.3); null if it is invalid. */
export function parseRetryAfter(text: string | undefined, now: Date): number | null {
  if (text === undefined) return null
  if (/^\d{1,9}$/.test(text)) return Number(text)
  const time = /^[A-Z][a-z]{2},? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? null : Math.max(0, Math.ceil((time - now.getTime()) / 1000))
}
