// A ZapOTP client for tests: every answer is held against the reference.
import { expect } from 'vitest'
import { referenceOf } from '../../harness/documented.ts'
import { call, testServer, testSupplier } from '../../harness/server.ts'
import { type OwnService, ownService } from '../../harness/stock.ts'

const base = '/zapotp/account/api/v1'

type Answer<T = Record<string, unknown>> = { status: string; data: T; message?: string }
export type Rented = { order_id: string; number: string; price: number; expiry: string }

/** What most purchases ask for. */
export const wanted = { action: 'rent', service: 'whatsapp', country: 'US' }

/** A server, a supplier, a service with one number, and ways to call. */
export async function zapotpClient() {
  const server = await testServer()
  const reference = await referenceOf(server)
  const { secret } = await testSupplier(server.db)
  // @NOTE before the first request: the server reads its catalog again only now and then
  const own: OwnService = await ownService(server.db, { numbers: 1 })

  const ask = async <T = Record<string, unknown>>(
    key: string | null,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => {
    const reply = await call<Answer<T>>(server, key, method, base + path, body, headers)
    reference.check(method, base + path, reply)
    return reply
  }
  const dataOf = async <T>(key: string, method: string, path: string, body?: unknown) => {
    const reply = await ask<T>(key, method, path, body)
    expect(reply.status, JSON.stringify(reply.body)).toBe(200)
    expect(reply.body.status).toBe('success')
    return reply.body.data
  }
  const refused = async (
    key: string,
    method: string,
    path: string,
    body: unknown,
    status: number,
    message: string,
  ) => {
    const reply = await ask(key, method, path, body)
    expect(reply).toMatchObject({ status, body: { status: 'error', message } })
    expect(Object.keys(reply.body)).toEqual(['status', 'message'])
    return reply
  }
  const rent = (key: string, more: object = {}) =>
    dataOf<Rented>(key, 'POST', '/rent', { ...wanted, ...more })
  const sms = (key: string, id: unknown) =>
    dataOf<{ sms_code: string | null; status: string }>(key, 'GET', `/sms?order_id=${id}`)
  const balance = async (key: string) =>
    (await dataOf<{ balance: number }>(key, 'GET', '/user')).balance
  const receive = (number: string, text: string) =>
    call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number, sender: 'WhatsApp', sms: text },
    })

  return { server, own, ask, dataOf, refused, rent, sms, balance, receive }
}
