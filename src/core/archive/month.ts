// A month of orders: what an archive holds. No I/O.

/** Ids from the first up to, but not including, the second. */
export type Span = { readonly from: bigint; readonly to: bigint }

export type Month = {
  /** Year and month (UTC) of its first orders: `2026-01`. */
  readonly name: string
  readonly orders: Span
  readonly messages: Span
  /** The time (UTC) from which no order was made in it. */
  readonly endedAt: Date
}

/** Events, deliveries and the ids of suppliers' messages are kept for 30 days, and refer to orders. */
export const minAgeDays = 31

export const monthForm = /^\d{4}-(?:0[1-9]|1[0-2])$/

const dayMs = 24 * 60 * 60 * 1000

/** Whether nothing that is kept for a time can belong to the month any more. */
export const isOldEnough = (month: Month, now: Date) =>
  now.getTime() - month.endedAt.getTime() >= minAgeDays * dayMs

/**
 * Whether a month ended so many calendar months ago.
 * @NOTE a partition begins some minutes after its month (core/months/begin.ts), so the last orders of the one
 * before may be of that time: the first hour still counts as the end of the month
 */
export function isOlderThan(month: Month, months: number, now: Date): boolean {
  const limit = new Date(now)
  limit.setUTCMonth(limit.getUTCMonth() - months, 1)
  limit.setUTCHours(1, 0, 0, 0)
  return month.endedAt <= limit
}
