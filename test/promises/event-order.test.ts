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
     select x::xid8, 1, 'order.created', now() from unnest($1::text[]) as x
     union all select '50', 1, 'deposit.success', now()
     union all select '51', 2, 'order.created', now()`,
    [xids.toReversed()],
  )
  const start = { epoch: 0, xid: '0', id: 0n }
  const all = await eventsAfter(db, start, 100)
  expect(all.map((event) => event.xid)).toEqual(['9', '10', '50', '51', '99', '100', '101'])
  const third = all.find((event) => event.xid === '99')
  if (!third) throw new Error('events are missing')
  expect((await eventsAfter(db, third, 100)).map((event) => event.xid)).toEqual(['100', '101'])
  const between = async (types: ReadonlySet<string> | null, limit: number) => {
    const filter = { accountId: 1, types, orderId: null }
    const events = await eventsBetween(db, filter, start, third, limit)
    return events.map((event) => event.xid)
  }
  expect(await between(null, 2)).toEqual(['9', '10'])
  expect(await between(null, 10)).toEqual(['9', '10', '50', '99'])
  expect(await between(new Set(['order.created']), 10)).toEqual(['9', '10', '99'])
})
