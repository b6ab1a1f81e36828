// Promise 3: a number is never let twice for one service, and what is shown as stock is what is sold.
import { describe, expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import { balanceOf } from '../../src/core/accounts/accounts.ts'
import { listOffers } from '../../src/core/catalog/offers.ts'
import { importNumbers } from '../../src/core/inventory/import.ts'
import { returnRestedNumbers } from '../../src/core/inventory/inventory.ts'
import { setNumberState } from '../../src/core/inventory/sale.ts'
import type { Order } from '../../src/core/orders/order.ts'
import { writeSetting } from '../../src/core/settings.ts'
import type { Database } from '../../src/db/database.ts'
import { cancelOrder } from '../harness/ending.ts'
import { serverOn, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import {
  anyNumberFor,
  dramaNumbers,
  expectCleanAudit,
  lots,
  openMarket,
  outcomeOf,
  type ServiceName,
  services,
} from './market.ts'

const names: readonly ServiceName[] = ['whatsapp', 'telegram', 'other']
const price = 4_000n
const dayMs = 86_400_000

describe('numbers', async () => {
  const env = { NUMLET_CANCEL_COOLDOWN_S: '0' }
  const one = await testServer({ template: 'catalog', env })
  const two = await serverOn(one.databaseUrl, env)
  const apps = [one.app, two.app]
  const { db } = one
  const { supplierId } = await testSupplier(db)
  const buyers = await Promise.all(Array.from({ length: 8 }, () => testCustomer(db)))
  const now = one.app.now()
  let used = 0
  let shelves = 0

  /** A shelf of fresh numbers on sale for all three services; returns a selection for it. */
  async function shelf(count: number) {
    const operator = `Drama ${++shelves}`
    const phones = dramaNumbers(count, used)
    used += count
    const operators = await openMarket(db, supplierId, [
      {
        country: 'GB',
        operator,
        pool: '1',
        phones,
        prices: { whatsapp: '0.40', telegram: '0.40', other: '0.40' },
      },
    ])
    const operatorId = operators.get(operator) as number
    const batch = { supplierId, country: 'GB', operatorId, pool: '1' }
    return { phones, batch, selection: { country: 'GB', operatorId } }
  }

  type Place = Awaited<ReturnType<typeof shelf>>['selection']

  const buy = (app: App, accountId: number, place: Place, service: ServiceName, at = now) =>
    outcomeOf(
      app.orders
        .at(at)
        .buy({
          accountId,
          selection: { ...anyNumberFor(service), ...place },
          quantity: 1,
          once: null,
        })
        .then((bought) => (bought as { orders: readonly Order[] }).orders[0] as Order),
    )

  /** Many buyers at once, on both nodes. @returns what each got */
  const rush = (count: number, place: Place, seed: number, wanted = names) => {
    const lot = lots(seed)
    return Promise.all(
      Array.from({ length: count }, () =>
        buy(lot.oneOf(apps), lot.oneOf(buyers).accountId, place, lot.oneOf(wanted)),
      ),
    )
  }

  const shownStock = async (place: Place, service: ServiceName) => {
    const wanted = { currency: 'USD', serviceId: services[service], operatorId: place.operatorId }
    return (await listOffers(db, { ...wanted, limit: 10 }))[0]?.stock
  }

  const holdings = () => Promise.all(buyers.map((buyer) => balanceOf(db, buyer.accountId)))

  it('are sold once for each service, to the last one, and then nothing is charged', async () => {
    const { selection, phones } = await shelf(12)
    const before = total(await holdings())
    const got = await rush(300, selection, 1)
    const orders = got.filter((one) => typeof one !== 'string')
    expect(new Set(got.filter((one) => typeof one === 'string'))).toEqual(new Set(['out_of_stock']))
    for (const name of names) {
      const sold = orders.filter((order) => order.serviceId === services[name])
      expect(sold.map((order) => order.phone).sort()).toEqual(phones)
      expect(await shownStock(selection, name)).toBe(0)
    }
    expect(before - total(await holdings())).toBe(BigInt(orders.length) * price)
    expect(await openLeases(db)).toEqual({ most: 1n })
    await expectCleanAudit(db)
  })

  it('are not let again after a cancel, unless the operator says so', async () => {
    const { selection } = await shelf(5)
    const orders = ofOrders(await rush(40, selection, 2, ['whatsapp']))
    await Promise.all(orders.map((order) => cancelOrder(one.db, now, order)))
    expect(await returnRestedNumbers(db, new Date(now.getTime() + 999 * dayMs))).toBe(0)
    expect(new Set(await rush(20, selection, 3, ['whatsapp']))).toEqual(new Set(['out_of_stock']))
  })

  it('come back once each after their rest, and are let once each again', async () => {
    await writeSetting(db, new Date(), { actor: 'test', reason: null }, 'reuse_after_days', 2)
    const { selection, phones } = await shelf(10)
    for (let turn = 0; turn < 4; turn++) {
      const at = new Date(now.getTime() + turn * 2 * dayMs)
      const lot = lots(turn)
      const orders = ofOrders(
        await Promise.all(
          Array.from({ length: 60 }, () =>
            buy(lot.oneOf(apps), lot.oneOf(buyers).accountId, selection, 'telegram', at),
          ),
        ),
      )
      expect(orders.map((order) => order.phone).sort()).toEqual(phones)
      await Promise.all(orders.map((order) => cancelOrder(lot.oneOf(apps).db, at, order)))
      const early = new Date(at.getTime() + 2 * dayMs - 1)
      expect(await returnRestedNumbers(db, early)).toBe(0)
      const due = new Date(early.getTime() + 1)
      const sweeps = apps.flatMap((app) => [1, 2, 3].map(() => returnRestedNumbers(app.db, due)))
      expect(total((await Promise.all(sweeps)).map(BigInt))).toBe(BigInt(phones.length))
      expect(await shownStock(selection, 'telegram')).toBe(phones.length)
      await expectCleanAudit(db)
    }
    await writeSetting(db, new Date(), { actor: 'test', reason: null }, 'reuse_after_days', null)
  })

  it('are not sold while they are disabled', async () => {
    const { selection, phones } = await shelf(12)
    const rested = phones.slice(0, 5)
    const buying = rush(4, selection, 4, ['whatsapp'])
    await Promise.all(rested.map((phone) => setNumberState(db, now, phone, 'disabled')))
    const early = ofOrders(await buying)
    const stock = (await shownStock(selection, 'whatsapp')) as number
    const late = ofOrders(await rush(40, selection, 5, ['whatsapp']))
    expect(late).toHaveLength(stock)
    expect(late.filter((order) => rested.includes(order.phone as string))).toEqual([])
    await Promise.all(rested.map((phone) => setNumberState(db, now, phone, 'active')))
    const last = ofOrders(await rush(40, selection, 6, ['whatsapp']))
    const all = [...early, ...late, ...last].map((order) => order.phone)
    expect(all).toHaveLength(new Set(all).size)
    await expectCleanAudit(db)
  })

  it('rest on while they are disabled, and come back once they are enabled', async () => {
    await writeSetting(db, new Date(), { actor: 'test', reason: null }, 'reuse_after_days', 2)
    const { selection, phones } = await shelf(6)
    const [resting, returned] = phones as [string, string]
    const orders = ofOrders(await rush(30, selection, 20, ['telegram']))
    await Promise.all(orders.map((order) => cancelOrder(db, now, order)))
    const due = new Date(now.getTime() + 2 * dayMs)
    await setNumberState(db, now, resting, 'disabled')
    expect(await returnRestedNumbers(db, due)).toBe(phones.length - 1)
    // This one had come back before.
    await setNumberState(db, due, returned, 'disabled')
    expect(await returnRestedNumbers(db, due)).toBe(0)
    const sold = ofOrders(await rush(30, selection, 21, ['telegram']))
    expect(sold.map((order) => order.phone).sort()).toEqual(phones.slice(2))
    await expectCleanAudit(db)
    for (const phone of [resting, returned]) await setNumberState(db, due, phone, 'active')
    const sweeps = apps.flatMap((app) => [1, 2].map(() => returnRestedNumbers(app.db, due)))
    expect(total((await Promise.all(sweeps)).map(BigInt))).toBe(2n)
    expect(await shownStock(selection, 'telegram')).toBe(2)
    const last = ofOrders(await rush(30, selection, 22, ['telegram']))
    expect(last.map((order) => order.phone).sort()).toEqual([resting, returned].sort())
    await expectCleanAudit(db)
    await writeSetting(db, new Date(), { actor: 'test', reason: null }, 'reuse_after_days', null)
  })

  it('are sold to the services that have passed them by while they were disabled', async () => {
    const { selection, phones } = await shelf(8)
    const [used] = ofOrders(await rush(1, selection, 30, ['whatsapp']))
    const out = [...new Set([used?.phone as string, ...phones.slice(0, 4)])]
    await Promise.all(out.map((phone) => setNumberState(db, now, phone, 'disabled')))
    const first = ofOrders(await rush(40, selection, 31, ['whatsapp']))
    expect(first.map((order) => order.phone).sort()).toEqual(
      phones.filter((phone) => !out.includes(phone)),
    )
    // Half of what there is, so that the cursor stands somewhere between them.
    ofOrders(await rush(2, selection, 32, ['telegram']))
    await Promise.all(out.map((phone) => setNumberState(db, now, phone, 'active')))
    expect(await shownStock(selection, 'whatsapp')).toBe(
      out.filter((one) => one !== used?.phone).length,
    )
    await expectCleanAudit(db)
    const second = ofOrders(await rush(40, selection, 33, ['whatsapp']))
    expect([used, ...first, ...second].map((order) => order?.phone).sort()).toEqual(phones)
    expect(await shownStock(selection, 'telegram')).toBe(phones.length - 2)
    expect(await shownStock(selection, 'other')).toBe(phones.length)
    for (const name of ['telegram', 'other'] as const) await rush(40, selection, 34, [name])
    expect(await shownStock(selection, 'telegram')).toBe(0)
    await expectCleanAudit(db)
    expect(await db.query('select from sale_marks limit 1')).toEqual([])
  })

  it('are sold once each while others are imported, disabled, enabled and replaced', async () => {
    const { selection, phones, batch } = await shelf(10)
    const more = dramaNumbers(120, used)
    used += more.length
    const lot = lots(7)
    const got = await Promise.all([
      ...[0, 40, 80].map(async (start) => {
        await importNumbers(lot.oneOf(apps).db, { ...batch, phones: more.slice(start, start + 40) })
        return []
      }),
      ...phones.slice(0, 6).map(async (phone) => {
        await setNumberState(lot.oneOf(apps).db, now, phone, 'disabled')
        await setNumberState(lot.oneOf(apps).db, now, phone, 'active')
        return []
      }),
      rush(150, selection, 8),
      ...Array.from({ length: 20 }, async () => {
        const app = lot.oneOf(apps)
        const order = await buy(app, lot.oneOf(buyers).accountId, selection, 'whatsapp')
        if (typeof order === 'string') return [order]
        const again = { ...order, once: null }
        return [order, await outcomeOf(app.orders.at(now).replace(again) as Promise<Order>)]
      }),
    ])
    const sold = ofOrders(got.flat()).map((order) => `${order.phone} ${order.serviceId}`)
    expect(sold).toHaveLength(new Set(sold).size)
    const shown = await Promise.all(names.map((name) => shownStock(selection, name)))
    const rest = ofOrders(await rush(700, selection, 9)).map(
      (one) => `${one.phone} ${one.serviceId}`,
    )
    expect(rest).toHaveLength(shown.reduce((sum: number, stock) => sum + (stock as number), 0))
    expect(new Set([...sold, ...rest]).size).toBe(sold.length + rest.length)
    // A service that came past a number while it was disabled comes back to it.
    expect(sold.length + rest.length).toBe((phones.length + more.length) * names.length)
    expect(await openLeases(db)).toEqual({ most: 1n })
    await expectCleanAudit(db)
  })

  it('cannot have two open leases for a service: the database itself refuses', async () => {
    await expect(
      db.query(
        `insert into leases (order_id, service_id, account_id, number_id, shelf_id, starts_at, until)
         select 1, service_id, account_id, number_id, shelf_id, starts_at, until from leases
          where ended_at is null limit 1`,
      ),
    ).rejects.toThrow('one_open_lease')
  })
})

const ofOrders = (got: readonly (Order | string)[]) => got.filter((one) => typeof one !== 'string')

const total = (amounts: readonly bigint[]) => amounts.reduce((sum, one) => sum + one, 0n)

/** The most open leases that a number has for a service. */
const openLeases = async (db: Database) =>
  (
    await db.query(
      `select max(open) as most from (select count(*) as open from leases where ended_at is null
         group by number_id, service_id) l`,
    )
  )[0]
