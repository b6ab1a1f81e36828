// B9, B10: messages as operators handle them: read for a reason, given to their order, purged.
import { describe, expect, it } from 'vitest'
import { putOffers } from '../../src/core/catalog/set-offers.ts'
import { assignMessage } from '../../src/core/operating/assign-message.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'
import { expectCleanAudit } from '../promises/market.ts'
import { insideOn } from './inside.ts'
import { jsonOf } from './program.ts'

type Order = {
  id: string
  number: number
  phone: string
  email: { address: string } | string
  state: string
  code: string | null
  messages: { text: string | null }[]
}

describe('B9, B10: numlet messages', async () => {
  const server = await testServer()
  const { db, app } = server
  const { secret } = await testSupplier(db)
  const { key } = await testCustomer(db)
  const own = await ownService(db, { numbers: 40, price: '0.50' })
  const numlet = insideOn(server.databaseUrl)
  const json = async (...args: string[]) => jsonOf(await numlet(...args, '--json'))
  const newest = async () => (await json('log', '--limit', '1'))[0]
  const why = ['--reason', 'ticket 12']

  const buy = async (selection: Record<string, unknown> = {}, bearer = key) => {
    const order = { service: own.slug, country: own.country, ...selection }
    const { status, body } = await call<Order>(server, bearer, 'POST', '/v1/orders', order)
    expect({ status, body }).toMatchObject({ status: 201 })
    return body
  }
  const read = async (id: string, bearer = key) =>
    (await call<Order>(server, bearer, 'GET', `/v1/orders/${id}`)).body
  const balance = async () =>
    (await call<{ balance: string }>(server, key, 'GET', '/v1/balance')).body.balance
  let texts = 0
  const send = async (phone: string, sms?: string) => {
    const text = sms ?? `Your WhatsApp code: ${300_000 + ++texts}`
    // A code of a service that is not what the number was let for reaches nobody.
    const sender = sms === undefined ? 'WhatsApp' : 'Example'
    const { body } = await call<{ message_id: string; order_ids: string[] }>(
      server,
      secret,
      'POST',
      '/api/callback',
      { event: 'incoming_message', message: { number: phone, sender, sms: text } },
    )
    return { ...body, code: /\d{6}/.exec(text)?.[0] as string, text }
  }
  const assign = (message: string, order: string) =>
    numlet('messages', 'assign', message, '--order', order, ...why, '--json')

  it('shows a text for a reason, by every form of its id, and logs who read it', async () => {
    const stray = await send((await buy()).phone)
    expect(stray.order_ids).toEqual([])
    const [listed] = await json('messages', 'astray', '--limit', '1')
    expect(listed).toMatchObject({ message_id: stray.message_id, state: 'unmatched' })
    expect(JSON.stringify(listed)).not.toContain(stray.code)
    const row = String(app.ids.fromToken('msg', stray.message_id))
    for (const form of [stray.message_id, row]) {
      const shown = await json('messages', 'read', form, ...why)
      expect(shown).toEqual({ message_id: stray.message_id, text: stray.text })
      expect(await newest()).toMatchObject({
        actor: 'tester',
        action: 'message.read',
        subject: stray.message_id,
        reason: 'ticket 12',
      })
    }
    expect(await numlet('messages', 'read', row)).toMatchObject({ code: 2, stdout: '' })
    expect(await numlet('messages', 'read', '999999', ...why)).toMatchObject({
      code: 1,
      stderr: 'There is no message 999999.\n',
    })
  })

  it('gives a stray message to its open order: the code is there, and paid for, once', async () => {
    const order = await buy()
    const held = await balance()
    const stray = await send(order.phone)
    const given = jsonOf(await assign(stray.message_id, order.id))
    expect(given).toEqual({
      message_id: stray.message_id,
      order_id: order.id,
      state: 'received',
      changed: true,
      has_code: true,
    })
    const line = await newest()
    expect(line).toMatchObject({
      action: 'message.assign',
      subject: stray.message_id,
      reason: 'ticket 12',
      detail: {
        order_id: order.id,
        before: { state: 'unmatched', order_state: 'waiting' },
        after: { order_state: 'received' },
      },
    })
    expect(JSON.stringify(line)).not.toContain(stray.code)
    const shown = await read(order.id)
    expect(shown).toMatchObject({ state: 'received', code: stray.code })
    expect(shown.messages).toMatchObject([{ text: stray.text }])
    const events = await db.query<{ type: string }>(
      'select type from events where order_id = $1 order by xid, id',
      [order.number],
    )
    expect(events.map(({ type }) => type)).toEqual([
      'order.created',
      'message.received',
      'order.code_received',
    ])
    expect(jsonOf(await assign(stray.message_id, order.id))).toMatchObject({ changed: false })
    expect(await balance()).toBe(held)
    const transfers = (await json('orders', 'show', order.id)).transfers
    expect(transfers.map((one: { kind: string }) => one.kind).sort()).toEqual(['hold', 'post'])
    await expectCleanAudit(db)
  })

  it('gives one to an order for several services: the cheapest that waits is paid', async () => {
    const order = await buy({
      ...{ service: undefined, services: ['whatsapp', 'telegram'], country: 'US' },
    })
    const held = await balance()
    const stray = await send(order.phone, 'Your Discord verification code is 402277')
    expect(stray.order_ids).toEqual([])
    expect(jsonOf(await assign(stray.message_id, order.id))).toMatchObject({ state: 'received' })
    expect(await read(order.id)).toMatchObject({ state: 'received', code: '402277' })
    expect(await balance()).toBe(held)
    const { transfers } = await json('orders', 'show', order.id)
    const kinds = transfers.map((one: { kind: string }) => one.kind).sort()
    expect(kinds).toEqual(['hold', 'hold', 'post'])
    await expectCleanAudit(db)
  })

  it('gives it once, however many ask at the same time', async () => {
    for (let round = 0; round < 8; round++) {
      const order = await buy()
      const stray = await send(order.phone)
      const wanted = {
        messageId: app.ids.fromToken('msg', stray.message_id) as bigint,
        orderId: BigInt(order.number),
      }
      const by = { actor: 'tester', reason: 'a race' }
      const all = await Promise.all(
        Array.from({ length: 5 }, () => assignMessage(db, app.now(), by, wanted)),
      )
      expect(all.filter((one) => one.changed)).toHaveLength(1)
      expect((await read(order.id)).messages).toHaveLength(1)
    }
    await expectCleanAudit(db)
  })

  it('gives a late message to the order that is over: it is shown, and no money moves', async () => {
    const before = await balance()
    const order = await buy()
    await json('orders', 'cancel', order.id, ...why)
    server.advance(60)
    const late = await send(order.phone, 'Your code is 480015')
    expect(jsonOf(await assign(late.message_id, order.id))).toMatchObject({
      state: 'cancelled',
      has_code: true,
    })
    expect(await read(order.id)).toMatchObject({ state: 'cancelled', code: '480015' })
    expect(await balance()).toBe(before)
    await expectCleanAudit(db)
  })

  it('refuses what is not of the order’s number, came before it, or reached another order', async () => {
    // Numbers are taken in a random order: with three of them, the third is the one that is left.
    const three = await ownService(db, { numbers: 3 })
    const selection = { service: three.slug, country: three.country }
    const [order, other] = [await buy(selection), await buy(selection)]
    const stray = await send(order.phone)
    const delivered = await send(other.phone, 'Your code is 771020')
    expect(delivered.order_ids).toHaveLength(1)
    server.advance(60)
    const fresh = three.phones.find((phone) => ![order.phone, other.phone].includes(phone))
    const early = await send(fresh as string)
    server.advance(60)
    const later = await buy(selection)
    expect(later.phone).toBe(fresh)
    for (const [message, target, words] of [
      [stray.message_id, other.id, 'was not sent to the number'],
      [delivered.message_id, order.id, 'delivered to another order'],
      [early.message_id, later.id, 'is older than the order'],
    ] as const) {
      const refused = await assign(message, target)
      expect(refused).toMatchObject({ code: 1, stdout: '' })
      expect(refused.stderr).toContain(words)
    }
    expect((await read(order.id)).state).toBe('waiting')
    const bare = ['messages', 'assign', stray.message_id, '--order', order.id]
    expect(await numlet(...bare)).toMatchObject({ code: 2, stdout: '' })
    await expectCleanAudit(db)
  })

  it('refuses a text that may be another customer’s', async () => {
    const shared = await ownService(db, { numbers: 1 })
    const second = await ownService(db, { numbers: 1 })
    const [place] = await db.query<{ country: string; operatorId: number; pool: string }>(
      `select country, operator_id as "operatorId", pool from offers where service_id = $1`,
      [shared.id],
    )
    const offer = { kind: 'activation', serviceId: second.id, price: 5_000n } as const
    await db.begin((tx) => putOffers(tx, [{ ...offer, ...(place as NonNullable<typeof place>) }]))
    const rival = await testCustomer(db)
    const selection = { country: shared.country }
    const mine = await buy({ ...selection, service: shared.slug })
    const theirs = await buy({ ...selection, service: second.slug }, rival.key)
    expect(theirs.phone).toBe(mine.phone)
    const nobodys = await send(mine.phone, 'Your code is 613377')
    expect(nobodys.order_ids).toEqual([])
    for (const order of [mine, theirs]) {
      const refused = await assign(nobodys.message_id, order.id)
      expect(refused).toMatchObject({ code: 1, stdout: '' })
      expect(refused.stderr).toContain('Another customer had the number')
    }
    // Also what came while it might still have been on its way to them.
    await json('orders', 'cancel', theirs.id, ...why)
    server.advance(300)
    const after = await send(mine.phone, 'Your code is 613378')
    expect(after.order_ids).toEqual([])
    expect(await assign(after.message_id, mine.id)).toMatchObject({ code: 1, stdout: '' })
    // What says that it is for this order is given to it.
    await json('services', 'set', shared.slug, '--words', 'frobnicator')
    const named = await send(mine.phone, 'Telegram and Frobnicator code 613379')
    if (named.order_ids.length === 0)
      expect(jsonOf(await assign(named.message_id, mine.id))).toMatchObject({ changed: true })
    expect((await read(mine.id)).code).toBe('613379')
    expect((await read(theirs.id, rival.key)).messages).toEqual([])
    await expectCleanAudit(db)
  })

  it('gives a mail that its inbox did not take to the inbox’s order', async () => {
    const inbox = await buy({
      ...{ service: undefined, country: undefined },
      ...{ kind: 'email', site: 'example.com', subject: 'Welcome' },
    })
    const [row] = await db.query<{ email: string }>('select email from orders where id = $1', [
      inbox.number,
    ])
    const receipt = await app.messages.receiveMail(app.now(), {
      ref: 'mail-1@example.com',
      address: row?.email as string,
      sender: 'hello@example.com',
      subject: 'Your login',
      text: 'Your verification code is 905512.',
      html: null,
    })
    expect(receipt.state).toBe('unmatched')
    expect(jsonOf(await assign(String(receipt.messageId), inbox.id))).toMatchObject({
      state: 'received',
      has_code: true,
    })
    expect((await read(inbox.id)).code).toBe('905512')
    await expectCleanAudit(db)
  })

  it('purges texts and codes of a message, an order and an account, but for open orders', async () => {
    const customer = await testCustomer(db)
    const account = app.ids.toToken('acc', customer.accountId)
    const [open, over] = [await buy({}, customer.key), await buy({}, customer.key)]
    for (const order of [open, over]) await send(order.phone, `Your code is 7${order.number}`)
    await call(server, customer.key, 'POST', `/v1/orders/${over.id}/finish`)
    const purge = (...target: string[]) => json('messages', 'purge', ...target, ...why)
    expect(await purge('--order', open.id)).toEqual({ purged: 0, kept: 1 })
    expect(await purge('--account', account)).toEqual({ purged: 1, kept: 1 })
    expect(await newest()).toMatchObject({
      action: 'message.purge',
      subject: account,
      account_id: account,
      reason: 'ticket 12',
      detail: { messages: 1 },
    })
    expect(await read(over.id, customer.key)).toMatchObject({
      code: null,
      messages: [{ text: null }],
    })
    expect((await read(open.id, customer.key)).code).not.toBeNull()
    const stray = await send(open.phone)
    expect(await purge('--message', stray.message_id)).toEqual({ purged: 1, kept: 0 })
    expect(await purge('--message', stray.message_id)).toEqual({ purged: 0, kept: 0 })
    expect(await json('messages', 'read', stray.message_id, ...why)).toMatchObject({ text: null })
    expect(await assign(stray.message_id, open.id)).toMatchObject({ code: 1, stdout: '' })
    for (const wrong of [[], ['--order', open.id, '--account', account]])
      expect(await numlet('messages', 'purge', ...wrong, ...why)).toMatchObject({
        code: 2,
        stdout: '',
      })
    await expectCleanAudit(db)
  })
})
