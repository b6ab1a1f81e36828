// Times as ISO 8601 in UTC. The text of each date is kept, because orders are polled often.

const written = new WeakMap<Date, string>()

/** `2026-11-21T05:36:19.000Z` */
export function isoTime(date: Date): string {
  const known = written.get(date)
  if (known !== undefined) return known
  const text = date.toISOString()
  written.set(date, text)
  return text
}
