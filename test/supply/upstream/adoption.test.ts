// Which orders of a list are those of lost asks.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adopt, highestOf, type LostAsk } from '../../../src/supply/adoption.ts'
import type { UpstreamOrder } from '../../../src/supply/upstream.ts'

const product = { service: 'wa', country: '16' }
const order = (ref: string, more: Partial<UpstreamOrder> = {}): UpstreamOrder => ({
  ...{ ref, product, phone: '+447700900123', requestKey: null, state: 'waiting', sms: [] },
  ...{ hasAllSms: true, cost: null, endsAt: null },
  ...more,
})
const pairsOf = (
  asks: readonly LostAsk<string>[],
  orders: readonly UpstreamOrder[],
  known: readonly string[] = [],
) => {
  const found = adopt({ product, asks, isAskUnderWay: false }, orders, (ref) => known.includes(ref))
  return found.kind === 'adopted' ? found.pairs.map(({ id, order }) => [id, order.ref]) : found.kind
}
const lost = (id: string, highestBefore: string | null) => ({ id, highestBefore })

describe('lost asks', () => {
  it('get the orders of their product that nobody knows, the oldest the oldest', () => {
    const orders = [order('12'), order('9'), order('11'), order('10')]
    expect(pairsOf([lost('a', '9'), lost('b', '9')], orders, ['10'])).toEqual([
      ['a', '11'],
      ['b', '12'],
    ])
    expect(pairsOf([lost('a', '9'), lost('b', '9')], [order('100')])).toEqual([['a', '100']])
    expect(pairsOf([lost('a', null)], [order('5')])).toEqual([['a', '5']])
    expect(pairsOf([lost('a', '9')], [order('9'), order('8')])).toEqual([])
    expect(pairsOf([], orders)).toEqual([])
  })

  it('that are still waited for come first, whenever they were sent', () => {
    const asks = [lost('waiting', '11'), lost('over', '9')]
    expect(pairsOf(asks, [order('12')])).toEqual([['waiting', '12']])
    expect(pairsOf(asks, [order('10')])).toEqual([['over', '10']])
    expect(pairsOf(asks, [order('12'), order('10')])).toEqual([
      ['waiting', '12'],
      ['over', '10'],
    ])
    expect(pairsOf(asks, [order('10'), order('12'), order('13')])).toBe('foreign')
  })

  it('get no order of another product, none twice, and none without a place', () => {
    const others = [
      order('10', { product: { service: 'tg', country: '16' } }),
      order('11', { product: { service: 'wa', country: '0' } }),
      order('12', { product: {} }),
      order('ord_13'),
    ]
    expect(pairsOf([lost('a', '9')], others)).toEqual([])
    expect(pairsOf([lost('a', '9')], [...others, order('14'), order('14')])).toEqual([['a', '14']])
  })

  it('get no order from before they were sent', () => {
    expect(pairsOf([lost('a', '9'), lost('b', '11')], [order('10'), order('12')])).toEqual([
      ['a', '10'],
      ['b', '12'],
    ])
    expect(pairsOf([lost('a', '9'), lost('b', '11')], [order('10')])).toEqual([['a', '10']])
  })

  it('get nothing while another ask is under way, or if somebody else buys with the key', () => {
    const orders = [order('10'), order('11')]
    expect(
      adopt({ product, asks: [lost('a', '9')], isAskUnderWay: true }, orders, () => false),
    ).toEqual({ kind: 'later' })
    const found = adopt(
      { product, asks: [lost('a', '9')], isAskUnderWay: false },
      orders,
      () => false,
    )
    expect(found).toEqual({ kind: 'foreign', orders })
  })

  it('get each at most one order, and each order goes to at most one of them', () => {
    const refs = fc.uniqueArray(fc.integer({ min: 1, max: 40 }).map(String), { maxLength: 12 })
    const marks = fc.array(fc.option(fc.integer({ min: 0, max: 40 })), { maxLength: 6 })
    fc.assert(
      fc.property(refs, refs, marks, (shown, known, highest) => {
        const asks = highest
          .toSorted((a, b) => (a ?? -1) - (b ?? -1))
          .map((one, i) => lost(`a${i}`, one === null ? null : String(one)))
        const pairs = pairsOf(
          asks,
          shown.map((ref) => order(ref)),
          known,
        )
        const strangers = shown.filter(
          (ref) => !known.includes(ref) && Number(ref) > Number(asks[0]?.highestBefore ?? -1),
        )
        if (asks.length > 0 && strangers.length > asks.length) {
          expect(pairs).toBe('foreign')
          return
        }
        if (typeof pairs === 'string') throw new Error(pairs)
        expect(new Set(pairs.map(([id]) => id)).size).toBe(pairs.length)
        expect(new Set(pairs.map(([, ref]) => ref)).size).toBe(pairs.length)
        for (const [id, ref] of pairs) {
          expect(strangers).toContain(ref)
          const before = asks.find((one) => one.id === id)?.highestBefore
          expect(Number(ref)).toBeGreaterThan(Number(before ?? -1))
        }
      }),
    )
  })
})

it('knows the highest reference of a list', () => {
  const refs = ['9', 'ord_7', '100', '98765432109876543210', '98765432109876543209']
  expect(highestOf(refs.map((ref) => order(ref)))).toBe('98765432109876543210')
  expect(highestOf([order('ord_7')])).toBe(null)
  expect(highestOf([])).toBe(null)
})
