// 5sim's purchases and orders, to the letter, and what its statuses mean.
import { describe, expect, it } from 'vitest'
import { audit } from '../../../src/core/audit/audit.ts'
import { returnRestedNumbers } from '../../../src/core/inventory/inventory.ts'
import { writeSetting } from '../../../src/core/settings.ts'
import { referenceOf } from '../../harness/documented.ts'
import { endOverdueOrders } from '../../harness/ending.ts'
import { call, testCustomer, testServer, testSupplier } from '../../harness/server.ts'
import { ownService } from '../../harness/stock.ts'

const base = '/fivesim/v1'
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

type Order = { id: number; phone: string; price: number; status: string; sms: unknown }

describe('5sim orders', async () => {
  const server = await testServer()
  const reference = await referenceOf(server)
  const { secret } = await testSupplier(server.db)
  const scarce = await ownService(server.db, { numbers: 1 })
  const dear = await ownService(server.db, { numbers: 3, price: '2.00' })

  const customer = async (credit?: string) =>
    (await testCustomer(server.db, credit === undefined ? {} : { credit })).key
  const get = async <T = Order>(key: string, path: string, headers = {}) => {
    const reply = await call<T>(server, key, 'GET', `${base}${path}`, undefined, headers)
    reference.check('GET', `${base}${path}`, reply)
    return reply
  }
  const buy = async (key: string, product = 'whatsapp') =>
    (await get(key, `/user/buy/activation/england/any/${product}`)).body
  const receive = (number: string, sms = 'Your WhatsApp code: 593-821', sender = 'WhatsApp') =>
    call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number, sender, sms },
    })
  const place = (service: { country: string; slug: string }) =>
    `${service.country.toLowerCase()}/any/${service.slug}`

  it('answers a purchase as the document does, in JSON and nothing else', async () => {
    const reply = await get(await customer(), '/user/buy/activation/England/any/WhatsApp')
    expect(reply.status).toBe(200)
    expect(reply.headers.get('content-type')).toBe('application/json')
    expect(reply.body).toEqual({
      id: expect.any(Number),
      phone: expect.stringMatching(/^\+44\d{10}$/),
      operator: expect.stringMatching(/^[a-z0-9_-]+$/),
      product: 'whatsapp',
      price: expect.any(Number),
      status: 'PENDING',
      expires: time,
      sms: null,
      created_at: time,
      forwarding: false,
      forwarding_number: '',
      country: 'england',
    })
  })

  it('is RECEIVED while it waits, with no message, and with one that has no code', async () => {
    const key = await customer()
    const { id, phone } = await buy(key)
    expect((await get(key, `/user/check/${id}`)).body).toMatchObject({
      status: 'RECEIVED',
      sms: [],
    })
    await receive(phone, 'Welcome to WhatsApp')
    expect((await get(key, `/user/check/${id}`)).body).toMatchObject({
      status: 'RECEIVED',
      sms: [{ text: 'Welcome to WhatsApp', code: '' }],
    })
    await receive(phone)
    const { body } = await get(key, `/user/check/${id}`)
    expect(body.sms).toMatchObject([{ code: '' }, { code: '593821' }])
    expect((body.sms as object[])[1]).toEqual({
      id: expect.any(Number),
      created_at: time,
      date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      sender: 'WhatsApp',
      text: 'Your WhatsApp code: 593-821',
      code: '593821',
    })
    const inbox = await get<{ Data: object[] }>(key, `/user/sms/inbox/${id}`)
    expect(inbox.body).toMatchObject({ Total: 2, Data: [{ code: '' }, { code: '593821' }] })
    expect(Object.keys(inbox.body.Data[0] as object)).toEqual(
      'ID created_at date sender text code is_wave wave_uuid'.split(' '),
    )
  })

  it('is TIMEOUT when its time is over without a code, FINISHED with one', async () => {
    const key = await customer()
    const [without, withOne] = [await buy(key), await buy(key)]
    await receive(withOne.phone)
    server.advance(1_201)
    await endOverdueOrders(server.db, server.app.now())
    expect((await get(key, `/user/check/${without.id}`)).body.status).toBe('TIMEOUT')
    expect((await get(key, `/user/check/${withOne.id}`)).body.status).toBe('FINISHED')
    for (const [id, says] of [
      [without.id, 'order expired'],
      [withOne.id, 'order has sms'],
    ])
      for (const verb of ['cancel', 'ban'])
        expect(await get(key, `/user/${verb}/${id}`)).toMatchObject({ status: 400, body: says })
    expect(await get(key, `/user/finish/${without.id}`)).toMatchObject({
      status: 400,
      body: 'order expired',
    })
  })

  it('finishes only what has a code, and may be told so twice', async () => {
    const key = await customer()
    const { id, phone } = await buy(key)
    const early = await get(key, `/user/finish/${id}`)
    expect(early).toMatchObject({ status: 400, body: 'order no sms' })
    await receive(phone)
    for (let twice = 0; twice < 2; twice++)
      expect((await get(key, `/user/finish/${id}`)).body).toMatchObject({
        id,
        status: 'FINISHED',
        sms: [{ code: '593821' }],
      })
  })

  it('bans after the cooldown, gives the money back, and stays BANNED', async () => {
    const key = await customer()
    const { id } = await buy(key)
    const early = await get(key, `/user/ban/${id}`)
    expect(early).toMatchObject({ status: 400, body: 'you need to wait time' })
    expect(early.headers.get('retry-after')).toBe('120')
    server.advance(121)
    for (let twice = 0; twice < 2; twice++)
      expect((await get(key, `/user/ban/${id}`)).body.status).toBe('BANNED')
    expect((await get(key, `/user/check/${id}`)).body.status).toBe('BANNED')
    const list = await get<{ Data: Order[] }>(key, '/user/orders?category=activation')
    expect(list.body.Data).toMatchObject([{ id, status: 'BANNED' }])
    expect((await get<{ balance: number }>(key, '/user/profile')).body.balance).toBe(100)
  })

  it('lets a banned number rest for ever, where others come back', async () => {
    await writeSetting(
      server.db,
      new Date(),
      { actor: 'test', reason: null },
      'reuse_after_days',
      1,
    )
    const service = await ownService(server.db, { numbers: 2 })
    const key = await customer()
    const path = `/user/buy/activation/${place(service)}`
    const [banned, cancelled] = [(await get(key, path)).body, (await get(key, path)).body]
    server.advance(121)
    await get(key, `/user/ban/${banned.id}`)
    await get(key, `/user/cancel/${cancelled.id}`)
    server.advance(86_401)
    await returnRestedNumbers(server.db, server.app.now())
    expect(cancelled.phone).toMatch(/^\+/)
    expect((await get(key, path)).body.phone).toBe(cancelled.phone)
    expect((await get(key, path)).body).toBe('no free phones')
    await writeSetting(
      server.db,
      new Date(),
      { actor: 'test', reason: null },
      'reuse_after_days',
      null,
    )
    const { checks } = await audit(server.db, new Date())
    expect(checks.filter((check) => !check.ok)).toEqual([])
  })

  it('buys again the number of an earlier order, for the same product only', async () => {
    const key = await customer()
    const { phone, id } = await buy(key)
    const number = phone.slice(1)
    expect(await get(key, `/user/reuse/whatsapp/${number}`)).toMatchObject({
      status: 400,
      body: 'reuse not possible',
    })
    await receive(phone)
    await get(key, `/user/finish/${id}`)
    const again = await get(key, `/user/reuse/whatsapp/${number}`)
    expect(again.body).toMatchObject({ phone, status: 'PENDING', sms: null })
    expect(again.body.id).not.toBe(id)
    for (const path of [`telegram/${number}`, 'whatsapp/447700900999', 'whatsapp/12'])
      expect(await get(key, `/user/reuse/${path}`)).toMatchObject({
        status: 400,
        body: 'reuse not possible',
      })
    const other = await customer()
    expect((await get(other, `/user/reuse/whatsapp/${number}`)).status).toBe(400)
  })

  it('rents by the length, and by a product with a length', async () => {
    const key = await customer()
    const day = await get(key, '/user/buy/hosting/usa/any/1day')
    expect(day.body).toMatchObject({ product: '1day', status: 'PENDING', sms: null })
    const month = await get(key, '/user/buy/hosting/usa/any/whatsapp_1month')
    expect(month.body).toMatchObject({ product: 'whatsapp_1month', price: 12 })
    const shortest = await get(key, '/user/buy/hosting/usa/any/whatsapp')
    expect(shortest.body).toMatchObject({ product: 'whatsapp_1day' })
    await receive(day.body.phone, 'Use 415127 as your login code', 'Somebody')
    expect((await get(key, `/user/check/${day.body.id}`)).body).toMatchObject({
      status: 'RECEIVED',
      sms: [{ text: 'Use 415127 as your login code' }],
    })
    for (const verb of ['finish', 'ban', 'cancel'])
      expect(await get(key, `/user/${verb}/${day.body.id}`)).toMatchObject({
        status: 400,
        body: 'hosting order',
      })
    expect((await get(key, `/user/cancel/${month.body.id}`)).body.status).toBe('CANCELED')
    const list = await get<{ Data: Order[] }>(key, '/user/orders?category=hosting&reverse=true')
    expect(list.body.Data.map((one) => one.status)).toEqual(['RECEIVED', 'CANCELED', 'RECEIVED'])
    for (const length of ['3hours', '10days'])
      expect(await get(key, `/user/buy/hosting/usa/any/${length}`)).toMatchObject({
        status: 400,
        body: 'no product',
      })
  })

  it('refuses in 5sim’s words', async () => {
    const key = await customer()
    const refusals: [string, number, string][] = [
      ['narnia/any/whatsapp', 400, 'bad country'],
      ['england/narnia/whatsapp', 400, 'bad operator'],
      ['any/vodafone/whatsapp', 400, 'select country'],
      ['england/any/narnia', 400, 'no product'],
      ['england/any/whatsapp?maxPrice=cheap', 400, 'bad max price'],
      ['england/any/whatsapp?maxPrice=0.01', 200, 'no free phones'],
      [`england/any/${scarce.slug}`, 400, 'no product'],
    ]
    for (const [path, status, body] of refusals)
      expect(await get(key, `/user/buy/activation/${path}`), path).toMatchObject({ status, body })
    await get(key, `/user/buy/activation/${place(scarce)}`)
    const none = await get(key, `/user/buy/activation/${place(scarce)}`)
    expect(none).toMatchObject({ status: 200, body: 'no free phones' })
    expect(none.headers.get('content-type')).toMatch(/^text\/plain/)
    const poor = await get(await customer('0'), '/user/buy/activation/england/any/whatsapp')
    expect(poor).toMatchObject({ status: 400, body: 'not enough user balance' })
  })

  it('takes what it cannot do, and does without: forwarding, voice, referrals', async () => {
    const key = await customer()
    const selections = 'forwarding=1&number=79008005040&reuse=1&voice=1&ref=abc&maxPrice=50'
    const { body } = await get(key, `/user/buy/activation/any/any/whatsapp?${selections}`)
    expect(body).toMatchObject({ forwarding: false, forwarding_number: '', status: 'PENDING' })
  })

  it('buys at the highest price that was set, with any operator and unless told another', async () => {
    const key = await customer()
    const limit = (price: number) =>
      call(server, key, 'POST', `${base}/user/max-prices`, { product_name: dear.slug, price })
    const set = await limit(1.5)
    expect(set).toMatchObject({ status: 200, body: { product: dear.slug, price: 1.5 } })
    const path = `/user/buy/activation/${place(dear)}`
    expect(await get(key, path)).toMatchObject({ status: 200, body: 'no free phones' })
    expect((await get(key, `${path}?maxPrice=2`)).body.price).toBe(2)
    expect((await get(key, path.replace('/any/', `/${dear.slug}/`))).body.price).toBe(2)
    const raised = await limit(2)
    expect(raised.body.id).toBe(set.body.id)
    expect((await get(key, path)).body.price).toBe(2)
    const forget = { product_name: dear.slug }
    const forgotten = await call(server, key, 'DELETE', `${base}/user/max-prices`, forget)
    expect(forgotten.status).toBe(200)
    const again = await call(server, key, 'DELETE', `${base}/user/max-prices`, forget)
    expect(again).toMatchObject({ status: 404, body: 'record not found' })
    expect((await get(key, '/user/max-prices')).body).toEqual([])
  })

  it('takes the document’s own call, whose tool names its JSON a form', async () => {
    const key = await customer()
    const reply = await call(
      server,
      key,
      'POST',
      `${base}/user/max-prices`,
      '{"product_name": "telegram", "price": 30}',
      { 'content-type': 'application/x-www-form-urlencoded' },
    )
    expect(reply).toMatchObject({ status: 200, body: { product: 'telegram', price: 30 } })
    expect((await get(key, '/user/max-prices')).body).toEqual([
      { ...reply.body, CreatedAt: time, created_at: time },
    ])
  })

  it('does nothing on HEAD, which only looks', async () => {
    const key = await customer()
    const { id } = await buy(key)
    server.advance(121)
    for (const path of ['buy/activation/england/any/whatsapp', `cancel/${id}`, `ban/${id}`]) {
      const reply = await call(server, key, 'HEAD', `${base}/user/${path}`)
      expect(reply.status).toBe(405)
      expect(reply.headers.get('allow')).toBe('GET')
    }
    const list = await get<{ Data: Order[] }>(key, '/user/orders?category=activation')
    expect(list.body.Data).toMatchObject([{ id, status: 'RECEIVED' }])
    expect((await call(server, key, 'HEAD', `${base}/user/check/${id}`)).status).toBe(200)
  })

  it('does a GET that spends once for each Idempotency-Key, and minds its query', async () => {
    const key = await customer()
    const once = { 'idempotency-key': 'one-number' }
    const path = '/user/buy/activation/england/any/whatsapp'
    const first = await get(key, `${path}?maxPrice=50`, once)
    const again = await get(key, `${path}?maxPrice=50`, once)
    expect(again.body).toEqual(first.body)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect((await get(key, `${path}?maxPrice=60`, once)).status).toBe(422)
    for (const other of ['/user/buy/hosting/usa/any/1day']) {
      const key2 = { 'idempotency-key': 'one-rental' }
      const { body } = await get(key, other, key2)
      expect((await get(key, other, key2)).body).toEqual(body)
    }
    const list = await get<{ Total: number }>(key, '/user/orders?category=activation')
    expect(list.body.Total).toBe(1)
  })

  it('lists orders and payments by pages', async () => {
    const key = await customer()
    const ids = [(await buy(key)).id, (await buy(key)).id, (await buy(key)).id]
    const page = async (query: string) =>
      (await get<{ Data: Order[]; Total: number }>(key, `/user/orders?category=activation${query}`))
        .body
    expect((await page('')).Data.map((one) => one.id)).toEqual(ids)
    const last = await page('&limit=2&offset=0&order=id&reverse=true')
    expect(last).toMatchObject({ Total: 3, ProductNames: [], Statuses: [] })
    expect(last.Data.map((one) => one.id)).toEqual([ids[2], ids[1]])
    expect((await page('&limit=2&offset=2')).Data.map((one) => one.id)).toEqual([ids[2]])
    server.advance(121)
    await get(key, `/user/cancel/${ids[0]}`)
    const payments = await get<{ Data: { Balance: number }[] }>(key, '/user/payments?reverse=true')
    expect(payments.body).toMatchObject({
      Data: [
        { TypeName: 'refund', ProviderName: 'whatsapp' },
        { TypeName: 'buy', ProviderName: 'whatsapp' },
        { TypeName: 'buy' },
        { TypeName: 'buy' },
        { TypeName: 'charge', ProviderName: 'admin', Amount: 100, Balance: 100 },
      ],
      PaymentTypes: [{ Name: 'refund' }, { Name: 'buy' }, { Name: 'charge' }],
      PaymentProviders: [{ Name: 'whatsapp' }, { Name: 'admin' }],
      Total: 5,
    })
    // D7: a limit is cut to its bounds, and an unknown order is the usual one.
    const first = await page('&limit=1')
    for (const query of ['&limit=0', '&limit=1&order=price', '&limit=1&order=&reverse='])
      expect(await page(query)).toEqual(first)
    expect(await page('&limit=1000')).toEqual(await page('&limit=100'))
    for (const query of ['', '?category=nonsense', '?category=hosting&limit=many'])
      expect((await get(key, `/user/orders${query}`)).status).toBe(400)
    expect((await get(key, '/user/orders')).body).toBe('category is incorrect')
  })

  it('shows the account, its open orders and what is held for them', async () => {
    const key = await customer()
    const { price } = await buy(key)
    const { body } = await get<{ last_order: string }>(key, '/user/profile')
    expect(body).toMatchObject({
      vendor: '',
      default_forwarding_number: '',
      balance: Math.round((100 - price) * 100) / 100,
      rating: 96,
      default_country: { name: '', iso: '', prefix: '' },
      default_operator: { name: '' },
      frozen_balance: price,
      total_active_orders: 1,
      did_order: true,
      last_order: expect.stringMatching(/^england:whatsapp:[a-z0-9_-]+:1:[\d.]+$/),
    })
  })
})
