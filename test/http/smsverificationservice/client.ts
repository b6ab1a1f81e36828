// A client of smsVerificationService for tests: every answer is held against the reference, too.
import { expect } from 'vitest'
import { referenceOf } from '../../harness/documented.ts'
import { call, type Reply, type TestServer, testSupplier } from '../../harness/server.ts'

export const base = '/smsverificationservice/api/v1'

export const ids = { whatsapp: 1012, telegram: 22, tinder: 4421, instagram: 7821, gb: 4 }

export type Wrapped<T = object> = { readonly success: boolean; readonly data: T & Ordered }
export type Ordered = {
  readonly order_id: number
  readonly status: string
  readonly phone: string
}

export async function clientOf(server: TestServer) {
  const reference = await referenceOf(server)
  const { secret } = await testSupplier(server.db)
  const ask = async <T = Record<string, unknown>>(
    key: string | null,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Reply<T>> => {
    const reply = await call<T>(server, key, method, base + path, body, headers)
    expect(reply.headers.get('content-type')).toMatch(/^application\/json/)
    reference.check(method, base + path, reply)
    return reply
  }
  return {
    ask,
    /** Orders, and fails unless that was done. */
    async order(key: string, what: string, body: unknown): Promise<Ordered> {
      const reply = await ask<Wrapped & Ordered>(key, 'POST', `/order/${what}/`, body)
      expect(reply.status, JSON.stringify(reply.body)).toBe(201)
      return reply.body.data ?? reply.body
    },
    async status<T>(key: string, id: number) {
      return (await ask<Wrapped<T>>(key, 'GET', `/order/${id}/status/`)).body.data
    },
    async balance(key: string) {
      return (await ask<{ balance: number }>(key, 'GET', '/balance/')).body.balance
    },
    /** A message on a number, in whatever form it is written. */
    async receive(phone: string, sms: string, sender = 'WhatsApp') {
      const reply = await call(server, secret, 'POST', '/api/callback', {
        event: 'incoming_message',
        message: { number: phone.replaceAll(' ', ''), sender, sms },
      })
      expect(reply).toMatchObject({ status: 200, body: { order_ids: [expect.any(String)] } })
    },
  }
}
