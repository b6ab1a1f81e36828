// smsVerificationService's rentals: what is left, every message, renewing, the end.
import { describe, expect, it } from 'vitest'
import { endOverdueOrders } from '../../harness/ending.ts'
import { testCustomer, testServer } from '../../harness/server.ts'
import { clientOf, ids, type Ordered } from './client.ts'

type Rental = Ordered & {
  otp: string | null
  expiry_date: string
  time_left_seconds: number
  days_left: number
  messages: { otp: string | null; message: string; sender: string; received_at: string }[]
}

const dayS = 86_400

describe('smsVerificationService’s rentals', async () => {
  const server = await testServer()
  const client = await clientOf(server)
  const { ask, order } = client
  const status = (key: string, id: number) => client.status<Rental>(key, id)
  const rent = (key: string, duration = 3) =>
    client.order(key, 'rental', { service: 'WhatsApp', duration }) as Promise<Rental>
  const renew = (key: string, id: number, headers = {}) =>
    ask(key, 'POST', `/order/${id}/renew/`, undefined, headers)
  const inS = (from: string, seconds: number) =>
    `${new Date(Date.parse(from) + seconds * 1000).toISOString().slice(0, 19)}Z`

  it('tell what is left, whole days rounded up', async () => {
    const { key } = await testCustomer(server.db)
    const { order_id, expiry_date } = await rent(key)
    const left = async () => {
      const { time_left_seconds, days_left } = await status(key, order_id)
      return [time_left_seconds, days_left]
    }
    expect(await status(key, order_id)).toMatchObject({ status: 'active', expiry_date, otp: null })
    expect(await left()).toEqual([3 * dayS, 3])
    server.advance(1)
    expect(await left()).toEqual([3 * dayS - 1, 3])
    server.advance(dayS - 1)
    expect(await left()).toEqual([2 * dayS, 2])
    server.advance(2 * dayS - 1)
    expect(await left()).toEqual([1, 1])
    server.advance(1)
    await endOverdueOrders(server.db, server.app.now())
    expect(await left()).toEqual([0, 0])
    expect((await status(key, order_id)).status).toBe('expired')
  })

  it('of one and of 30 days tell it, too, and say active once they are asked', async () => {
    const { key } = await testCustomer(server.db)
    for (const [kind, service_id, days] of [
      ['rent-1day', ids.tinder, 1],
      ['rent-30days', ids.instagram, 30],
    ] as const) {
      const ordered = await order(key, kind, { service_id })
      expect(ordered.status).toBe('pending')
      expect(await status(key, ordered.order_id)).toMatchObject({
        status: 'active',
        time_left_seconds: days * dayS,
        days_left: days,
        messages: [],
      })
    }
    expect(await client.balance(key)).toBe(100 - 1.2 - 12)
  })

  it('stay active and keep every message', async () => {
    const { key } = await testCustomer(server.db)
    const { order_id, phone } = await rent(key)
    await client.receive(phone, 'Your WhatsApp code is 548921')
    server.advance(dayS)
    await client.receive(phone, 'Your WhatsApp code is 771203')
    const shown = await status(key, order_id)
    expect(shown).toMatchObject({
      status: 'active',
      otp: '771203',
      message: 'Your WhatsApp code is 771203',
    })
    expect(shown.messages).toEqual([
      {
        otp: '548921',
        message: 'Your WhatsApp code is 548921',
        sender: 'WhatsApp',
        received_at: expect.stringMatching(/Z$/),
      },
      expect.objectContaining({ otp: '771203' }),
    ])
  })

  it('are renewed from their old end, once for each Idempotency-Key', async () => {
    const { key } = await testCustomer(server.db)
    const { order_id, phone, expiry_date } = await rent(key)
    const once = { 'idempotency-key': 'renewal' }
    for (let time = 0; time < 2; time++)
      expect((await renew(key, order_id, once)).body).toEqual({
        success: true,
        data: { order_id, status: 'active', phone },
      })
    expect(await client.balance(key)).toBe(100 - 2 * 4)
    expect(await status(key, order_id)).toMatchObject({
      phone,
      expiry_date: inS(expiry_date, 3 * dayS),
      days_left: 6,
    })
  })

  it('are renewed for some time after their end, with the same number', async () => {
    const { key } = await testCustomer(server.db)
    const { order_id, phone } = await rent(key)
    server.advance(3 * dayS + 60)
    await endOverdueOrders(server.db, server.app.now())
    expect((await status(key, order_id)).status).toBe('expired')
    expect((await renew(key, order_id)).status).toBe(200)
    expect(await status(key, order_id)).toMatchObject({ status: 'active', phone, days_left: 3 })
  })

  it('are not renewed long after their end, nor without the money', async () => {
    const { key } = await testCustomer(server.db, { credit: '6' })
    const { order_id } = await rent(key)
    expect(await renew(key, order_id)).toMatchObject({
      status: 402,
      body: { success: false, error: 'Insufficient balance' },
    })
    server.advance(10 * dayS)
    await endOverdueOrders(server.db, server.app.now())
    expect(await renew(key, order_id)).toMatchObject({
      status: 400,
      body: { success: false, error: 'Order cannot be renewed' },
    })
    expect(await client.balance(key)).toBe(2)
  })

  it('are cancelled while nothing has come and they are young', async () => {
    const { key } = await testCustomer(server.db)
    const young = await rent(key)
    expect(await ask(key, 'POST', `/order/${young.order_id}/cancel/`)).toMatchObject({
      status: 200,
      body: { success: true, data: { order_id: young.order_id, status: 'cancelled' } },
    })
    expect(await client.balance(key)).toBe(100)
    expect(await status(key, young.order_id)).toMatchObject({ time_left_seconds: 0, days_left: 0 })
    const used = await rent(key)
    await client.receive(used.phone, 'Your WhatsApp code is 548921')
    const old = await rent(key)
    server.advance(dayS)
    for (const { order_id } of [used, old])
      expect(await ask(key, 'POST', `/order/${order_id}/cancel/`)).toMatchObject({
        status: 400,
        body: { success: false, error: 'Order cannot be cancelled' },
      })
    expect(await client.balance(key)).toBe(92)
  })
})
