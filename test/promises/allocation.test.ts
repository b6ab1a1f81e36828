// Orders that are placed before their number is there: allocated, failed or withdrawn, and their money.
import { describe, expect, it } from 'vitest'
import { balanceOf } from '../../src/core/accounts/accounts.ts'
import { putOffers } from '../../src/core/catalog/set-offers.ts'
import { leaseNumber, takeNumber } from '../../src/core/orders/buying/allocation.ts'
import { type Draft, lockCustomer, placeOrders } from '../../src/core/orders/buying/purchase.ts'
import { move } from '../../src/core/orders/lifecycle.ts'
import type { OrderKind } from '../../src/core/orders/order.ts'
import { closers } from '../harness/ending.ts'
import { testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { anyNumberFor, dramaNumbers, expectCleanAudit, openMarket, services } from './market.ts'

const price = 20_000n
const dayS = 86_400
const noLimits = { maxOpenOrders: null, maxOrdersADay: null, maxCancelledPercent: null }

describe('orders without a number', async () => {
  const { app, db } = await testServer({ template: 'catalog' })
  const { supplierId } = await testSupplier(db)
  const now = app.now()
  const place = { serviceId: services.whatsapp, country: 'GB', pool: '1' }
  const operators = await openMarket(db, supplierId, [
    { ...place, operator: 'Vodafone', phones: dramaNumbers(20), prices: { whatsapp: '2.00' } },
  ])
  const operatorId = operators.get('Vodafone') as number
  const shelf = { ...place, operatorId }
  await db.begin((tx) => putOffers(tx, [{ kind: 'rental', ...shelf, price, durationS: dayS }]))

  /** Places an order whose number is still to come. */
  async function ordered(kind: OrderKind) {
    const { accountId } = await testCustomer(db, { credit: '10' })
    const before = await balanceOf(db, accountId)
    const isNumber = kind === 'activation' || kind === 'rental'
    const [offer] = await db.query<{ id: number }>(
      `select id from offers where kind = $1 order by id limit 1`,
      [isNumber ? kind : 'activation'],
    )
    const draft: Draft = {
      kind,
      state: 'allocating',
      ...(isNumber ? shelf : {}),
      offerId: (offer as { id: number }).id,
      price,
      durationS: kind === 'rental' ? dayS : null,
      cancelAfter: now,
      expiresAt: new Date(now.getTime() + 60_000),
    }
    const [order] = await db.begin(async (tx) => {
      const customer = await lockCustomer(tx, now, accountId, noLimits, 1)
      return placeOrders(tx, now, customer, [draft], { post: false })
    })
    if (!order) throw new Error('nothing was placed')
    expect(await balanceOf(db, accountId)).toBe(before - price)
    return { ...order, before }
  }

  /** The number comes, and the order gets it. */
  async function allocated(kind: 'activation' | 'rental') {
    const order = await ordered(kind)
    const { accountId, id } = order
    const [moved] = await db.begin(async (tx) => {
      const customer = await lockCustomer(tx, now, accountId, noLimits, 0)
      const taken = await takeNumber(tx, customer, {
        kind,
        serviceIds: [services.whatsapp],
        durationS: kind === 'rental' ? dayS : null,
        selection: { ...anyNumberFor('whatsapp'), country: 'GB' },
      })
      const { numberId, phone, shelfId } = taken
      const lease = { orderId: id, accountId, numberId, shelfId, until: order.expiresAt }
      await leaseNumber(tx, now, { ...lease, serviceIds: [services.whatsapp] })
      await tx.query('update orders set number_id = $2, phone = $3 where id = $1', [
        id,
        numberId,
        phone,
      ])
      return move(tx, now, [id], 'allocate')
    })
    return { ...order, moved }
  }

  const transfersOf = async (id: bigint) =>
    (
      await db.query<{ kind: string }>(
        'select kind from transfers where order_id = $1 order by seq',
        [id],
      )
    ).map((row) => row.kind)
  const openOrdersOf = async (accountId: number) =>
    (
      await db.query<{ open_orders: number }>(
        'select open_orders from account_usage where account_id = $1',
        [accountId],
      )
    )[0]?.open_orders

  it('an activation that is allocated waits, and its price stays held', async () => {
    const { id, accountId, moved } = await allocated('activation')
    expect(moved).toMatchObject({ id, state: 'waiting', closedAt: null })
    expect(await transfersOf(id)).toEqual(['hold'])
    expect(await openOrdersOf(accountId)).toBe(1)
    await expectCleanAudit(db)
  })

  it('a rental that is allocated runs, and is paid for', async () => {
    const { id, accountId, moved } = await allocated('rental')
    expect(moved).toMatchObject({ id, state: 'active', closedAt: null })
    expect(await transfersOf(id)).toEqual(['hold', 'post'])
    expect(await openOrdersOf(accountId)).toBe(1)
    await expectCleanAudit(db)
  })

  it.each(['fail', 'withdraw'] as const)('of every kind get their money back: %s', async (name) => {
    for (const kind of ['activation', 'rental', 'email', 'esim'] as const) {
      const order = await ordered(kind)
      const [moved] = await db.begin((tx) => move(tx, now, [order.id], name, closers))
      expect(moved?.state).toBe(name === 'fail' ? 'failed' : 'cancelled')
      expect(await transfersOf(order.id)).toEqual(['hold', 'void'])
      expect(await balanceOf(db, order.accountId)).toBe(order.before)
      expect(await openOrdersOf(order.accountId)).toBe(0)
      expect(await db.begin((tx) => move(tx, now, [order.id], 'allocate'))).toEqual([])
    }
  })

  it('an inbox that is allocated waits, and an eSIM is paid for and finished', async () => {
    const inbox = await ordered('email')
    await db.query('update orders set email = $2 where id = $1', [inbox.id, 'a@example.com'])
    const esim = await ordered('esim')
    const moved = await db.begin((tx) => move(tx, now, [inbox.id, esim.id], 'allocate'))
    expect(moved.map(({ id, state }) => [id, state])).toEqual([
      [inbox.id, 'waiting'],
      [esim.id, 'finished'],
    ])
    expect(await transfersOf(inbox.id)).toEqual(['hold'])
    expect(await transfersOf(esim.id)).toEqual(['hold', 'post'])
    expect(await openOrdersOf(inbox.accountId)).toBe(1)
    expect(await openOrdersOf(esim.accountId)).toBe(0)
  })
})
