// When a delivery is tried again. Pure rules.

const minute = 60
const hour = 60 * minute

/** Seconds from a failed attempt to the next. Codes are worth something for minutes: theirs come fast. */
const fastWaitsS = [2, 5, 15, minute, 5 * minute]
const slowWaitsS = [30, 2 * minute, 10 * minute]
/** What all have in common: a day and more in the end. */
const longWaitsS = [0.5 * hour, hour, 2 * hour, 4 * hour, 8 * hour, 12 * hour, 24 * hour]

/** A receiver may ask for more patience than that, and gets no more. */
export const mostRetryAfterS = 6 * hour
/** A receiver that was down for hours is not met by all deliveries at the same moment. */
const mostJitter = 0.2

export type Failed = {
  readonly fast: boolean
  /** How many have failed by now, at least one. */
  readonly attempts: number
  /** What the receiver asked for; null: nothing. */
  readonly retryAfterS: number | null
}

/** When to try again; null: it is given up.
 * @param luck from 0 to 1, drawn by lot: how much of the jitter is added */
export function nextAttempt(now: Date, failed: Failed, luck: number): Date | null {
  const waits = [...(failed.fast ? fastWaitsS : slowWaitsS), ...longWaitsS]
  const waitS = waits[failed.attempts - 1]
  if (waitS === undefined) return null
  const askedS = Math.min(failed.retryAfterS ?? 0, mostRetryAfterS)
  return new Date(now.getTime() + Math.max(waitS * (1 + mostJitter * luck), askedS) * 1000)
}

/** Seconds, from a `Retry-After` of either form (RFC 9110, 10.2.3); null where it is none. */
export function parseRetryAfter(text: string | undefined, now: Date): number | null {
  if (text === undefined) return null
  if (/^\d{1,9}$/.test(text)) return Number(text)
  const time = /^[A-Z][a-z]{2},? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? null : Math.max(0, Math.ceil((time - now.getTime()) / 1000))
}
