// O2: the same number, sender and text within seconds is one message, whatever ids its gateways gave it.
import { describe, expect, it } from 'vitest'
import { purgeTexts } from '../../src/core/messages/retention.ts'
import { listUndelivered } from '../../src/core/messages/undelivered.ts'
import { call, serverOn, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'
import { expectCleanAudit } from '../promises/market.ts'

type Receipt = { message_id: string; order_ids: string[] }
type Order = {
  id: string
  number: number
  phone: string
  state: string
  code: string | null
  messages: unknown[]
  resend_count: number
  resend_pending: boolean
}

const env = { NUMLET_CANCEL_COOLDOWN_S: '0', NUMLET_SIMULATOR_AUTO: '0' }

describe('O2: a text that comes twice within seconds', async () => {
  const server = await testServer({ env })
  const { app, db } = server
  const twin = await serverOn(server.databaseUrl, env)
  const advance = (seconds: number) => {
    for (const node of [server, twin]) node.advance(seconds)
  }
  const { secret } = await testSupplier(db)
  const other = await testSupplier(db, 'second-gateway')
  const { key, accountId } = await testCustomer(db, { credit: '1000' })
  const { key: protocolKey } = await testCustomer(db, { credit: '1000', scopes: ['handler-api'] })

  const native = async (method: string, path: string, body?: unknown) => {
    const reply = await call<Order>(server, key, method, `/v1/orders${path}`, body)
    expect(reply.status).toBeLessThan(300)
    return reply.body
  }
  const buy = (selection: Record<string, unknown> = { service: 'whatsapp' }) =>
    native('POST', '', { country: 'US', ...selection })
  const seen = (id: string) => native('GET', `/${id}`)
  const sms = 'Your WhatsApp code: 593-821'
  let ids = 0
  const send = async (
    message: { number: string } & Record<string, unknown>,
    from: { at?: { url: string }; secret?: string } = {},
  ) => {
    const body = {
      event: 'incoming_message',
      message: { id: `gateway-${++ids}`, sender: 'WhatsApp', sms, ...message },
    }
    const at = from.at ?? server
    const reply = await call<Receipt>(at, from.secret ?? secret, 'POST', '/api/callback', body)
    expect(reply.status).toBe(200)
    return reply.body
  }
  const storedAs = async (phone: string) =>
    (
      await db.query<{ state: string }>('select state from messages where phone = $1 order by id', [
        phone,
      ])
    ).map((row) => row.state)
  const eventsOf = async () => {
    const [row] = await db.query<{ events: number }>(
      'select count(*)::int as events from events where account_id = $1',
      [accountId],
    )
    return row?.events
  }

  it('is answered as the first was, and is told to nobody', async () => {
    const { id, phone } = await buy()
    const first = await send({ number: phone })
    const before = await eventsOf()
    const order = await seen(id)
    advance(1)
    expect(await send({ number: phone })).toEqual(first)
    expect(first.order_ids).toEqual([id])
    expect(await seen(id)).toEqual(order)
    expect(order).toMatchObject({ code: '593821', messages: [{}] })
    expect(await eventsOf()).toBe(before)
    expect(await storedAs(phone)).toEqual(['delivered', 'repeat'])
  })

  it('is kept for the operator', async () => {
    const { phone } = await buy()
    await send({ number: phone })
    await send({ number: phone })
    expect(await listUndelivered(db, 1)).toMatchObject([{ state: 'repeat', phone, orderId: null }])
  })

  it('ends no wait for another code, in any API', async () => {
    const { id, number, phone } = await buy()
    await send({ number: phone })
    await native('POST', `/${id}/resend`)
    advance(1)
    await send({ number: phone })
    expect(await seen(id)).toMatchObject({ resend_pending: true, resend_count: 1 })
    const check = `/otpzap/api/v1/order/check?order_id=${number}`
    const zap = await call<{ data: Record<string, unknown> }>(server, key, 'GET', check)
    expect(zap.body.data).toMatchObject({ resend_locked_until: expect.any(String) })
    expect(zap.body.data.otps).toHaveLength(1)
    await send({ number: phone, sms: 'Your WhatsApp code: 111-222' })
    expect(await seen(id)).toMatchObject({ resend_pending: false, code: '111222' })
  })

  it('ends no wait of setStatus=3', async () => {
    const protocol = async (query: string) => {
      const url = `${server.url}/stubs/handler_api.php?api_key=${protocolKey}&${query}`
      return (await fetch(url)).text()
    }
    const got = await protocol('action=getNumber&service=wa&country=187')
    const [, id, digits] = got.split(':') as [string, string, string]
    const number = `+${digits}`
    await send({ number })
    expect(await protocol(`action=getStatus&id=${id}`)).toBe('STATUS_OK:593821')
    expect(await protocol(`action=setStatus&id=${id}&status=3`)).toBe('ACCESS_RETRY_GET')
    advance(1)
    await send({ number })
    expect(await protocol(`action=getStatus&id=${id}`)).toMatch(/^STATUS_WAIT_RETRY/)
    await send({ number, sms: 'Your WhatsApp code: 111-222' })
    expect(await protocol(`action=getStatus&id=${id}`)).toBe('STATUS_OK:111222')
  })

  it.each([
    ['9.9 seconds later', 9.9, ['delivered', 'repeat']],
    ['10.1 seconds later', 10.1, ['delivered', 'delivered']],
  ])('is one message for ten seconds: %s', async (_, seconds, states) => {
    const { phone } = await buy()
    await send({ number: phone })
    advance(seconds)
    await send({ number: phone })
    expect(await storedAs(phone)).toEqual(states)
  })

  it('is measured from the first: repeats do not prolong it', async () => {
    const { phone } = await buy()
    for (const seconds of [0, 6, 6]) {
      advance(seconds)
      await send({ number: phone })
    }
    expect(await storedAs(phone)).toEqual(['delivered', 'repeat', 'delivered'])
  })

  it('is the same with other white space, wide digits and another case of the sender', async () => {
    const { phone } = await buy()
    const first = await send({ number: phone })
    const same = [
      { sms: ` Your  WhatsApp code:\r\n593-821\n` },
      { sms: 'Your WhatsApp code: ５９３-８２１' },
      { sender: ' whatsapp ' },
      { number: phone.slice(1) },
    ]
    for (const one of same) expect(await send({ number: phone, ...one })).toEqual(first)
    const different = [{ sms: sms.toUpperCase() }, { sender: 'WhatsApp2' }]
    for (const one of different)
      expect((await send({ number: phone, ...one })).message_id).not.toBe(first.message_id)
  })

  it('is one message from two gateways of one number, with an id or without', async () => {
    const { id, phone } = await buy()
    const first = await send({ number: phone })
    expect(await send({ number: phone }, { secret: other.secret })).toEqual(first)
    expect(await send({ number: phone, id: null }, { secret: other.secret })).toEqual(first)
    expect((await seen(id)).messages).toHaveLength(1)
  })

  it('is answered with the first also when the repeat itself is sent again', async () => {
    const { phone } = await buy()
    const first = await send({ number: phone })
    expect(await send({ number: phone, id: 'repeat-1' })).toEqual(first)
    advance(3_000)
    expect(await send({ number: phone, id: 'repeat-1' })).toEqual(first)
  })

  it('goes by its id alone where that is known: an old one returns beside a new one', async () => {
    const { phone } = await buy()
    const old = await send({ number: phone, id: 'old-1' })
    advance(11)
    const replies = await Promise.all([
      send({ number: phone, id: 'old-1' }),
      send({ number: phone, id: 'new-1' }),
      send({ number: phone, id: 'old-1' }),
    ])
    expect(replies.map((one) => one.message_id === old.message_id)).toEqual([true, false, true])
    expect(await storedAs(phone)).toEqual(['delivered', 'delivered'])
  })

  it('is one message when many come at once, on two nodes', { timeout: 300_000 }, async () => {
    for (let round = 0; round < 20; round++) {
      const { id, phone } = await buy()
      const receipts = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          send({ number: phone }, { at: index % 2 ? twin : server }),
        ),
      )
      expect(new Set(receipts.map((one) => one.message_id)).size).toBe(1)
      expect((await seen(id)).messages).toHaveLength(1)
      expect((await storedAs(phone)).filter((state) => state !== 'repeat')).toHaveLength(1)
    }
  })

  it('is not given to an order that began in between', async () => {
    const { slug, country, phones } = await ownService(db, { numbers: 1 })
    const [phone] = phones as [string]
    const message = { number: phone, sender: '12345', sms: 'Your code is 44556' }
    const early = await send(message)
    expect(early.order_ids).toEqual([])
    advance(2)
    const { id } = await buy({ service: slug, country })
    expect(await send(message)).toEqual(early)
    expect(await seen(id)).toMatchObject({ phone, code: null, messages: [] })
    expect(await storedAs(phone)).toEqual(['unmatched', 'repeat'])
    expect((await send({ ...message, sms: 'Your code is 44557' })).order_ids).toEqual([id])
  })

  it('is not late twice', async () => {
    const { id, phone } = await buy()
    await native('POST', `/${id}/cancel`)
    const late = await send({ number: phone })
    expect(await send({ number: phone })).toEqual(late)
    expect(await storedAs(phone)).toEqual(['late', 'repeat'])
  })

  it('is one message for a rental and for several services, too', async () => {
    const rental = await buy({ kind: 'rental', service: 'whatsapp', duration: '1d' })
    const several = await buy({ services: ['whatsapp', 'telegram'] })
    for (const { id, phone } of [rental, several]) {
      const first = await send({ number: phone })
      expect(await send({ number: phone })).toEqual(first)
      expect((await seen(id)).messages).toHaveLength(1)
    }
  })

  it('is purged with its text, and its fingerprint with it', async () => {
    const { id, phone } = await buy()
    await send({ number: phone })
    await send({ number: phone })
    await native('POST', `/${id}/finish`)
    await purgeTexts(db, app.now(), new Date(app.now().getTime() + 1))
    expect(
      await db.query(
        `select text, fingerprint, code from messages where phone = $1 group by 1, 2, 3`,
        [phone],
      ),
    ).toEqual([{ text: null, fingerprint: null, code: null }])
    await expectCleanAudit(db)
  })
})
