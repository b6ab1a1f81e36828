// How inboxes go on and end: reorders, fees, refunds, what is left of them. The clock is moved by hand.

import { describe, expect, it } from 'vitest'
import { withKeyOf } from '../../src/core/accounts/acting-key.ts'
import { createKey, readKey } from '../../src/core/accounts/keys.ts'
import { purgeTexts } from '../../src/core/messages/retention.ts'
import { resendOrder } from '../../src/core/orders/orders.ts'
import { cancelOrder, endOverdueOrders, finishOrder } from '../harness/ending.ts'
import { testCustomer, testServer } from '../harness/server.ts'
import { expectCleanAudit } from '../promises/market.ts'
import { buyOne, mailMarket, ownDomain, refusedWith, usd } from './market.ts'

const server = await testServer({ template: 'catalog' })
const { app, db } = server
const { accountId, inbox, balance, send, inS, read } = await mailMarket(server)

describe('a reorder', () => {
  const reorder = (id: bigint) => app.inboxes.reorder({ accountId, id, once: null })

  it('needs a mail, costs nothing, and gives the first window again', async () => {
    const order = await inbox()
    await expect(reorder(order.id)).rejects.toEqual(refusedWith('no_message_yet'))
    await send(order.email)
    const before = await balance()
    server.advance(300)
    expect(await reorder(order.id)).toMatchObject({
      state: 'received',
      email: order.email,
      resendCount: 1,
      resendPending: true,
      expiresAt: inS(20 * 60),
    })
    const until = inS(20 * 60)
    server.advance(60)
    // Once more changes nothing: an inbox is not kept open for ever for nothing.
    expect(await reorder(order.id)).toMatchObject({ resendCount: 1, expiresAt: until })
    await send(order.email, { text: 'Your code is 906030.' })
    expect(await read(order.id)).toMatchObject({
      code: '906030',
      resendPending: false,
      expiresAt: inS(600),
    })
    expect(await reorder(order.id)).toMatchObject({ resendCount: 2, expiresAt: inS(20 * 60) })
    expect(await balance()).toBe(before)
  })

  it('is refused once the inbox is closed or over, for a number, and for a stranger', async () => {
    const order = await inbox()
    await send(order.email)
    const stranger = await testCustomer(db)
    await expect(
      app.inboxes.reorder({ accountId: stranger.accountId, id: order.id, once: null }),
    ).rejects.toEqual(refusedWith('order_not_found'))
    await finishOrder(db, app.now(), order)
    await expect(reorder(order.id)).rejects.toEqual(refusedWith('order_not_resendable'))
    const over = await inbox()
    await send(over.email)
    server.advance(600)
    await expect(reorder(over.id)).rejects.toEqual(refusedWith('order_not_resendable'))
  })

  it('is the only way to go on: numbers are resent and replaced, inboxes are not', async () => {
    const order = await inbox()
    const target = { accountId, id: order.id, once: null }
    await expect(app.orders.replace(target)).rejects.toEqual(refusedWith('order_not_replaceable'))
    await send(order.email)
    await expect(resendOrder(db, app.now(), target)).rejects.toEqual(
      refusedWith('order_not_resendable'),
    )
  })
})

describe('the end', () => {
  const kindsOf = async (id: bigint) =>
    db.query('select kind, amount from transfers where order_id = $1 order by seq', [id])
  const lastEvents = async (id: bigint) =>
    (
      await db.query<{ type: string }>('select type from events where order_id = $1 order by id', [
        id,
      ])
    ).map((row) => row.type)

  it('cancelling before a mail costs the fee, at once, and gives the rest back', async () => {
    const before = await balance()
    const order = await inbox()
    expect(await cancelOrder(db, app.now(), order)).toMatchObject({
      changed: true,
      order: { state: 'cancelled' },
    })
    expect(await cancelOrder(db, app.now(), order)).toMatchObject({ changed: false })
    expect(await balance()).toBe(before - usd('0.05'))
    expect(await kindsOf(order.id)).toEqual([
      { kind: 'hold', amount: usd('0.50') },
      { kind: 'post', amount: usd('0.05') },
      { kind: 'release', amount: usd('0.45') },
    ])
    expect(await lastEvents(order.id)).toEqual([
      'order.created',
      'order.cancelled',
      'order.refunded',
    ])
  })

  it('cancelling costs nothing where there is no fee, and all where the fee is the price', async () => {
    const free = await ownDomain(db)
    const order = await buyOne(app, { accountId, domains: [free] })
    await cancelOrder(db, app.now(), order)
    expect((await kindsOf(order.id)).map((row) => row.kind)).toEqual(['hold', 'void'])
    const strict = await ownDomain(db, { price: usd('0.20'), cancellationFee: usd('0.20') })
    const dear = await buyOne(app, { accountId, domains: [strict] })
    await cancelOrder(db, app.now(), dear)
    expect((await kindsOf(dear.id)).map((row) => row.kind)).toEqual(['hold', 'post'])
    expect(await lastEvents(dear.id)).toEqual(['order.created', 'order.cancelled'])
  })

  it('cancelled for nothing, it no longer counts towards the limit of its key', async () => {
    const { apiKey } = await createKey(db, app.now(), { accountId, maxSpendADay: usd('9.00') })
    const principal = {
      ...({ kind: 'key', id: apiKey.id, isCapped: true } as const),
      ...{ accountId, currency: 'USD', decimals: 2, scopes: [], defaultCountry: null },
      errorForm: 'native',
    }
    const spent = async () => (await readKey(db, accountId, apiKey.id)).spending?.spent
    const buy = async (domain: string) =>
      withKeyOf(principal, () => buyOne(app, { accountId, domains: [domain] }))
    const order = await buy(await ownDomain(db, { price: usd('0.50') }))
    const dear = await buy(
      await ownDomain(db, { price: usd('0.20'), cancellationFee: usd('0.05') }),
    )
    expect(await spent()).toBe(usd('0.70'))
    await cancelOrder(db, app.now(), order)
    expect(await spent()).toBe(usd('0.20'))
    await cancelOrder(db, app.now(), dear)
    expect(await spent()).toBe(usd('0.20'))
  })

  it('cancelling is refused after a mail, finishing before one', async () => {
    const order = await inbox()
    await expect(finishOrder(db, app.now(), order)).rejects.toEqual(
      refusedWith('order_not_finishable'),
    )
    await send(order.email, { text: 'Hello.' })
    await expect(cancelOrder(db, app.now(), order)).rejects.toEqual(
      refusedWith('order_not_cancellable'),
    )
    expect(await finishOrder(db, app.now(), order)).toMatchObject({ order: { state: 'finished' } })
    expect(await send(order.email)).toMatchObject({ state: 'late', orderId: null })
    expect(await app.messages.of(order.id)).toHaveLength(1)
  })

  it('a window without a mail is refunded in full, by the sweep or by a late cancel', async () => {
    const before = await balance()
    const swept = await inbox()
    const cancelled = await inbox()
    server.advance(20 * 60)
    await cancelOrder(db, app.now(), cancelled)
    while ((await endOverdueOrders(db, app.now())) > 0);
    expect(await read(swept.id)).toMatchObject({ state: 'expired' })
    expect(await balance()).toBeGreaterThanOrEqual(before)
    for (const { id } of [swept, cancelled])
      expect((await kindsOf(id)).map((row) => row.kind)).toEqual(['hold', 'void'])
    expect(await send(swept.email)).toMatchObject({ state: 'late' })
  })

  it('what was read is purged in time, subject and markup, too', async () => {
    const order = await inbox()
    await send(order.email, { html: '<p>204060</p>' })
    await finishOrder(db, app.now(), order)
    server.advance(86_400)
    await purgeTexts(db, app.now(), app.now())
    expect(await app.messages.of(order.id)).toMatchObject([
      { text: null, subject: null, html: null, headline: null, code: null },
    ])
    expect((await read(order.id)).code).toBe(null)
  })

  it('and the books are right', async () => {
    server.advance(86_400)
    while ((await endOverdueOrders(db, app.now())) > 0);
    const open = await db.query('select 1 from email_domains where open_inboxes > 0')
    expect(open).toEqual([])
    await expectCleanAudit(db)
  })
})
