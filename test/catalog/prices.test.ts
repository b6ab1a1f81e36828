// Prices over the whole catalog: right, and as quick the tenth time as the first.
import { expect, test } from 'vitest'
import { listOffers } from '../../src/core/catalog/offers.ts'
import { pricesByOperator, tiersOfActivations } from '../../src/core/catalog/prices.ts'
import { testDatabase } from '../harness/database.ts'

/** A plan that is made without the values of a statement comes into use at its sixth run on a connection. */
const runs = 10
/** Where the plan is a bad one, a single run takes a minute. */
const patienceMs = 20_000

test('everything is listed again and again without a plan that fits only little', async () => {
  const { db } = await testDatabase('demo')
  const began = performance.now()
  await db.begin(async (tx) => {
    for (let run = 0; run < runs; run++) {
      for (const kind of ['activation', 'rental'] as const)
        expect((await pricesByOperator(tx, { currency: 'USD', kind })).length).toBeGreaterThan(500)
      expect((await tiersOfActivations(tx, { currency: 'USD' })).length).toBeGreaterThan(500)
    }
  })
  expect(performance.now() - began).toBeLessThan(patienceMs)
})

test('each filter means what it means for offers', async () => {
  const { db } = await testDatabase('demo')
  const all = await listOffers(db, {
    currency: 'EUR',
    reserved: false,
    country: 'US',
    limit: 20_000,
  })
  const serviceId = Number(all[0]?.serviceId)
  const operatorId = Number(all[0]?.operatorId)
  const wanted = { currency: 'EUR', country: 'US', serviceId, operatorId }
  for (const kind of ['activation', 'rental'] as const) {
    const same = all.filter(
      (one) => one.kind === kind && one.serviceId === serviceId && one.operatorId === operatorId,
    )
    const prices = await pricesByOperator(db, { ...wanted, kind })
    const sum = (list: readonly { stock: number }[]) => list.reduce((n, one) => n + one.stock, 0)
    expect(sum(prices)).toBe(sum(same))
    expect(sum(same)).toBeGreaterThan(0)
    for (const { durationS, price } of prices) {
      const cheapest = same
        .filter((one) => one.durationS === durationS && one.stock > 0)
        .toSorted((a, b) => Number(a.price - b.price))[0]
      expect(price).toBe(cheapest?.price)
    }
  }
  const tiers = await tiersOfActivations(db, { currency: 'EUR', country: 'US', serviceId })
  const activations = all.filter((one) => one.kind === 'activation' && one.serviceId === serviceId)
  expect(new Set(tiers.map((one) => one.price))).toEqual(
    new Set(activations.map((one) => one.price)),
  )
})
