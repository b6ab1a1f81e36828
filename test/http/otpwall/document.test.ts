// OTPWALL's document, example by example: its requests are sent as they stand there, its answers compared.
import { describe, expect, it } from 'vitest'
import { referenceOf } from '../../harness/documented.ts'
import { call, testCustomer, testServer, testSupplier } from '../../harness/server.ts'

const base = '/otpwall/v1'

describe('the OTPWALL document', async () => {
  const server = await testServer()
  const reference = await referenceOf(server)
  const { key } = await testCustomer(server.db, { credit: '12.50' })
  const { secret } = await testSupplier(server.db)

  const ask = async (method: string, path: string, body?: string) => {
    const reply = await call<Record<string, unknown>>(server, key, method, base + path, body)
    reference.check(method, base + path, reply)
    expect(reply.status, JSON.stringify(reply.body)).toBe(200)
    return reply.body
  }
  const receive = (number: unknown, sms: string) =>
    call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number, sender: 'Telegram', sms },
    })

  it('has a key of 32 letters and digits', () => {
    expect(key).toMatch(/^[0-9A-Za-z]{32}$/)
  })

  it('A: the balance', async () => {
    expect(await ask('GET', '/balance')).toStrictEqual({ balance: 12.5, currency: 'USD' })
  })

  it('E: the countries', async () => {
    const countries = await ask('GET', '/countries')
    expect(countries).toEqual(
      expect.arrayContaining([
        { code: 'US', name: 'United States' },
        { code: 'PK', name: 'Pakistan' },
        { code: 'IN', name: 'India' },
      ]),
    )
    for (const country of countries as unknown as object[])
      expect(country).toStrictEqual({
        code: expect.stringMatching(/^[A-Z]{2}$/),
        name: expect.any(String),
      })
  })

  it('E: the services', async () => {
    const services = await ask('GET', '/services')
    expect(services).toEqual(
      expect.arrayContaining([
        { code: 'telegram', name: 'Telegram' },
        { code: 'whatsapp', name: 'WhatsApp' },
        { code: 'facebook', name: 'Facebook' },
      ]),
    )
    for (const service of services as unknown as object[])
      expect(service).toStrictEqual({ code: expect.any(String), name: expect.any(String) })
  })

  it('B, C, D: a number, its message, its end', async () => {
    const bought = await ask('POST', '/number', '{"service":"telegram","country":"pkr"}')
    expect(bought).toStrictEqual({
      activation_id: expect.stringMatching(/^\d+$/),
      number: expect.stringMatching(/^\+92\d{6,12}$/),
      status: 'waiting',
    })
    expect(Object.keys(bought)).toEqual(['activation_id', 'number', 'status'])
    const { activation_id, number } = bought
    const path = `/activation/${activation_id}/status`
    expect(await ask('GET', path)).toStrictEqual({ activation_id, status: 'waiting' })

    await receive(number, 'Your code is 985421')
    const received = await ask('GET', path)
    expect(received).toStrictEqual({
      activation_id,
      status: 'received',
      sms: 'Your code is 985421',
    })
    expect(Object.keys(received)).toEqual(['activation_id', 'status', 'sms'])

    expect(await ask('POST', path, '{"status":"complete"}')).toStrictEqual({
      activation_id,
      status: 'complete',
    })
    expect(await ask('GET', path)).toStrictEqual({
      activation_id,
      status: 'complete',
      sms: 'Your code is 985421',
    })
  })
})
