// OTPZap's own document: each of its URLs as it is printed there, and the life of an order as it tells it.
import { describe, expect, it } from 'vitest'
import { call, testCustomer, testServer, testSupplier } from '../../harness/server.ts'

const base = '/otpzap/api/v1'

/** What the document shows: method, path with its example values, and what Numlet has there. */
const printed: readonly (readonly [string, string, number, string])[] = [
  ['GET', '/balance', 200, 'balance'],
  ['GET', '/topup/check?order_id=APIDEP-3-xxx', 404, 'deposit_not_found'],
  ['GET', '/countries', 200, 'countries'],
  ['GET', '/services?country_id=7', 200, 'services'],
  ['GET', '/products?platform_id=1&country_id=7', 200, 'products'],
  ['GET', '/s2/countries', 200, 'countries'],
  ['GET', '/s2/services?country_id=7', 200, 'services'],
  ['GET', '/s2/operators?country_id=7', 200, 'operators'],
  ['GET', '/s2/special', 200, 'services'],
  ['GET', '/s3/sites', 200, 'sites'],
  ['GET', '/s3/domains?site=openai.com', 200, 'domains'],
  ['GET', '/order/email-check?ref=APIE-3-xxx', 404, 'order_not_found'],
  ['GET', '/order/check?order_id=65', 404, 'order_not_found'],
  ['GET', '/webhook/get', 404, 'webhook_not_configured'],
  ['POST', '/topup/create', 422, 'validation_failed'],
  ['POST', '/order/email-create', 422, 'validation_failed'],
  ['POST', '/order/email-reorder', 422, 'validation_failed'],
  ['POST', '/order/email-cancel', 422, 'validation_failed'],
  ['POST', '/order/email-finish', 422, 'validation_failed'],
  ['POST', '/order/create', 422, 'validation_failed'],
  ['POST', '/order/cancel', 422, 'validation_failed'],
  ['POST', '/order/finish', 422, 'validation_failed'],
  ['POST', '/order/resend', 422, 'validation_failed'],
  ['POST', '/order/replace', 422, 'validation_failed'],
  ['PATCH', '/webhook/update', 422, 'validation_failed'],
  ['POST', '/webhook/update', 405, 'method_not_allowed'],
]

type Body = {
  success: boolean
  message?: string
  data?: Record<string, unknown>
  error?: { code: string; message: string }
}

describe('otpzap’s document', async () => {
  const server = await testServer()
  const { secret } = await testSupplier(server.db)
  const { key } = await testCustomer(server.db)
  const ask = (method: string, path: string, body?: unknown) =>
    call<Body>(server, key, method, base + path, body)

  it.each(printed)('%s %s', async (method, path, status, name) => {
    const { status: answered, body } = await ask(method, path)
    expect(answered, JSON.stringify(body)).toBe(status)
    if (status === 200) {
      expect(Object.keys(body)).toEqual(['success', 'data'])
      expect(body.data).toHaveProperty(name)
    } else
      expect(body).toMatchObject({
        success: false,
        message: expect.any(String),
        error: { code: name, message: expect.any(String) },
      })
  })

  it('an order goes from pending to otp_received to success, and a resend adds an entry', async () => {
    type Order = {
      order_id: number
      phone_number: string
      status: string
      otp_code: string | null
      otps: unknown[]
      resend_count: number
    }
    const order = async (method: string, path: string, body?: object) =>
      (await ask(method, path, body)).body.data as unknown as Order
    const send = (number: string, sms: string) =>
      call(server, secret, 'POST', '/api/callback', {
        event: 'incoming_message',
        message: { number, sender: 'WhatsApp', sms },
      })
    const path = '/products?platform_id=1012&country_id=7&sort=stock_desc'
    const { products } = (await ask('GET', path)).body.data as { products: { id: number }[] }
    const [product] = products
    const created = await order('POST', '/order/create', {
      product_id: product?.id,
      service_name: 'WhatsApp',
    })
    const check = () => order('GET', `/order/check?order_id=${created.order_id}`)
    expect(await check()).toMatchObject({ status: 'pending', otp_code: null, otps: [] })
    await send(created.phone_number, 'Your WhatsApp code: 482-915')
    const first = await check()
    expect(first).toMatchObject({ status: 'otp_received', otp_code: '482915' })
    expect(first.otps).toHaveLength(1)
    await ask('POST', '/order/resend', { order_id: created.order_id })
    expect((await ask('POST', '/order/resend', { order_id: created.order_id })).status).toBe(429)
    expect((await check()).otps).toHaveLength(1)
    await send(created.phone_number, 'Your WhatsApp code: 660-214')
    const second = await check()
    expect(second.otps).toHaveLength(2)
    expect(second).toMatchObject({ otp_code: '660214', resend_count: 1 })
    await ask('POST', '/order/finish', { order_id: created.order_id })
    expect((await check()).status).toBe('success')
  })
})
