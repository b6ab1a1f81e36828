// Success rates come from what became of orders, each counted once.
import { expect, it } from 'vitest'
import { bestOffers } from '../../src/core/catalog/best.ts'
import { listOffers } from '../../src/core/catalog/offers.ts'
import type { Order } from '../../src/core/orders/order.ts'
import { countOutcomes, rateOffers } from '../../src/core/orders/outcomes.ts'
import { cancelOrder, endOverdueOrders, finishOrder } from '../harness/ending.ts'
import { testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { anyNumberFor, dramaNumbers, openMarket, services } from './market.ts'

const later = (from: Date, seconds: number) => new Date(from.getTime() + seconds * 1000)

it('an offer’s rate is the share of its orders that brought a code, over the window', async () => {
  const { app, db } = await testServer({
    template: 'catalog',
    env: { NUMLET_CANCEL_COOLDOWN_S: '0' },
  })
  const { supplierId } = await testSupplier(db)
  const { accountId } = await testCustomer(db)
  const now = app.now()
  const prices = { whatsapp: '0.40' }
  await openMarket(db, supplierId, [
    { country: 'GB', operator: 'Good', pool: '1', phones: dramaNumbers(30), prices },
    { country: 'GB', operator: 'Bad', pool: '1', phones: dramaNumbers(30, 30), prices },
  ])
  const [good, bad] = (
    await listOffers(db, { currency: 'USD', serviceId: services.whatsapp, limit: 9 })
  ).map((offer) => offer.id)
  const buy = async (offerId: number | undefined) => {
    const selection = { ...anyNumberFor('whatsapp'), serviceId: null, offerId: offerId as number }
    const bought = await app.orders.at(now).buy({ accountId, selection, quantity: 20, once: null })
    return (bought as { orders: readonly Order[] }).orders
  }
  const code = (order: Order) =>
    app.messages.receive(later(now, 5), {
      supplierId,
      supplierRef: null,
      channel: 'sms',
      phone: order.phone as string,
      sender: 'WhatsApp',
      text: 'Your WhatsApp code: 482-913',
      hint: { orderId: null, serviceId: null },
    })
  for (const [place, order] of (await buy(good)).entries()) {
    if (place === 0) await cancelOrder(db, later(now, 1), order)
    else await code(order)
    if (place === 1) await finishOrder(db, later(now, 9), order)
  }
  for (const [place, order] of (await buy(bad)).entries()) if (place < 8) await code(order)
  const rates = async () => {
    while ((await countOutcomes(db)) > 0);
    await rateOffers(db, later(now, 1_300), 24)
    const offers = await listOffers(db, { currency: 'USD', serviceId: services.whatsapp, limit: 9 })
    return offers.map((offer) => offer.successRate)
  }
  // Two of forty are over, which tells nothing yet.
  expect(await rates()).toEqual([null, null])
  await endOverdueOrders(db, later(now, 1_200))
  // @NOTE events are read up to the oldest open transaction of the whole server, other tests' included
  await expect.poll(rates).toEqual([95, 40])
  expect(await rates()).toEqual([95, 40])
  const serviceId = services.whatsapp
  const wanted = { currency: 'USD', country: 'GB', serviceId, limit: 5 }
  expect(await bestOffers(db, wanted)).toMatchObject([
    { offerId: good, successRate: 95, stock: 10 },
  ])
  expect(await bestOffers(db, { ...wanted, atLeast: 96 })).toEqual([])
  await rateOffers(db, later(now, 26 * 3_600), 24)
  expect((await db.query('select 1 from outcomes')).length).toBe(0)
})
