// B8, B10: orders as operators find, read, cancel and refund them.
import { describe, expect, it } from 'vitest'
import { refund } from '../../src/core/operating/orders.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { ownService } from '../harness/stock.ts'
import { expectCleanAudit } from '../promises/market.ts'
import { insideOn } from './inside.ts'
import { jsonOf } from './program.ts'

type Order = { id: string; number: number; phone: string; state: string; price: string }

describe('B8, B10: numlet orders', async () => {
  const server = await testServer()
  const { db, app } = server
  const { secret } = await testSupplier(db)
  const { key, accountId } = await testCustomer(db)
  const account = app.ids.toToken('acc', accountId)
  const own = await ownService(db, { numbers: 60, price: '0.50' })
  const numlet = insideOn(server.databaseUrl)
  const json = async (...args: string[]) => jsonOf(await numlet(...args, '--json'))

  const buy = async (
    selection: Record<string, unknown> = { service: own.slug, country: own.country },
  ) => {
    const reply = await call<Order>(server, key, 'POST', '/v1/orders', selection)
    expect(reply).toMatchObject({ status: 201 })
    return reply.body
  }
  const send = (order: Order, sms: string) =>
    call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number: order.phone, sender: 'Example', sms },
    })
  const read = async (id: string) =>
    (await call<Order & { code: string | null }>(server, key, 'GET', `/v1/orders/${id}`)).body
  const balance = async () =>
    (await call<{ balance: string }>(server, key, 'GET', '/v1/balance')).body.balance
  const why = ['--reason', 'ticket 12']
  const newest = async () => (await json('log', '--limit', '1'))[0]

  it('finds them by number, account, e-mail address and page, without their codes', async () => {
    const [first, second] = [await buy(), await buy()]
    await send(first, 'Your code is 482913')
    const found = await json('orders', 'find', '--phone', first.phone)
    expect(found).toMatchObject([
      {
        id: first.id,
        number: first.number,
        account_id: account,
        phone: first.phone,
        price: '0.50',
      },
    ])
    expect(JSON.stringify(found)).not.toContain('482913')
    const spaced = first.phone.replace(/(...)/g, '$1 ')
    expect(await json('orders', 'find', '--phone', spaced)).toEqual(found)
    const ids = async (...args: string[]) =>
      (await json('orders', 'find', ...args)).map((order: Order) => order.id)
    const all = await ids('--account', account)
    expect(all.slice(0, 2)).toEqual([second.id, first.id])
    const [{ account_email: email }] = found
    for (const args of [
      ['--email', email.toUpperCase()],
      ['--account', email],
      ['--account', String(accountId)],
    ])
      expect(await ids(...args)).toEqual(all)
    expect(await ids('--account', account, '--limit', '1')).toEqual([second.id])
    expect((await ids('--account', account, '--before', second.id))[0]).toBe(first.id)
    expect(await ids('--phone', '+15550100')).toEqual([])
    const marked = await buy({ service: own.slug, country: own.country, reference: 'case 8/1' })
    expect(await ids('--reference', 'case 8/1')).toEqual([marked.id])
    expect((await json('orders', 'show', marked.id)).reference).toBe('case 8/1')
    await json(
      'orders',
      'cancel',
      marked.id,
      '--reason',
      'A closed order is found by its number, too',
    )
    expect(await ids('--phone', marked.phone)).toContain(marked.id)
    expect(await numlet('orders', 'find', '--account', 'nobody@example.com')).toMatchObject({
      code: 1,
      stderr: 'There is no account nobody@example.com.\n',
    })
  })

  it('shows all that belongs to one, by any form of its id; texts and codes only for a reason', async () => {
    const order = await buy()
    await send(order, 'Your code is 770412')
    const shown = await json('orders', 'show', order.id)
    expect(shown).toMatchObject({
      id: order.id,
      number: order.number,
      account_id: account,
      state: 'received',
      service: own.slug,
      texts: 'hidden',
      messages: [{ id: expect.stringMatching(/^msg_/), sender: 'Example', has_code: true }],
      allocations: [],
      deliveries: [],
    })
    expect(shown.timeline.map((one: { type: string }) => one.type)).toEqual([
      'order.created',
      'message.received',
      'order.code_received',
    ])
    expect(shown.routing).toMatchObject([
      { service: own.slug, source: order.phone, ended_at: null },
    ])
    expect(shown.transfers.map((one: { kind: string }) => one.kind).sort()).toEqual([
      'hold',
      'post',
    ])
    const { body: listed } = await call<{ data: { id: string }[] }>(
      server,
      key,
      'GET',
      '/v1/transactions',
    )
    for (const { id } of shown.transfers) expect(listed.data.map((one) => one.id)).toContain(id)
    for (const form of [order.id, String(order.number)]) {
      const { stdout } = await numlet('orders', 'show', form)
      expect(stdout).toContain(order.id)
      expect(stdout).not.toContain('770412')
    }
    expect(JSON.stringify(shown)).not.toContain('770412')
    const open = await json('orders', 'show', order.id, ...why)
    expect(open).toMatchObject({
      texts: 'shown',
      code: '770412',
      messages: [{ text: 'Your code is 770412', code: '770412' }],
    })
    expect(await newest()).toMatchObject({
      actor: 'tester',
      action: 'order.read_texts',
      subject: order.id,
      account_id: account,
      reason: 'ticket 12',
    })
    expect(JSON.stringify(await json('log'))).not.toContain('770412')
    for (const id of ['ord_00000000000', '999999999', '99999999999999999'])
      expect(await numlet('orders', 'show', id)).toMatchObject({ code: 1, stdout: '' })
    for (const id of [account, 'ord_1', 'x'])
      expect(await numlet('orders', 'show', id)).toMatchObject({ code: 2, stdout: '' })
  })

  it('cancels one that waits, inside its cooldown, without counting it against the customer', async () => {
    const before = await balance()
    const order = await buy()
    const counted = () =>
      db.query('select cancelled_today, open_orders from account_usage where account_id = $1', [
        accountId,
      ])
    const [usage] = await counted()
    expect(await json('orders', 'cancel', order.id, ...why)).toEqual({
      id: order.id,
      number: order.number,
      state: 'cancelled',
      changed: true,
      refunded: '0.50',
      currency: 'USD',
    })
    expect(await newest()).toMatchObject({
      action: 'order.cancel',
      subject: order.id,
      reason: 'ticket 12',
      detail: { refunded: '0.5', before: { state: 'waiting' }, after: { state: 'cancelled' } },
    })
    expect(await json('orders', 'cancel', order.id, ...why)).toMatchObject({
      changed: false,
      refunded: '0.00',
    })
    expect(await balance()).toBe(before)
    const [after] = await counted()
    expect(after).toEqual({ ...usage, open_orders: (usage?.open_orders as number) - 1 })
    const timeline = (await json('orders', 'show', order.id)).timeline
    expect(timeline).toContainEqual(
      expect.objectContaining({
        type: 'operator.order.cancel',
        actor: 'tester',
        reason: 'ticket 12',
      }),
    )
    const paid = await buy()
    await send(paid, 'Your code is 551904')
    expect(await numlet('orders', 'cancel', paid.id, ...why)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Refund it instead'),
    })
    expect(await numlet('orders', 'cancel', paid.id)).toMatchObject({ code: 2 })
  })

  it('refunds an order in every state, ends it and tells the customer; again does nothing', async () => {
    const before = await balance()
    const [waiting, received, finished] = [await buy(), await buy(), await buy()]
    await send(received, 'Your code is 118842')
    await send(finished, 'Your code is 118843')
    await call(server, key, 'POST', `/v1/orders/${finished.id}/finish`)
    const rental = await buy({ kind: 'rental', service: 'whatsapp', country: 'US', duration: '3d' })
    const renewed = await call(server, key, 'POST', `/v1/orders/${rental.id}/renew`)
    expect(renewed.status).toBe(200)
    const inbox = await buy({ kind: 'email', site: 'example.com' })
    const states = [
      [waiting, 'cancelled'],
      [received, 'finished'],
      [finished, 'finished'],
      [rental, 'cancelled'],
      [inbox, 'cancelled'],
    ] as const
    for (const [order, state] of states) {
      const first = await json('orders', 'refund', String(order.number), ...why)
      expect(first).toMatchObject({ id: order.id, state, changed: true })
      expect(await json('orders', 'refund', order.id, ...why)).toMatchObject({
        state,
        changed: false,
        refunded: '0.00',
      })
      expect((await read(order.id)).state).toBe(state)
      const told = await db.query(
        `select 1 as yes from events where order_id = $1 and type = 'order.refunded'`,
        [order.number],
      )
      expect(told, state).toHaveLength(1)
    }
    expect(await balance()).toBe(before)
    expect(await numlet('orders', 'refund', waiting.id)).toMatchObject({ code: 2, stdout: '' })
    await expectCleanAudit(db)
  })

  it('refunds every service of an order for several, paid or not', async () => {
    const before = await balance()
    const order = await buy({ services: ['whatsapp', 'telegram'], country: 'US' })
    await send(order, 'Your WhatsApp code: 593-821')
    expect((await read(order.id)).state).toBe('received')
    const refunded = await json('orders', 'refund', order.id, ...why)
    expect(refunded).toMatchObject({ state: 'finished', changed: true, refunded: order.price })
    expect(await json('orders', 'refund', order.id, ...why)).toMatchObject({ changed: false })
    expect(await balance()).toBe(before)
    const waiting = await buy({ services: ['whatsapp', 'telegram'], country: 'US' })
    expect(await json('orders', 'cancel', waiting.id, ...why)).toMatchObject({
      state: 'cancelled',
      refunded: waiting.price,
    })
    expect(await balance()).toBe(before)
    await expectCleanAudit(db)
  })

  it('refunds once, however many ask at the same time, also while a code comes', async () => {
    const before = await balance()
    for (let round = 0; round < 12; round++) {
      const order = await buy()
      const by = { actor: 'tester', reason: 'a race' }
      const id = BigInt(order.number)
      const all = await Promise.all([
        ...Array.from({ length: 4 }, () => refund(db, app.now(), by, id)),
        send(order, `Your code is ${660_000 + round}`),
      ])
      const refunds = all.slice(0, 4) as Awaited<ReturnType<typeof refund>>[]
      expect(refunds.filter((one) => one.changed)).toHaveLength(1)
    }
    expect(await balance()).toBe(before)
    await expectCleanAudit(db)
  })
})
