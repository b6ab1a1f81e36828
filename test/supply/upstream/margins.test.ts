// Prices from costs: margins, their rules, and currencies, in exact decimals.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseAmount } from '../../../src/core/money.ts'
import {
  inBase,
  type Margin,
  type MarginRule,
  priceFor,
  roundings,
  ruleFor,
} from '../../../src/core/supply/margin.ts'

const amount = (text: string) => parseAmount(text) ?? expect.unreachable()
const margin = (more: Partial<Margin> = {}): Margin => ({
  ...{ percent: 0n, fixed: 0n, floor: null, cap: null, rounding: null },
  ...more,
})

const amounts = fc.bigInt({ min: 0n, max: 50_000_000_000n })
const some = fc.record({
  percent: fc.bigInt({ min: 0n, max: 10_000_000n }),
  fixed: amounts,
  floor: fc.option(amounts),
  cap: fc.option(amounts),
  rounding: fc.constantFrom(null, ...roundings),
})

describe('a margin', () => {
  it('makes a price, as on paper', () => {
    const rows: [string, Partial<Margin>, string][] = [
      ['0.50', {}, '0.50'],
      ['0.50', { percent: amount('20') }, '0.60'],
      ['0.3333', { percent: amount('10') }, '0.3667'],
      ['0.50', { percent: amount('12.5'), fixed: amount('0.10') }, '0.6625'],
      ['0.50', { percent: amount('12.5'), fixed: amount('0.10'), rounding: '0.01' }, '0.67'],
      ['0.67', { rounding: '0.01' }, '0.67'],
      ['0.50', { rounding: '.99' }, '0.99'],
      ['0.99', { rounding: '.99' }, '0.99'],
      ['0.9901', { rounding: '.99' }, '1.99'],
      ['7', { rounding: '.99' }, '7.99'],
      ['0.05', { floor: amount('0.25') }, '0.25'],
      ['0.05', { floor: amount('0.255'), rounding: '0.01' }, '0.26'],
      ['3', { cap: amount('2.50'), rounding: '.99' }, '2.50'],
      ['3', { floor: amount('5'), cap: amount('4') }, '4'],
    ]
    for (const [cost, given, price] of rows)
      expect([cost, given, priceFor(amount(cost), margin(given))]).toEqual([
        ...[cost, given, amount(price)],
      ])
  })

  it('is never below its cost, nor below the exact sum, unless it is capped', () => {
    fc.assert(
      fc.property(amounts, some, (cost, { cap, ...given }) => {
        const price = priceFor(cost, { ...given, cap: null })
        expect(price >= cost && price >= (given.floor ?? 0n)).toBe(true)
        // price >= cost x (1 + percent) + fixed, without a division
        const exact = cost * (1_000_000n + given.percent) + given.fixed * 1_000_000n
        expect(price * 1_000_000n >= exact).toBe(true)
        const isLeast = given.rounding === null && (given.floor ?? 0n) * 1_000_000n <= exact
        if (isLeast) expect((price - 1n) * 1_000_000n < exact).toBe(true)
        if (given.rounding === '0.01') expect(price % 100n).toBe(0n)
        if (given.rounding === '.99') expect(price % 10_000n).toBe(9_900n)
        const capped = priceFor(cost, { ...given, cap })
        expect(capped).toBe(cap !== null && cap < price ? cap : price)
      }),
    )
  })

  it('makes no lower price of a higher cost', () => {
    fc.assert(
      fc.property(amounts, amounts, some, (a, b, given) => {
        const [low, high] = a < b ? [a, b] : [b, a]
        expect(priceFor(low, given) <= priceFor(high, given)).toBe(true)
      }),
    )
  })
})

describe('the rule for a place', () => {
  const rule = (names: Partial<MarginRule>): MarginRule => ({
    ...{ ...margin(), supplierId: null, serviceId: null, country: null },
    ...names,
  })
  const place = { supplierId: 1, serviceId: 2, country: 'GB' }

  it('is the one that names most of it', () => {
    const ranked = [
      rule({ supplierId: 1, serviceId: 2, country: 'GB' }),
      rule({ serviceId: 2, country: 'GB' }),
      rule({ supplierId: 1, serviceId: 2 }),
      rule({ supplierId: 1, country: 'GB' }),
      rule({ serviceId: 2 }),
      rule({ country: 'GB' }),
      rule({ supplierId: 1 }),
      rule({}),
    ]
    fc.assert(
      fc.property(fc.shuffledSubarray(ranked), (rules) => {
        const best = ranked.find((one) => rules.includes(one))
        expect(ruleFor(rules, place)).toBe(best)
      }),
    )
  })

  it('is none of another supplier, service or country', () => {
    const others = [rule({ supplierId: 9 }), rule({ serviceId: 9 }), rule({ country: 'US' })]
    expect(ruleFor(others, place)).toBe(undefined)
    expect(ruleFor([...others, rule({ supplierId: 1, country: 'US' })], place)).toBe(undefined)
    expect(ruleFor([], place)).toBe(undefined)
  })
})

describe('a cost in another currency', () => {
  it('is the least amount of the base that pays for it', () => {
    expect(inBase(amount('100'), '92.5')).toBe(10_811n)
    expect(inBase(amount('3'), '1')).toBe(30_000n)
    expect(inBase(0n, '0.0001')).toBe(0n)
    const rates = fc.tuple(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.integer({ min: 0, max: 10 }))
    fc.assert(
      fc.property(amounts, rates, (cost, [digits, scale]) => {
        const text = digits.toString().padStart(scale + 1, '0')
        const at = text.length - scale
        const rate = scale === 0 ? text : `${text.slice(0, at)}.${text.slice(at)}`
        const base = inBase(cost, rate)
        const worth = (some: bigint) => some * digits
        expect(worth(base) >= cost * 10n ** BigInt(scale)).toBe(true)
        if (base > 0n) expect(worth(base - 1n) < cost * 10n ** BigInt(scale)).toBe(true)
      }),
    )
  })

  it('needs a rate', () => {
    for (const rate of ['0', '0.000', '', '-1', 'x', '1e3'])
      expect(() => inBase(1n, rate)).toThrow(/rate|BigInt/)
  })
})
