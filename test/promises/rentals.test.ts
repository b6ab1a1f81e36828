// Promises 1 to 3 for rentals: renewed, cancelled and ended at once, each order and each cent goes one way.
import { describe, expect, it } from 'vitest'
import { balanceOf } from '../../src/core/accounts/accounts.ts'
import { type NewOffer, putOffers } from '../../src/core/catalog/set-offers.ts'
import { returnRestedNumbers } from '../../src/core/inventory/inventory.ts'
import { setNumberState } from '../../src/core/inventory/sale.ts'
import type { Order } from '../../src/core/orders/order.ts'
import { writeSetting } from '../../src/core/settings.ts'
import { cancelOrder, endOverdueOrders } from '../harness/ending.ts'
import { serverOn, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import {
  anyNumberFor,
  dramaNumbers,
  expectCleanAudit,
  lots,
  openMarket,
  outcomeOf,
  services,
} from './market.ts'

const dayS = 86_400
const price = 30_000n
const later = (from: Date, seconds: number) => new Date(from.getTime() + seconds * 1000)

describe('rentals', async () => {
  const one = await testServer({ template: 'catalog' })
  const two = await serverOn(one.databaseUrl)
  const { app, db } = one
  const apps = [one.app, two.app]
  const { supplierId } = await testSupplier(db)
  const now = app.now()
  let used = 0

  /** A shelf of numbers on which WhatsApp is rented for a day and nothing else is sold. */
  async function shelf(count: number) {
    const operator = `Rental ${used}`
    const phones = dramaNumbers(count, used)
    used += count
    const operators = await openMarket(db, supplierId, [
      { country: 'GB', operator, pool: '1', phones, prices: { telegram: '0.40' } },
    ])
    const operatorId = operators.get(operator) as number
    const offer: NewOffer = {
      kind: 'rental',
      serviceId: services.whatsapp,
      country: 'GB',
      operatorId,
      pool: '1',
      price,
      durationS: dayS,
    }
    await db.begin((tx) => putOffers(tx, [offer]))
    return { phones, selection: { ...anyNumberFor('whatsapp'), country: 'GB', operatorId } }
  }

  type Place = Awaited<ReturnType<typeof shelf>>['selection']

  const rent = async (accountId: number, selection: Place, at = now, through = app) => {
    const bought = await through.orders
      .at(at)
      .rent({ accountId, selection, durationS: dayS, once: null })
    return (bought as { orders: readonly Order[] }).orders[0] as Order
  }
  const send = (phone: string | null, at: Date, text: string) =>
    app.messages.receive(at, {
      supplierId,
      supplierRef: null,
      channel: 'sms',
      phone: phone as string,
      sender: 'WhatsApp',
      text,
      hint: { orderId: null, serviceId: null },
    })

  it('are paid at once, take many messages, and end', async () => {
    const { selection, phones } = await shelf(1)
    const { accountId } = await testCustomer(db)
    const order = await rent(accountId, selection)
    expect(order).toMatchObject({ kind: 'rental', state: 'active', durationS: dayS, price })
    expect(phones).toContain(order.phone)
    expect(order.expiresAt).toEqual(later(now, dayS))
    expect(await balanceOf(db, accountId)).toBe(1_000_000n - price)
    for (const code of ['482-913', '739-204'])
      await send(order.phone, later(now, 60), `Your WhatsApp code: ${code}`)
    const read = await app.orders.read(accountId, order.id)
    expect(read).toMatchObject({ state: 'active', code: '739204', messageCount: 2 })
    expect((await app.messages.of(order.id)).map((message) => message.code)).toEqual([
      '482913',
      '739204',
    ])
    expect(await outcomeOf(rent(accountId, selection))).toBe('out_of_stock')
    await endOverdueOrders(db, later(now, dayS))
    expect(await app.orders.read(accountId, order.id)).toMatchObject({ state: 'ended' })
    await send(order.phone, later(now, dayS + 1), 'Your WhatsApp code: 111-222')
    expect(await app.messages.of(order.id)).toHaveLength(2)
    await expectCleanAudit(db)
  })

  it('come back for their price inside the refund window, and not after it or after a message', async () => {
    const { selection } = await shelf(3)
    const { accountId } = await testCustomer(db)
    const [first, second, third] = [
      await rent(accountId, selection),
      await rent(accountId, selection),
      await rent(accountId, selection),
    ] as const
    const paid = await balanceOf(db, accountId)
    await cancelOrder(db, later(now, 1_199), { accountId, id: first.id })
    expect(await balanceOf(db, accountId)).toBe(paid + price)
    await cancelOrder(db, later(now, 1_199), { accountId, id: first.id })
    expect(await balanceOf(db, accountId)).toBe(paid + price)
    const cancel = (order: Order, at: Date) =>
      outcomeOf(cancelOrder(db, at, { accountId, id: order.id }))
    expect(await cancel(second, later(now, 1_201))).toBe('order_not_cancellable')
    await send(third.phone, later(now, 5), 'Your WhatsApp code: 482-913')
    expect(await cancel(third, later(now, 10))).toBe('order_not_cancellable')
    expect(await balanceOf(db, accountId)).toBe(paid + price)
    const renewed = await outcomeOf(
      app.orders.at(now).renew({ accountId, id: first.id, once: null }),
    )
    expect(renewed).toBe('order_not_renewable')
    await expectCleanAudit(db)
  })

  it('are renewed from their old end, at the price of now, in their grace time, too', async () => {
    const { selection } = await shelf(1)
    const { accountId } = await testCustomer(db)
    const order = await rent(accountId, selection)
    await db.query(`update offers set price = 45000 where id = $1`, [order.offerId])
    const target = { accountId, id: order.id, once: null }
    const renewed = (await app.orders.at(later(now, 100)).renew(target)) as Order
    expect(renewed.expiresAt).toEqual(later(now, 2 * dayS))
    expect(renewed).toMatchObject({ state: 'active', phone: order.phone, renewals: 1 })
    expect(await balanceOf(db, accountId)).toBe(1_000_000n - price - 45_000n)
    await endOverdueOrders(db, later(now, 2 * dayS))
    expect((await app.orders.read(accountId, order.id)).state).toBe('ended')
    const back = (await app.orders.at(later(now, 2 * dayS + 3_600)).renew(target)) as Order
    expect(back).toMatchObject({ state: 'active', closedAt: null })
    expect(back.expiresAt).toEqual(later(now, 3 * dayS))
    await send(order.phone, later(now, 2 * dayS + 3_700), 'Your WhatsApp code: 482-913')
    expect(await app.orders.read(accountId, order.id)).toMatchObject({ code: '482913' })
    await endOverdueOrders(db, later(now, 3 * dayS))
    expect(await outcomeOf(app.orders.at(later(now, 4 * dayS)).renew(target))).toBe(
      'order_not_renewable',
    )
    await expectCleanAudit(db)
  })

  it('keep their number from others for the grace time, and no longer', async () => {
    await writeSetting(db, new Date(), { actor: 'test', reason: null }, 'reuse_after_days', 0)
    const { selection } = await shelf(1)
    const { accountId } = await testCustomer(db)
    const { accountId: other } = await testCustomer(db)
    const order = await rent(accountId, selection)
    await endOverdueOrders(db, later(now, dayS))
    expect(await returnRestedNumbers(db, later(now, 2 * dayS - 1))).toBe(0)
    expect(await outcomeOf(rent(other, selection, later(now, 2 * dayS - 1)))).toBe('out_of_stock')
    expect(await returnRestedNumbers(db, later(now, 2 * dayS))).toBe(1)
    const theirs = await rent(other, selection, later(now, 2 * dayS))
    expect(theirs.phone).toBe(order.phone)
    const again = app.orders.at(later(now, 2 * dayS)).renew({ accountId, id: order.id, once: null })
    expect(await outcomeOf(again)).toBe('order_not_renewable')
    await writeSetting(db, new Date(), { actor: 'test', reason: null }, 'reuse_after_days', null)
    await expectCleanAudit(db)
  })

  it('tell their customer some times before the end, each time once', async () => {
    const { selection } = await shelf(1)
    const { accountId } = await testCustomer(db)
    const order = await rent(accountId, selection)
    const told = async () => {
      const [row] = await db.query<{ n: number }>(
        `select count(*)::int as n from events where order_id = $1 and type = 'order.expiring'`,
        [order.id],
      )
      return row?.n
    }
    for (const at of [0, dayS - 3_601]) await app.orders.at(later(now, at)).remindOfEnds()
    expect(await told()).toBe(0)
    for (const at of [dayS - 3_600, dayS - 3_000])
      await app.orders.at(later(now, at)).remindOfEnds()
    expect(await told()).toBe(1)
    await app.orders.at(later(now, dayS - 60)).renew({ accountId, id: order.id, once: null })
    for (const at of [dayS, dayS + 1]) await app.orders.at(later(now, at)).remindOfEnds()
    expect(await told()).toBe(2)
    await app.orders.at(later(now, 2 * dayS - 3_600)).remindOfEnds()
    expect(await told()).toBe(3)
  })

  it('are not renewed on a number that the operator took out', async () => {
    const { selection } = await shelf(2)
    const { accountId } = await testCustomer(db)
    const over = await rent(accountId, selection)
    await endOverdueOrders(db, later(now, dayS))
    const running = await rent(accountId, selection, later(now, dayS))
    const paid = await balanceOf(db, accountId)
    for (const order of [over, running]) {
      await setNumberState(db, now, order.phone as string, 'disabled')
      const again = { accountId, id: order.id, once: null }
      const renewed = app.orders.at(later(now, dayS + 1)).renew(again)
      expect(await outcomeOf(renewed)).toBe('order_not_renewable')
    }
    expect(await balanceOf(db, accountId)).toBe(paid)
    expect(await app.orders.read(accountId, running.id)).toMatchObject({ state: 'active' })
    // When it is back, so is its renewal.
    await setNumberState(db, now, running.phone as string, 'active')
    const again = { accountId, id: running.id, once: null }
    await app.orders.at(later(now, dayS + 1)).renew(again)
    await expectCleanAudit(db)
  })

  it('have one outcome when renewed, cancelled and ended at once on two nodes', async () => {
    const lot = lots(7)
    const { accountId } = await testCustomer(db, { credit: '2000' })
    const { selection } = await shelf(60)
    const endings = new Map<string, number>()
    for (let round = 0; round < 60; round++) {
      const at = later(now, round * 60)
      const order = await rent(accountId, selection, at)
      const before = await balanceOf(db, accountId)
      const over = later(at, dayS)
      // A renewal may always come last, and a sweep is the slowest: some rounds do without the others.
      const isRenewed = round % 3 === 0
      const isCancelled = round % 3 < 2
      const calls = Array.from({ length: 12 }, () =>
        lot.oneOf([
          () =>
            isRenewed
              ? outcomeOf(
                  lot
                    .oneOf(apps)
                    .orders.at(later(at, 1))
                    .renew({ accountId, id: order.id, once: null }),
                )
              : Promise.resolve(),
          () =>
            isCancelled
              ? outcomeOf(
                  cancelOrder(lot.oneOf(apps).db, later(at, 2), { accountId, id: order.id }),
                )
              : Promise.resolve(),
          () => endOverdueOrders(lot.oneOf(apps).db, over),
        ]),
      )
      await Promise.all(calls.map((run) => run()))
      const end = await app.orders.read(accountId, order.id)
      const spent = before - (await balanceOf(db, accountId))
      const expected = end.state === 'cancelled' ? -price : BigInt(end.renewals) * price
      expect(spent, `${end.state} after ${end.renewals} renewals`).toBe(expected)
      expect(end.expiresAt).toEqual(later(at, dayS * (1 + end.renewals)))
      endings.set(end.state, (endings.get(end.state) ?? 0) + 1)
    }
    expect([...endings.keys()].sort()).toEqual(['active', 'cancelled', 'ended'])
    await expectCleanAudit(db)
  })
})
