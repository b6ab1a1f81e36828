// The links that a message wants followed, in every place where the API shows the message.
import { describe, expect, it } from 'vitest'
import { purgeTexts } from '../../src/core/messages/retention.ts'
import { assignMessage } from '../../src/core/operating/assign-message.ts'
import { referenceOf } from '../harness/documented.ts'
import { sendMail, testMailServer } from '../harness/mail.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'
import { listen } from '../harness/stream.ts'

type Message = { id: string; code: string | null; links: { url: string; text: string | null }[] }
type Order = {
  id: string
  number: number
  phone: string
  email: string
  state: string
  code: string | null
  messages: Message[]
}

describe('links of messages', async () => {
  const server = await testServer()
  const { db, app } = server
  const reference = await referenceOf(server)
  const { secret } = await testSupplier(db)
  const { key } = await testCustomer(db)
  const own = await ownService(db, { numbers: 10 })

  const ask = async <T>(method: string, path: string, body?: unknown) => {
    const reply = await call<T>(server, key, method, path, body)
    reference.check(method, path, reply)
    return reply
  }
  const buy = async (wanted: object = { service: own.slug, country: own.country }) => {
    const { status, body } = await ask<Order>('POST', '/v1/orders', wanted)
    expect({ status, body }).toMatchObject({ status: 201 })
    return body
  }
  const read = async (id: string) => (await ask<Order>('GET', `/v1/orders/${id}`)).body
  const send = async (phone: string, sms: string, sender = 'Example') => {
    const message = { number: phone, sender, sms }
    const event = { event: 'incoming_message', message }
    return call<{ message_id: string; order_ids: string[] }>(
      ...([server, secret, 'POST', '/api/callback', event] as const),
    )
  }
  const url = 'https://example.com/verify?token=k3J9x2Qp81'
  const links = [{ url, text: null }]

  it('are with a text message in its order and its event', async () => {
    const order = await buy()
    await send(order.phone, `Your code is 481203, or tap ${url} to verify.`)
    const shown = await read(order.id)
    expect(shown).toMatchObject({ code: '481203', messages: [{ code: '481203', links }] })
    const stream = await listen(server, key, `/v1/orders/${order.id}/events`)
    const told = (await stream.until(3)).find(({ type }) => type === 'message.received')
    expect(told?.data.message).toMatchObject({ id: shown.messages[0]?.id, links })
  })

  it('are none where nothing is to be followed', async () => {
    const order = await buy()
    await send(order.phone, 'Your code is 481203. Unsubscribe: https://example.com/unsubscribe')
    expect((await read(order.id)).messages).toMatchObject([{ code: '481203', links: [] }])
    const [row] = await db.query('select links from messages where order_id = $1', [order.number])
    expect(row).toEqual({ links: null })
  })

  it('are with a mail, which is received for a link as for a code', async () => {
    const mail = await testMailServer(server)
    const order = await buy({ kind: 'email', site: 'example.com' })
    const { email } = await read(order.id)
    const button = `<a href="${url}" style="background:#06c">Confirm your\n address</a>`
    const html = `<p>Hello</p>${button}<p><a href="https://example.com/unsubscribe">Unsubscribe</a></p>`
    await sendMail(mail, { to: email, subject: 'Welcome', html })
    expect(await read(order.id)).toMatchObject({
      ...{ state: 'received', code: null },
      messages: [{ code: null, links: [{ url, text: 'Confirm your address' }] }],
    })
  })

  it('are ten at most, and never break the message that has them', async () => {
    const order = await buy()
    const many = Array.from({ length: 40 }, (_, i) => `https://example.com/verify/${i}k3J9x2Qp81a`)
    await send(order.phone, `Verify: ${many.join(' ')}`)
    expect((await read(order.id)).messages[0]?.links).toHaveLength(10)
    const inbox = await buy({ kind: 'email', site: 'example.com' })
    const { email } = await read(inbox.id)
    const odd = '<a href="https://example.com/login/k3J9x2Qp81">'
    for (const [i, shown] of ['&#0;\u0000x', `${'a'.repeat(199)}😀`, '&#xd800; x'].entries()) {
      const receipt = await app.messages.receiveMail(app.now(), {
        ...{ ref: `odd-${i}@example.com`, address: email, sender: 'a@example.com' },
        ...{ subject: 'Log in', text: '', html: `${odd}${shown}</a>` },
      })
      expect(receipt.state).toBe('delivered')
    }
    const { messages } = await read(inbox.id)
    expect(messages.map((one) => one.links.length)).toEqual([1, 1, 1])
  })

  it('are found when an operator assigns a stray message that was stored without them', async () => {
    const order = await buy()
    const { body } = await send(order.phone, `WhatsApp code 481203: ${url}`, 'WhatsApp')
    expect(body.order_ids).toEqual([])
    const messageId = app.ids.fromToken('msg', body.message_id) as bigint
    await db.query('update messages set links = null where id = $1', [messageId])
    const by = { actor: 'tester', reason: 'ticket 12' }
    await assignMessage(db, app.now(), by, { messageId, orderId: BigInt(order.number) })
    expect((await read(order.id)).messages).toMatchObject([{ links }])
  })

  it('are purged with the text', async () => {
    const order = await buy()
    await send(order.phone, `Your code is 481203, or tap ${url} to verify.`)
    await call(server, key, 'POST', `/v1/orders/${order.id}/finish`)
    await purgeTexts(db, app.now(), new Date(app.now().getTime() + 60_000))
    expect((await read(order.id)).messages).toMatchObject([{ text: null, links: [] }])
    const rows = await db.query('select links from messages where order_id = $1', [order.number])
    expect(rows).toEqual([{ links: null }])
  })
})
