// The WhichOtp dialect, call by call, as its document has it.
import { describe, expect, it } from 'vitest'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'

const whatsapp = '123e4567-e89b-12d3-a456-426614174000'
const base = '/whichotp/api/v1'

describe('whichotp', async () => {
  const server = await testServer()
  const { secret } = await testSupplier(server.db)

  const receive = (number: string, sms: string, sender = 'WhatsApp') =>
    call(server, secret, 'POST', '/api/callback', {
      event: 'incoming_message',
      message: { number, sender, sms },
    })

  it('does the main job: buys, receives, reads the code, and the money is right', async () => {
    const { key } = await testCustomer(server.db)
    const bought = await call<{ id: string; phoneNumber: string; cost: number }>(
      server,
      key,
      'POST',
      `${base}/orders/buy`,
      { serviceId: whatsapp },
    )
    expect(bought.status).toBe(200)
    expect(bought.body).toMatchObject({
      id: expect.stringMatching(/^ord_[0-9a-z]{11}$/),
      phoneNumber: expect.stringMatching(/^\+\d{7,15}$/),
      status: 'waiting',
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    })
    const { id, phoneNumber, cost } = bought.body
    expect((await call(server, key, 'GET', `${base}/orders/${id}`)).body).toEqual({
      id,
      phoneNumber,
      status: 'waiting',
      smsCode: null,
      cost,
    })
    const sent = await receive(phoneNumber, 'Your WhatsApp code is 593-821')
    expect(sent).toMatchObject({ status: 200, body: { order_ids: [id] } })
    expect((await call(server, key, 'GET', `${base}/orders/${id}`)).body).toEqual({
      id,
      phoneNumber,
      status: 'completed',
      smsCode: '593821',
      cost,
    })
    expect((await call(server, key, 'GET', `${base}/balance`)).body).toEqual({
      balance: 100 - cost,
      currency: 'USD',
    })
  })

  it('gives the money back on cancel, after the cooldown and once', async () => {
    const { key } = await testCustomer(server.db)
    const { body } = await call<{ id: string; cost: number }>(
      server,
      key,
      'POST',
      `${base}/orders/buy`,
      { serviceId: whatsapp },
    )
    const cancel = () => call(server, key, 'POST', `${base}/orders/${body.id}/cancel`)
    const early = await cancel()
    expect(early).toMatchObject({
      status: 409,
      body: { error: 'Order cannot be cancelled yet. Try again in 120 seconds.' },
    })
    expect(early.headers.get('retry-after')).toBe('120')
    server.advance(121)
    expect(await cancel()).toMatchObject({
      status: 200,
      body: { id: body.id, status: 'refunded', refundedAmount: body.cost },
    })
    expect(await cancel()).toMatchObject({ status: 409 })
    expect((await call(server, key, 'GET', `${base}/balance`)).body).toMatchObject({ balance: 100 })
  })
})
