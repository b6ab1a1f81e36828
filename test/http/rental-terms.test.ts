// Rentals say until when they can be cancelled and renewed, and it is so.
import { expect, it } from 'vitest'
import { call, testCustomer, testServer, testSupplier } from '../harness/server.ts'

type Rental = {
  id: string
  phone: string
  created_at: string
  expires_at: string
  cancellable_until: string | null
  renewable_until: string | null
}

const dayS = 24 * 60 * 60
const server = await testServer()
const { secret } = await testSupplier(server.db)
const { key } = await testCustomer(server.db)

const rent = async () =>
  (
    await call<Rental>(server, key, 'POST', '/v1/orders', {
      ...{ kind: 'rental', service: 'whatsapp', country: 'US', duration: '3d' },
    })
  ).body
const read = async ({ id }: Rental) =>
  (await call<Rental>(server, key, 'GET', `/v1/orders/${id}`)).body
const verb = ({ id }: Rental, name: string) =>
  call<Rental>(server, key, 'POST', `/v1/orders/${id}/${name}`)
const balance = async () =>
  Number((await call<{ balance: string }>(server, key, 'GET', '/v1/balance')).body.balance)
const betweenMs = (from: string, to: string | null) => Date.parse(to ?? '') - Date.parse(from)

it('cannot be cancelled once a message has come, or its time is over', async () => {
  const [first, second, third] = [await rent(), await rent(), await rent()]
  expect(betweenMs(first.created_at, first.cancellable_until)).toBe(20 * 60_000)
  await call(server, secret, 'POST', '/api/callback', {
    event: 'incoming_message',
    message: { number: first.phone, sender: 'WhatsApp', sms: 'Your WhatsApp code: 111-222' },
  })
  expect((await read(first)).cancellable_until).toBe(null)
  expect((await verb(first, 'cancel')).status).toBe(409)
  server.advance(20 * 60 - 1)
  expect((await read(second)).cancellable_until).toBe(second.cancellable_until)
  const cancelled = (await verb(second, 'cancel')).body
  expect(cancelled).toMatchObject({ cancellable_until: null, renewable_until: null })
  server.advance(2)
  expect((await read(third)).cancellable_until).toBe(null)
  expect((await verb(third, 'cancel')).status).toBe(409)
})

it('can be renewed up to a day after the end', async () => {
  const [first, second] = [await rent(), await rent()]
  expect(betweenMs(first.expires_at, first.renewable_until)).toBe(dayS * 1000)
  server.advance(4 * dayS - 1)
  expect((await read(first)).renewable_until).toBe(first.renewable_until)
  const renewed = await verb(first, 'renew')
  expect(renewed.status).toBe(200)
  expect(betweenMs(renewed.body.expires_at, renewed.body.renewable_until)).toBe(dayS * 1000)
  expect(renewed.body.cancellable_until).toBe(null)
  server.advance(1)
  expect((await read(second)).renewable_until).toBe(null)
  expect((await verb(second, 'renew')).status).toBe(409)
})

it('is renewed at no more than the highest price of the request, once for its key', async () => {
  const order = await rent()
  const renew = (max_price: string | number, idempotencyKey: string) =>
    call<Rental & { code: string; renewals: number; price: string }>(
      ...[server, key, 'POST', `/v1/orders/${order.id}/renew`, { max_price }],
      { 'idempotency-key': idempotencyKey },
    )
  const before = await balance()
  const { price } = (await read(order)) as Rental & { price: string }
  expect(await renew('0.01', 'renew-1')).toMatchObject({
    status: 409,
    body: { code: 'price_above_maximum', max_price: '0.01', lowest_price: price },
  })
  for (const wrong of ['much', -1, ''])
    expect(await renew(wrong, `wrong-${wrong}`)).toMatchObject({
      ...{ status: 422, body: { code: 'invalid_request', errors: [{ pointer: '/max_price' }] } },
    })
  expect(await balance()).toBe(before)
  // A refused request has not used its key up.
  for (let time = 0; time < 2; time++)
    expect(await renew(price, 'renew-1')).toMatchObject({ status: 200, body: { renewals: 1 } })
  expect(before - (await balance())).toBeCloseTo(Number(price), 6)
  // Another price is another request.
  expect((await renew('0.01', 'renew-1')).body).toMatchObject({ code: 'idempotency_conflict' })
  const unknown = { max_price: price, price }
  const path = `/v1/orders/${order.id}/renew`
  expect((await call(server, key, 'POST', path, unknown)).status).toBe(422)
  expect(await read(order)).toMatchObject({ renewals: 1 })
})
