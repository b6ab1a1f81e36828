// What customers are told of how often codes came for an offer, and how soon.
import { describe, expect, it } from 'vitest'
import {
  countOfferDays,
  minSample,
  offerStatistics,
  sumUpOffers,
} from '../../src/core/orders/offer-statistics.ts'
import { referenceOf } from '../harness/documented.ts'
import { eventually } from '../harness/program.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'

type Order = { id: string; phone: string; offer_id: number }
type Statistics = {
  orders: number
  success_rate: number
  median_seconds: number | null
  p90_seconds: number | null
}
type Offer = { id: number; statistics: Statistics | null; pool_statistics: Statistics | null }

describe('statistics of offers', async () => {
  const server = await testServer({
    env: { NUMLET_CANCEL_COOLDOWN_S: '0', NUMLET_ACTIVATION_WINDOW_S: '1200' },
  })
  const { db } = server
  const described = await referenceOf(server)
  const { secret } = await testSupplier(db)
  const [one, other] = [await testCustomer(db), await testCustomer(db)]

  const offersOf = async (service: string) => {
    const path = `/v1/offers?kind=activation&service=${service}&country=US&limit=100`
    const reply = await call<{ data: Offer[] }>(server, one.key, 'GET', path)
    described.check('GET', path, reply)
    return reply.body.data
  }
  const buy = async (key: string, offerId: number) => {
    const reply = await call<Order>(server, key, 'POST', '/v1/orders', { offer_id: offerId })
    expect(reply.status).toBe(201)
    return reply.body
  }
  /** Delivers a code and finishes the order. */
  const serve = async (key: string, { id, phone }: Order) => {
    const message = { number: phone, sender: 'X', sms: 'Your code: 123456', order_id: id }
    await call(server, secret, 'POST', '/api/callback', { event: 'incoming_message', message })
    expect((await call(server, key, 'POST', `/v1/orders/${id}/finish`)).status).toBe(200)
  }
  const cancel = async (key: string, { id }: Order) =>
    expect((await call(server, key, 'POST', `/v1/orders/${id}/cancel`)).status).toBe(200)
  /** Events are read once no older transaction is open, in this or another database of the server. */
  const count = (orders: number) =>
    eventually(async () => {
      while ((await countOfferDays(db)) > 0);
      await sumUpOffers(db, server.app.now())
      const [row] = await db.query<{ sum: number }>(
        'select coalesce(sum(orders), 0)::int as sum from offer_days',
      )
      expect(row?.sum).toBeLessThanOrEqual(orders)
      return row?.sum === orders
    })

  it('are sums of all accounts, and none of fewer orders than the least sample', async () => {
    const [first, second] = await offersOf('whatsapp')
    if (!first || !second) throw new Error('there are too few offers')
    // Ten codes after 10 seconds, five after 40, four in vain: one order less than the least sample.
    const orders: [string, Order][] = []
    for (let at = 0; at < minSample - 1; at++) {
      const { key } = at % 2 === 0 ? one : other
      orders.push([key, await buy(key, first.id)])
    }
    server.advance(10)
    for (const [key, order] of orders.slice(0, 10)) await serve(key, order)
    server.advance(30)
    for (const [key, order] of orders.slice(10, 15)) await serve(key, order)
    for (const [key, order] of orders.slice(15)) await cancel(key, order)
    await count(minSample - 1)
    for (const offer of await offersOf('whatsapp'))
      expect(offer).toMatchObject({ statistics: null, pool_statistics: null })

    await cancel(other.key, await buy(other.key, first.id))
    await count(minSample)
    const shown = await offersOf('whatsapp')
    const sums = { orders: 20, success_rate: 75, median_seconds: 10, p90_seconds: 37 }
    expect(shown.find(({ id }) => id === first.id)?.statistics).toEqual(sums)
    const siblings = shown.filter(({ pool_statistics }) => pool_statistics !== null)
    expect(siblings.length).toBeGreaterThan(0)
    for (const { id, statistics, pool_statistics } of siblings) {
      expect(pool_statistics).toEqual(sums)
      if (id !== first.id) expect(statistics).toBeNull()
    }
    // Counted again, nothing changes: each event is counted once.
    await count(minSample)
    expect(await offersOf('whatsapp')).toEqual(shown)
    for (const { statistics, pool_statistics } of await offersOf('telegram'))
      expect({ statistics, pool_statistics }).toEqual({ statistics: null, pool_statistics: null })
  })

  it('are counted by one of many nodes', async () => {
    const [offer] = await offersOf('google')
    if (!offer) throw new Error('there is no offer')
    for (let at = 0; at < minSample; at++) await cancel(one.key, await buy(one.key, offer.id))
    await Promise.all(Array.from({ length: 10 }, () => countOfferDays(db)))
    await Promise.all(Array.from({ length: 5 }, () => count(2 * minSample)))
    const found = (await offersOf('google')).find(({ id }) => id === offer.id)
    const nothing = { orders: minSample, success_rate: 0, median_seconds: null, p90_seconds: null }
    expect(found?.statistics).toEqual(nothing)
  })

  it('are of the last 30 days', async () => {
    const known = (await offersOf('google')).map(({ id }) => id)
    expect(await offerStatistics(db, known)).not.toEqual([])
    await sumUpOffers(db, new Date(server.app.now().getTime() + 32 * 24 * 60 * 60 * 1000))
    expect(await offerStatistics(db, known)).toEqual([])
    expect(await db.query('select 1 as yes from offer_days')).toEqual([])
    expect(await db.query('select 1 as yes from offer_statistics')).toEqual([])
  })
})
