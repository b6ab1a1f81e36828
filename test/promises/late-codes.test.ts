// Promises 1 and 2 for late codes: a claim charges once and shows what it paid for, whatever races with it.
import { describe, expect, it } from 'vitest'
import type { App } from '../../src/app.ts'
import { suspendAccount } from '../../src/core/accounts/accounts.ts'
import { messagesOf } from '../../src/core/messages/read.ts'
import { purgeTexts } from '../../src/core/messages/retention.ts'
import type { Order } from '../../src/core/orders/order.ts'
import { ordersById } from '../../src/core/orders/read.ts'
import { attempts } from '../harness/attempts.ts'
import { serverOn, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { anyNumberFor, dramaNumbers, expectCleanAudit, openMarket, outcomeOf } from './market.ts'

const rounds = attempts(15, 150)
const price = 4_000n
const env = { NUMLET_CANCEL_COOLDOWN_S: '0' }

describe('claims of late codes', async () => {
  const one = await testServer({ template: 'catalog', env })
  const two = await serverOn(one.databaseUrl, env)
  const apps = [one.app, two.app] as const
  const { db } = one
  const { supplierId } = await testSupplier(db)
  const { accountId } = await testCustomer(db, { credit: '1000' })
  await openMarket(db, supplierId, [
    {
      country: 'GB',
      operator: 'Drama',
      pool: '1',
      phones: dramaNumbers(3 * rounds + 10),
      prices: { whatsapp: '0.40' },
    },
  ])

  const anApp = (turn: number): App => apps[turn % 2] as App
  const claim = (app: App, { id }: Order) =>
    outcomeOf(app.orders.claim({ accountId, id, once: null }))
  /** Again, as a client does whom a busy machine has told to. */
  const settledClaim = async (app: App, order: Order) => {
    for (;;) {
      const outcome = await claim(app, order)
      if (outcome !== 'busy') return outcome
    }
  }
  const send = (app: App, { phone }: Order, code: string) =>
    app.messages.receive(app.now(), {
      supplierId,
      supplierRef: null,
      channel: 'sms',
      phone: phone as string,
      sender: 'WhatsApp',
      text: `Your WhatsApp code: ${code}`,
      hint: { orderId: null, serviceId: null },
    })

  async function withLateCode(): Promise<Order> {
    const purchase = { accountId, selection: anyNumberFor('whatsapp'), quantity: 1, once: null }
    const bought = (await one.app.orders.buy(purchase)) as { orders: readonly Order[] }
    const [order] = bought.orders as [Order]
    await one.app.orders.cancel({ accountId, id: order.id })
    expect(await send(one.app, order, '111-222')).toMatchObject({ state: 'late', orderId: null })
    return order
  }

  const stateOf = async ({ id }: Order) => {
    const [order] = await ordersById(db, [id])
    const codes = ((await messagesOf(db, [id])).get(id) ?? []).map((one) => one.code)
    const [paid] = await db.query<{ holds: number; amount: bigint | null }>(
      `select count(*) filter (where kind = 'hold')::int as holds,
              sum(amount) filter (where kind = 'post')::bigint as amount
         from transfers where account_id = $1 and order_id = $2`,
      [accountId, id],
    )
    return { order: order as Order, codes, ...(paid as { holds: number; amount: bigint | null }) }
  }

  it('charge once, however many come at once', async () => {
    for (let round = 0; round < attempts(2, 10); round++) {
      const order = await withLateCode()
      const outcomes = await Promise.all(
        Array.from({ length: 200 }, (_, turn) => claim(anApp(turn), order)),
      )
      const done = outcomes.filter((one) => typeof one !== 'string')
      expect(done.filter((one) => 'changed' in one && one.changed)).toHaveLength(1)
      for (const one of outcomes)
        expect(typeof one === 'string' ? one : 'done').toMatch(/done|busy/)
      expect(await stateOf(order)).toMatchObject({ codes: ['111222'], holds: 2, amount: price })
    }
    await expectCleanAudit(db)
  })

  it('charge for what they show, or for nothing if the text was purged before', async () => {
    const outcomes = new Set<string>()
    for (let round = 0; round < rounds; round++) {
      const order = await withLateCode()
      const later = new Date(one.app.now().getTime() + 1_000)
      const purge = () => purgeTexts(two.app.db, later, later)
      // Which of them comes first is decided in two rounds of three.
      if (round % 3 === 1) await purge()
      const claiming = settledClaim(one.app, order)
      if (round % 3 === 2) await claiming
      await purge()
      const outcome = await claiming
      const { order: after, holds, amount } = await stateOf(order)
      outcomes.add(typeof outcome === 'string' ? outcome : 'claimed')
      const isClaimed = after.claimedAt !== null
      expect(isClaimed).toBe(typeof outcome !== 'string')
      expect([holds, amount]).toEqual(isClaimed ? [2, price] : [1, null])
      expect(after.messageCount).toBe(isClaimed ? 1 : 0)
    }
    expect([...outcomes].sort()).toEqual(['claimed', 'order_not_claimable'])
    await expectCleanAudit(db)
  })

  it('show messages that come at the same time, once', async () => {
    for (let round = 0; round < rounds; round++) {
      const order = await withLateCode()
      const [receipt, outcome] = await Promise.all([
        send(anApp(round), order, '333-444'),
        settledClaim(anApp(round + 1), order),
      ])
      expect(outcome).toMatchObject({ changed: true })
      const { order: after, codes, holds, amount } = await stateOf(order)
      expect(receipt.state).toMatch(/^(?:late|delivered)$/)
      expect([codes, holds, amount]).toEqual([['111222', '333444'], 2, price])
      expect(after).toMatchObject({ messageCount: 2, code: '333444', state: 'cancelled' })
    }
    await expectCleanAudit(db)
  })

  it('are refused to a suspended account', async () => {
    const order = await withLateCode()
    await suspendAccount(db, accountId, true)
    expect(await claim(one.app, order)).toBe('account_suspended')
    await suspendAccount(db, accountId, false)
    expect(await claim(one.app, order)).toMatchObject({ changed: true })
    await expectCleanAudit(db)
  })
})
