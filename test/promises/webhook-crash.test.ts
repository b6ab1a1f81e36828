// Promise 6 under `kill -9`: whatever was committed is delivered at least once, signed, and logged once.
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterAll, describe, expect, it } from 'vitest'
import { createAccount } from '../../src/core/accounts/accounts.ts'
import { creditAccount } from '../../src/core/accounts/adjustments.ts'
import { createKey } from '../../src/core/accounts/keys.ts'
import { parseAmount } from '../../src/core/money.ts'
import { claim, dueQueues } from '../../src/core/webhooks/claims.ts'
import { queueEvents } from '../../src/core/webhooks/queue.ts'
import { reportAttempts } from '../../src/core/webhooks/report.ts'
import type { Database } from '../../src/db/database.ts'
import { attempts } from '../harness/attempts.ts'
import { withEmbedded } from '../harness/embedded.ts'
import { prepareDataDir } from '../harness/prepared.ts'
import { eventually, killAll, type Program, startProgram, unlimited } from '../harness/program.ts'
import { allowLocal, hasSeenAll, openReceiver, testEngine, testHook } from '../harness/receiver.ts'
import { dropScratch, newScratch } from '../harness/scratch.ts'
import { call, serverOn, testServer } from '../harness/server.ts'
import { expectCleanAudit, lots } from './market.ts'

const rounds = attempts(1, 6)
const deliveriesBeforeKill = 40

describe.skipIf(process.platform !== 'linux')('webhooks after kill -9', async () => {
  const scratch = await newScratch()
  const dataDir = join(scratch, 'data')
  await prepareDataDir(dataDir)
  const start = () =>
    startProgram({
      ...allowLocal,
      NUMLET_DATA: dataDir,
      ...unlimited,
      NUMLET_LOG: 'silent',
    })
  let program: Program = await start()
  const receiver = await openReceiver()
  const key = await openAccount()
  const { body: hook } = await call<{ id: string; secret: string }>(
    program,
    key,
    'POST',
    '/v1/webhooks',
    { url: receiver.url, events: ['*'] },
  )

  afterAll(async () => {
    expect(await program.end('SIGTERM'), program.output()).toBe(0)
    await dropScratch(scratch)
  })

  it(`each event comes, ${rounds} times under load`, { timeout: 300_000 }, async () => {
    // Some answers fail, some never come: a kill meets deliveries in all of their steps.
    let answers = 0
    receiver.react((response) => {
      answers++
      if (answers % 7 === 0) response.destroy()
      else if (answers % 5 === 0) response.writeHead(500).end()
      else response.end('ok')
    })
    const lot = lots(11)
    for (let round = 0; round < rounds; round++) {
      const killAt = receiver.received.length + deliveriesBeforeKill + lot.below(40)
      let isOver = false
      const load = Promise.all(Array.from({ length: 4 }, () => buyAndCancel(() => isOver)))
      await eventually(async () => receiver.received.length >= killAt)
      // With PostgreSQL, as a power cut would, and the server alone.
      if (round % 2 === 0) killAll(program.pid)
      const killed = program.end('SIGKILL')
      isOver = true
      await Promise.all([killed, load])
      program = await start()
    }
    receiver.react(200)
    await withEmbedded(dataDir, async (db) => {
      // A claim of a killed sender ends now, not at the end of its lease. Rows that the server has
      // locked are left to it: two updates of many rows would deadlock.
      await eventually(async () => {
        await db.query(
          `update webhook_deliveries d set due_at = now()
             from (select endpoint_id, id from webhook_deliveries
                    where state = 'pending' for update skip locked) pending
            where d.endpoint_id = pending.endpoint_id and d.id = pending.id`,
        )
        const rows = await db.query(
          `select 1 as yes from webhook_deliveries where state = 'pending'`,
        )
        return rows.length === 0 && (await hasSeenAll(db))
      }, 120_000)
      const events = await db.query<{ id: string }>(
        `select 'evt_' || epoch || '_' || xid::text || '_' || id as id from events order by 1`,
      )
      expect(events.length).toBeGreaterThan(rounds * 10)
      const webhook = new Webhook(hook.secret)
      for (const { body, headers } of receiver.received) webhook.verify(body, headers)
      const came = new Set(receiver.received.map(({ headers }) => headers['webhook-id']))
      expect([...came].sort()).toEqual(events.map(({ id }) => id))
      const [log] = await db.query(
        `select count(*)::int as deliveries,
                count(distinct (event_epoch, event_xid, event_id))::int as events,
                count(*) filter (where state = 'delivered')::int as delivered
           from webhook_deliveries`,
      )
      const each = events.length
      expect(log).toEqual({ deliveries: each, events: each, delivered: each })
      await expectCleanAudit(db)
    })
  })

  async function buyAndCancel(isOver: () => boolean) {
    while (!isOver()) {
      try {
        const selection = { service: 'whatsapp', country: 'US' }
        const { body } = await call<{ id: string }>(program, key, 'POST', '/v1/orders', selection)
        await call(program, key, 'POST', `/v1/orders/${body.id}/cancel`)
      } catch {
        // The server was killed in the midst of it: that is the test.
        if (!isOver()) await eventually(async () => isOver())
      }
    }
  }

  function openAccount() {
    return withEmbedded(dataDir, async (db) => {
      const { id } = await createAccount(db, { email: 'hooks@example.com', currency: 'USD' })
      const amount = parseAmount('1000000') as bigint
      await creditAccount(db, new Date(), { accountId: id, amount, reference: 'test' })
      return (await createKey(db, new Date(), { accountId: id })).key
    })
  }
})

describe('between any two steps of a delivery', async () => {
  const server = await testServer({ env: allowLocal })
  const engine = testEngine(server.app)
  const buy = (key: string) =>
    call(server, key, 'POST', '/v1/orders', { service: 'whatsapp', country: 'US' })

  const ready = async () => {
    const receiver = await openReceiver()
    const hook = await testHook(server, { url: receiver.url, events: ['order.created'] })
    await buy(hook.key)
    return { receiver, hook }
  }
  const queueAll = () =>
    eventually(async () => {
      await queueEvents(server.db, server.app.now())
      return hasSeenAll(server.db)
    })
  const takeAll = async () => {
    const now = server.app.now()
    const queues = await dueQueues(server.db, now)
    const wanted = queues.map((one) => ({ ...one, count: 50 }))
    return claim(server.db, now, wanted)
  }

  it('an end loses nothing: before it is queued, before it is taken, before it is sent', async () => {
    const { receiver } = await ready()
    await server.db
      .begin(async (tx) => {
        // The reader's transaction is not committed: neither its place nor the deliveries.
        await tx.query(`update event_readers set id = id where name = 'webhooks'`)
        throw new Error('killed')
      })
      .catch(() => undefined)
    await queueAll()
    expect((await takeAll()).length).toBeGreaterThan(0)
    expect(receiver.received).toHaveLength(0)
    server.advance(31)
    await engine.deliver()
    expect(receiver.received).toHaveLength(1)
  })

  it('an end after the sending sends it again, by the same id', async () => {
    const { receiver } = await ready()
    const dying = await serverOn(server.databaseUrl, allowLocal)
    const killed = testEngine({
      ...dying.app,
      now: server.app.now,
      db: { ...dying.app.db, begin: failing(dying.app.db) },
    })
    await queueAll()
    await killed.turn()
    await killed.idle()
    expect(receiver.received).toHaveLength(1)
    server.advance(31)
    await engine.deliver()
    const ids = receiver.received.map(({ headers }) => headers['webhook-id'])
    expect(ids).toEqual([ids[0], ids[0]])
  })

  /** The transaction that reports is the first one after all is queued: it never commits. */
  function failing(db: Database): Database['begin'] {
    return (work) =>
      db.begin(async (tx) => {
        await work(tx)
        throw new Error('killed')
      })
  }

  it('one who was thought dead does not undo what another has done', async () => {
    const { receiver, hook } = await ready()
    await queueAll()
    const taken = (await takeAll()).filter(({ endpoint }) => endpoint.accountId === hook.accountId)
    server.advance(31)
    await engine.deliver()
    expect(receiver.received).toHaveLength(1)
    await reportAttempts(
      server.db,
      server.app.now(),
      5,
      taken.map((delivery) => ({
        delivery,
        outcome: 'failed',
        at: server.app.now(),
        durationMs: 5,
        status: null,
        error: 'timeout',
        response: null,
        retryAfterS: null,
      })),
    )
    const log = await call<{ data: { state: string; attempts: unknown[] }[] }>(
      server,
      hook.key,
      'GET',
      `/v1/webhooks/${hook.id}/deliveries`,
    )
    expect(log.body.data).toMatchObject([{ state: 'delivered', attempts: [{ number: 1 }] }])
  })

  it('several engines on one database send each event once', async () => {
    const receiver = await openReceiver()
    const hook = await testHook(server, { url: receiver.url, events: ['order.created'] })
    const others = await Promise.all(
      [1, 2].map(async () => {
        const { app } = await serverOn(server.databaseUrl, allowLocal)
        return testEngine({ ...app, now: server.app.now })
      }),
    )
    let isOver = false
    const working = [engine, ...others].map(async (one) => {
      while (!isOver) {
        await one.turn()
        await one.idle()
      }
    })
    for (let order = 0; order < 60; order++) await buy(hook.key)
    await eventually(async () => receiver.received.length >= 60)
    isOver = true
    await Promise.all(working)
    await engine.deliver()
    const ids = receiver.received.map(({ headers }) => headers['webhook-id'])
    expect(new Set(ids).size).toBe(60)
    expect(ids).toHaveLength(60)
  })
})
