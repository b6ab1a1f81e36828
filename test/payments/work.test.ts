// Gateways as the engine asks them: each gets its turn, and one that does not answer is left alone.
import { expect, it } from 'vitest'
import { eventually } from '../harness/program.ts'
import { call, testCustomer, testServer } from '../harness/server.ts'
import { gatewayAsker } from './asking.ts'
import { btcpayServer } from './servers/btcpay.ts'
import { stripeServer } from './servers/stripe.ts'

const btcpay = await btcpayServer()
const stripe = await stripeServer()
const server = await testServer({ env: { ...btcpay.env, ...stripe.env } })
const { key } = await testCustomer(server.db, { credit: '0' })
const ask = gatewayAsker(server.app)

const open = async (gateway: string, count: number) => {
  for (let n = 0; n < count; n++) {
    const body = { amount: '25.00', gateway }
    expect((await call(server, key, 'POST', '/v1/deposits', body)).status).toBe(201)
  }
}
/** Begins to note what is asked from now on. */
const askedOf = ({ fake }: typeof btcpay) => {
  const before = fake.asked.length
  return () => fake.asked.length - before
}

it('one that hangs holds up no other, and has ten calls at once', async () => {
  await open('btcpay', 12)
  await open('stripe', 2)
  server.advance(31)
  const gate = Promise.withResolvers<void>()
  btcpay.fake.mishaps.push(...Array.from({ length: 12 }, () => gate.promise))
  const ofBtcpay = askedOf(btcpay)
  const ofStripe = askedOf(stripe)
  const first = ask('check')
  await eventually(async () => ofBtcpay() === 10 && ofStripe() === 2)
  gate.resolve()
  expect(await first).toBe(12)
  expect(await ask('check')).toBe(2)
  expect(await ask('check')).toBe(0)
})

it('one that does not answer is left alone, then asked once at a time, then as before', async () => {
  server.advance(31)
  const failure = { status: 503, body: {} }
  btcpay.fake.mishaps.splice(0)
  btcpay.fake.mishaps.push(...Array.from({ length: 10 }, () => failure))
  expect(await ask('check')).toBe(12)
  expect(await ask('check')).toBe(0)
  server.advance(5)
  const asked = askedOf(btcpay)
  expect(await ask('check')).toBe(1)
  expect(asked()).toBe(1)
  expect(await ask('check')).toBe(1)
  expect(await ask('check')).toBe(0)
  expect([...server.app.measured.calls.of('deposit_checks').ended.keys()].sort()).toEqual([
    'answered',
    'no_answer',
  ])
})
