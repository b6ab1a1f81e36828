// Promise 5: a code reaches only the order that it was for; what is for nobody is kept for the operator.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { messagesOf } from '../../src/core/messages/read.ts'
import { listUndelivered } from '../../src/core/messages/undelivered.ts'
import { readMessage } from '../../src/core/operating/messages.ts'
import { listOrders } from '../../src/core/orders/list.ts'
import type { Order } from '../../src/core/orders/order.ts'
import { attempts } from '../harness/attempts.ts'
import { cancelOrder } from '../harness/ending.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import {
  anyNumberFor,
  dramaNumbers,
  expectCleanAudit,
  openMarket,
  type ServiceName,
  services,
} from './market.ts'

const senders = { whatsapp: 'WhatsApp', telegram: 'Telegram', other: '+447700900999' } as const
const env = { NUMLET_CANCEL_COOLDOWN_S: '0' }

describe('a message', async () => {
  const server = await testServer({ template: 'catalog', env })
  const { app, db } = server
  const { supplierId, secret } = await testSupplier(db)
  const customers = await Promise.all(Array.from({ length: 3 }, () => testCustomer(db)))
  const [ann, ben, cyd] = customers.map((one) => one.accountId) as [number, number, number]
  const keyOf = new Map(customers.map((one) => [one.accountId, one.key]))
  let numbers = 0

  /** A number of its own, which is all that there is of its operator. */
  async function oneNumber() {
    const operator = `Drama ${++numbers}`
    const [phone] = dramaNumbers(1, numbers) as [string]
    const prices = { whatsapp: '0.40', telegram: '0.40', other: '0.40' }
    const operators = await openMarket(db, supplierId, [
      { country: 'GB', operator, pool: '1', phones: [phone], prices },
    ])
    const place = { country: 'GB', operatorId: operators.get(operator) as number }
    const lease = async (accountId: number, service: ServiceName) => {
      const selection = { ...anyNumberFor(service), ...place }
      const bought = await app.orders.buy({ accountId, selection, quantity: 1, once: null })
      return (bought as { orders: readonly Order[] }).orders[0] as Order
    }
    return { phone, lease }
  }

  const send = async (message: Record<string, unknown>) => {
    const body = { event: 'incoming_message', message }
    const { status, body: answer } = await call<{ message_id: string; order_ids: string[] }>(
      server,
      secret,
      'POST',
      '/api/callback',
      body,
    )
    expect(status).toBe(200)
    return { ...answer, id: app.ids.fromToken('msg', answer.message_id) as bigint }
  }
  const ids = (...orders: Order[]) => orders.map((order) => app.ids.toToken('ord', order.id))

  /** What a customer sees of an order, whole. */
  const seen = async (order: Order) =>
    JSON.stringify(
      (await call(server, keyOf.get(order.accountId) as string, 'GET', `/v1/orders/${order.id}`))
        .body,
    )

  const stateOf = async (id: bigint) =>
    (await db.query('select state, account_id from messages where id = $1', [id]))[0]

  it('reaches the one of three customers on a number whose service sent it', async () => {
    const { phone, lease } = await oneNumber()
    const whatsapp = await lease(ann, 'whatsapp')
    const telegram = await lease(ben, 'telegram')
    const other = await lease(cyd, 'other')
    const first = await send({ number: phone, sender: 'WhatsApp', sms: 'Your code: 111-222' })
    const second = await send({ number: phone, sender: 'Info', sms: 'Telegram code: 33344' })
    const third = await send({ number: phone, sender: 'Elsewhere', sms: 'Your code is 555666' })
    expect([first, second, third].map((one) => one.order_ids)).toEqual([
      ids(whatsapp),
      ids(telegram),
      ids(other),
    ])
    const shown = await Promise.all([whatsapp, telegram, other].map(seen))
    const codes = ['111222', '33344', '555666']
    for (const [index, text] of shown.entries()) {
      expect(codes.filter((code) => text.includes(code))).toEqual([codes[index]])
      expect(text).not.toContain(index === 0 ? 'Telegram code' : '111-222')
    }
  })

  it('is not sold as a late code to who had the number while another takes any message of it', async () => {
    const { phone, lease } = await oneNumber()
    const whatsapp = await lease(ann, 'whatsapp')
    await cancelOrder(db, app.now(), whatsapp)
    const anything = await lease(ben, 'other')
    const text = { number: phone, sender: 'WhatsApp', sms: 'Your WhatsApp code: 616-161' }
    expect((await send(text)).order_ids).toEqual([])
    const late = await seen(whatsapp)
    expect(late).toContain('"late_code_available":false')
    const claim = app.orders.claim({ accountId: ann, id: whatsapp.id, once: null })
    await expect(claim).rejects.toMatchObject({ code: 'order_not_claimable' })
    for (const order of [whatsapp, anything]) expect(await seen(order)).not.toContain('616')
    await expectCleanAudit(db)
  })

  it('reaches the order or the service that the supplier names, if it has the number', async () => {
    const { phone, lease } = await oneNumber()
    const whatsapp = await lease(ann, 'whatsapp')
    const telegram = await lease(ben, 'telegram')
    const text = (code: number) => ({
      number: phone,
      sender: '12345',
      sms: `Use ${code} to log in.`,
    })
    const named = await send({ ...text(424_242), order_id: String(whatsapp.id) })
    const byToken = await send({ ...text(434_343), order_id: ids(telegram)[0] })
    const byService = await send({ ...text(444_444), service: 'telegram' })
    expect([named, byToken, byService].map((one) => one.order_ids)).toEqual([
      ids(whatsapp),
      ids(telegram),
      ids(telegram),
    ])
    // An order of another number is no hint at all.
    const elsewhere = await lease(cyd, 'other')
    const away = await oneNumber()
    const misled = await send({
      ...text(454_545),
      number: away.phone,
      order_id: String(elsewhere.id),
    })
    expect(misled.order_ids).toEqual([])
  })

  it('that could be for either of two orders is given to nobody and kept', async () => {
    const { phone, lease } = await oneNumber()
    const whatsapp = await lease(ann, 'whatsapp')
    const telegram = await lease(ben, 'telegram')
    const sms = 'Your verification code is 737373'
    const { id, order_ids } = await send({ number: phone, sender: '12345', sms })
    expect(order_ids).toEqual([])
    expect(await stateOf(id)).toEqual({ state: 'unmatched', account_id: null })
    for (const order of [whatsapp, telegram]) expect(await seen(order)).not.toContain('737373')
    expect((await listUndelivered(db, 5)).map((one) => one.id)).toContain(id)
    const by = { actor: 'test', reason: 'a test' }
    expect(await readMessage(db, by, id)).toEqual({ text: sms, subject: null })
  })

  it('of a service that nobody has the number for is shown to nobody who has it', async () => {
    const { phone, lease } = await oneNumber()
    const telegram = await lease(ben, 'telegram')
    const before = await send({ number: phone, sender: 'WhatsApp', sms: 'WhatsApp 818-181' })
    expect(before.order_ids).toEqual([])
    expect(await seen(telegram)).not.toContain('818')
  })

  it('before or after an order is not in it, nor in the next one on the number', async () => {
    const { phone, lease } = await oneNumber()
    const early = await send({ number: phone, sender: 'WhatsApp', sms: 'WhatsApp code 121-212' })
    const first = await lease(ann, 'whatsapp')
    await cancelOrder(db, app.now(), first)
    const between = await send({ number: phone, sender: 'WhatsApp', sms: 'WhatsApp 131-313' })
    const next = await lease(ben, 'telegram')
    const late = await send({ number: phone, sender: 'WhatsApp', sms: 'WhatsApp 141-414' })
    expect([early, between, late].map((one) => one.order_ids)).toEqual([[], [], []])
    expect(await stateOf(early.id)).toEqual({ state: 'unmatched', account_id: null })
    expect(await stateOf(between.id)).toMatchObject({ state: 'late' })
    expect(await stateOf(late.id)).toMatchObject({ state: 'late' })
    for (const order of [first, next])
      expect(await seen(order)).toMatch(/"code":null,.*"messages":\[\]/)
    expect(await messagesOf(db, [first.id, next.id])).toEqual(new Map())
  })

  it('that comes when the window is over is kept and shown to nobody', async () => {
    const { phone, lease } = await oneNumber()
    const order = await lease(ann, 'whatsapp')
    server.advance(1_200)
    const { id, order_ids } = await send({
      number: phone,
      sender: 'WhatsApp',
      sms: 'WhatsApp 151515',
    })
    expect(order_ids).toEqual([])
    expect(await stateOf(id)).toMatchObject({ state: 'late' })
    expect(await seen(order)).not.toContain('151515')
  })

  it('reaches its own order alone, in any mix of leases and messages', {
    timeout: 300_000,
  }, async () => {
    const names = Object.keys(services) as ServiceName[]
    const act = fc.oneof(
      fc.record({ do: fc.constant('lease'), who: fc.nat({ max: 2 }), what: fc.nat({ max: 2 }) }),
      fc.record({ do: fc.constant('send'), who: fc.constant(0), what: fc.nat({ max: 2 }) }),
      fc.record({ do: fc.constant('cancel'), who: fc.nat({ max: 2 }), what: fc.nat({ max: 2 }) }),
    )
    let code = 100_000
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 15 }), async (acts) => {
        const { phone, lease } = await oneNumber()
        const leased = new Map<ServiceName, Order>()
        const open = new Map<ServiceName, Order>()
        const due = new Map<bigint, string[]>()
        for (const { do: what, who, what: index } of acts) {
          const name = names[index] as ServiceName
          if (what === 'lease' && !leased.has(name)) {
            const order = await lease([ann, ben, cyd][who] as number, name)
            leased.set(name, order)
            open.set(name, order)
          }
          const order = open.get(name)
          if (what === 'send') {
            const sms = `Your code is ${++code}`
            const sent = await send({ number: phone, sender: senders[name], sms })
            // Without signs it is for the service that takes any, else for the only one that is open;
            // with them for its own, and for the one that takes any only if its own never was here.
            // Without signs it may be the late one of a lease that has just ended: then it is nobody's.
            const only = open.size === 1 ? [...open.values()][0] : undefined
            const stand = name === 'other' ? only : leased.has(name) ? undefined : open.get('other')
            const inDoubt = name === 'other' && leased.size > open.size
            const owner = inDoubt ? undefined : (order ?? stand)
            expect(sent.order_ids).toEqual(owner ? ids(owner) : [])
            if (owner) due.set(owner.id, [...(due.get(owner.id) ?? []), String(code)])
          }
          if (what === 'cancel' && order && !due.has(order.id)) {
            await cancelOrder(db, app.now(), order)
            open.delete(name)
          }
        }
        const all = await messagesOf(
          db,
          [...leased.values()].map((order) => order.id),
        )
        expect(new Map([...all].map(([id, list]) => [id, list.map((one) => one.code)]))).toEqual(
          due,
        )
      }),
      { numRuns: attempts(20, 60) },
    )
    for (const accountId of [ann, ben, cyd]) {
      const orders = await listOrders(db, { accountId, limit: 1_000 })
      for (const order of orders) expect(order.messageCount > 0).toBe(order.code !== null)
    }
    await expectCleanAudit(db)
  })
})
