// Promise 9: one customer cannot see, guess or exhaust another's things.
import { describe, expect, it } from 'vitest'
import { limitAccount } from '../../src/core/accounts/accounts.ts'
import { call, type Reply, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { expectCleanAudit } from './market.ts'

const whatsapp = '123e4567-e89b-12d3-a456-426614174000'
const noLimits = { maxOpenOrders: null, maxOrdersADay: null, maxCancelledPercent: null }

/** Whether buying is done in the native API or in WhichOtp, a limit says no. */
const dialects = [
  {
    buy: ['/v1/orders', { service: 'whatsapp', country: 'US' }],
    created: 201,
    refusals: {
      open: [409, 'too_many_open_orders'],
      day: [429, 'daily_limit_reached'],
      cancelled: [429, 'too_many_cancelled'],
    },
  },
  {
    buy: ['/whichotp/api/v1/orders/buy', { serviceId: whatsapp }],
    created: 200,
    refusals: {
      open: [429, 'Too many open orders'],
      day: [429, 'Daily order limit reached'],
      cancelled: [429, 'Too many cancelled orders'],
    },
  },
] as const

describe('a customer', async () => {
  const server = await testServer({ env: { NUMLET_CANCEL_COOLDOWN_S: '0' } })
  const { app, db } = server
  const { secret } = await testSupplier(db)
  const owner = await testCustomer(db)
  const stranger = await testCustomer(db)

  const buy = async (key: string) =>
    (
      await call<{ id: string; number: number; phone: string }>(server, key, 'POST', '/v1/orders', {
        service: 'whatsapp',
        country: 'US',
      })
    ).body

  /** An answer without what is new in each: the request's id. */
  const plain = ({ status, body }: Reply) => ({ status, body: { ...body, request_id: '' } })

  it('is told of another’s order what he is told of one that is not there', async () => {
    const order = await buy(owner.key)
    const message = { number: order.phone, sender: 'WhatsApp', sms: 'Your WhatsApp code: 123-456' }
    await call(server, secret, 'POST', '/api/callback', { event: 'incoming_message', message })
    const before = (await call(server, owner.key, 'GET', `/v1/orders/${order.id}`)).body
    const missing = app.ids.toToken('ord', 999_999_999n)
    const tries: [method: string, path: (id: string | number) => string][] = [
      ['GET', (id) => `/v1/orders/${id}`],
      ['GET', (id) => `/v1/orders/${id}?wait=1`],
      ['POST', (id) => `/v1/orders/${id}/cancel`],
      ['POST', (id) => `/v1/orders/${id}/finish`],
      ['POST', (id) => `/v1/orders/${id}/resend`],
      ['POST', (id) => `/v1/orders/${id}/replace`],
      ['GET', (id) => `/whichotp/api/v1/orders/${id}`],
      ['POST', (id) => `/whichotp/api/v1/orders/${id}/cancel`],
    ]
    for (const [method, path] of tries)
      for (const id of [order.id, order.number]) {
        const theirs = await call(server, stranger.key, method, path(id))
        const nobodys = await call(server, stranger.key, method, path(missing))
        expect(theirs.status).toBe(404)
        expect(plain(theirs)).toEqual(plain(nobodys))
        // Nor with a key of its own, which leaves none behind.
        const header = { 'idempotency-key': `${method}-${id}` }
        const keyed = await call(server, stranger.key, method, path(id), undefined, header)
        expect(plain(keyed)).toEqual(plain(nobodys))
      }
    expect((await call(server, owner.key, 'GET', `/v1/orders/${order.id}`)).body).toEqual(before)
    const left = await db.query('select 1 as yes from idempotency_keys where account_id = $1', [
      stranger.accountId,
    ])
    expect(left).toEqual([])
  })

  it('finds in his lists what is his, and nothing else', async () => {
    const mine = await buy(stranger.key)
    await buy(owner.key)
    type Page = { data: { id: string; order_id?: string }[]; next_cursor: string | null }
    const all = async (key: string, path: string) => {
      const ids: string[] = []
      for (let cursor: string | null = ''; cursor !== null; ) {
        const next: Reply<Page> = await call(
          server,
          key,
          'GET',
          `${path}?limit=1${cursor && `&cursor=${cursor}`}`,
        )
        ids.push(...next.body.data.map((one) => one.order_id ?? one.id))
        cursor = next.body.next_cursor
      }
      return ids
    }
    expect(await all(stranger.key, '/v1/orders')).toEqual([mine.id])
    const moved = await all(stranger.key, '/v1/transactions')
    expect(moved).toHaveLength(2)
    expect(moved[0]).toBe(mine.id)
    const keys = await call<Page>(server, stranger.key, 'GET', '/v1/keys')
    expect(keys.body.data).toHaveLength(1)
    const account = await call(server, stranger.key, 'GET', '/v1/account')
    expect(account.body.id).toBe(app.ids.toToken('acc', stranger.accountId))
  })

  it('cannot end another’s key', async () => {
    const { body } = await call<{ data: { id: string }[] }>(server, owner.key, 'GET', '/v1/keys')
    const theirs = await call(server, stranger.key, 'DELETE', `/v1/keys/${body.data[0]?.id}`)
    const missing = app.ids.toToken('key', 999_999_999n)
    const nobodys = await call(server, stranger.key, 'DELETE', `/v1/keys/${missing}`)
    expect(theirs.status).toBe(404)
    expect(plain(theirs)).toEqual(plain(nobodys))
    expect(await call(server, owner.key, 'GET', '/v1/balance')).toMatchObject({ status: 200 })
  })

  it('cannot guess an order’s id from the ids of his own', async () => {
    const ids: string[] = []
    for (let i = 0; i < 20; i++) ids.push((await buy(owner.key)).id)
    const values = ids.map((id) => Number.parseInt(id.slice(4), 36))
    const steps = values.slice(1).map((value, i) => value - (values[i] as number))
    expect(new Set(steps).size).toBe(steps.length)
    // As often down as up, and never a small step, as far as chance goes.
    expect(steps.filter((step) => step < 0).length).toBeGreaterThan(1)
    expect(steps.filter((step) => step > 0).length).toBeGreaterThan(1)
    expect(Math.min(...steps.map(Math.abs))).toBeGreaterThan(1_000_000)
  })

  for (const {
    buy: [path, body],
    created,
    refusals,
  } of dialects)
    describe(`at ${path}`, () => {
      const order = (key: string) =>
        call<{ id: string; code: string; error: string }>(server, key, 'POST', path, body)
      const said = ({ status, body }: Awaited<ReturnType<typeof order>>) => [
        status,
        body.code ?? body.error,
      ]

      it('cannot have more orders open than his limit, also when he asks for them at once', async () => {
        const { accountId, key } = await testCustomer(db)
        await limitAccount(db, accountId, { ...noLimits, maxOpenOrders: 3 })
        const replies = await Promise.all(Array.from({ length: 20 }, () => order(key)))
        const bought = replies.filter((reply) => reply.status === created)
        expect(bought).toHaveLength(3)
        for (const reply of replies)
          if (reply.status !== created) expect(said(reply)).toEqual(refusals.open)
        await call(server, key, 'POST', `/v1/orders/${bought[0]?.body.id}/cancel`)
        expect((await order(key)).status).toBe(created)
        expect(said(await order(key))).toEqual(refusals.open)
      })

      it('cannot make more orders a day than his limit', async () => {
        const { accountId, key } = await testCustomer(db)
        await limitAccount(db, accountId, { ...noLimits, maxOrdersADay: 4 })
        const replies = await Promise.all(Array.from({ length: 15 }, () => order(key)))
        expect(replies.filter((reply) => reply.status === created)).toHaveLength(4)
        expect(said(await order(key))).toEqual(refusals.day)
        server.advance(86_400)
        expect((await order(key)).status).toBe(created)
      })

      it('cannot cancel most of what he orders', async () => {
        const { accountId, key } = await testCustomer(db)
        await limitAccount(db, accountId, { ...noLimits, maxCancelledPercent: 50 })
        for (let i = 0; i < 20; i++) {
          const { id } = (await order(key)).body
          if (i < 11) await call(server, key, 'POST', `/v1/orders/${id}/cancel`)
        }
        expect(said(await order(key))).toEqual(refusals.cancelled)
        server.advance(86_400)
        expect((await order(key)).status).toBe(created)
      })
    })

  it('is not held up by another’s limits, and the books are right', async () => {
    expect(await buy(owner.key)).toHaveProperty('phone')
    await expectCleanAudit(db)
  })
})
