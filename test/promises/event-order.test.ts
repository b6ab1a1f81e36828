// Readers of the outbox go through it in one order. Found as events that came twice and out of their order
// once transaction ids had grown by a digit: they had been sorted as text.
import { expect, it } from 'vitest'
import { eventsAfter, eventsBetween } from '../../src/core/events/tail.ts'
import { testDatabase } from '../harness/database.ts'

it('events are sorted by the number of their transaction, not by its digits', async () => {
  const { db } = await testDatabase()
  // @NOTE transactions of the past: the server has given out more ids than these by now
  const xids = ['9', '10', '99', '100', '101']
  await db.query(
    `insert into events (xid, account_id, type, created_at)
     select x::xid8, 1, 'order.created', now() from unnest($1::text[]) as x`,
    [xids.toReversed()],
  )
  const start = { xid: '0', id: 0n }
  const all = await eventsAfter(db, start, 100)
  expect(all.map((event) => event.xid)).toEqual(xids)
  const [, , third] = all
  if (!third) throw new Error('events are missing')
  expect((await eventsAfter(db, third, 100)).map((event) => event.xid)).toEqual(['100', '101'])
  const between = await eventsBetween(db, 1, start, third, 2)
  expect(between.map((event) => event.xid)).toEqual(['9', '10'])
})
