// Late codes as operators handle them: shown, corrected, assigned, purged and refunded.
import { describe, expect, it } from 'vitest'
import { refund } from '../../src/core/operating/orders.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { expectCleanAudit } from '../promises/market.ts'
import { insideOn } from './inside.ts'
import { jsonOf } from './program.ts'

type Order = {
  id: string
  number: number
  phone: string
  state: string
  code: string | null
  late_code_available: boolean
}

describe('an operator and late codes', async () => {
  const server = await testServer({ env: { NUMLET_CANCEL_COOLDOWN_S: '0' } })
  const { db, app } = server
  const { secret } = await testSupplier(db)
  const { key } = await testCustomer(db, { credit: '1000' })
  const numlet = insideOn(server.databaseUrl)
  const json = async (...args: string[]) => jsonOf(await numlet(...args, '--json'))
  const why = ['--reason', 'ticket 12']

  const post = async (path: string, body: object = {}) =>
    (await call<Order>(server, key, 'POST', path, body)).body
  const read = async ({ id }: Order) =>
    (await call<Order>(server, key, 'GET', `/v1/orders/${id}`)).body
  const claim = ({ id }: Order) => call<Order>(server, key, 'POST', `/v1/orders/${id}/claim`)
  const balance = async () =>
    (await call<{ balance: string }>(server, key, 'GET', '/v1/balance')).body.balance

  /** A cancelled order with a message after it. */
  async function withLate(sms: string) {
    const order = await post('/v1/orders', { service: 'whatsapp', country: 'US' })
    await post(`/v1/orders/${order.id}/cancel`)
    const { body } = await call<{ message_id: string }>(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number: order.phone, sender: 'WhatsApp', sms },
    })
    return { order, message: body.message_id }
  }

  it('sees in an order until when its late code can be claimed, and when it was', async () => {
    const { order } = await withLate('Your WhatsApp code: 593-821')
    const before = await json('orders', 'show', order.id)
    expect(before).toMatchObject({
      state: 'cancelled',
      late_until: expect.any(String),
      claimed_at: null,
      messages: [{ state: 'late', has_code: true }],
    })
    expect(JSON.stringify(before)).not.toContain('593')
    await claim(order)
    const after = await json('orders', 'show', order.id, ...why)
    expect(after).toMatchObject({ code: '593821', messages: [{ state: 'claimed' }] })
    expect(after.claimed_at).toEqual(expect.any(String))
    expect(after.timeline.map(({ type }: { type: string }) => type)).toEqual(
      expect.arrayContaining(['order.late_code', 'message.received', 'order.claimed']),
    )
    expect(after.transfers.map(({ kind }: { kind: string }) => kind).sort()).toEqual(
      ['hold', 'void', 'hold', 'post'].sort(),
    )
    expect(await json('messages', 'astray')).not.toContainEqual(
      expect.objectContaining({ message_id: after.messages[0].id }),
    )
  })

  it('makes a code to claim, or takes it away, by correcting a message', async () => {
    const { order, message } = await withLate('Your WhatsApp is ready. Say lemon.')
    expect(await read(order)).toMatchObject({ late_code_available: false })
    expect(await json('messages', 'correct', message, '--code', 'lemon', ...why)).toMatchObject({
      changed: true,
    })
    expect(await read(order)).toMatchObject({ late_code_available: true, code: null })
    await json('messages', 'correct', message, '--no-code', ...why)
    expect(await read(order)).toMatchObject({ late_code_available: false })
    expect((await claim(order)).status).toBe(409)
    await json('messages', 'correct', message, '--code', 'lemon', ...why)
    expect((await claim(order)).body).toMatchObject({ code: 'lemon', state: 'cancelled' })
    // What was paid for is corrected like any other message of the order.
    await json('messages', 'correct', message, '--code', 'ready', ...why)
    expect(await read(order)).toMatchObject({ code: 'ready' })
    await expectCleanAudit(db)
  })

  it('gives a late message away for nothing, unless it was claimed', async () => {
    const { order, message } = await withLate('Your WhatsApp code: 593-821')
    const money = await balance()
    const assign = (to: Order) =>
      numlet('messages', 'assign', message, '--order', to.id, ...why, '--json')
    expect(jsonOf(await assign(order))).toMatchObject({ changed: true })
    expect(await read(order)).toMatchObject({ code: '593821', late_code_available: false })
    expect((await claim(order)).status).toBe(409)
    expect(await balance()).toBe(money)

    const other = await withLate('Your WhatsApp code: 111-222')
    await claim(other.order)
    const again = await numlet(
      ...['messages', 'assign', other.message, '--order', other.order.id, ...why, '--json'],
    )
    expect(jsonOf(again)).toMatchObject({ changed: false })
    const away = await numlet(
      ...['messages', 'assign', other.message, '--order', order.id, ...why, '--json'],
    )
    expect(away).toMatchObject({ code: 1, stderr: expect.stringContaining('another order') })
    await expectCleanAudit(db)
  })

  it('purges a late code, which then cannot be claimed, and one that was claimed', async () => {
    const { order } = await withLate('Your WhatsApp code: 593-821')
    await json('messages', 'purge', '--order', order.id, ...why)
    expect(await read(order)).toMatchObject({ late_code_available: false })
    expect((await claim(order)).status).toBe(409)
    const claimed = await withLate('Your WhatsApp code: 111-222')
    await claim(claimed.order)
    await json('messages', 'purge', '--order', claimed.order.id, ...why)
    expect(await read(claimed.order)).toMatchObject({ code: null, messages: [{ text: null }] })
    await expectCleanAudit(db)
  })

  it('refunds what was paid for a late code, once', async () => {
    const money = await balance()
    const { order } = await withLate('Your WhatsApp code: 593-821')
    await claim(order)
    expect(await balance()).not.toBe(money)
    const by = { actor: 'tester', reason: 'ticket 12' }
    const back = () => refund(db, app.now(), by, BigInt(order.number))
    expect(await back()).toMatchObject({ changed: true })
    expect(await back()).toMatchObject({ changed: false })
    expect(await balance()).toBe(money)
    await expectCleanAudit(db)
  })
})
