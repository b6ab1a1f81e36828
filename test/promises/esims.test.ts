// Promise 3 for eSIMs: a code is sold once, whoever asks at the same time; and it lies nowhere in clear.
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import { balanceOf } from '../../src/core/accounts/accounts.ts'
import { closeCountry } from '../../src/core/catalog/deny-list.ts'
import { addPlan, changePlan, listPlans } from '../../src/core/esims/plans.ts'
import { importCodes } from '../../src/core/esims/stock.ts'
import { onceFor } from '../../src/core/idempotency/idempotency.ts'
import type { Order } from '../../src/core/orders/order.ts'
import { testVault } from '../harness/database.ts'
import { call, serverOn, testCustomer, testServer } from '../harness/server.ts'
import { expectCleanAudit, lots, outcomeOf } from './market.ts'

const price = 40_000n
const now = new Date()

describe('eSIMs', async () => {
  const one = await testServer({ template: 'catalog' })
  const two = await serverOn(one.databaseUrl)
  const apps = [one.app, two.app]
  const { db } = one
  let plans = 0

  const newCodes = (count: number) =>
    Array.from(
      { length: count },
      () => `LPA:1$smdp.example.com$${randomBytes(8).toString('hex').toUpperCase()}`,
    )

  /** A plan of its own with codes. */
  async function plan(count: number, country: string | null = null) {
    const name = `Plan ${++plans}`
    const codes = newCodes(count)
    const made = await db.begin((tx) =>
      addPlan(tx, { name, country, dataGb: 1.5, validityDays: 30, price }),
    )
    await importCodes(db, now, testVault, { planName: name, codes })
    return { name, codes, offerId: made.offerId }
  }

  type Wanted = { accountId: number; offerId: number; quantity?: number; maxPrice?: bigint }

  const buy = (app: App, wanted: Wanted) =>
    outcomeOf(
      app.esims
        .at(now)
        .buy({ once: null, ...wanted })
        .then((bought) => (bought as { orders: readonly Order[] }).orders),
    )
  const codeOf = async (order: Order) => (await one.app.esims.read(order)).activationCode
  const stockOf = async (name: string) =>
    (await listPlans(db, { currency: 'USD', name }))[0]?.stock as number

  it('are sold once each, to the last one, by two servers to many buyers at once', async () => {
    const { codes, name, offerId } = await plan(60)
    const buyers = await Promise.all(Array.from({ length: 12 }, () => testCustomer(db)))
    const lot = lots(1)
    const got = await Promise.all(
      Array.from({ length: 200 }, () =>
        buy(lot.oneOf(apps), { accountId: lot.oneOf(buyers).accountId, offerId }),
      ),
    )
    const orders = got.flatMap((one) => (typeof one === 'string' ? [] : [...one]))
    expect(new Set(got.filter((one) => typeof one === 'string'))).toEqual(new Set(['out_of_stock']))
    expect((await Promise.all(orders.map(codeOf))).sort()).toEqual(codes.toSorted())
    expect(await stockOf(name)).toBe(0)
    for (const { accountId } of buyers) {
      const bought = orders.filter((order) => order.accountId === accountId)
      expect(await balanceOf(db, accountId)).toBe(1_000_000n - BigInt(bought.length) * price)
    }
    await expectCleanAudit(db)
  })

  it('are sold several at once or none, while others buy and more come in', async () => {
    const { codes, name, offerId } = await plan(10)
    const { accountId } = await testCustomer(db, { credit: '1000' })
    const later = newCodes(40)
    const lot = lots(2)
    const results = Promise.all(
      Array.from({ length: 60 }, () =>
        buy(lot.oneOf(apps), { accountId, offerId, quantity: 1 + lot.below(4) }),
      ),
    )
    for (let start = 0; start < later.length; start += 5)
      await importCodes(db, now, testVault, {
        planName: name,
        codes: later.slice(start, start + 5),
      })
    const orders = (await results).flatMap((one) => (typeof one === 'string' ? [] : [...one]))
    const sold = await Promise.all(orders.map(codeOf))
    expect(new Set(sold).size).toBe(sold.length)
    expect([...codes, ...later]).toEqual(expect.arrayContaining(sold))
    expect(await stockOf(name)).toBe(50 - sold.length)
    expect(await balanceOf(db, accountId)).toBe(10_000_000n - BigInt(sold.length) * price)
    await expectCleanAudit(db)
  })

  it('are sold once for each Idempotency-Key, sent to both servers at once', async () => {
    const { name, offerId } = await plan(20)
    const { accountId } = await testCustomer(db)
    for (let round = 0; round < 5; round++) {
      const once = onceFor(`key-${round}`, 'POST', '/v1/orders', { offerId })
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          (apps[i % 2] as App).esims.at(now).buy({ accountId, offerId, once }),
        ),
      )
      expect(results.filter((result) => 'orders' in result)).toHaveLength(1)
    }
    expect(await stockOf(name)).toBe(15)
    await expectCleanAudit(db)
  })

  it('are not sold, and nothing is charged, where the rules or the key refuse', async () => {
    const { name, offerId, codes } = await plan(3, 'SE')
    const { accountId } = await testCustomer(db)
    const { accountId: poor } = await testCustomer(db, { credit: '3.99' })
    const wanted = { accountId, offerId }
    const keyless = await serverOn(one.databaseUrl, {
      NUMLET_ENCRYPTION_KEY: '',
      NUMLET_DATA: '/nonexistent',
    })
    const stranger = await serverOn(one.databaseUrl, {
      NUMLET_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    })
    expect(await buy(keyless.app, wanted)).toBe('unavailable')
    await expect(stranger.app.esims.at(now).buy({ ...wanted, once: null })).rejects.toThrow(
      /^the encryption key [0-9a-f]{8} is missing$/,
    )
    expect(await buy(one.app, { ...wanted, accountId: poor })).toBe('insufficient_balance')
    expect(await buy(one.app, { ...wanted, quantity: 4 })).toBe('out_of_stock')
    expect(await buy(one.app, { ...wanted, maxPrice: price - 1n })).toBe('price_above_maximum')
    expect(await buy(one.app, { ...wanted, offerId: 999_999 })).toBe('plan_not_found')
    await closeCountry(db, { actor: 'test', reason: null }, 'SE', true)
    expect(await buy(one.app, wanted)).toBe('country_closed')
    await closeCountry(db, { actor: 'test', reason: null }, 'SE', false)
    await changePlan(db, name, { active: false })
    expect(await buy(one.app, wanted)).toBe('plan_not_found')
    await changePlan(db, name, { active: true, price: 1n })
    expect(await balanceOf(db, accountId)).toBe(1_000_000n)
    expect(await stockOf(name)).toBe(3)
    const [order] = (await buy(one.app, wanted)) as readonly Order[]
    expect(order).toMatchObject({ state: 'finished', price: 100n, country: 'SE' })
    expect(await codeOf(order as Order)).toBe(codes[0])
    await expectCleanAudit(db)
  })

  it('lie in no table in clear, neither in stock nor sold, nor in answers that are kept', async () => {
    const { codes, name } = await plan(4)
    const { key } = await testCustomer(db)
    const body = { kind: 'esim', plan: name, quantity: 2 }
    const once = { 'idempotency-key': 'kept' }
    const first = await call(one, key, 'POST', '/v1/orders', body, once)
    expect(JSON.stringify(first.body)).toContain(codes[0]?.split('$')[2])
    expect(await call(two, key, 'POST', '/v1/orders', body, once)).toMatchObject({
      status: 201,
      body: first.body,
    })
    const tables = await db.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
        where schemaname = 'public'`,
    )
    expect(tables.length).toBeGreaterThan(20)
    const secrets = codes.map((code) => code.split('$')[2] as string)
    const forms = secrets.flatMap((token) => [token, Buffer.from(token).toString('hex')])
    for (const table of tables) {
      const found = await db.query(
        `select 1 as yes from ${table.name} t
          where exists (select from unnest($1::text[]) f where position(f in t::text) > 0) limit 1`,
        [forms],
      )
      expect(found, table.name).toEqual([])
    }
  })

  it('of one code twice are refused by the database itself', async () => {
    const { offerId } = await plan(2)
    const { accountId } = await testCustomer(db)
    const [order] = (await buy(one.app, { accountId, offerId })) as readonly Order[]
    await expect(
      db.query('update esim_codes set order_id = $1, sold_at = now() where order_id is null', [
        order?.id,
      ]),
    ).rejects.toThrow(/unique/)
  })
})
