// Inboxes: buying, windows, filters, patterns. The clock is moved by hand.
import { describe, expect, it } from 'vitest'
import { listDomains, setDomain } from '../../src/core/inboxes/domains.ts'
import { cancelOrder } from '../harness/ending.ts'
import { testCustomer, testServer } from '../harness/server.ts'
import { buyMany, buyOne, mailMarket, ownDomain, refusedWith, usd } from './market.ts'

const server = await testServer({ template: 'catalog' })
const { app, db } = server
const { accountId, domain, inbox, balance, send, inS, read } = await mailMarket(server)

describe('buying', () => {
  it('makes an order of an address, waiting for 20 minutes, with the price held', async () => {
    const before = await balance()
    const order = await inbox({ site: 'WhatsApp.com', subject: ' code ', pattern: '(\\d{6})' })
    expect(order).toMatchObject({
      kind: 'email',
      state: 'waiting',
      serviceId: 1012,
      country: null,
      phone: null,
      price: usd('0.50'),
      createdAt: app.now(),
      cancelAfter: app.now(),
      expiresAt: inS(20 * 60),
    })
    expect(order.email).toMatch(/^[a-z]{6}\.[a-z]{6}\d{3}@own-\d+\.example\.com$/)
    expect(await balance()).toBe(before - usd('0.50'))
    expect(await app.inboxes.read(order.id)).toEqual({
      orderId: order.id,
      address: order.email,
      domain,
      site: 'whatsapp.com',
      subject: 'code',
      pattern: '(\\d{6})',
      cancelFee: usd('0.05'),
      sessionS: 600,
    })
  })

  it('knows the service of a site and of what is below it, and takes any other site', async () => {
    expect(await inbox({ site: 'mail.whatsapp.com' })).toMatchObject({ serviceId: 1012 })
    expect(await inbox({ site: 'xn--bcher-kva.example' })).toMatchObject({ serviceId: null })
    const order = await inbox({ site: 'bücher.example' })
    expect((await app.inboxes.read(order.id)).site).toBe('xn--bcher-kva.example')
  })

  it('refuses what is no site, and a service that is closed', async () => {
    const wrong = [
      '',
      'localhost',
      'a b.example',
      'http://example.com',
      'example..com',
      '127.0.0.1',
    ]
    for (const site of [
      ...wrong,
      '-a.example',
      `${'a'.repeat(64)}.example`,
      'a@example.com',
      'a\u0000.example',
    ])
      await expect(inbox({ site })).rejects.toEqual(refusedWith('invalid_request'))
    await db.query(`update services set closed = true where site = 'telegram.org'`)
    await expect(inbox({ site: 'telegram.org' })).rejects.toEqual(refusedWith('service_closed'))
    await db.query(`update services set closed = false where site = 'telegram.org'`)
  })

  it('takes the cheapest of several domains, and the next when it is full: all or none', async () => {
    const cheap = await ownDomain(db, { price: usd('0.01'), capacity: 2 })
    const dear = await ownDomain(db, { price: usd('0.02'), capacity: 2 })
    const domains = [dear, 'unknown.example.com', cheap]
    await expect(buyMany(app, { accountId, domains, quantity: 5 })).rejects.toEqual(
      refusedWith('out_of_stock'),
    )
    const orders = await buyMany(app, { accountId, domains, quantity: 3 })
    expect(orders.map((order) => order.email?.split('@')[1])).toEqual([cheap, cheap, dear])
    expect(orders.map((order) => order.price)).toEqual([usd('0.01'), usd('0.01'), usd('0.02')])
    await expect(buyMany(app, { accountId, domains, maxPrice: usd('0.01') })).rejects.toEqual(
      refusedWith('price_above_maximum'),
    )
    // What is closed makes room.
    await cancelOrder(db, app.now(), orders[0] as (typeof orders)[number])
    const [again] = await buyMany(app, { accountId, domains })
    expect(again?.email?.split('@')[1]).toBe(cheap)
    const offers = await listDomains(db, { currency: 'USD', site: 'example.com' })
    expect(offers.filter((offer) => domains.includes(offer.domain))).toMatchObject([
      { domain: cheap, stock: 0, price: usd('0.01'), activationRate: null, cancellationFee: 0n },
      { domain: dear, stock: 1 },
    ])
  })

  it('says what is wrong with a quantity, a domain, a subject, and changes nothing', async () => {
    const before = await balance()
    for (const wanted of [
      { quantity: 0 },
      { quantity: 21 },
      { quantity: Number.NaN },
      { subject: 'x'.repeat(201) },
      { subject: 'a\u0000b' },
      { domains: Array.from({ length: 101 }, () => domain) },
    ])
      await expect(inbox(wanted)).rejects.toEqual(refusedWith('invalid_request'))
    await expect(inbox({ domains: ['nowhere.example.com'] })).rejects.toEqual(
      refusedWith('domain_not_found'),
    )
    await expect(inbox({ offerId: 999_999 })).rejects.toEqual(refusedWith('offer_not_found'))
    expect(await balance()).toBe(before)
  })

  it('refuses patterns that are none, take no linear time, or are too large, naming the field', async () => {
    const wrong = ['(', '(?=x)', '(a)\\1', 'a'.repeat(501), 'a{1000}', '(a{100}){100}', '']
    for (const pattern of wrong)
      await expect(inbox({ pattern })).rejects.toMatchObject({
        code: 'invalid_request',
        detail: { fields: [{ pointer: '/pattern' }] },
      })
  })

  it('is paid by the balance, and in the account’s currency', async () => {
    const poor = await testCustomer(db, { credit: '0.49' })
    await expect(inbox({ accountId: poor.accountId })).rejects.toEqual(
      refusedWith('insufficient_balance'),
    )
    await db.query(`update email_domains set cancellation_fee = $2 where domain = $1`, [
      domain,
      usd('9'),
    ])
    const order = await inbox()
    // The fee is at most the price.
    expect((await app.inboxes.read(order.id)).cancelFee).toBe(usd('0.50'))
    await setDomain(db, domain, { cancellationFee: usd('0.05') })
  })

  it('with the same idempotency key buys once', async () => {
    const once = { key: 'mail-1', fingerprint: Buffer.alloc(32) }
    const wanted = { accountId, site: 'example.com', domains: [domain], quantity: 2, subject: null }
    const first = await app.inboxes.buy({ ...wanted, pattern: null, once })
    expect('orders' in first && first.orders.length).toBe(2)
    expect(await app.inboxes.buy({ ...wanted, pattern: null, once })).toEqual({
      repeated: true,
    })
  })

  it('never gives two customers one inbox', async () => {
    const other = await testCustomer(db, { credit: '100' })
    const bought = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        buyMany(app, {
          accountId: i % 2 ? accountId : other.accountId,
          quantity: 2,
          domains: [domain],
        }),
      ),
    )
    const addresses = bought.flat().map((order) => order.email)
    expect(new Set(addresses).size).toBe(40)
    await expect(
      db.query(
        `insert into inboxes
           (address, order_id, offer_id, account_id, site, cancel_fee, session, opened_at, until)
         select address, -1, offer_id, account_id, site, 0, 60, now(), now() from inboxes limit 1`,
      ),
    ).rejects.toMatchObject({ code: '23505' })
  })

  it('sells the last place once', async () => {
    const last = await ownDomain(db, { capacity: 5 })
    const tries = await Promise.allSettled(
      Array.from({ length: 12 }, () => buyOne(app, { accountId, domains: [last] })),
    )
    expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(5)
  })
})

describe('the first mail', () => {
  it('lets the inbox live on for its domain’s session, whatever comes later', async () => {
    const order = await inbox()
    server.advance(100)
    await send(order.email, { text: 'Hello.' })
    expect(await read(order.id)).toMatchObject({
      state: 'received',
      code: null,
      receivedAt: app.now(),
      expiresAt: inS(600),
    })
    const until = inS(600)
    server.advance(100)
    await send(order.email)
    expect(await read(order.id)).toMatchObject({
      code: '204060',
      expiresAt: until,
      messageCount: 2,
    })
  })

  it('that its subject filter does not take is kept, and is none', async () => {
    const order = await inbox({ subject: 'SECRET Code' })
    expect(await send(order.email, { subject: 'News' })).toMatchObject({
      state: 'unmatched',
      orderId: null,
    })
    expect(await read(order.id)).toMatchObject({ state: 'waiting', messageCount: 0 })
    await send(order.email, { subject: 'Re: your secret CODE' })
    expect(await read(order.id)).toMatchObject({ state: 'received', code: '204060' })
  })

  it('is read by the customer’s pattern: its first group, else its match, else nothing', async () => {
    const link = await inbox({ pattern: 'https://\\S+' })
    await send(link.email, {
      text: `Open https://example.com/?t=${'x'.repeat(300)} now, code 111222`,
    })
    expect((await read(link.id)).code).toBe(`https://example.com/?t=${'x'.repeat(300)}`)
    const group = await inbox({ pattern: 'PIN[: ]+([A-Z]{2}-\\d+)' })
    await send(group.email, { subject: 'PIN: AB-77', text: 'Code 111222' })
    expect((await read(group.id)).code).toBe('AB-77')
    const none = await inbox({ pattern: 'nothing like it' })
    await send(none.email)
    expect(await read(none.id)).toMatchObject({ state: 'received', code: null })
    const stub = await inbox({ pattern: 'token (\\w+)' })
    await send(stub.email, { text: 'See the HTML part.', html: '<p>token <b>q1w2</b></p>' })
    expect((await read(stub.id)).code).toBe('q1w2')
  })

  it('a stub of a text does not hide the code in the markup', async () => {
    const order = await inbox()
    await send(order.email, {
      text: 'Your mail program shows no HTML.',
      html: '<p>Your verification code is</p><h1>771908</h1>',
    })
    expect((await read(order.id)).code).toBe('771908')
  })

  it('long patterns on long texts take no time to speak of', async () => {
    const order = await inbox({ pattern: '(?i)(a|b|c|d|e){1,120}z' })
    const started = performance.now()
    await send(order.email, { text: 'a'.repeat(20_000) })
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})
