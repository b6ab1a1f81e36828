// OTPWALL beyond its document's examples: names of countries, ends of activations, orders of other dialects.
import { describe, expect, it } from 'vitest'
import { referenceOf } from '../../harness/documented.ts'
import { endOverdueOrders } from '../../harness/ending.ts'
import { call, testCustomer, testServer, testSupplier } from '../../harness/server.ts'

const base = '/otpwall/v1'
const whatsapp = '123e4567-e89b-12d3-a456-426614174000'

type Number = { activation_id: string; number: string; status: string }

describe('otpwall', async () => {
  const server = await testServer()
  const reference = await referenceOf(server)
  const { secret } = await testSupplier(server.db)

  const ask = async <T = Record<string, unknown>>(
    key: string | null,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => {
    const reply = await call<T>(server, key, method, base + path, body, headers)
    reference.check(method, base + path, reply)
    return reply
  }
  const buy = async (key: string, country = 'US', service = 'whatsapp') => {
    const reply = await ask<Number>(key, 'POST', '/number', { service, country })
    expect(reply.status, JSON.stringify(reply.body)).toBe(200)
    return reply.body
  }
  const status = async (key: string, id: unknown) =>
    (await ask(key, 'GET', `/activation/${id}/status`)).body
  const change = (key: string, id: unknown, to: unknown, headers?: Record<string, string>) =>
    ask(key, 'POST', `/activation/${id}/status`, { status: to }, headers)
  const balance = async (key: string) => (await ask(key, 'GET', '/balance')).body.balance
  const receive = (number: string, sms: string) =>
    call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number, sender: 'WhatsApp', sms },
    })

  describe('takes for a country', () => {
    it.each(['PK', 'pk', 'PAK', 'pak', 'Pak', 'PKR', 'pkr'])('%s', async (name) => {
      const { key } = await testCustomer(server.db)
      const { activation_id } = await buy(key, name)
      const { body } = await call(server, key, 'GET', `/v1/orders/${activation_id}`)
      expect(body.country).toBe('PK')
    })

    it.each(['inr', 'ngn', 'idr', 'brl', 'pln', 'huf', 'sek', 'cad'])('%s', async (name) => {
      const { key } = await testCustomer(server.db)
      await buy(key, name)
    })

    it.each([
      ['usd', 'US'],
      ['USD', 'US'],
      ['gbp', 'GB'],
      ['aud', 'AU'],
      ['uk', 'GB'],
      ['UK', 'GB'],
    ])('%s, which is %s (D8)', async (name, country) => {
      const { key } = await testCustomer(server.db)
      const { activation_id } = await buy(key, name)
      const { body } = await call(server, key, 'GET', `/v1/orders/${activation_id}`)
      expect(body.country).toBe(country)
    })

    it('no currency of several that no country begins, and no code of none', async () => {
      const { key } = await testCustomer(server.db)
      for (const country of ['eur', 'EUR', 'xof', 'xcd', 'usx', 'xxx', 'zz', 'qqq'])
        expect(await ask(key, 'POST', '/number', { service: 'whatsapp', country })).toMatchObject({
          status: 404,
          body: { error: 'Country not found' },
        })
    })
  })

  it('says which field is wrong', async () => {
    const { key } = await testCustomer(server.db)
    const cases: [unknown, string][] = [
      [undefined, 'service is required; country is required'],
      [{ service: 'whatsapp' }, 'country is required'],
      [{ country: 'US' }, 'service is required'],
      [{ service: '', country: 'US' }, 'service is required'],
      [{ service: null, country: 'US' }, 'service is required'],
      [{ service: 'whatsapp', country: 1 }, 'country must be text'],
      [{ service: 'whatsapp', country: 'P' }, 'country must be a code of two or three letters'],
      [{ service: 'whatsapp', country: 'P-K' }, 'country must be a code of two or three letters'],
      [[], 'The body must be a JSON object'],
    ]
    for (const [body, error] of cases)
      expect(await ask(key, 'POST', '/number', body)).toMatchObject({
        status: 400,
        body: { error },
      })
    expect(await ask(key, 'POST', '/number', { service: 'nonsense', country: 'US' })).toMatchObject(
      { status: 404, body: { error: 'Service not found' } },
    )
    const { activation_id } = await buy(key)
    for (const to of [undefined, null, '', 'finish', 1])
      expect(await change(key, activation_id, to)).toMatchObject({
        status: 400,
        body: { error: expect.stringMatching(/^status (is required|must be complete or cancel)$/) },
      })
  })

  it('takes a service in any case, and an activation by its token as well', async () => {
    const { key } = await testCustomer(server.db)
    const { activation_id } = await buy(key, 'us', 'WhatsApp')
    const token = server.app.ids.toToken('ord', BigInt(activation_id))
    expect(await status(key, token)).toStrictEqual({ activation_id, status: 'waiting' })
  })

  it('shows the whole text of the newest message', async () => {
    const { key } = await testCustomer(server.db)
    const { activation_id, number } = await buy(key)
    await receive(number, 'WhatsApp code 593-821\nDo not share it')
    expect((await status(key, activation_id)).sms).toBe('WhatsApp code 593-821\nDo not share it')
    await receive(number, 'WhatsApp code 777-111')
    expect((await status(key, activation_id)).sms).toBe('WhatsApp code 777-111')
  })

  it('completes after a code, as often as it is asked, and not before', async () => {
    const { key } = await testCustomer(server.db)
    const { activation_id, number } = await buy(key)
    expect(await change(key, activation_id, 'complete')).toMatchObject({
      status: 409,
      body: { error: 'Activation cannot be completed' },
    })
    await receive(number, 'WhatsApp code 593-821')
    server.advance(121)
    expect(await change(key, activation_id, 'cancel')).toMatchObject({
      status: 409,
      body: { error: 'Activation cannot be cancelled' },
    })
    for (let time = 0; time < 2; time++)
      expect(await change(key, activation_id, 'complete')).toMatchObject({
        status: 200,
        body: { activation_id, status: 'complete' },
      })
  })

  it('cancels before a code and after the cooldown, and gives the money back once', async () => {
    const { key } = await testCustomer(server.db)
    const { activation_id } = await buy(key)
    const early = await change(key, activation_id, 'cancel')
    expect(early).toMatchObject({
      status: 409,
      body: { error: 'Activation cannot be cancelled yet. Try again in 120 seconds.' },
    })
    expect(early.headers.get('retry-after')).toBe('120')
    server.advance(121)
    for (let time = 0; time < 2; time++)
      expect(await change(key, activation_id, 'cancel')).toMatchObject({
        status: 200,
        body: { activation_id, status: 'cancelled' },
      })
    expect(await status(key, activation_id)).toStrictEqual({ activation_id, status: 'cancelled' })
    expect(await change(key, activation_id, 'complete')).toMatchObject({ status: 409 })
    expect(await balance(key)).toBe(100)
  })

  it('says cancelled of what ended without a code, and complete of what ended with one', async () => {
    const { key } = await testCustomer(server.db)
    const without = await buy(key)
    const having = await buy(key)
    await receive(having.number, 'WhatsApp code 593-821')
    server.advance(1_201)
    await endOverdueOrders(server.db, server.app.now())
    expect((await status(key, without.activation_id)).status).toBe('cancelled')
    expect(await status(key, having.activation_id)).toMatchObject({
      status: 'complete',
      sms: 'WhatsApp code 593-821',
    })
    expect(await change(key, without.activation_id, 'cancel')).toMatchObject({ status: 409 })
  })

  it('shows the orders of other dialects', async () => {
    const { key } = await testCustomer(server.db)
    const { body } = await call(server, key, 'POST', '/whichotp/api/v1/orders/buy', {
      serviceId: whatsapp,
    })
    const { activation_id } = await status(key, body.id)
    expect(activation_id).toMatch(/^\d+$/)
    await receive(body.phoneNumber as string, 'WhatsApp code 593-821')
    expect((await status(key, activation_id)).status).toBe('received')
    await change(key, activation_id, 'complete')
    const there = await call(server, key, 'GET', `/v1/orders/${body.id}`)
    expect(there.body.state).toBe('finished')
  })

  describe('shows a rental', () => {
    const rent = async (key: string) => {
      const { body } = await call<{ data: { order_id: string; number: string } }>(
        server,
        key,
        'POST',
        '/zapotp/account/api/v1/rent',
        { action: 'rent', service: 'whatsapp', country: 'US', duration: '3d' },
      )
      return { activation_id: body.data.order_id, number: `+${body.data.number}` }
    }

    it('as waiting, received once a message came, and complete at its end', async () => {
      const { key } = await testCustomer(server.db)
      const { activation_id, number } = await rent(key)
      expect(await status(key, activation_id)).toStrictEqual({ activation_id, status: 'waiting' })
      for (const sms of ['WhatsApp code 593-821', 'WhatsApp code 777-111']) {
        await receive(number, sms)
        expect(await status(key, activation_id)).toStrictEqual({
          activation_id,
          status: 'received',
          sms,
        })
      }
      for (const to of ['complete', 'cancel'])
        expect((await change(key, activation_id, to)).status).toBe(409)
      server.advance(3 * 86_400 + 1)
      await endOverdueOrders(server.db, server.app.now())
      expect(await status(key, activation_id)).toMatchObject({
        status: 'complete',
        sms: 'WhatsApp code 777-111',
      })
    })

    it('as cancelled when it was given back in time', async () => {
      const { key } = await testCustomer(server.db)
      const { activation_id } = await rent(key)
      server.advance(121)
      expect(await change(key, activation_id, 'cancel')).toMatchObject({
        status: 200,
        body: { status: 'cancelled' },
      })
      expect(await balance(key)).toBe(100)
    })
  })

  it('buys and changes once for each Idempotency-Key', async () => {
    const { key } = await testCustomer(server.db)
    const once = (name: string) => ({ 'idempotency-key': name })
    const body = { service: 'telegram', country: 'pkr' }
    const first = await ask<Number>(key, 'POST', '/number', body, once('buy'))
    const again = await ask<Number>(key, 'POST', '/number', body, once('buy'))
    expect(again.body).toEqual(first.body)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    const id = first.body.activation_id
    server.advance(121)
    const cancelled = await change(key, id, 'cancel', once('cancel'))
    const repeated = await change(key, id, 'cancel', once('cancel'))
    expect(repeated.body).toEqual(cancelled.body)
    expect(repeated.headers.get('idempotency-replayed')).toBe('true')
    expect(await change(key, id, 'complete', once('cancel'))).toMatchObject({
      status: 422,
      body: { error: 'Idempotency-Key was used with another request' },
    })
  })

  it('takes no key from the query', async () => {
    const { key } = await testCustomer(server.db)
    expect(await ask(null, 'GET', `/balance?api_key=${key}`)).toMatchObject({
      status: 401,
      body: { error: 'Invalid API key' },
    })
  })
})
