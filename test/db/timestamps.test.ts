// Times read the short way are the times that the driver's own way reads.
import fc from 'fast-check'
import pg from 'pg'
import { expect, it } from 'vitest'
import { timestampParser } from '../../src/db/timestamps.ts'
import { testDatabase } from '../harness/database.ts'

const ownWay = pg.types.getTypeParser(1184 as number) as (text: string) => unknown
const noFallback = timestampParser(() => 'not read')

it('a time is read as it was written, in whatever zone the session writes it', async () => {
  const { db } = await testDatabase('empty')
  for (const zone of ['UTC', 'Asia/Jakarta', 'America/St_Johns', 'Asia/Kathmandu'])
    await db.begin(async (tx) => {
      await tx.query(`set local time zone '${zone}'`)
      await fc.assert(
        fc.asyncProperty(
          fc.date({
            min: new Date('1970-01-01T00:00:00Z'),
            max: new Date('9990-01-01T00:00:00Z'),
            noInvalidDate: true,
          }),
          async (date) => {
            const [row] = await tx.query<{ text: string; micros: string }>(
              `select $1::timestamptz::text as text,
                      ($1::timestamptz + interval '7 microseconds')::text as micros`,
              [date],
            )
            expect(noFallback(row?.text ?? '')).toEqual(date)
            expect(noFallback(row?.micros ?? '')).toEqual(date)
          },
        ),
        { numRuns: 100 },
      )
    })
})

it('what is in no usual form is left to the driver', () => {
  const read = timestampParser(ownWay)
  for (const text of [
    'infinity',
    '-infinity',
    '0044-03-15 00:00:00+00 BC',
    '12026-01-01 00:00:00+00',
  ])
    expect(read(text)).toEqual(ownWay(text))
  expect(noFallback('2026-11-21 04:45:09.5+0x')).toBe('not read')
  expect(noFallback('2026-11-21 04:45:09')).toBe('not read')
  expect(noFallback('12026-01-01 00:00:00+00')).toBe('not read')
})
