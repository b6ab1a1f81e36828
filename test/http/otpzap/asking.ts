// A server as an OTPZap client sees it: every answer is held against the reference, and its envelope opened.
import { expect } from 'vitest'
import { countries } from '../../../src/core/catalog/data/load.ts'
import { referenceOf } from '../../harness/documented.ts'
import { call, type Reply, type TestServer, testSupplier } from '../../harness/server.ts'

export const base = '/otpzap/api/v1'

export type Order = {
  order_id: number
  server: 1 | 2
  status: string
  phone_number: string
  service_name: string
  country_name: string
  operator_name: string
  price: number
  currency: string
  otp_code: string | null
  otps: {
    otp_code: string
    message: string
    sender: string
    service_name: string
    received_at: string
  }[]
  resend_count: number
  resend_locked_until: string | null
  cancel_available_at: string
  expires_at: string
  created_at: string
}

type Failure = {
  success: false
  message: string
  error: { code: string; message: string; fields?: Record<string, string> }
}

export const countryId = (code: string) => {
  const country = countries.find((row) => row.iso2 === code)
  if (!country) throw new Error(`no country ${code}`)
  return country.number
}

/** `2026-05-19 10:30:00 WIB` of a moment. */
export const wib = (date: Date) =>
  `${new Date(date.getTime() + 7 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')} WIB`

let asked = 0

export async function asking(server: TestServer) {
  const reference = await referenceOf(server)
  const { secret } = await testSupplier(server.db, `asking-${++asked}`)
  const ask = async <T>(
    key: string | null,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Reply<T>> => {
    const reply = await call<T>(server, key, method, base + path, body, headers)
    reference.check(method, base + path, reply)
    expect(reply.headers.get('content-type')).toMatch(/^application\/json/)
    return reply
  }
  return {
    ask,
    /** The `data` of a success; fails on anything else. */
    async data<Data>(
      key: string,
      method: string,
      path: string,
      body?: unknown,
      headers?: Record<string, string>,
    ): Promise<Data> {
      const reply = await ask<{ success: true; data: Data }>(key, method, path, body, headers)
      expect(reply.status, JSON.stringify(reply.body)).toBe(200)
      expect(Object.keys(reply.body)).toEqual(['success', 'data'])
      return reply.body.data
    },
    /** Fails unless it is refused with this status and code. */
    async refused(
      key: string,
      method: string,
      path: string,
      body: unknown,
      [status, code]: readonly [number, string],
    ): Promise<Reply<Failure>> {
      const reply = await ask<Failure>(key, method, path, body)
      expect([reply.status, reply.body.error?.code], JSON.stringify(reply.body)).toEqual([
        status,
        code,
      ])
      expect(reply.body).toMatchObject({ success: false, message: reply.body.error.message })
      return reply
    },
    /** A message to a number, as a supplier brings it. */
    receive: (number: string, sender: string, sms: string) =>
      call(server, secret, 'POST', '/api/callback', {
        event: 'incoming_message',
        message: { number, sender, sms },
      }),
  }
}
