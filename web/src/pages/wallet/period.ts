// A period of the statement: days in the address, moments at the API.

export type Period = { readonly from?: string; readonly to?: string }

/** A day of the person's own calendar as YYYY-MM-DD. */
const dayOf = (date: Date): string => {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** What the API is asked for: from the first moment of the one day to the last of the other. */
export function momentsOf({ from, to }: Period) {
  const start = from === undefined ? undefined : new Date(`${from}T00:00:00`)
  const end = to === undefined ? undefined : new Date(`${to}T00:00:00`)
  end?.setDate(end.getDate() + 1)
  return {
    ...(start ? { created_after: start.toISOString() } : {}),
    ...(end ? { created_before: end.toISOString() } : {}),
  }
}

export type PeriodName = 'all' | 'week' | 'month' | 'last-month' | 'other'

export function periodNamed(name: PeriodName, now: Date): Period {
  const [year, month, day] = [now.getFullYear(), now.getMonth(), now.getDate()]
  if (name === 'week') return { from: dayOf(new Date(year, month, day - 6)), to: dayOf(now) }
  if (name === 'month') return { from: dayOf(new Date(year, month, 1)), to: dayOf(now) }
  if (name === 'last-month')
    return { from: dayOf(new Date(year, month - 1, 1)), to: dayOf(new Date(year, month, 0)) }
  return {}
}

/** Which of the named periods it is. */
export function nameOf(period: Period, now: Date): PeriodName {
  const names = ['all', 'week', 'month', 'last-month'] as const
  const isSame = (other: Period) => other.from === period.from && other.to === period.to
  return names.find((name) => isSame(periodNamed(name, now))) ?? 'other'
}
