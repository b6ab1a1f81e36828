// What an account used, by day, key, service and country; and the overview.
import { describe, expect, it } from 'vitest'
import { createKey } from '../../src/core/accounts/keys.ts'
import { referenceOf } from '../harness/documented.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'

type Order = { id: string; phone: string; price: string }
type Counts = {
  orders: number
  open: number
  with_code: number
  success_rate: number | null
  spent: string
}
type Entry = Counts & {
  day: string | null
  key_id: string | null
  service: string | null
  country: string | null
}
type Used = { from: string; to: string; currency: string; total: Counts; data: Entry[] }
type Transaction = { type: string; amount: string }

const dayS = 24 * 60 * 60
const dayOf = (at: Date) => at.toISOString().slice(0, 10)

describe('usage', async () => {
  const server = await testServer({ env: { NUMLET_CANCEL_COOLDOWN_S: '0' } })
  const { app, db } = server
  const described = await referenceOf(server)
  const { secret } = await testSupplier(db)
  const usual = { service: 'whatsapp', country: 'US' }

  const customer = async () => {
    const { key, accountId } = await testCustomer(db)
    const ask = async <T = Order>(method: string, path: string, body?: unknown, by = key) => {
      const reply = await call<T>(server, by, method, path, body)
      described.check(method, path, reply)
      return reply
    }
    const buy = async (body: object = usual, by = key) => {
      const reply = await ask('POST', '/v1/orders', body, by)
      expect(reply.status, JSON.stringify(reply.body)).toBe(201)
      return reply.body
    }
    const used = async (query = '') => (await ask<Used>('GET', `/v1/usage?${query}`)).body
    return { key, accountId, ask, buy, used }
  }
  const deliver = (phone: string) =>
    call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number: phone, sender: 'WhatsApp', sms: 'Your WhatsApp code: 123-456' },
    })

  it('counts orders, codes and payments where they belong, of this account only', async () => {
    const [owner, stranger] = [await customer(), await customer()]
    const other = await createKey(db, app.now(), {
      accountId: owner.accountId,
      scopes: ['read', 'buy'],
    })
    const keyId = app.ids.toToken('key', other.apiKey.id)
    await deliver((await stranger.buy()).phone)
    const first = dayOf(app.now())
    const paid = await owner.buy()
    await deliver(paid.phone)
    const cancelled = await owner.buy({ ...usual, service: 'telegram' }, other.key)
    await owner.ask('POST', `/v1/orders/${cancelled.id}/cancel`)
    const rental = await owner.buy({ kind: 'rental', ...usual, duration: '3d' }, other.key)
    const back = await owner.buy({ kind: 'rental', ...usual, duration: '3d' })
    await owner.ask('POST', `/v1/orders/${back.id}/cancel`)

    server.advance(dayS)
    const second = dayOf(app.now())
    await owner.ask('POST', `/v1/orders/${rental.id}/renew`)
    await owner.buy({ ...usual, quantity: 2 }, other.key)

    const total = { orders: 6, open: 2, with_code: 1, success_rate: 50 }
    const spent = (Number(paid.price) + 2 * Number(rental.price)).toFixed(2)
    const days = await owner.used(`from=${first}&to=${second}`)
    expect(days).toMatchObject({ from: first, to: second, currency: 'USD' })
    expect(days.total).toEqual({ ...total, spent })
    const onFirst = (Number(paid.price) + Number(rental.price)).toFixed(2)
    expect(days.data).toMatchObject([
      { day: first, orders: 4, open: 0, with_code: 1, success_rate: 50, spent: onFirst },
      { day: second, orders: 2, open: 2, with_code: 0, success_rate: null, spent: rental.price },
    ])
    const byKey = await owner.used('by=key')
    expect(byKey.total).toEqual(days.total)
    expect(byKey.data.find((one) => one.key_id === keyId)).toMatchObject({
      ...{ orders: 4, open: 2, with_code: 0, success_rate: 0 },
      spent: (2 * Number(rental.price)).toFixed(2),
    })
    expect(byKey.data).toHaveLength(2)
    const byService = await owner.used('by=service')
    expect(byService.data.map(({ service, orders }) => [service, orders]).sort()).toEqual([
      ['telegram', 1],
      ['whatsapp', 5],
    ])
    expect((await owner.used('by=country')).data).toMatchObject([
      { country: 'US', ...total, spent },
    ])
    // What the statement says.
    const { body } = await owner.ask<{ data: Transaction[] }>('GET', '/v1/transactions?limit=100')
    const moved = (type: string) =>
      body.data
        .filter((one) => one.type === type)
        .reduce((sum, { amount }) => sum + Number(amount), 0)
    expect((moved('post') - moved('refund')).toFixed(2)).toBe(spent)
  })

  it('has every day of the period, and none outside of it', async () => {
    const { used, ask, buy } = await customer()
    const start = dayOf(app.now())
    await buy()
    server.advance(40 * dayS)
    const today = dayOf(app.now())
    const usualDays = await used()
    expect(usualDays.to).toBe(today)
    expect(usualDays.data).toHaveLength(30)
    expect(usualDays.data.at(-1)?.day).toBe(today)
    expect(usualDays.total.orders).toBe(0)
    expect((await used(`from=${start}`)).total.orders).toBe(1)
    expect((await used(`to=${start}`)).total.orders).toBe(1)
    for (const query of [
      `from=${today}&to=${start}`,
      'from=2026-01-01&to=2026-12-31',
      'from=yesterday',
      'from=2026-02-30',
      'by=phone',
      'days=3',
    ])
      expect((await ask('GET', `/v1/usage?${query}`)).status, query).toBe(422)
  })

  it('finds its place in a long history', async () => {
    const { used, buy } = await customer()
    for (let month = 0; month < 5; month++) {
      for (let at = 0; at < 7; at++) await deliver((await buy()).phone)
      server.advance(20 * dayS)
    }
    const to = dayOf(app.now())
    const from = dayOf(new Date(app.now().getTime() - 45 * dayS * 1000))
    expect((await used(`from=${from}&to=${to}`)).total).toMatchObject({ orders: 14, with_code: 14 })
    const before = dayOf(new Date(app.now().getTime() - 46 * dayS * 1000))
    const early = dayOf(new Date(app.now().getTime() - 120 * dayS * 1000))
    expect((await used(`from=${early}&to=${before}`)).total).toMatchObject({ orders: 21 })
  })

  it('is in the overview with the balance, and what ends soon', async () => {
    const [owner, stranger] = [await customer(), await customer()]
    const rental = await owner.buy({ kind: 'rental', ...usual, duration: '3d' })
    await stranger.buy({ kind: 'rental', ...usual, duration: '3d' })
    await owner.buy()
    const soon = new Date(app.now().getTime() + 10 * dayS * 1000).toISOString()
    const made = await owner.ask<{ id: string }>('POST', '/v1/keys', {
      name: 'a',
      expires_at: soon,
    })
    await owner.ask('PATCH', '/v1/account', { low_balance: '1000' })
    const { status, body } = await owner.ask<Record<string, unknown>>('GET', '/v1/overview')
    expect(status).toBe(200)
    const balance = Number(body.balance)
    expect(body).toMatchObject({
      is_low: true,
      low_balance: '1000.00',
      days_left: Math.round((300 * balance) / Number(rental.price)) / 10,
      open_orders: 2,
      last_30_days: { total: { orders: 2, open: 1, spent: rental.price } },
      ending_soon: {
        rentals: [{ order_id: rental.id, phone: rental.phone }],
        keys: [{ key_id: made.body.id, name: 'a', ends_at: soon }],
      },
    })
  })
})
