// smsVerificationService's orders: the words of their states, what is sold where, and the list.
import { describe, expect, it } from 'vitest'
import { addDomain } from '../../../src/core/inboxes/domains.ts'
import { type Amount, parseAmount } from '../../../src/core/money.ts'
import { endOverdueOrders } from '../../harness/ending.ts'
import { call, testCustomer, testServer } from '../../harness/server.ts'
import { clientOf, ids } from './client.ts'

type Listed = { order_id: number; service: string; status: string; phone: string | null }
type Service = { service_id: number; price: number }

describe('smsVerificationService', async () => {
  const server = await testServer()
  const client = await clientOf(server)
  const { ask, order, status } = client
  const list = async (key: string) => (await ask<Listed[]>(key, 'GET', '/orders/')).body
  const nativeOf = async (key: string, id: number) =>
    (await call(server, key, 'GET', `/v1/orders/${id}`)).body

  it('says pending, completed and cancelled', async () => {
    const { key } = await testCustomer(server.db)
    const whatsapp = { service_id: ids.whatsapp }
    const coded = await order(key, 'temporary', whatsapp)
    const silent = await order(key, 'temporary', whatsapp)
    const cancelled = await order(key, 'temporary', whatsapp)
    await client.receive(coded.phone, 'Your WhatsApp code: 593-821')
    server.advance(121)
    await ask(key, 'POST', `/order/${cancelled.order_id}/cancel/`)
    const words = async () => (await list(key)).map((row) => row.status)
    expect(await words()).toEqual(['cancelled', 'pending', 'completed'])
    server.advance(1_200)
    await endOverdueOrders(server.db, server.app.now())
    expect(await words()).toEqual(['cancelled', 'cancelled', 'completed'])
    expect(await status(key, silent.order_id)).toMatchObject({ status: 'cancelled', otp: null })
    expect(await status(key, coded.order_id)).toMatchObject({ status: 'completed', otp: '593821' })
    expect(await client.balance(key)).toBe(99.6)
  })

  it('takes a verb without a body, whatever type the client gives it', async () => {
    const { key } = await testCustomer(server.db)
    const { order_id } = await order(key, 'temporary', { service_id: ids.whatsapp })
    server.advance(121)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const path = `/order/${order_id}/cancel/`
    expect((await ask(key, 'POST', path, 'a=b', form)).status).toBe(415)
    expect(await ask(key, 'POST', path, '', form)).toMatchObject({
      status: 200,
      body: { success: true, data: { order_id, status: 'cancelled' } },
    })
  })

  it('shows the message that the code stands in', async () => {
    const { key } = await testCustomer(server.db)
    const { order_id, phone } = await order(key, 'temporary', { service_id: ids.whatsapp })
    await client.receive(phone, 'Your WhatsApp code is 548921')
    await client.receive(phone, 'WhatsApp: welcome, and have a good time')
    expect(await status(key, order_id)).toMatchObject({
      otp: '548921',
      message: 'Your WhatsApp code is 548921',
    })
  })

  it('takes the number and the token for an order', async () => {
    const { key } = await testCustomer(server.db)
    const { order_id } = await order(key, 'temporary', { service_id: ids.whatsapp })
    const token = server.app.ids.toToken('ord', order_id)
    expect((await ask(key, 'GET', `/order/${token}/status`)).body).toEqual(
      (await ask(key, 'GET', `/order/${order_id}/status/`)).body,
    )
  })

  it('sells temporary numbers in the US at the price listed', async () => {
    const { key } = await testCustomer(server.db)
    const { body } = await ask<{ data: { services: Service[] } }>(
      key,
      'GET',
      '/services/temporary/',
    )
    const listed = body.data.services.find((one) => one.service_id === ids.telegram)
    const { order_id } = await order(key, 'temporary', { service_id: ids.telegram })
    expect(await nativeOf(key, order_id)).toMatchObject({ kind: 'activation', country: 'US' })
    expect(await client.balance(key)).toBe(100 - (listed as Service).price)
  })

  it('sells the best number at the price listed', async () => {
    const { key } = await testCustomer(server.db)
    type Best = { pool: string; success_rate: number; price: string }
    const offers = await call<{ data: Best[] }>(
      server,
      key,
      'GET',
      '/v1/offers?kind=activation&service=whatsapp&country=US&in_stock=true&limit=100',
    )
    // Numbers set apart are no part of this.
    const open = offers.body.data.filter((one) => one.pool !== 'special')
    const rate = Math.max(...open.map((one) => one.success_rate))
    const prices = open.filter((one) => one.success_rate === rate)
    const price = Math.min(...prices.map((one) => Number(one.price)))
    const { body } = await ask<{ data: { services: Service[] } }>(
      key,
      'GET',
      '/services/best-temp/',
    )
    const best = body.data.services.find((one) => one.service_id === ids.whatsapp)
    expect(best?.price).toBe(price)
    const { order_id } = await order(key, 'best-temp', { service_id: ids.whatsapp })
    expect(Number((await nativeOf(key, order_id)).price)).toBe(price)
  })

  it('orders once for each Idempotency-Key, whatever the kind', async () => {
    const { key } = await testCustomer(server.db)
    const kinds: [string, object][] = [
      ['temporary', { service_id: ids.whatsapp }],
      ['best-temp', { service_id: ids.whatsapp }],
      ['global', { service_id: ids.whatsapp, country_id: ids.gb }],
      ['rental', { service: 'WhatsApp', duration: 3 }],
      ['rent-1day', { service_id: ids.tinder }],
      ['rent-30days', { service_id: ids.instagram }],
      ['esim', { plan: 'USA 5GB / 30 days' }],
    ]
    for (const [kind, body] of kinds) {
      const once = { 'idempotency-key': `once-${kind}` }
      const first = await ask(key, 'POST', `/order/${kind}/`, body, once)
      const balance = await client.balance(key)
      const again = await ask(key, 'POST', `/order/${kind}`, body, once)
      expect({ ...again, headers: null }).toEqual({ ...first, headers: null })
      expect(again.headers.get('idempotency-replayed')).toBe('true')
      expect(await client.balance(key)).toBe(balance)
    }
    expect(await list(key)).toHaveLength(kinds.length)
  })

  it('lists the 50 newest of every kind and dialect, newest first', async () => {
    const { key } = await testCustomer(server.db)
    const esim = await order(key, 'esim', { plan: 'Germany 5GB / 30 days' })
    await call(server, key, 'POST', '/v1/orders', { service: 'telegram', country: 'US' })
    await order(key, 'rental', { service: 'WhatsApp', duration: 3 })
    await order(key, 'global', { service_id: ids.whatsapp, country_id: 17 })
    const shown = await list(key)
    expect(shown.map((row) => [row.service, row.status])).toEqual([
      ['WhatsApp (DE)', 'pending'],
      ['WhatsApp', 'active'],
      ['Telegram', 'pending'],
      ['Germany 5GB / 30 days', 'active'],
    ])
    expect(shown.at(-1)).toMatchObject({ order_id: esim.order_id, phone: null })
    const body = { service: 'telegram', country: 'US', quantity: 16 }
    for (let time = 0; time < 3; time++) await call(server, key, 'POST', '/v1/orders', body)
    const full = await list(key)
    expect(full).toHaveLength(50)
    const numbers = full.map((row) => row.order_id)
    expect(numbers).toEqual([...numbers].sort((a, b) => b - a))
  })

  it('shows orders for several services and for mail', async () => {
    const { accountId, key } = await testCustomer(server.db)
    await server.app.orders.buyMultiService({
      accountId,
      serviceIds: [ids.whatsapp, ids.telegram],
      country: 'US',
      operatorId: null,
      pool: null,
      isSplit: false,
      once: null,
    })
    const domain = 'mail.example.com'
    const terms = { domain, price: parseAmount('0.10') as Amount, capacity: 5 }
    await server.db.begin((tx) => addDomain(tx, terms))
    const mail = {
      accountId,
      domains: [domain],
      quantity: 1,
      subject: null,
      pattern: null,
      once: null,
    }
    for (const site of ['whatsapp.com', 'example.net'])
      await server.app.inboxes.buy({ ...mail, site })
    expect((await list(key)).map((row) => [row.service, row.status, row.phone])).toEqual([
      ['Email', 'pending', null],
      ['WhatsApp', 'pending', null],
      ['WhatsApp, Telegram', 'pending', expect.stringMatching(/^\+1 /)],
    ])
  })

  it('shows an eSIM’s status, which cannot be cancelled', async () => {
    const { key } = await testCustomer(server.db)
    const { order_id } = await order(key, 'esim', { plan: 'USA 5GB / 30 days' })
    expect(await status(key, order_id)).toEqual({
      order_id,
      status: 'active',
      otp: null,
      message: null,
      phone: null,
    })
    expect(await ask(key, 'POST', `/order/${order_id}/cancel/`)).toMatchObject({
      status: 400,
      body: { error: 'Order cannot be cancelled' },
    })
  })

  it('writes money in the account’s currency', async () => {
    const { key } = await testCustomer(server.db, { currency: 'JPY', credit: '10000' })
    expect((await ask(key, 'GET', '/balance')).body).toEqual({ balance: 10_000, currency: 'JPY' })
    const { body } = await ask<{ price_3days: number }[]>(key, 'GET', '/services/rental')
    for (const row of body) expect(Number.isInteger(row.price_3days)).toBe(true)
  })
})
