// Applying price lists: any lists, in any order, at the same moment, and beside purchases.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { setRate } from '../../../src/core/catalog/rates.ts'
import { setMarginRule } from '../../../src/core/operating/margin-rules.ts'
import { reprice } from '../../../src/core/operating/offers.ts'
import { syncSupplier } from '../../../src/core/operating/supplier-prices.ts'
import { type Margin, mostFor } from '../../../src/core/supply/margin.ts'
import type { PriceLine } from '../../../src/core/supply/product.ts'
import { noteEmpty } from '../../../src/core/supply/sources.ts'
import type { Database } from '../../../src/db/database.ts'
import { testCustomer, testServer } from '../../harness/server.ts'
import { expectCleanAudit, lots, outcomeOf } from '../../promises/market.ts'
import { purchaseOf } from './market.ts'

const by = { actor: 'tester', reason: null }
const twentyPercent: Margin = {
  ...{ percent: 200_000n, fixed: 0n, floor: null, cap: null, rounding: '0.01' },
}
const line = (
  service: string,
  country: string,
  cost: bigint,
  more: { stock?: number; operator?: string | null; pool?: string | null } = {},
): PriceLine => {
  const { stock = 5, operator = null, pool = null } = more
  return { product: { service, country, operator, pool }, cost, stock }
}

type Sold = {
  readonly offer: number
  readonly product: string
  readonly cost: bigint
  readonly price: bigint
  readonly pool: string
  readonly upstream: number
}

async function desk() {
  const { app, db } = await testServer({ template: 'catalog' })
  const add = async (name: string) => {
    await db.query(`insert into suppliers (name, kind) values ($1, 'numlet')`, [name])
    const place = { supplier: name, service: null, country: null }
    await setMarginRule(db, by, place, twentyPercent)
    return name
  }
  const sync = (
    supplier: string,
    lines: readonly PriceLine[],
    more: { pool?: string; readAt?: Date; currency?: string; on?: Database } = {},
  ) => {
    const { pool = null, readAt = app.now(), currency = 'USD', on = db } = more
    const list = { lines, names: null, currency, readAt }
    return syncSupplier(on, app.now(), by, { supplier, pool, list, preview: false })
  }
  /** What is on sale: products with their offers' prices and stock. */
  const onSale = () =>
    db.query<Sold>(
      `select o.id as offer, s.product, s.cost, o.price, o.pool, st.upstream
         from sources s join offers o on o.id = s.offer_id left join stock st on st.offer_id = o.id
        where s.state = 'on' order by s.product, o.id`,
    )
  return { app, db, add, sync, onSale }
}

describe('price lists', async () => {
  const { app, db, add, sync, onSale } = await desk()
  await setRate(db, app.now(), 'EUR', '0.5')
  const name = await add('any-list')

  it('leave what they say on sale, and nothing else, whatever was before', {
    timeout: 120_000,
  }, async () => {
    const place = {
      service: fc.constantFrom('whatsapp', 'telegram', 'no-such-service'),
      country: fc.constantFrom('GB', 'US', 'ZZ'),
      operator: fc.constantFrom(null, 'o2', 'Virtual4', 'no slug!'),
      pool: fc.constantFrom(null, 'gold'),
    }
    const lines = fc.array(
      fc.record({
        product: fc.record(place),
        cost: fc.bigInt({ min: 0n, max: 30_000n }),
        stock: fc.nat(3),
      }),
      { maxLength: 10 },
    )
    const lists = fc.record({
      ...{ lines, currency: fc.constantFrom('USD', 'EUR'), pool: fc.constantFrom('one', 'two') },
    })
    await fc.assert(
      fc.asyncProperty(fc.array(lists, { minLength: 1, maxLength: 3 }), async (all) => {
        for (const { lines: listed, ...where } of all) {
          const { added, changed, same } = await sync(name, listed, where)
          const rate = where.currency === 'EUR' ? 2n : 1n
          const after = [...added, ...changed.map((one) => one.after), ...same]
          const sold = await onSale()
          const shownOf = ({ product, cost, price }: Omit<Sold, 'offer' | 'pool' | 'upstream'>) =>
            `${product} ${cost} ${price}`
          expect(sold.map(shownOf).sort()).toEqual(after.map(shownOf).sort())
          expect(sold.every((one) => one.pool === where.pool)).toBe(true)
          for (const one of sold) expect(one.cost * rate <= one.price).toBe(true)
          for (const one of after) {
            const mates = after.filter(
              (two) =>
                one.serviceId === two.serviceId &&
                one.country === two.country &&
                one.operator === two.operator,
            )
            const shown = sold.find(({ product }) => product === one.product)?.upstream
            expect(shown).toBe(mates.reduce((sum, two) => sum + two.stock, 0))
          }
          const again = await sync(name, listed, where)
          expect(again).toMatchObject({ added: [], changed: [], withdrawn: [] })
          expect(await onSale()).toEqual(sold)
        }
      }),
      { numRuns: 30 },
    )
    await expectCleanAudit(db)
  })

  it('that were read before the one applied last are refused, and change nothing', async () => {
    const readAt = app.now()
    await sync(name, [line('whatsapp', 'GB', 5_000n)], { readAt })
    const before = await onSale()
    const earlier = new Date(readAt.getTime() - 1)
    const stale = sync(name, [line('whatsapp', 'GB', 6_000n)], { readAt: earlier })
    await expect(stale).rejects.toThrow(/newer price list/)
    expect(await onSale()).toEqual(before)
  })

  it('do not bring back a source that was found empty after they were read', async () => {
    const readAt = app.now()
    await sync(name, [line('whatsapp', 'GB', 5_000n)], { readAt })
    const [source] = await db.query<{ id: number }>(`select id from sources where state = 'on'`)
    const later = new Date(readAt.getTime() + 1_000)
    await db.begin((tx) => noteEmpty(tx, later, source?.id as number))
    await sync(name, [line('whatsapp', 'GB', 5_000n)], { readAt })
    expect(await onSale()).toMatchObject([{ upstream: 0 }])
    const newer = { readAt: new Date(later.getTime() + 1_000) }
    await sync(name, [line('whatsapp', 'GB', 5_000n)], newer)
    expect(await onSale()).toMatchObject([{ upstream: 5 }])
  })

  it('take as many statements for a thousand products as for two', async () => {
    const counted = async (lines: readonly PriceLine[]) => {
      let statements = 0
      const on: Database = {
        ...db,
        begin: (work) =>
          db.begin((tx) => {
            const query: typeof tx.query = (text, values) => {
              statements++
              return tx.query(text, values)
            }
            return work({ ...tx, query })
          }),
      }
      const readAt = new Date(app.now().getTime() + 60_000)
      const { added } = await sync(name, lines, { on, pool: 'many', readAt })
      expect(added).toHaveLength(lines.length)
      return statements
    }
    const operator = (at: number) => ({ operator: `virtual${at}` })
    const few = [1, 2].map((at) => line('telegram', 'US', 5_000n, operator(at)))
    const many = Array.from({ length: 1_000 }, (_, at) =>
      line('whatsapp', 'US', 5_000n + BigInt(at), operator(at)),
    )
    expect(await counted(many)).toBe(await counted(few))
  })
})

describe('suppliers that share a pool', async () => {
  const { db, add, sync, onSale } = await desk()
  const [one, two] = [await add('one'), await add('two')]
  const pool = 'shared'
  const offered = async () =>
    (await db.query<{ id: number; price: bigint }>('select id, price from offers'))[0]

  it('sell at the price of the one that made the offer', async () => {
    await sync(one, [line('whatsapp', 'GB', 5_000n)], { pool })
    const joined = await sync(two, [line('whatsapp', 'GB', 5_500n)], { pool })
    expect(joined.added).toMatchObject([{ price: 6_000n }])
    expect((await onSale()).map(({ upstream }) => upstream)).toEqual([10, 10])
    const dearer = await sync(two, [line('whatsapp', 'GB', 6_001n)], { pool })
    expect(dearer.refused).toMatchObject([{ why: 'loses money' }])
    expect((await offered())?.price).toBe(6_000n)
    expect(await onSale()).toHaveLength(1)
  })

  it('make it themselves when the other has nothing there any more', async () => {
    await sync(one, [], { pool })
    const alone = await sync(two, [line('whatsapp', 'GB', 7_000n)], { pool })
    expect(alone.added).toMatchObject([{ price: 8_400n }])
    const back = await sync(one, [line('whatsapp', 'GB', 5_000n)], { pool })
    expect(back.added).toMatchObject([{ price: 8_400n }])
  })

  it('keep the price that an operator sets', async () => {
    const offer = await offered()
    await reprice(db, by, offer?.id as number, 9_000n)
    for (const supplier of [one, two]) await sync(supplier, [line('whatsapp', 'GB', 1_000n)])
    expect((await offered())?.price).toBe(9_000n)
  })

  it('leave what must be left of a price, as the database has it', async () => {
    await db.query(`insert into settings (name, value) values ('least_margin_percent', '10')`)
    const most = await sync(one, [line('whatsapp', 'GB', 8_100n)])
    expect(most.changed).toHaveLength(1)
    expect((await onSale()).map(({ upstream }) => upstream)).toEqual([10, 10])
    const over = await sync(one, [line('whatsapp', 'GB', 8_101n)])
    expect(over.refused).toMatchObject([{ why: 'loses money' }])
    const most_for = (price: bigint) => db.query('select most_for($1, 1.25) as cost', [price])
    expect(await most_for(9_001n)).toEqual([{ cost: mostFor(9_001n, '1.25', 10) }])
  })
})

describe('price lists at the same moment', async () => {
  const { app, db, add, sync, onSale } = await desk()
  const names = [await add('left'), await add('right')]

  it('are applied one after the other', async () => {
    const lot = lots(4_711)
    const readAt = new Date(app.now().getTime() - 1_000)
    for (let round = 0; round < 6; round++) {
      const wanted = Array.from({ length: 6 }, () => ({
        name: lot.oneOf(names),
        lines: ['whatsapp', 'telegram'].flatMap((service) =>
          lot.below(3) === 0 ? [] : [line(service, 'GB', 1_000n + BigInt(lot.below(5_000)))],
        ),
      }))
      await Promise.all(wanted.map((one) => sync(one.name, one.lines, { pool: 'both', readAt })))
      // What loses money at the price of the other's offer shows nothing.
      const sold = await onSale()
      for (const one of sold) {
        const mates = sold.filter((two) => two.offer === one.offer && two.cost <= two.price)
        expect(one.upstream).toBe(5 * mates.length)
      }
      const last = await db.query<{ name: string; products: number }>(
        `select p.name, count(s.id)::int as products from suppliers p
           left join sources s on s.supplier_id = p.id and s.state = 'on' group by 1`,
      )
      for (const { products } of last) expect(products).toBeLessThanOrEqual(2)
      await expectCleanAudit(db)
    }
  })

  it('sell beside purchases, at a price that was listed, and never more than there is', async () => {
    // Before the purchases, which are at the same moment: the clock stands still.
    const readAt = new Date(app.now().getTime() - 1)
    const [name] = names as [string]
    for (const one of names) await sync(one, [], { readAt })
    const costs = [5_000n, 10_000n]
    const list = (at: number) => [line('whatsapp', 'GB', costs[at % 2] as bigint, { stock: 20 })]
    await sync(name, list(0), { readAt })
    const { accountId } = await testCustomer(db, { credit: '1000' })
    const purchases = Array.from({ length: 40 }, () =>
      outcomeOf(app.orders.buy(purchaseOf(accountId))),
    )
    const syncs = Array.from({ length: 8 }, (_, at) => sync(name, list(at), { readAt }))
    const outcomes = await Promise.all(purchases)
    await Promise.all(syncs)
    const orders = outcomes.flatMap((one) =>
      typeof one === 'object' && 'orders' in one ? one.orders : [],
    )
    expect(orders.length).toBeLessThanOrEqual(20)
    expect(orders.length).toBeGreaterThan(0)
    for (const { price } of orders) expect([6_000n, 12_000n]).toContain(price)
    const [shown] = await onSale()
    expect(shown?.upstream).toBe(20 - orders.length)
    await expectCleanAudit(db)
  })
})
