// Batches under races: what is imported twice at once is there once, and what goes out of sale and back is
// sold once.
import { describe, expect, it } from 'vitest'
import { getBatch, type NewBatch } from '../../src/core/inventory/batches.ts'
import { beginImport, importNumberBatch, setBatch } from '../../src/core/operating/inventory.ts'
import { dramaNumbers, expectCleanAudit, lots, outcomeOf } from './market.ts'
import { by, openUpkeep, type Shelf } from './upkeep-ground.ts'

describe('batches', async () => {
  const { db, apps, buyers, now, shelf, tryToBuy, stockOf } = await openUpkeep()

  /** Imports numbers of a shelf on a node. @returns the number of the batch */
  async function importing(place: Shelf, phones: readonly string[], node: 0 | 1) {
    const where = { country: 'GB', operatorId: place.operatorId, pool: '1' }
    const stated = { owner: 'Example Telecom Ltd', contract: null, consent: null }
    const batch: NewBatch = { ...where, ...stated, supplierId: place.supplierId, source: 'n.csv' }
    const on = apps[node].db
    const id = await beginImport(on, now, by, batch, { supplier: place.name, operator: 'x' })
    // In parts, as the command line does.
    for (let start = 0; start < phones.length; start += 25)
      await importNumberBatch(on, {
        ...{ supplierId: place.supplierId, ...where },
        phones: phones.slice(start, start + 25),
        batch: { id, refused: { count: 1, named: [{ line: start + 1, problem: 'is too long' }] } },
      })
    return id
  }

  it('have each number once when the same file is imported on two nodes at once', async () => {
    const place = await shelf(1)
    const phones = dramaNumbers(100, 500)
    const ids = await Promise.all([importing(place, phones, 0), importing(place, phones, 1)])
    const [one, two] = await Promise.all(ids.map((id) => getBatch(db, id)))
    expect((one?.added ?? 0) + (two?.added ?? 0)).toBe(100)
    for (const batch of [one, two])
      expect(batch).toMatchObject({
        ...{ active: batch?.added, known: 100 - (batch?.added ?? 0), refused: 4, disabled: 0 },
        refusedLines: [{ line: 1 }, { line: 26 }, { line: 51 }, { line: 76 }],
      })
    expect(await stockOf(place)).toBe(101)
    await expectCleanAudit(db)
  })

  it('are sold once for each service while they go out of sale and back', async () => {
    const place = await shelf(1)
    const phones = dramaNumbers(60, 700)
    const batch = await importing(place, phones, 0)
    const lot = lots(23)
    const rush = (count: number) =>
      Array.from({ length: count }, (_, i) =>
        tryToBuy(lot.oneOf(apps), place, now, i % 2 ? 'telegram' : 'whatsapp', i % buyers.length),
      )
    const early = await Promise.all([
      ...rush(60),
      ...apps.map(async (app) => {
        for (let turn = 0; turn < 3; turn++) {
          await outcomeOf(setBatch(app.db, now, by, batch, 'disabled'))
          await outcomeOf(setBatch(app.db, now, by, batch, 'active'))
        }
        return 'batch'
      }),
      ...rush(40),
    ])
    await setBatch(db, now, by, batch, 'disabled')
    expect(await getBatch(db, batch)).toMatchObject({ active: 0, disabled: 60 })
    const between = await Promise.all(rush(10))
    await setBatch(db, now, by, batch, 'active')
    expect(await setBatch(db, now, by, batch, 'active')).toBe(0)
    await expectCleanAudit(db)
    // On a busy machine some are told to try again.
    const late: (typeof early)[number][] = []
    for (let got = early; got.some((one) => one !== 'out_of_stock'); late.push(...got))
      got = await Promise.all(rush(80))
    const sold = [...early, ...between, ...late].flatMap((order) =>
      typeof order === 'string' ? [] : [`${order.phone} ${order.serviceId}`],
    )
    // Nothing is lost by it, and nothing is sold twice.
    expect(sold).toHaveLength(122)
    expect(new Set(sold).size).toBe(122)
    await expectCleanAudit(db)
  })
})
