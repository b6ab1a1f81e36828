// ZapOTP's document, example by example: the requests of its curl, Python and JavaScript clients are sent as
// those send them, its answers compared. The account keeps naira, as the document's does.
import { describe, expect, it } from 'vitest'
import { createAccount } from '../../../src/core/accounts/accounts.ts'
import { creditAccount } from '../../../src/core/accounts/adjustments.ts'
import { createKey } from '../../../src/core/accounts/keys.ts'
import type { Amount } from '../../../src/core/money.ts'
import { parseAmount } from '../../../src/core/money.ts'
import { referenceOf } from '../../harness/documented.ts'
import { call, testServer, testSupplier } from '../../harness/server.ts'

const base = '/zapotp/account/api/v1'

type Rented = { order_id: string; number: string; price: number; expiry: string }

describe('the ZapOTP document', async () => {
  const server = await testServer()
  const reference = await referenceOf(server)
  const { secret } = await testSupplier(server.db)
  const account = await createAccount(server.db, {
    email: 'john@example.com',
    name: 'john',
    currency: 'NGN',
  })
  await creditAccount(server.db, new Date(), {
    accountId: account.id,
    amount: parseAmount('5000') as Amount,
    reference: 'test',
  })
  const { key } = await createKey(server.db, new Date(), { accountId: account.id })

  /** What each of the document's clients makes of a request: all of them set the one header. */
  const send = async <T = unknown>(path: string, init: RequestInit = {}) => {
    const response = await fetch(`${server.url}${base}${path}`, {
      ...init,
      headers: { Authorization: `Bearer ${key}`, ...init.headers },
    })
    const body = (await response.json()) as { status: string; data: T }
    const { status, headers } = response
    reference.check(init.method ?? 'GET', base + path, { status, headers, body })
    expect(status, JSON.stringify(body)).toBe(200)
    expect(Object.keys(body)).toEqual(['status', 'data'])
    expect(body.status).toBe('success')
    return body.data
  }
  const rent = (body: object) =>
    send<Rented>('/rent', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  const receive = (number: string, sms: string) =>
    call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number, sender: 'WhatsApp', sms },
    })

  it('the account, with the key in the header and in the query', async () => {
    const user = { username: 'john', balance: 5000, currency: 'NGN' }
    expect(await send('/user')).toStrictEqual(user)
    const bare = await fetch(`${server.url}${base}/user?api_key=${key}`)
    expect(await bare.json()).toStrictEqual({ status: 'success', data: user })
  })

  it('all services of a country', async () => {
    const services = await send<object[]>('/services?country=US')
    expect(services).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ service_id: 'whatsapp', service_name: 'WhatsApp' }),
        expect.objectContaining({ service_id: 'telegram', service_name: 'Telegram' }),
      ]),
    )
    for (const service of services) {
      expect(service).toStrictEqual({
        service_id: expect.any(String),
        service_name: expect.any(String),
        price: expect.any(Number),
      })
      expect(Object.keys(service)).toEqual(['service_id', 'service_name', 'price'])
    }
  })

  it('the pools of one service', async () => {
    const params = new URLSearchParams({ service: 'whatsapp', country: 'US' })
    const pools = await send<object[]>(`/services?${params}`)
    expect(pools[0]).toMatchObject({ pool: '1', name: 'Standard Pool', success_rate: 85 })
    for (const pool of pools) {
      expect(pool).toStrictEqual({
        pool: expect.any(String),
        name: expect.any(String),
        success_rate: expect.any(Number),
        price: expect.any(Number),
        count: expect.any(Number),
      })
      expect(Object.keys(pool)).toEqual(['pool', 'name', 'success_rate', 'price', 'count'])
    }
  })

  it('a number, its code by polling, and the list of orders', async () => {
    const rented = await rent({
      action: 'rent',
      service: 'whatsapp',
      country: 'US',
      provider: 'global',
      duration: 'generic',
    })
    expect(rented).toStrictEqual({
      order_id: expect.stringMatching(/^\d+$/),
      number: expect.stringMatching(/^1\d{10}$/),
      price: expect.any(Number),
      expiry: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    })
    expect(Object.keys(rented)).toEqual(['order_id', 'number', 'price', 'expiry'])
    const { order_id, number, price } = rented
    expect(Date.parse(`${rented.expiry.replace(' ', 'T')}Z`)).toBe(
      Math.floor((server.app.now().getTime() + 1_200_000) / 1000) * 1000,
    )

    const poll = () => send<{ status: string; sms_code: string }>(`/sms?order_id=${order_id}`)
    expect(await poll()).toStrictEqual({ order_id, sms_code: null, status: 'PENDING' })
    await receive(number, 'Your WhatsApp code is 123-456')
    for (let turn = 0; turn < 2; turn++) {
      const polled = await poll()
      expect(polled).toStrictEqual({ order_id, sms_code: '123-456', status: 'RECEIVED' })
      expect(Object.keys(polled)).toEqual(['order_id', 'sms_code', 'status'])
    }

    await call(server, key, 'POST', `/v1/orders/${order_id}/finish`)
    const orders = await send<object[]>('/orders')
    const listed = {
      id: Number(order_id),
      order_id,
      service: 'whatsapp',
      number,
      status: 'FINISHED',
      price,
    }
    expect(orders).toStrictEqual([listed])
    expect(Object.keys(orders[0] as object)).toEqual(Object.keys(listed))
    expect(await send('/user')).toMatchObject({ balance: 5000 - price })
  })
})
