// A row that somebody holds stops those who need that row, and nobody else: connections are shared out by
// account and by kind of work, and purchases step out of the shared call. The locks are the test's own.
import pg from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import { eventually } from '../harness/program.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { expectCleanAudit } from './market.ts'

describe('H4: a locked row', async () => {
  const server = await testServer({ env: { NUMLET_CANCEL_COOLDOWN_S: '0' } })
  const { db } = server
  const holder = new pg.Client(server.databaseUrl)
  await holder.connect()
  afterAll(() => holder.end())

  /** Holds what a query locks while something is done. */
  const holding = async (sql: string, values: unknown[], work: () => Promise<void>) => {
    await holder.query('begin')
    try {
      expect((await holder.query(sql, values)).rowCount).toBeGreaterThan(0)
      await work()
    } finally {
      await holder.query('rollback')
    }
  }
  /** Resolves when some statement of the server waits for the holder. */
  const untilBlocked = () =>
    eventually(async () => {
      // @NOTE not the holder: within its transaction it would see the same activity for ever
      const rows = await server.db.query(
        `select 1 from pg_stat_activity where datname = current_database()
          and wait_event_type = 'Lock' and pid <> pg_backend_pid()`,
      )
      return rows.length > 0
    })
  const wanted = { service: 'whatsapp', country: 'US' }
  const buy = (key: string, body: object = wanted) =>
    call<{ id: string; phone: string }>(server, key, 'POST', '/v1/orders', body)

  /** What a customer does who has nothing to do with the locked row. */
  const goOn = async (body: object = wanted) => {
    const { key } = await testCustomer(db)
    expect((await call(server, key, 'GET', '/v1/balance')).status).toBe(200)
    const bought = await buy(key, body)
    expect(bought.status, JSON.stringify(bought.body)).toBe(201)
    expect((await call(server, key, 'GET', `/v1/orders/${bought.body.id}`)).status).toBe(200)
    expect((await call(server, key, 'GET', '/v1/orders')).status).toBe(200)
    const cancelled = await call(server, key, 'POST', `/v1/orders/${bought.body.id}/cancel`)
    expect(cancelled.status).toBe(200)
    expect((await call(server, null, 'GET', '/health/ready')).status).toBe(200)
  }

  it('of an order stops its owner’s cancels, told within seconds, and no other customer', async () => {
    const { key } = await testCustomer(db)
    const { body: order } = await buy(key)
    await holding('select 1 from orders where phone = $1 for update', [order.phone], async () => {
      const cancels = Array.from({ length: 12 }, () =>
        call(server, key, 'POST', `/v1/orders/${order.id}/cancel`),
      )
      await untilBlocked()
      await goOn()
      for (const reply of await Promise.all(cancels)) {
        expect(reply.status).toBe(503)
        expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0)
        expect(reply.body.detail).toMatch(/same record/)
      }
    })
    expect((await call(server, key, 'POST', `/v1/orders/${order.id}/cancel`)).status).toBe(200)
  })

  it('of a wallet stops its owner’s purchases, and those of nobody else', async () => {
    const { key, accountId } = await testCustomer(db)
    await holding(
      `select 1 from ledger_accounts where kind = 'customer' and account_id = $1 for update`,
      [accountId],
      async () => {
        const blocked = Promise.all(Array.from({ length: 3 }, () => buy(key)))
        await untilBlocked()
        await goOn()
        for (const reply of await blocked) {
          expect(reply.status).toBe(503)
          expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0)
        }
      },
    )
    expect((await buy(key)).status).toBe(201)
  })

  it('of a wallet that is free in time delays its owner’s purchase, which then succeeds', async () => {
    const { key, accountId } = await testCustomer(db)
    // On a slow machine the lock may last too long, and the customer comes again.
    await eventually(async () => {
      let bought: ReturnType<typeof buy> | undefined
      await holding(
        `select 1 from ledger_accounts where kind = 'customer' and account_id = $1 for update`,
        [accountId],
        async () => {
          bought = buy(key)
          await untilBlocked()
        },
      )
      return (await bought)?.status === 201
    })
  })

  it('of stock stops the purchases from it, and after half a second no others', async () => {
    const { key } = await testCustomer(db)
    await holding(
      `select 1 from stock st join services s on s.id = st.service_id
        where s.slug = 'telegram' for update of st`,
      [],
      async () => {
        const blocked = buy(key, { service: 'telegram', country: 'US' })
        await untilBlocked()
        await goOn()
        expect((await blocked).status).toBe(503)
        const again = buy(key, { service: 'telegram', country: 'US' })
        await untilBlocked()
        await goOn()
        expect((await again).status).toBe(503)
      },
    )
    expect((await buy(key, { service: 'telegram', country: 'US' })).status).toBe(201)
  })

  it('of an order delays the code of that order only', async () => {
    const { secret } = await testSupplier(db)
    const [first, second] = [await testCustomer(db), await testCustomer(db)]
    const held = (await buy(first.key)).body
    const free = (await buy(second.key)).body
    const send = (number: string) =>
      call(server, secret, 'POST', '/api/callback', {
        event: 'incoming_message',
        message: { number, sender: 'WhatsApp', sms: 'Your WhatsApp code: 123-456' },
      })
    await holding('select 1 from orders where phone = $1 for update', [held.phone], async () => {
      const sent = [send(held.phone), send(free.phone)]
      expect((await sent[1])?.status).toBe(200)
      const read = await call(server, second.key, 'GET', `/v1/orders/${free.id}`)
      expect(read.body.state).toBe('received')
      expect((await sent[0])?.status).toBe(503)
    })
    expect((await send(held.phone)).status).toBe(200)
  })

  it('leaves the books in order', async () => {
    await expectCleanAudit(db)
  })
})
