// BTCPay Server, against a server that speaks its protocol and signs as it does.
import { describe, expect, it } from 'vitest'
import { expireDeposits } from '../../src/core/deposits/settling.ts'
import { describeGateway } from './conformance.ts'
import { paying } from './paying.ts'
import { btcpayServer } from './servers/btcpay.ts'

describeGateway('btcpay', btcpayServer)

describe('what only btcpay does', async () => {
  const gateway = await btcpayServer()
  const given = await paying(gateway)
  const { server, tell } = given
  const now = () => server.app.now()

  it('holds the rate for 25 minutes', async () => {
    const { open } = await given.customer()
    const { expires_at: end } = await open()
    expect(Date.parse(end) - now().getTime()).toBe(25 * 60_000)
    const { checkout, amount, currency } = JSON.parse(gateway.fake.asked.at(-1)?.body ?? '')
    expect({ amount, currency, ...checkout }).toMatchObject({
      amount: '25',
      currency: 'USD',
      expirationMinutes: 25,
    })
  })

  it('keeps what is being confirmed open beyond the window, and credits it then', async () => {
    const { open, read, balance } = await given.customer()
    const { id, payment_reference: reference, payment_url: url } = await open()
    gateway.pay(reference, { amount: '25.00', confirming: true })
    expect(await tell(gateway.notice(reference, now()))).toBe('200 taken')
    server.advance(3600)
    while ((await expireDeposits(server.db, now())) > 0);
    expect(await read(id)).toMatchObject({ state: 'pending', confirming: true })
    expect(await (await fetch(url)).text()).toContain('on its way')
    gateway.pay(reference, { amount: '25.00' })
    expect(await tell(gateway.notice(reference, now()))).toBe('200 taken')
    expect(await read(id)).toMatchObject({ state: 'success', confirming: false })
    expect(await balance()).toBe('25.00')
  })
})
