// A node that stops answers those who wait for a supplier’s yes at once, and leaves the database alone.
import { expect, it } from 'vitest'
import { cancelAtSupplier } from '../../../src/core/orders/cancel-at-supplier.ts'
import { recordAnswer } from '../../../src/core/supply/answers.ts'
import { openUpstream, purchaseOf, upstreamDesk } from './market.ts'

it('a cancel is left to the supplier when the node stops', async () => {
  const { app, db, dealing, accountId, offerId, advance } = await upstreamDesk(1, 'Any')
  const { supplierId } = await openUpstream(db, app.now(), { offerId, stock: 5 })
  const bought = await app.orders.buy(purchaseOf(accountId))
  const [order] = 'orders' in bought ? bought.orders : []
  if (!order) throw new Error('nothing was bought')
  const [ask] = await app.supply.claimAsks(supplierId)
  if (!ask) throw new Error('nothing was claimed')
  const { allocationId, claims } = ask
  await recordAnswer(dealing, app.now(), {
    ...{ allocationId, claims },
    verdict: {
      ...{ kind: 'number', ref: '17', phone: '+447700900777', operator: null, cost: null },
      ...{ currency: null, endsAt: null, cancelAfter: null },
    },
  })
  advance(121)
  let reads = 0
  const counting: typeof db.query = (...given) => {
    reads += 1
    return db.query(...given)
  }
  const { watch } = app.events
  const cancelled = cancelAtSupplier(
    { db: { ...db, query: counting }, clock: app.now, watch, changed: watch.changed },
    { accountId, id: order.id },
  )
  const failed = expect(cancelled).rejects.toMatchObject({
    code: 'supply_pending',
  })
  await expect.poll(() => watch.count()).toBeGreaterThan(0)
  watch.closeWithin(0)
  await failed
  expect(reads).toBeLessThan(20)
})
