// Orders with more messages than one response shows.
import { describe, expect, it } from 'vitest'
import { createKey } from '../../src/core/accounts/keys.ts'
import { messageOfEvent } from '../../src/core/webhooks/message.ts'
import { eventData } from '../../src/dialects/native/event-wire.ts'
import { call } from '../harness/server.ts'
import { handlerServer } from './handler-api/asking.ts'

type Rental = { phone: { id: number; number: string } }
type Shown = { number: number; messages: { id: string; text: string; code: string | null }[] }

describe('an order with thousands of messages', async () => {
  const { server, receive, customer } = await handlerServer()
  const { app, db } = server
  const who = await customer()
  const { key } = await createKey(db, app.now(), { accountId: who.accountId, scopes: ['read'] })

  /** A rental whose first message came through the door, and as many as these after it. */
  async function rental(later: number) {
    const { phone } = await who.json<Rental>('getRentNumber', {
      service: 'wa',
      country: 187,
      rent_time: 72,
    })
    await receive(phone.number, 'WhatsApp code 111-222')
    await db.query(
      `insert into messages (supplier_id, channel, state, phone, number_id, sender, text, order_id,
         service_id, account_id, received_at)
       select supplier_id, channel, state, phone, number_id, sender, 'note ' || n, order_id,
              service_id, account_id, received_at
         from messages, generate_series(1, $2) n where order_id = $1`,
      [phone.id, later],
    )
    await db.query('update orders set message_count = message_count + $2 where id = $1', [
      phone.id,
      later,
    ])
    return phone.id
  }

  const read = async (id: number) => {
    const { body } = await call<Shown>(server, key, 'GET', `/v1/orders/${id}`)
    return body.messages.map((one) => one.text)
  }

  it('shows the newest 1,000, oldest first', async () => {
    const texts = await read(await rental(2_500))
    expect(texts).toHaveLength(1_000)
    expect([texts[0], texts.at(-1)]).toEqual(['note 1501', 'note 2500'])
  })

  it('shows all of them page by page, where the protocol has pages', async () => {
    const id = await rental(1_499)
    const page = (number: number) =>
      who.json<{ quantity: string; values: Record<string, { text: string }> }>('getRentStatus', {
        id,
        page: number,
        size: 100,
      })
    expect(await page(1)).toMatchObject({ quantity: '1500', values: { 0: { text: 'note 1499' } } })
    const { values } = await page(15)
    expect(Object.keys(values)).toHaveLength(100)
    expect(values[99]?.text).toBe('WhatsApp code 111-222')
    expect((await page(16)).values).toEqual({})
  })

  it('reports each of them, however many newer ones there are', async () => {
    const id = BigInt(await rental(1_200))
    const events = await db.query<{ id: bigint; type: string; data: { message_id: number } }>(
      `select id, type, data from events where order_id = $1 and type = any($2) order by id`,
      [id, ['message.received', 'order.code_received']],
    )
    expect(events).toHaveLength(2)
    const { accountId } = who
    for (const event of events) {
      const told = { ...event, accountId, orderId: id, createdAt: app.now() } as never
      expect(await messageOfEvent(app, told)).toMatchObject({ message: { code: '111222' } })
      if (event.type === 'message.received')
        expect(await eventData(app, told)).toMatchObject({ message: { code: '111222' } })
    }
  })

  it('shows fewer if they are large', async () => {
    const id = await rental(0)
    await db.query(
      `insert into messages (supplier_id, channel, state, phone, number_id, sender, text, order_id,
         service_id, account_id, received_at)
       select supplier_id, channel, state, phone, number_id, sender, rpad('note ' || n, 19000, '.'),
              order_id, service_id, account_id, received_at
         from messages, generate_series(1, 300) n where order_id = $1`,
      [id],
    )
    await db.query('update orders set message_count = 301 where id = $1', [id])
    const texts = await read(id)
    expect(texts.map((text) => text.replaceAll('.', '')).at(-1)).toBe('note 300')
    expect(texts).toHaveLength(Math.ceil(2_000_000 / 19_000))
  })
})
