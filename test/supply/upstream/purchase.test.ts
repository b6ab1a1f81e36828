// Orders for which a supplier is to be asked: our own numbers first, the money held, and returned in time.
import { describe, expect, it } from 'vitest'
import { balanceOf } from '../../../src/core/accounts/accounts.ts'
import { setRate } from '../../../src/core/catalog/rates.ts'
import type { Order } from '../../../src/core/orders/order.ts'
import { countOutcomes } from '../../../src/core/orders/outcomes.ts'
import { testCustomer, testServer, testSupplier } from '../../harness/server.ts'
import { stateOf } from '../../harness/state.ts'
import { expectCleanAudit, outcomeOf } from '../../promises/market.ts'
import { allocateS, openOwnMarket, openUpstream, price, purchaseOf } from './market.ts'

async function market(own: number) {
  const server = await testServer({ template: 'catalog' })
  const { app, db } = server
  const { supplierId } = await testSupplier(db)
  const offerId = await openOwnMarket(db, supplierId, own)
  const { accountId } = await testCustomer(db, { credit: '100' })
  const buy = async (more: Parameters<typeof purchaseOf>[1] = {}): Promise<readonly Order[]> => {
    const bought = await app.orders.buy(purchaseOf(accountId, more))
    return 'orders' in bought ? bought.orders : []
  }
  const upstream = async () =>
    (
      await db.query<{ upstream: number; remaining: number; shown: number }>(
        `select remaining, upstream, shown from stock where offer_id = $1 and area = ''`,
        [offerId],
      )
    )[0]
  const eventsOf = async (id: bigint) =>
    (
      await db.query<{ type: string }>('select type from events where order_id = $1 order by id', [
        id,
      ])
    ).map((row) => row.type)
  const usage = async () =>
    (
      await db.query<{ open: number; bought: number; cancelled: number }>(
        `select open_orders as open, bought_today as bought, cancelled_today as cancelled
           from account_usage where account_id = $1`,
        [accountId],
      )
    )[0]
  return { ...server, offerId, accountId, buy, upstream, eventsOf, usage }
}

describe('a purchase', async () => {
  const { app, db, accountId, offerId, buy, upstream, eventsOf, usage, advance } = await market(2)
  const { supplierId, sourceId } = await openUpstream(db, app.now(), { offerId, stock: 5 })

  it('shows what suppliers have, and sells our own numbers first', async () => {
    expect(await upstream()).toEqual({ remaining: 2, upstream: 5, shown: 7 })
    const orders = [...(await buy()), ...(await buy())]
    expect(orders.map(({ state }) => state)).toEqual(['waiting', 'waiting'])
    expect(await upstream()).toEqual({ remaining: 0, upstream: 5, shown: 5 })
  })

  it('without leave to ask suppliers finds only our own numbers', async () => {
    const before = await stateOf(db)
    expect(await outcomeOf(buy({ allocateS: undefined }))).toBe('out_of_stock')
    expect(await stateOf(db)).toEqual(before)
  })

  it('holds the price of an order without a number, and plans to ask a source of its offer', async () => {
    const before = await balanceOf(db, accountId)
    const [order] = await buy()
    if (!order) throw new Error('nothing was bought')
    expect(order).toMatchObject({ state: 'allocating', numberId: null, phone: null, price })
    expect(await app.orders.read(accountId, order.id)).toEqual(order)
    expect(order.allocateBy?.getTime()).toBe(app.now().getTime() + allocateS * 1000)
    expect(await balanceOf(db, accountId)).toBe(before - price)
    expect(await eventsOf(order.id)).toEqual(['order.created'])
    const rows = await db.query('select * from allocations where order_id = $1', [order.id])
    expect(rows).toMatchObject([
      {
        ...{ purpose: 'buy', state: 'planned', attempt: 1, claims: 0, currency: 'USD' },
        ...{ supplier_id: supplierId, source_id: sourceId, price_base: price },
        ...{ allocate_by: order.allocateBy, cost_state: 'none', upstream_ref: null },
      },
    ])
    expect(await upstream()).toEqual({ remaining: 0, upstream: 4, shown: 4 })
    await expectCleanAudit(db)
  })

  it('of several is held all or none', async () => {
    const before = await stateOf(db)
    expect(await outcomeOf(buy({ quantity: 5 }))).toBe('out_of_stock')
    expect(await stateOf(db)).toEqual(before)
    expect(await buy({ quantity: 2 })).toHaveLength(2)
    expect(await upstream()).toMatchObject({ upstream: 2 })
  })

  it('that is cancelled before its number comes is refunded at once, and counts as cancelled', async () => {
    const before = await usage()
    const balance = await balanceOf(db, accountId)
    const [{ id }] = (await buy()) as [Order]
    expect(await app.orders.cancel({ accountId, id })).toMatchObject({
      changed: true,
      order: { state: 'cancelled' },
    })
    expect(await app.orders.cancel({ accountId, id })).toMatchObject({ changed: false })
    expect(await balanceOf(db, accountId)).toBe(balance)
    expect(await eventsOf(id)).toEqual(['order.created', 'order.cancelled', 'order.refunded'])
    expect(await usage()).toEqual({
      open: before?.open,
      bought: (before?.bought ?? 0) + 1,
      cancelled: (before?.cancelled ?? 0) + 1,
    })
    expect(await db.query('select state from allocations where order_id = $1', [id])).toEqual([
      { state: 'refused' },
    ])
  })

  it('without its number in time fails, is refunded, and stops no other order from ending', async () => {
    const [own] = await db.query<{ id: bigint }>(
      `select id from orders where state = 'waiting' limit 1`,
    )
    const overdue = await db.query<{ id: bigint }>(
      `select id from orders where state = 'allocating'`,
    )
    expect(overdue).toHaveLength(3)
    const bought = (await usage())?.bought ?? 0
    // All windows are over; the sweep of deadlines comes first.
    advance(1_300)
    expect(await app.orders.endOverdue()).toBe(2)
    expect((await app.orders.byId([own?.id as bigint]))[0]?.state).toBe('expired')
    expect(await app.orders.failOverdue()).toBe(3)
    expect(await app.orders.failOverdue()).toBe(0)
    for (const { id } of overdue)
      expect(await eventsOf(id)).toEqual(['order.created', 'order.failed', 'order.refunded'])
    expect(
      await db.query(`select distinct state, fail_reason from orders where id = any($1)`, [
        overdue.map(({ id }) => id),
      ]),
    ).toEqual([{ state: 'failed', fail_reason: 'no number in time' }])
    expect(await balanceOf(db, accountId)).toBe(1_000_000n)
    expect(await usage()).toMatchObject({ open: 0, bought: bought - 3 })
    await expectCleanAudit(db)
  })

  it('that never had a number is in no success rate', async () => {
    // Events are read when no older transaction is open, of any test.
    const counted = async () => {
      while ((await countOutcomes(db)) > 0);
      return db.query('select sum(good)::int as good, sum(bad)::int as bad from outcomes')
    }
    await expect.poll(counted, { timeout: 20_000 }).toEqual([{ good: 0, bad: 2 }])
  })
})

describe('a source', async () => {
  const { app, db, offerId, buy, upstream } = await market(0)

  await setRate(db, app.now(), 'EUR', '0.5')

  it('that would lose money, or whose supplier is paused, shows nothing', async () => {
    const now = app.now()
    await openUpstream(db, now, { offerId, stock: 5, cost: price + 1n })
    expect(await upstream()).toEqual({ remaining: 0, upstream: 0, shown: 0 })
    const { supplierId } = await openUpstream(db, now, { offerId, stock: 3 })
    expect(await upstream()).toMatchObject({ upstream: 3 })
    await db.query(`update suppliers set state = 'paused' where id = $1`, [supplierId])
    // Found when it is bought, and corrected.
    expect(await outcomeOf(buy())).toBe('out_of_stock')
    expect(await upstream()).toMatchObject({ upstream: 0 })
    await db.query(`update suppliers set state = 'on' where id = $1`, [supplierId])
  })

  it('is shown as far as it is trusted', async () => {
    await openUpstream(db, app.now(), { offerId, stock: 9, trust: 50, currency: 'EUR' })
    expect(await upstream()).toMatchObject({ upstream: 7 })
  })

  it('is chosen by its cost, in one currency', async () => {
    const { sourceId } = await openUpstream(db, app.now(), {
      ...{ offerId, stock: 1, currency: 'EUR', cost: 4_000n },
    })
    const [{ id }] = (await buy()) as [Order]
    expect(
      await db.query('select source_id, currency from allocations where order_id = $1', [id]),
    ).toEqual([{ source_id: sourceId, currency: 'EUR' }])
  })
})
