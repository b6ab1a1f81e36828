// Orders for several services through the native API, on a market of their own: what the tests of O4 share.
import { expect } from 'vitest'
import { referenceOf } from '../harness/documented.ts'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'
import { dramaNumbers, openMarket } from '../promises/market.ts'

type Part = { service: string; price: string | null; state: string; code: string | null }
export type Order = {
  id: string
  number: number
  state: string
  price: string
  phone: string
  code: string | null
  services: Part[]
  messages: { service: string | null; code: string | null }[]
  resend_pending: boolean
}
export type Quote = {
  services: { service: string; price: string }[]
  price: string
  currency: string
}
export type Line = { type: string; amount: string; change: string }

const env = { NUMLET_CANCEL_COOLDOWN_S: '0', NUMLET_SIMULATOR_AUTO: '0' }
export const windowS = 1_200

export async function severalServices() {
  const server = await testServer({ template: 'catalog', env })
  const { app, db } = server
  const reference = await referenceOf(server)
  const { supplierId, secret } = await testSupplier(db)
  await openMarket(db, supplierId, [
    {
      country: 'GB',
      operator: 'Drama',
      pool: '1',
      phones: dramaNumbers(100),
      prices: { whatsapp: '0.40', telegram: '0.30', other: '0.20' },
    },
  ])
  const { key } = await testCustomer(db, { credit: '1000' })

  const ask = async <T = Order>(method: string, path: string, body?: unknown, by = key) => {
    const reply = await call<T>(server, by, method, path, body)
    reference.check(method, path, reply)
    return reply
  }
  const buy = async (names = ['whatsapp', 'telegram'], by = key) => {
    const { status, body } = await ask('POST', '/v1/orders', { services: names, country: 'GB' }, by)
    expect(status, JSON.stringify(body)).toBe(201)
    return body
  }
  const read = async (id: string, by = key) =>
    (await ask('GET', `/v1/orders/${id}`, undefined, by)).body
  const verb = (name: string, id: string) => ask('POST', `/v1/orders/${id}/${name}`)
  const balance = async (by = key) =>
    Number((await ask<{ balance: string }>('GET', '/v1/balance', undefined, by)).body.balance)
  let code = 100_000
  const send = async (phone: string, sender: string, sms = `Your code is ${++code}`) => {
    const message = { number: phone, sender, sms }
    const { status, body } = await call<{ order_ids: string[] }>(
      server,
      secret,
      'POST',
      '/api/callback',
      { event: 'incoming_message', message },
    )
    expect(status).toBe(200)
    return body.order_ids
  }
  const states = (order: Order) => order.services.map((one) => one.state)
  /** The code of the last message that was sent with none of its own. */
  const lastCode = () => String(code)
  return {
    server,
    app,
    db,
    reference,
    supplierId,
    key,
    ask,
    buy,
    read,
    verb,
    balance,
    send,
    states,
    lastCode,
  }
}
