// Stripe, against a server that speaks its protocol; notices are signed by its own library.
import { describe, expect, it } from 'vitest'
import { setRate } from '../../src/core/catalog/rates.ts'
import { testCustomer } from '../harness/server.ts'
import { describeGateway } from './conformance.ts'
import { paying } from './paying.ts'
import { stripeServer } from './servers/stripe.ts'

describeGateway('stripe', stripeServer)

describe('what only stripe does', async () => {
  const gateway = await stripeServer()
  const given = await paying(gateway)
  const { server, tell } = given

  it('refuses a notice that was signed more than five minutes ago', async () => {
    const { open, balance } = await given.customer()
    const { payment_reference: reference } = await open()
    gateway.pay(reference, given.exact)
    const notice = gateway.notice(reference, server.app.now())
    server.advance(301)
    expect(await tell(notice)).toMatch(/^401/)
    expect(await balance()).toBe('0.00')
    expect(await tell(gateway.notice(reference, server.app.now()))).toBe('200 taken')
  })

  it('asks in the smallest coin of the currency', async () => {
    const unitAmount = async (currency: string, amount: string) => {
      const { key } = await testCustomer(server.db, { credit: '0', currency })
      const body = { amount, gateway: 'stripe' }
      expect((await given.post(server, key, '/v1/deposits', body)).status).toBe(201)
      const form = new URLSearchParams(gateway.fake.asked.at(-1)?.body)
      return form.get('line_items[0][price_data][unit_amount]')
    }
    expect(await unitAmount('EUR', '19.99')).toBe('1999')
    expect(await unitAmount('JPY', '500')).toBe('500')
    // A thousandth of a dinar is no coin that Stripe takes.
    await setRate(server.db, new Date(), 'KWD', '0.31')
    const { key } = await testCustomer(server.db, { credit: '0', currency: 'KWD' })
    const { status } = await given.post(server, key, '/v1/deposits', {
      amount: '5',
      gateway: 'stripe',
    })
    expect(status).toBe(404)
  })

  it('waits with a wrong key, and goes on when it is right', async () => {
    const { open, read } = await given.customer()
    gateway.fake.mishaps.push({ status: 401, body: { error: { type: 'invalid_request_error' } } })
    const { id, state } = await open()
    expect(state).toBe('pending')
    server.advance(61)
    while ((await given.check()) > 0);
    expect((await read(id)).checkout_url).toBeTypeOf('string')
  })
})
