// What somebody is told who waits for a supplier’s yes to a cancel.
import { expect, it } from 'vitest'
import { cancelAtSupplier } from '../../../src/core/orders/cancel-at-supplier.ts'
import { recordAnswer } from '../../../src/core/supply/answers.ts'
import type { Database } from '../../../src/db/database.ts'
import { openUpstream, purchaseOf, upstreamDesk } from './market.ts'

/** An order with a supplier's number, which can be cancelled, and a cancel that reads through `query`. */
async function orderToCancel() {
  const { app, db, dealing, accountId, offerId, advance } = await upstreamDesk(1, 'Any')
  const { supplierId } = await openUpstream(db, app.now(), { offerId, stock: 5 })
  const bought = await app.orders.buy(purchaseOf(accountId))
  const [order] = 'orders' in bought ? bought.orders : []
  if (!order) throw new Error('nothing was bought')
  const [ask] = await app.supply.claimAsks(supplierId)
  if (!ask) throw new Error('nothing was claimed')
  const { allocationId, claims } = ask
  const phone = '+447700900777'
  await recordAnswer(dealing, app.now(), {
    ...{ allocationId, claims },
    verdict: {
      ...{ kind: 'number', ref: '17', phone, operator: null, cost: null },
      ...{ currency: null, endsAt: null, cancelAfter: null },
    },
  })
  advance(121)
  const { watch } = app.events
  const cancel = (query: Database['query']) =>
    cancelAtSupplier(
      { db: { ...db, query }, clock: app.now, watch, changed: watch.changed },
      { accountId, id: order.id },
    )
  return { app, db, supplierId, order, phone, watch, cancel }
}

it('a node that stops leaves a cancel to the supplier, and asks the database no more', async () => {
  const { db, watch, cancel } = await orderToCancel()
  let reads = 0
  const counting: typeof db.query = (...given) => {
    reads += 1
    return db.query(...given)
  }
  const failed = expect(cancel(counting)).rejects.toMatchObject({ code: 'supply_pending' })
  await expect.poll(() => watch.count()).toBeGreaterThan(0)
  watch.closeWithin(0)
  await failed
  expect(reads).toBeLessThan(20)
})

it.each([1, 2])('a code that comes after %i reads is the reason that is told', async (after) => {
  const { app, db, supplierId, order, phone, cancel } = await orderToCancel()
  const refuse = async () => {
    const { serviceId } = order
    const text = { sender: 'WhatsApp', text: 'Your WhatsApp code: 593-829', code: null }
    await app.supply.receive([
      { supplierId, ref: 'message 1', orderId: order.id, serviceId, phone, ...text },
    ])
    const [command] = await app.supply.claimCommands(supplierId, 1)
    if (!command) throw new Error('the supplier is told nothing')
    const { commandId, claims } = command
    const reading = { state: 'code', cost: null } as const
    await app.supply.recordCommand({ commandId, claims, verdict: { kind: 'state', reading } })
  }
  let reads = 0
  const interrupted: typeof db.query = async (...given) => {
    const rows = await db.query(...given)
    reads += 1
    if (reads === after) await refuse()
    return rows as never
  }
  await expect(cancel(interrupted)).rejects.toMatchObject({ code: 'order_not_cancellable' })
  expect(await app.orders.read(order.accountId, order.id)).toMatchObject({ state: 'received' })
})
