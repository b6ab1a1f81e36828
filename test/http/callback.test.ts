// POST /api/callback: how messages come in, and what suppliers may get wrong.
import { describe, expect, it } from 'vitest'
import { rotateSecret, setSupplierState } from '../../src/core/inventory/suppliers.ts'
import { maxTextLength } from '../../src/core/messages/store.ts'
import { referenceOf } from '../harness/documented.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { stateOf } from '../harness/state.ts'

type Receipt = { message_id: string; order_ids: string[] }
type Order = { id: string; number: number; phone: string; code: string | null; messages: unknown[] }

describe('POST /api/callback', async () => {
  const server = await testServer()
  const reference = await referenceOf(server)
  const { secret } = await testSupplier(server.db)
  const { key } = await testCustomer(server.db, { credit: '1000' })

  const send = async (message: unknown, bearer: string | null = secret) => {
    const body = { event: 'incoming_message', message }
    const reply = await call<Receipt>(server, bearer, 'POST', '/api/callback', body)
    reference.check('POST', '/api/callback', reply)
    return reply
  }
  const buy = async (service = 'whatsapp') =>
    (await call<Order>(server, key, 'POST', '/v1/orders', { service, country: 'US' })).body
  const order = async (id: string) =>
    (await call<Order>(server, key, 'GET', `/v1/orders/${id}`)).body
  const stored = async (id: string) => {
    const [row] = await server.db.query<{ state: string; text: string; supplier_ref: string }>(
      'select state, text, supplier_ref from messages where id = $1',
      [server.app.ids.fromToken('msg', id)],
    )
    return row
  }
  const sms = 'Your WhatsApp code: 593-821'

  it('takes only a supplier’s secret, and says no more to anything else', async () => {
    const { phone } = await buy()
    const before = await stateOf(server.db)
    for (const bearer of [null, 'x', key, secret.slice(0, -1), `${secret}x`]) {
      const reply = await send({ number: phone, sender: 'WhatsApp', sms }, bearer)
      expect(reply).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
      expect(reply.headers.get('www-authenticate')).toBe('Bearer')
    }
    expect(await stateOf(server.db)).toEqual(before)
    expect((await call(server, secret, 'GET', '/v1/balance')).status).toBe(401)
  })

  it('stops taking an old secret when there is a new one, and those of a disabled supplier', async () => {
    const { phone } = await buy()
    const old = await testSupplier(server.db, 'rotating')
    const message = { number: phone, sender: 'WhatsApp', sms }
    expect((await send(message, old.secret)).status).toBe(200)
    const { secret: fresh } = await rotateSecret(server.db, 'rotating')
    expect((await send(message, old.secret)).status).toBe(401)
    expect((await send(message, fresh)).status).toBe(200)
    await setSupplierState(server.db, 'rotating', 'off')
    expect((await send(message, fresh)).status).toBe(401)
  })

  it('has stored a message, and its code, before it says so', async () => {
    const { id, phone } = await buy()
    const { status, body } = await send({ number: phone, sender: 'WhatsApp', sms })
    expect(status).toBe(200)
    expect(body).toStrictEqual({
      message_id: expect.stringMatching(/^msg_[0-9a-z]{11}$/),
      order_ids: [id],
    })
    expect(await stored(body.message_id)).toMatchObject({ state: 'delivered', text: sms })
    expect((await order(id)).code).toBe('593821')
  })

  it('reads a number with a plus, without, with zeros, spaces or dashes, and as a JSON number', async () => {
    const { id, phone } = await buy()
    const digits = phone.slice(1)
    const spaced = `+${digits[0]} (${digits.slice(1, 4)}) ${digits.slice(4, 7)}-${digits.slice(7)}`
    for (const number of [phone, digits, `00${digits}`, spaced, Number(digits)])
      expect((await send({ number, sender: 'WhatsApp', sms })).body.order_ids).toEqual([id])
  })

  it('stores a message with an id once, for each supplier', async () => {
    const { id, phone } = await buy()
    const message = { id: 'sms-1', number: phone, sender: 'WhatsApp', sms }
    const first = await send(message)
    const replies = await Promise.all(Array.from({ length: 5 }, () => send(message)))
    for (const reply of replies) expect(reply.body).toEqual(first.body)
    expect((await send({ ...message, sms: 'another text 111-222' })).body).toEqual(first.body)
    expect((await order(id)).messages).toHaveLength(1)
    const other = await testSupplier(server.db, 'another')
    const theirs = await send({ ...message, sms: 'theirs: 333-444' }, other.secret)
    expect(theirs.body.message_id).not.toBe(first.body.message_id)
  })

  it('takes ids as numbers', async () => {
    const { phone } = await buy()
    const message = { id: 81_723, number: phone, sender: 'WhatsApp', sms }
    const first = await send(message)
    expect((await stored(first.body.message_id))?.supplier_ref).toBe('81723')
    expect((await send({ ...message, id: '81723' })).body).toEqual(first.body)
  })

  it.each([0, '0', '', ' ', 'null', 'NULL', 'undefined', 'none', '-1', -1, null, undefined])(
    'takes the id %j for none',
    async (messageId) => {
      const { id, phone } = await buy()
      const message = { id: messageId, number: phone, sender: 'WhatsApp' }
      await send({ ...message, sms: 'Your WhatsApp code: 111-222' })
      await send({ ...message, sms: 'Your WhatsApp code: 333-444' })
      expect(await order(id)).toMatchObject({ code: '333444', messages: [{}, {}] })
    },
  )

  it('keeps what is for no number of ours, or for no number at all', async () => {
    for (const number of ['+19995550123', 'short', '', '\u0000', '*100#', 42]) {
      const { status, body } = await send({ number, sender: 'X', sms: 'a code 1234' })
      expect({ status, order_ids: body.order_ids }).toEqual({ status: 200, order_ids: [] })
      expect((await stored(body.message_id))?.state).toBe('unmatched')
    }
  })

  it('keeps what comes late, and shows it to nobody', async () => {
    const { id, phone } = await buy()
    server.advance(1_300)
    const { body } = await send({ number: phone, sender: 'WhatsApp', sms })
    expect(body.order_ids).toEqual([])
    expect((await stored(body.message_id))?.state).toBe('late')
    expect(await order(id)).toMatchObject({ code: null, messages: [] })
  })

  it('believes the order and the service that the supplier names', async () => {
    const { id, number, phone } = await buy()
    const text = 'the code is 4711'
    for (const order_id of [id, number, String(number)])
      expect((await send({ number: phone, sms: text, order_id })).body.order_ids).toEqual([id])
    const named = await send({ number: phone, sms: text, service: 'WhatsApp', type: 'str' })
    expect(named.body.order_ids).toEqual([id])
    const wrong = { number: phone, sms: text, service: 'nonsense', order_id: 'nonsense' }
    expect((await send(wrong)).status).toBe(200)
  })

  it('does not give a message to an order of another number', async () => {
    const mine = await buy()
    const theirs = await buy()
    const { body } = await send({ number: theirs.phone, sms, order_id: mine.id })
    expect(body.order_ids).not.toContain(mine.id)
    expect((await order(mine.id)).messages).toEqual([])
  })

  it('takes long texts whole, and refuses longer ones', async () => {
    const { id, phone } = await buy()
    const long = `Your WhatsApp code: 593-821 ${'é'.repeat(maxTextLength)}`.slice(0, maxTextLength)
    const { body } = await send({ number: phone, sender: 'WhatsApp', sms: long })
    expect(body.order_ids).toEqual([id])
    expect((await stored(body.message_id))?.text).toBe(long)
    expect(await send({ number: phone, sms: `${long}x` })).toMatchObject({
      status: 422,
      body: { code: 'invalid_request', errors: [{ pointer: '/message/sms' }] },
    })
  })

  it('stores texts with characters that a database refuses', async () => {
    const { phone } = await buy()
    const { status, body } = await send({
      number: phone,
      sender: 'Whats\u0000App',
      sms: 'Your\u0000 WhatsApp code: 593-821 \ud800',
    })
    expect(status).toBe(200)
    expect((await stored(body.message_id))?.text).toBe('Your WhatsApp code: 593-821 �')
  })

  it('names what is wrong in a message', async () => {
    const { phone } = await buy()
    const pointers = async (message: unknown) => {
      const { status, body } = await send(message)
      expect(status).toBe(422)
      return (body as unknown as { errors: { pointer: string }[] }).errors.map((it) => it.pointer)
    }
    expect(await pointers(undefined)).toEqual(['/message'])
    expect(await pointers({})).toEqual(['/message/number', '/message/sms'])
    expect(await pointers({ number: phone, sms: 7 })).toEqual(['/message/sms'])
    expect(await pointers({ number: -1, sms })).toEqual(['/message/number'])
    const other = await call(server, secret, 'POST', '/api/callback', { event: 'other' })
    expect(other.status).toBe(422)
  })
})
