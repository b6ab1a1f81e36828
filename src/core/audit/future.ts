// Times in the future: a sign of a wrong clock, and the reason why checks that compare times may fail.
import { clockTolerance, type Finding } from './check.ts'

/** How many rows have a time later than now, and by how much at most. */
export type Future = { readonly rows: number; readonly seconds: number }

const times = {
  orders: 'created_at',
  transfers: 'created_at',
  messages: 'received_at',
} as const

const later = Object.entries(times).map(
  ([table, time]) =>
    `select ${time} as at from ${table} where ${time} > $1::timestamptz + ${clockTolerance}`,
)

/** A query of one row, which is a `Future`. */
export const futureQuestion = `
  select count(*)::int as rows,
         coalesce(ceil(extract(epoch from max(at) - $1::timestamptz)), 0)::int as seconds
    from (${later.join(' union all ')}) t`

/** It violates no promise, so it is not wrong. */
export const futureFinding = ({ rows, seconds }: Future): Finding => ({
  name: 'times-in-the-future',
  ok: true,
  detail:
    rows === 0
      ? 'none'
      : `${rows} orders, transfers and messages, by up to ${seconds} s: ` +
        'the clock of the database was ahead when they were written, or is behind now',
})

/** What a failed check that compares times may be due to. */
export const clockHint = ({ rows, seconds }: Future): string =>
  rows === 0
    ? ' (a clock that was wrong when they were written looks like this, too)'
    : ` (${rows} rows have times up to ${seconds} s in the future: a wrong clock, most likely)`
