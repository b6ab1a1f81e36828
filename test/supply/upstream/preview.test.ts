// Price lists by our names, and what they would change.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCatalog } from '../../../src/core/catalog/catalog.ts'
import { inBase, type MarginRule } from '../../../src/core/supply/margin.ts'
import { type NamedLine, named } from '../../../src/core/supply/names.ts'
import { type OnSale, type PriceListed, previewOf } from '../../../src/core/supply/preview.ts'
import { type Product, productOf, productText } from '../../../src/core/supply/product.ts'
import { testDatabase } from '../../harness/database.ts'

describe('a price list', async () => {
  const catalog = await readCatalog((await testDatabase()).db)
  const line = (service: string, country: string, operator: string | null = null) => ({
    product: { service, country, operator, pool: null },
    cost: 5_000n,
    stock: 3,
  })
  const whatsapp = catalog.service('whatsapp')?.id

  it('is read by the names of its protocol, and by ours', () => {
    const cases: [string | null, ReturnType<typeof line>, string][] = [
      ['handler-api', line('wa', '16'), 'any'],
      ['handler-api', line('whatsapp', 'GB', 'EE'), 'ee'],
      ['fivesim', line('whatsapp', 'england', 'virtual4'), 'virtual4'],
      [null, line('whatsapp', 'GB', 'o2'), 'o2'],
    ]
    for (const [dialect, one, operator] of cases)
      expect(named(catalog, dialect, [one])).toEqual({
        lines: [
          {
            ...{ product: productText(one.product), serviceId: whatsapp, country: 'GB', operator },
            ...{ durationS: 0, cost: 5_000n, stock: 3 },
          },
        ],
        unknown: { services: [], countries: [], operators: [] },
      })
  })

  it('names what it does not know, each once', () => {
    const lines = [
      ...[line('zzz', '16'), line('zzz', '9999'), line('wa', '9999'), line('aaa', '16')],
      ...[line('wa', '16', 'no slug'), line('wa', '16', 'no slug'), line('constructor', '16')],
    ]
    expect(named(catalog, 'handler-api', lines)).toEqual({
      lines: [],
      unknown: {
        services: ['aaa', 'constructor', 'zzz'],
        countries: ['9999'],
        operators: ['no slug'],
      },
    })
    // A name of one protocol means nothing in another.
    expect(named(catalog, null, [line('wa', '16')]).lines).toEqual([])
  })
})

it('keeps a product as text', () => {
  expect(productText({ service: 'wa', country: '16', operator: null, pool: null })).toBe('wa/16//')
  const name = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
  const products: fc.Arbitrary<Product> = fc.record({
    ...{ service: name, country: name, operator: fc.option(name), pool: fc.option(name) },
  })
  const rentals = fc
    .tuple(products, fc.integer({ min: 1, max: 10 ** 9 }))
    .map(([product, durationS]) => ({ ...product, durationS }))
  fc.assert(
    fc.property(fc.oneof(products, rentals), fc.oneof(products, rentals), (a, b) => {
      const [one, other] = [productText(a), productText(b)]
      if (one !== null) expect(productOf(one)).toEqual(a)
      if (one !== null && one === other) expect(a).toEqual(b)
    }),
  )
  const long = { service: 'x'.repeat(300), country: '16', operator: null, pool: null }
  expect(productText(long)).toBe(null)
})

const rule: MarginRule = {
  ...{ percent: 200_000n, fixed: 0n, floor: null, cap: null, rounding: '0.01' },
  ...{ supplierId: null, serviceId: null, country: null },
}
const listed = (lines: readonly NamedLine[], more: Partial<PriceListed> = {}): PriceListed => ({
  ...{ lines, supplierId: 1, rate: '1', rules: [rule], leastMarginPercent: 2 },
  fixedPrice: () => undefined,
  ...more,
})
const line = (product: string, cost: bigint, more: Partial<NamedLine> = {}): NamedLine => ({
  ...{ product, serviceId: 1, country: 'GB', operator: product, durationS: 0, cost, stock: 5 },
  ...more,
})
const onSale = (product: string, cost: bigint, price: bigint): OnSale => ({
  ...{ product, cost, price, stock: 1 },
})
const products = (all: readonly { readonly product: string }[]) => all.map((one) => one.product)

describe('a preview', () => {
  it('says what comes on sale, changes, stays, and goes', () => {
    const preview = previewOf(
      listed([line('new', 5_000n), line('dearer', 6_000n), line('same', 1_000n)]),
      [
        onSale('dearer', 5_000n, 6_000n),
        onSale('same', 1_000n, 1_200n),
        onSale('gone', 1_000n, 1_200n),
      ],
    )
    expect(preview.added).toEqual([{ ...line('new', 5_000n), price: 6_000n }])
    expect(preview.changed).toEqual([
      {
        before: onSale('dearer', 5_000n, 6_000n),
        after: { ...line('dearer', 6_000n), price: 7_200n },
      },
    ])
    expect(preview.same).toEqual([{ ...line('same', 1_000n), price: 1_200n }])
    expect(products(preview.withdrawn)).toEqual(['gone'])
    expect(preview.refused).toEqual([])
  })

  it('refuses what would lose money, also at the price of others', () => {
    const capped = { ...rule, cap: 5_000n }
    const old = onSale('a', 4_000n, 4_800n)
    expect(previewOf(listed([line('a', 4_901n)], { rules: [capped] }), [old]).refused).toEqual([
      { line: line('a', 4_901n), why: 'loses money', before: old },
    ])
    expect(previewOf(listed([line('a', 4_900n)], { rules: [capped] }), []).refused).toEqual([])
    const fixed = (price: bigint) => ({ fixedPrice: () => price, rules: [] })
    expect(previewOf(listed([line('a', 4_000n)], fixed(4_081n)), []).refused).toHaveLength(1)
    expect(previewOf(listed([line('a', 4_000n)], fixed(4_082n)), []).added).toMatchObject([
      { price: 4_082n },
    ])
    expect(previewOf(listed([line('a', 1n)], { rules: [] }), []).refused).toMatchObject([
      { why: 'no rule', before: null },
    ])
    expect(previewOf(listed([line('a', 10n ** 12n)]), []).refused).toMatchObject([
      { why: 'too expensive' },
    ])
  })

  it('makes the price of an offer from the cheapest product in stock', () => {
    const offer = { operator: 'any' }
    const lines = [
      line('empty', 100n, { ...offer, stock: 0 }),
      line('dear', 20_000n, offer),
      line('cheap', 5_000n, offer),
    ]
    const { added, refused } = previewOf(listed(lines), [])
    expect(added.map(({ product, price }) => [product, price])).toEqual([
      ['empty', 6_000n],
      ['cheap', 6_000n],
    ])
    expect(refused).toMatchObject([{ line: { product: 'dear' }, why: 'loses money' }])
  })

  it('sorts each product into one group, loses money with none, and is empty once applied', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
    const costs = fc.bigInt({ min: 0n, max: 30_000n })
    const lines = fc.array(
      fc.record({
        ...{
          product: name,
          serviceId: fc.constantFrom(1, 2),
          country: fc.constantFrom('GB', 'US'),
        },
        ...{ operator: fc.constantFrom('any', 'o2'), cost: costs, stock: fc.nat(3) },
        durationS: fc.constantFrom(0, 86_400),
      }),
      { maxLength: 8 },
    )
    const sales = fc.uniqueArray(
      fc.record({ product: name, cost: costs, price: costs, stock: fc.nat(3) }),
      { selector: (one) => one.product },
    )
    const rules = fc.array(
      fc.record({
        ...{ percent: fc.constantFrom(0n, 200_000n), fixed: fc.constantFrom(0n, 500n) },
        ...{ floor: fc.option(costs), cap: fc.option(costs), rounding: fc.constant(null) },
        ...{ supplierId: fc.option(fc.constant(1)), serviceId: fc.option(fc.constantFrom(1, 2)) },
        country: fc.option(fc.constantFrom('GB', 'US')),
      }),
      { maxLength: 4 },
    )
    const rates = fc.constantFrom('1', '0.5', '92.123456')
    fc.assert(
      fc.property(lines, sales, rules, rates, (all, before, some, rate) => {
        const list = listed(all, { rules: some, rate })
        const preview = previewOf(list, before)
        const { added, changed, same, withdrawn, refused } = preview
        const after = [...added, ...changed.map((one) => one.after), ...same]
        const groups = [
          ...products(after),
          ...products(withdrawn),
          ...refused.map((one) => one.line.product),
        ]
        const expected = new Set([...products(all), ...products(before)])
        expect(groups.toSorted()).toEqual([...expected].sort())
        // cost <= price x 98 % x rate, without a division
        for (const { cost, price } of after)
          expect(cost * 100_000_000n <= price * 98n * BigInt(Number(rate) * 1_000_000)).toBe(true)
        for (const { cost, price } of after) expect(price >= inBase(cost, rate)).toBe(true)
        for (const { before: old, after: now } of changed)
          expect(old.cost !== now.cost || old.price !== now.price).toBe(true)
        const again = previewOf(list, after)
        expect(again).toMatchObject({ added: [], changed: [], withdrawn: [] })
        expect(products(again.same).toSorted()).toEqual(products(after).toSorted())
      }),
    )
  })
})
