// Midtrans, against a server that speaks its protocol and signs as it does.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { call, testCustomer } from '../harness/server.ts'
import { describeGateway } from './conformance.ts'
import { paying } from './paying.ts'
import { midtransServer } from './servers/midtrans.ts'

describeGateway('midtrans', midtransServer)

describe('what only midtrans does', async () => {
  const gateway = await midtransServer()
  const given = await paying(gateway)
  const { server } = given

  it('signs order, status and amount together: none of them can be changed', async () => {
    const { open, balance } = await given.customer()
    const { payment_reference: reference } = await open()
    gateway.pay(reference, given.exact)
    const { headers, body } = gateway.notice(reference, server.app.now())
    const notice = JSON.parse(body)
    for (const change of [
      { order_id: 'NL000000000000' },
      { status_code: '201' },
      { gross_amount: '1.00' },
      { signature_key: createHash('sha512').update('').digest('hex') },
    ])
      expect(await given.tell({ headers, body: JSON.stringify({ ...notice, ...change }) })).toMatch(
        /^401/,
      )
    expect(await balance()).toBe('0.00')
  })

  it('refuses what is signed and is no text', async () => {
    for (const order of ['NO\u0000PE', 'NO\ud800PE'])
      expect(await given.tell(gateway.named(order))).toMatch(/^422/)
  })

  it('shows the gateway’s own picture of a code whose answer was lost', async () => {
    const { open, read } = await given.customer()
    gateway.fake.mishaps.push('cut-after')
    const { id, payment_url: url } = await open()
    server.advance(61)
    while ((await given.check()) > 0);
    const link = (await read(id)).checkout_url as string
    expect(link).toMatch(/\/v2\/qris\/[\w-]+\/qr-code$/)
    expect(await (await fetch(url)).text()).toContain(`href="${link}"`)
  })

  it('takes whole rupiah, and ten million at most', async () => {
    const { key } = await given.customer()
    for (const amount of ['10000000.01', '10000001', '0.5', '1000.50'])
      expect(
        (await given.post(server, key, '/v1/deposits', { amount, gateway: 'midtrans' })).status,
      ).toBe(422)
  })

  it('gives OTPZap’s customers their QRIS code', async () => {
    const { key } = await testCustomer(server.db, { credit: '0', currency: 'IDR' })
    const reply = await call<{ data: { qris: string; amount: number } }>(
      server,
      key,
      'POST',
      '/otpzap/api/v1/topup/create',
      { amount: 150_000 },
    )
    expect(reply.body.data.qris).toMatch(/^000201010212/)
  })
})
