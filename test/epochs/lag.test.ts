// How far readers are behind is told: in the metrics, in health, and by the audit.
import { expect, it } from 'vitest'
import { readersFinding } from '../../src/core/audit/readers.ts'
import { readerLags } from '../../src/core/events/lag.ts'
import { testEngine } from '../harness/receiver.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'

it('counts what is not read, in metrics, health and audit', async () => {
  const server = await testServer()
  const { db } = server
  const { accountId } = await testCustomer(db)
  const happen = (agoS: number) =>
    db.query(
      `insert into events (account_id, type, created_at)
       values ($1, 'deposit.success', $2::timestamptz - make_interval(secs => $3))`,
      [accountId, server.app.now(), agoS],
    )
  await testEngine(server.app).deliver()
  await happen(3_000)
  await happen(2_990)
  const ready = await call<{ details: { readers: Record<string, unknown> } }>(
    server,
    null,
    'GET',
    '/health/ready',
  )
  expect(ready.body.details.readers.webhooks).toEqual({ events: 2, seconds: 3_000 })
  const { body } = await call<string>(server, null, 'GET', '/metrics')
  expect(body).toContain('numlet_event_reader_lag_events{reader="webhooks"} 2')
  expect(body).toContain('numlet_event_reader_lag_seconds{reader="webhooks"} 3000')

  // Nothing has happened since: all of it may just have been stopped.
  expect(await readersFinding(db, server.app.now())).toMatchObject({ ok: true })
  await happen(0)
  expect(await readersFinding(db, server.app.now())).toMatchObject({
    name: 'readers-follow-events',
    ok: false,
    detail: expect.stringContaining('webhooks has 3 to read (3000 s)'),
  })
  await testEngine(server.app).deliver()
  const [lag] = (await readerLags(db, server.app.now())).filter((one) => one.reader === 'webhooks')
  expect(lag).toMatchObject({ events: 0, seconds: 0, isAhead: false })
})

it('reports a reader that is ahead of all events', async () => {
  const server = await testServer()
  await server.db.query(`update event_readers set epoch = 9 where name = 'webhooks'`)
  expect(await readersFinding(server.db, server.app.now())).toMatchObject({
    ok: false,
    detail: expect.stringContaining('webhooks is ahead of all events'),
  })
})
