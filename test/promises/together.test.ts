// One number for several services, numbers without some prefixes, and numbers had before: promise 3 and 5
// beyond the ordinary purchase.
import { describe, expect, it } from 'vitest'
import { balanceOf } from '../../src/core/accounts/accounts.ts'
import { listOffers } from '../../src/core/catalog/offers.ts'
import { quoteRebuy } from '../../src/core/orders/buying/rebuy.ts'
import type { Order } from '../../src/core/orders/order.ts'
import { simulateCodes } from '../../src/supply/simulator/simulator.ts'
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

const pair: readonly number[] = [services.whatsapp, services.telegram]
const later = (from: Date, seconds: number) => new Date(from.getTime() + seconds * 1000)

describe('purchases beside the ordinary one', async () => {
  const env = { NUMLET_CANCEL_COOLDOWN_S: '0' }
  const one = await testServer({ template: 'catalog', env })
  const two = await serverOn(one.databaseUrl, env)
  const { app, db } = one
  const { supplierId } = await testSupplier(db)
  const now = app.now()
  let used = 0

  async function shelf(count: number) {
    const operator = `Shared ${used}`
    const phones = dramaNumbers(count, used)
    used += count
    const prices = { whatsapp: '0.40', telegram: '0.30', other: '0.20' }
    const place = { country: 'GB', operator, pool: '1', phones, prices }
    const operators = await openMarket(db, supplierId, [place])
    return { phones, selection: { country: 'GB', operatorId: operators.get(operator) as number } }
  }

  type Place = Awaited<ReturnType<typeof shelf>>['selection']

  const together = async (accountId: number, place: Place, isSplit = false, ids = pair) => {
    const order = { accountId, serviceIds: ids, ...place, pool: null, isSplit, once: null }
    return ((await app.orders.at(now).buyMultiService(order)) as { orders: readonly Order[] })
      .orders
  }
  const single = async (
    accountId: number,
    place: Place,
    service: ServiceName,
    exclude?: string[],
  ) => {
    const selection = { ...anyNumberFor(service), ...place, exclude }
    const bought = await app.orders.at(now).buy({ accountId, selection, quantity: 1, once: null })
    return (bought as { orders: readonly Order[] }).orders[0] as Order
  }
  const send = (phone: string | null, sender: string, text: string) =>
    app.messages.receive(later(now, 5), {
      supplierId,
      supplierRef: null,
      channel: 'sms',
      phone: phone as string,
      sender,
      text,
      hint: { orderId: null, serviceId: null },
    })
  const stockOf = async (place: Place, service: ServiceName) =>
    (await listOffers(db, { currency: 'USD', serviceId: services[service], ...place, limit: 5 }))[0]
      ?.stock

  it('gives one number to several services, and each code to its service', async () => {
    const { selection } = await shelf(2)
    const { accountId } = await testCustomer(db)
    const [order] = (await together(accountId, selection)) as [Order]
    expect(order).toMatchObject({ price: 7_000n, services: pair, state: 'waiting' })
    expect(await balanceOf(db, accountId)).toBe(993_000n)
    await send(order.phone, 'WhatsApp', 'Your WhatsApp code: 482-913')
    await send(order.phone, 'Telegram', 'Telegram code: 73920')
    const messages = await app.messages.of(order.id)
    expect(messages.map(({ serviceId, code }) => [serviceId, code])).toEqual([
      [services.whatsapp, '482913'],
      [services.telegram, '73920'],
    ])
    expect(await app.orders.read(accountId, order.id)).toMatchObject({
      state: 'received',
      code: '73920',
    })
    await expectCleanAudit(db)
  })

  it('gives each service an order of its own where they stand apart', async () => {
    const { selection } = await shelf(1)
    const { accountId } = await testCustomer(db)
    const orders = await together(accountId, selection, true)
    expect(orders.map((order) => order.serviceId)).toEqual(pair)
    expect(new Set(orders.map((order) => order.phone)).size).toBe(1)
    const [whatsapp, telegram] = orders as [Order, Order]
    await cancelOrder(db, later(now, 1), { accountId, id: whatsapp.id })
    await send(telegram.phone, 'Telegram', 'Telegram code: 73920')
    expect(await app.orders.read(accountId, telegram.id)).toMatchObject({ code: '73920' })
    expect(await balanceOf(db, accountId)).toBe(997_000n)
    await expectCleanAudit(db)
  })

  it('sells every number once for each service, whoever buys one, two or all three', async () => {
    const { selection, phones } = await shelf(40)
    const lot = lots(3)
    const names = ['whatsapp', 'telegram', 'other'] as const
    const accounts = await Promise.all(Array.from({ length: 4 }, () => testCustomer(db)))
    const buyOne = () => {
      const { accountId } = lot.oneOf(accounts)
      if (lot.share() < 0.5) return outcomeOf(single(accountId, selection, lot.oneOf(names)))
      const ids = lot.oneOf([pair, [services.telegram, services.other], Object.values(services)])
      const node = lot.oneOf([one.app, two.app])
      const order = {
        accountId,
        serviceIds: ids,
        ...selection,
        pool: null,
        isSplit: false,
        once: null,
      }
      return outcomeOf(node.orders.at(now).buyMultiService(order))
    }
    for (let turn = 0; turn < 12; turn++)
      await Promise.all(Array.from({ length: 25 }, () => buyOne()))
    const let_ = await db.query<{ service_id: number; phones: number; leases: number }>(
      `select l.service_id, count(distinct l.number_id)::int as phones, count(*)::int as leases
         from leases l join numbers n on n.id = l.number_id where n.phone = any($1) group by 1`,
      [phones],
    )
    for (const row of let_) expect(row.phones).toBe(row.leases)
    for (const name of names) {
      const sold = let_.find((row) => row.service_id === services[name])?.leases ?? 0
      expect(await stockOf(selection, name)).toBe(phones.length - sold)
    }
    await expectCleanAudit(db)
    // What is left alone is still sold to the last one.
    const { accountId } = await testCustomer(db)
    for (const name of names) {
      const left = (await stockOf(selection, name)) as number
      for (let i = 0; i < left; i++) await single(accountId, selection, name)
      expect(await outcomeOf(single(accountId, selection, name))).toBe('out_of_stock')
    }
    await expectCleanAudit(db)
  })

  it('gets a code for each service from the simulator, and no more', async () => {
    const { selection } = await shelf(1)
    const { accountId } = await testCustomer(db)
    await db.query(`update suppliers set kind = 'simulator', secret_hash = null where id = $1`, [
      supplierId,
    ])
    const [order] = (await together(accountId, selection)) as [Order]
    for (const seconds of [1, 3, 4, 5])
      await simulateCodes(db, app.messages.receive, later(now, seconds), 3)
    const messages = await app.messages.of(order.id)
    expect(messages.map((message) => message.serviceId).sort()).toEqual([...pair].sort())
    await db.query(`update suppliers set kind = 'http-callback' where id = $1`, [supplierId])
  })

  it('refuses one service, six, and twice the same', async () => {
    const { selection } = await shelf(1)
    const { accountId } = await testCustomer(db)
    for (const ids of [[22], [22, 22], [1, 2, 3, 4, 5, 6]])
      expect(await outcomeOf(together(accountId, selection, false, ids))).toBe('invalid_request')
    expect(await outcomeOf(together(accountId, selection, false, [22, 999_999]))).toBe(
      'service_not_found',
    )
    expect(await balanceOf(db, accountId)).toBe(1_000_000n)
  })

  it('passes over numbers with unwanted prefixes, and leaves them for others', async () => {
    const { selection, phones } = await shelf(6)
    const { accountId } = await testCustomer(db)
    const unwanted = phones.slice(0, 3).map((phone) => phone.slice(1))
    const got: (string | null)[] = []
    for (let i = 0; i < 3; i++)
      got.push((await single(accountId, selection, 'whatsapp', unwanted)).phone)
    expect(got.sort()).toEqual(phones.slice(3))
    expect(await outcomeOf(single(accountId, selection, 'whatsapp', unwanted))).toBe('out_of_stock')
    expect(await stockOf(selection, 'whatsapp')).toBe(3)
    for (let i = 0; i < 3; i++) got.push((await single(accountId, selection, 'whatsapp')).phone)
    expect(got.sort()).toEqual([...phones].sort())
    await expectCleanAudit(db)
  })

  it('sells the number of an order that is over once more, to its customer alone', async () => {
    const { selection } = await shelf(1)
    const { accountId } = await testCustomer(db)
    const { accountId: other } = await testCustomer(db)
    const first = await single(accountId, selection, 'whatsapp')
    const target = { accountId, id: first.id, once: null }
    expect(await outcomeOf(app.orders.at(now).rebuy(target))).toBe('order_not_repeatable')
    await cancelOrder(db, later(now, 1), target)
    expect((await quoteRebuy(db, target, () => false)).price).toBe(4_000n)
    expect(await outcomeOf(app.orders.at(now).rebuy({ ...target, accountId: other }))).toBe(
      'order_not_found',
    )
    const got = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        outcomeOf((i % 2 ? one : two).app.orders.at(later(now, 2)).rebuy(target)),
      ),
    )
    const bought = got.filter((outcome) => typeof outcome !== 'string')
    expect(bought).toHaveLength(1)
    expect(await balanceOf(db, accountId)).toBe(996_000n)
    await send(first.phone, 'WhatsApp', 'Your WhatsApp code: 482-913')
    const [again] = (bought[0] as { orders: readonly Order[] }).orders
    expect(await app.orders.read(accountId, (again as Order).id)).toMatchObject({
      phone: first.phone,
      code: '482913',
    })
    await expectCleanAudit(db)
  })
})
