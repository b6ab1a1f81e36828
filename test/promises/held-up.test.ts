// A transaction that stays open, in any database of the cluster, holds up the events. It is named.
import pg from 'pg'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { holdUpWatch } from '../../src/core/events/hold-up.ts'
import { nodeJobs } from '../../src/jobs/schedule.ts'
import { eventually } from '../harness/program.ts'
import { call, testServer } from '../harness/server.ts'

describe('H9: a transaction that stays open', async () => {
  const server = await testServer()
  const { app } = server
  // In another database, and under a name of its own.
  const other = new pg.Client({
    connectionString: inject('databaseUrl'),
    application_name: 'numlet test holder',
  })
  await other.connect()
  afterAll(() => other.end())
  const job = nodeJobs.find(({ name }) => name === 'hold-ups')
  const look = async () => {
    await job?.run(app, app.now())
    return app.events.holdUps.oldest()
  }
  const text = async () => (await call<string>(server, null, 'GET', '/metrics')).body
  const ready = () =>
    call<{ details: { held_up: string | null } }>(server, null, 'GET', '/health/ready')
  const trouble = () => app.troubles.all().get('events held up')

  it('is named in the log, in a metric and by readiness, until it ends', async () => {
    expect(trouble()).toBeUndefined()
    await other.query('begin')
    const { rows } = await other.query('select pg_current_xact_id(), pg_backend_pid() as pid')
    const { pid } = rows[0] as { pid: number }
    // Other tests use the same cluster: their transactions end, and this one becomes the oldest.
    await eventually(async () => (await look())?.pid === pid && trouble()?.isOn)
    expect(app.events.holdUps.current()).toMatchObject({
      pid,
      application: 'numlet test holder',
      database: new URL(inject('databaseUrl')).pathname.slice(1),
      state: 'idle in transaction',
    })
    const answer = await ready()
    expect(answer.status).toBe(200)
    expect(answer.body.details.held_up).toMatch(
      new RegExp(`open for \\d+ s: process ${pid} \\(numlet test holder\\), database .*idle in`),
    )
    expect(await text()).toMatch(/numlet_oldest_transaction_seconds (?!0\n)\d+/)

    await other.query('rollback')
    await eventually(async () => (await look())?.pid !== pid && trouble()?.isOn === false)
    expect((await ready()).body.details.held_up ?? '').not.toContain('numlet test holder')
  })

  it('is not one that only reads: reports and the audit hold up nothing', async () => {
    const watch = holdUpWatch(server.db)
    await server.db.snapshot(async (tx) => {
      const [row] = await tx.query<{ pid: number }>(
        'select count(*) as n, pg_backend_pid() as pid from orders',
      )
      expect((await watch.look())?.pid).not.toBe(row?.pid)
    })
  })
})
