// Which months are old enough for an archive.
import { expect, it } from 'vitest'
import { isOlderThan } from '../../src/core/archive/month.ts'

const endedAt = (time: string) => ({
  name: '2026-01',
  orders: { from: 0n, to: 1n },
  messages: { from: 0n, to: 0n },
  endedAt: new Date(time),
})

it.each([
  ['2026-02-01T00:00:00Z', 2, '2026-04-01T00:00:00Z', true],
  ['2026-02-01T00:00:00Z', 2, '2026-03-31T23:59:59Z', false],
  ['2026-02-01T00:00:00Z', 12, '2027-02-28T12:00:00Z', true],
  // Its last orders were written before the next partition began.
  ['2026-02-01T00:04:00Z', 2, '2026-04-01T00:00:00Z', true],
  ['2026-02-01T00:04:00Z', 2, '2026-03-31T23:59:59Z', false],
  // No node did its jobs at that time: orders of February are in it.
  ['2026-02-03T08:00:00Z', 2, '2026-04-30T00:00:00Z', false],
  ['2026-02-03T08:00:00Z', 2, '2026-05-01T00:00:00Z', true],
])('a month that ended at %s is older than %i months at %s: %s', (end, months, now, isOlder) => {
  expect(isOlderThan(endedAt(end), months, new Date(now))).toBe(isOlder)
})
