// Late codes: a code that came after its activation was over is offered, and shown once it is paid for.
import { describe, expect, it } from 'vitest'
import { purgeTexts } from '../../src/core/messages/retention.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'
import { expectCleanAudit } from '../promises/market.ts'

type Order = {
  id: string
  number: number
  phone: string
  state: string
  price: string
  code: string | null
  messages: { code: string | null; text: string | null }[]
  late_code_available: boolean
  claimed_at: string | null
}

const dayS = 24 * 60 * 60
const text = 'Your WhatsApp code: 593-821'

describe('a late code', async () => {
  const server = await testServer()
  const { db, app } = server
  const { secret } = await testSupplier(db)
  const { key } = await testCustomer(db, { credit: '1000' })

  const post = <T = Order>(path: string, body: object = {}, who = key) =>
    call<T>(server, who, 'POST', path, body)
  const buy = async (wanted: object = { service: 'whatsapp', country: 'US' }, who = key) =>
    (await post('/v1/orders', wanted, who)).body
  const read = async ({ id }: Pick<Order, 'id'>, who = key) =>
    (await call<Order>(server, who, 'GET', `/v1/orders/${id}`)).body
  const claim = ({ id }: Pick<Order, 'id'>, who = key) => post(`/v1/orders/${id}/claim`, {}, who)
  const send = async (number: string, sms = text, more: object = { sender: 'WhatsApp' }) =>
    (
      await call<{ order_ids: string[] }>(server, secret, 'POST', '/api/callback', {
        event: 'incoming_message',
        message: { number, sms, ...more },
      })
    ).body.order_ids
  const balance = async (who = key) =>
    Number((await call<{ balance: string }>(server, who, 'GET', '/v1/balance')).body.balance)
  const eventsOf = async ({ number }: Order) =>
    (
      await db.query<{ type: string }>(
        'select type from events where order_id = $1 order by epoch, xid, id',
        [number],
      )
    ).map(({ type }) => type)

  async function cancelled(wanted?: object, who = key): Promise<Order> {
    const order = await buy(wanted, who)
    server.advance(121)
    return (await post(`/v1/orders/${order.id}/cancel`, {}, who)).body
  }

  it('is offered and not shown, and shown for the price of the order', async () => {
    const order = await cancelled()
    expect(order).toMatchObject({ late_code_available: false, claimed_at: null })
    const before = await balance()
    expect(await send(order.phone)).toEqual([])
    const offered = await read(order)
    expect(offered).toEqual({ ...order, late_code_available: true })
    expect(await balance()).toBe(before)
    const { status, body } = await claim(order)
    expect(status).toBe(200)
    expect(body).toEqual({
      ...order,
      code: '593821',
      messages: [expect.objectContaining({ code: '593821', text })],
      claimed_at: server.app.now().toISOString(),
    })
    expect(await balance()).toBeCloseTo(before - Number(order.price), 4)
    expect(await eventsOf(order)).toEqual([
      'order.created',
      'order.cancelled',
      'order.refunded',
      'order.late_code',
      'message.received',
      'order.claimed',
    ])
    expect(await claim(order)).toEqual(expect.objectContaining({ status: 200, body }))
    expect(await balance()).toBeCloseTo(before - Number(order.price), 4)
    await expectCleanAudit(db)
  })

  it('is in the list of orders and in the events as in the order itself', async () => {
    const order = await cancelled()
    await send(order.phone)
    const { body } = await call<{ data: Order[] }>(server, key, 'GET', '/v1/orders?limit=1')
    expect(body.data[0]).toMatchObject({ id: order.id, late_code_available: true, messages: [] })
  })

  it('is paid for with all further ones of its day', async () => {
    const order = await cancelled()
    await send(order.phone)
    await claim(order)
    const paid = await balance()
    expect(await send(order.phone, 'Your WhatsApp code: 111-222')).toEqual([order.id])
    expect(await read(order)).toMatchObject({
      state: 'cancelled',
      code: '111222',
      messages: [{ code: '593821' }, { code: '111222' }],
      late_code_available: false,
    })
    expect((await eventsOf(order)).slice(-2)).toEqual(['order.claimed', 'message.received'])
    server.advance(dayS)
    expect(await send(order.phone, 'Your WhatsApp code: 333-444')).toEqual([])
    expect((await read(order)).messages).toHaveLength(2)
    expect(await balance()).toBe(paid)
    await expectCleanAudit(db)
  })

  it('that comes before an overdue order is closed is offered once it is', async () => {
    const order = await buy()
    server.advance(1_201)
    await send(order.phone)
    expect(await read(order)).toMatchObject({ state: 'waiting', late_code_available: false })
    expect(await claim(order)).toMatchObject({ status: 409, body: { code: 'order_not_claimable' } })
    await app.orders.endOverdue()
    expect(await read(order)).toMatchObject({ state: 'expired', late_code_available: true })
    expect((await eventsOf(order)).slice(1)).toEqual([
      'order.expired',
      'order.refunded',
      'order.late_code',
    ])
    expect((await claim(order)).body).toMatchObject({ state: 'expired', code: '593821' })
  })

  it('is offered for a day', async () => {
    const order = await cancelled()
    await send(order.phone)
    server.advance(dayS)
    expect(await read(order)).toMatchObject({ late_code_available: false })
    expect(await claim(order)).toMatchObject({ status: 409, body: { code: 'order_not_claimable' } })
    const slow = await cancelled()
    server.advance(dayS)
    await send(slow.phone)
    expect(await read(slow)).toMatchObject({ late_code_available: false })
  })

  it('is none without a code, for an order that is open or finished, or for several services', async () => {
    const none = await cancelled()
    await send(none.phone, 'Welcome to WhatsApp!')
    const open = await buy()
    const finished = await buy()
    await send(finished.phone)
    await post(`/v1/orders/${finished.id}/finish`)
    await send(finished.phone, 'Your WhatsApp code: 111-222')
    const several = await cancelled({ services: ['whatsapp', 'telegram'], country: 'US' })
    await send(several.phone)
    for (const order of [none, open, finished, several]) {
      expect(await read(order)).toMatchObject({ late_code_available: false })
      expect(await claim(order)).toMatchObject({
        status: 409,
        body: { code: 'order_not_claimable' },
      })
    }
    const { key: other } = await testCustomer(db)
    expect(await claim(none, other)).toMatchObject({ status: 404 })
  })

  it('is nobody’s if it may be for another order', async () => {
    const { slug, country, id: serviceId } = await ownService(db, { numbers: 1 })
    const order = await cancelled({ service: slug, country })
    // Another order of the number ended within the day, and nothing in the text says whose it is.
    await db.query(
      `insert into leases (order_id, service_id, account_id, number_id, shelf_id, starts_at, until, ended_at)
       select order_id + 1000000000, service_id + 1, account_id, number_id, shelf_id, starts_at, until,
              ended_at
         from leases where order_id = $1`,
      [order.number],
    )
    await send(order.phone, 'The code is 471100', { sender: 'Info' })
    expect(await read(order)).toMatchObject({ late_code_available: false })
    // The supplier says whose it is, but the number was let again for the service.
    await db.query(
      `update leases set service_id = $2, ended_at = ended_at + interval '1 s' where order_id = $1`,
      [order.number + 1_000_000_000, serviceId],
    )
    await send(order.phone, 'The code is 471200', { sender: 'Info', order_id: order.id })
    expect(await read(order)).toMatchObject({ late_code_available: false })
    await db.query('delete from leases where order_id = $1', [order.number + 1_000_000_000])
    await send(order.phone, 'The code is 471300', { sender: 'Info', order_id: order.id })
    expect((await claim(order)).body).toMatchObject({
      code: '471300',
      messages: [{ code: '471300' }],
    })
  })

  it('is refused without the money, and stays', async () => {
    const poor = await testCustomer(db, { credit: '2' })
    const wanted = { service: 'whatsapp', country: 'US' }
    const order = await cancelled(wanted, poor.key)
    await send(order.phone)
    await db.query(`update ledger_accounts set balance = balance - 20000 where account_id = $1`, [
      poor.accountId,
    ])
    expect(await claim(order, poor.key)).toMatchObject({
      status: 402,
      body: { code: 'insufficient_balance' },
    })
    expect(await read(order, poor.key)).toMatchObject({ late_code_available: true, code: null })
    await db.query(`update ledger_accounts set balance = balance + 20000 where account_id = $1`, [
      poor.accountId,
    ])
    expect((await claim(order, poor.key)).body).toMatchObject({ code: '593821' })
    await expectCleanAudit(db)
  })

  it('is gone with its text', async () => {
    const order = await cancelled()
    await send(order.phone)
    const later = new Date(app.now().getTime() + 1_000)
    await purgeTexts(db, later, later)
    expect(await read(order)).toMatchObject({ late_code_available: false })
    expect(await claim(order)).toMatchObject({ status: 409 })
    await expectCleanAudit(db)
  })

  it('keeps no purged code in the order that has been finished', async () => {
    const order = await buy()
    await send(order.phone)
    await post(`/v1/orders/${order.id}/finish`)
    server.advance(60)
    const between = app.now()
    server.advance(60)
    await send(order.phone, 'Your WhatsApp code: 111-222')
    expect(await read(order)).toMatchObject({ code: '593821' })
    await purgeTexts(db, app.now(), between)
    expect(await read(order)).toMatchObject({ code: null, messages: [{ code: null, text: null }] })
    await expectCleanAudit(db)
  })

  it('is claimed once for each Idempotency-Key, too', async () => {
    const order = await cancelled()
    await send(order.phone)
    const headers = { 'idempotency-key': 'claim-1' }
    const before = await balance()
    const ask = () => call(server, key, 'POST', `/v1/orders/${order.id}/claim`, {}, headers)
    const answers = await Promise.all(Array.from({ length: 5 }, ask))
    for (const { status } of answers) expect([200, 409]).toContain(status)
    expect(await ask()).toMatchObject({ status: 200, body: { code: '593821' } })
    expect(await balance()).toBeCloseTo(before - Number(order.price), 4)
  })
})
