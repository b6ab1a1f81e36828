// What became of each number's orders is counted once, and told with the size of its sample.
import { describe, expect, it } from 'vitest'
import { returnRestedNumbers } from '../../src/core/inventory/inventory.ts'
import { getNumber } from '../../src/core/upkeep/number-report.ts'
import { type Grouping, type ResultsWanted, readResults } from '../../src/core/upkeep/statistics.ts'
import { cancelOrder, endOverdueOrders } from '../harness/ending.ts'
import { dayMs, hourMs, minuteMs, openUpkeep, type Shelf } from './upkeep-ground.ts'

describe('numbers', async () => {
  const { db, now, later, shelf, buy, send, count, waitInVain, note } = await openUpkeep()

  it('have their orders, messages and codes counted, each once', async () => {
    const place = await shelf(1)
    const [phone] = place.phones as [string]
    const first = await buy(place, now)
    await send(place, phone, later(minuteMs))
    await send(place, phone, later(2 * minuteMs), 'Welcome to Telegram')
    await endOverdueOrders(db, later(hourMs))
    await waitInVain(place, later(2 * hourMs), 'whatsapp')
    // Cancelled at once: that says nothing of the number.
    await returnRestedNumbers(db, later(3 * hourMs))
    await cancelOrder(db, later(3 * hourMs), await buy(place, later(3 * hourMs)))
    await returnRestedNumbers(db, later(4 * hourMs))
    // Cancelled after a while: it waited in vain.
    const last = await buy(place, later(4 * hourMs))
    await cancelOrder(db, later(4 * hourMs + 6 * minuteMs), last)
    await count()
    await note(later(minuteMs))
    expect(await getNumber(db, phone)).toMatchObject({
      ...{ orders: 4, withMessage: 1, withCode: 1, silentOrders: 2 },
      firstOrderAt: first.createdAt,
      lastOrderAt: later(4 * hourMs + 6 * minuteMs),
      silentSince: later(3 * hourMs),
    })
    await count()
    expect(await getNumber(db, phone)).toMatchObject({ orders: 4 })
  })

  it('are told apart by how often codes came, with the size of the sample', async () => {
    const good = await shelf(10)
    const bad = await shelf(2)
    const orders = await Promise.all(good.phones.map(() => buy(good, now)))
    for (const order of orders.slice(0, 8)) await send(good, order.phone as string, later(minuteMs))
    for (const _ of bad.phones) await buy(bad, now)
    await endOverdueOrders(db, later(hourMs))
    const wanted = { days: 1, supplier: null, service: null, limit: 100 }
    const of = async (grouping: Grouping, place: Shelf, more: Partial<ResultsWanted> = {}) =>
      readResults(db, later(2 * hourMs), {
        ...{ ...wanted, by: grouping, supplier: place.name, ...more },
      })
    const share = { orders: 10, withMessage: 8, withCode: 8, percent: 80, medianS: 60 }
    const interval = { lowPercent: 49, highPercent: 94.3 }
    expect(await of('supplier', good)).toMatchObject([{ name: good.name, ...share, ...interval }])
    expect(await of('service', good)).toMatchObject([{ name: 'telegram', ...share }])
    expect(await of('operator', good)).toMatchObject([{ name: `GB ${good.operator}`, ...share }])
    expect(await of('supplier', bad)).toMatchObject([
      { orders: 2, withCode: 0, percent: 0, lowPercent: 0, highPercent: 65.8, medianS: null },
    ])
    // The worst first: those without a code.
    const numbers = await of('number', good)
    expect(numbers.map(({ withCode }) => withCode)).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1, 1])
    expect(numbers.map(({ name }) => name).sort()).toEqual(good.phones)
    expect(await of('supplier', good, { service: 'whatsapp' })).toEqual([])
    const tomorrow = { ...wanted, by: 'supplier', supplier: good.name } as const
    expect(await readResults(db, later(2 * dayMs), tomorrow)).toEqual([])
  })
})
