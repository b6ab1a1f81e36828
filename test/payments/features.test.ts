// What all gateways promise: what they say they can do is what they can; what is not set up is not offered.
import { describe, expect, it } from 'vitest'
import { type ConfigError, toConfig } from '../../src/config.ts'
import { currencies as isoCurrencies } from '../../src/core/catalog/data/load.ts'
import type { Gateway } from '../../src/core/deposits/gateway.ts'
import { amountOf, product } from '../../src/payments/amounts.ts'
import { openGateways } from '../../src/payments/gateways.ts'
import {
  isZeroDecimal,
  currencies as stripeCurrencies,
} from '../../src/payments/stripe/currencies.ts'
import { counter } from './servers/qris.ts'

const everything = {
  NUMLET_STRIPE_KEY: 'sk_test_1',
  NUMLET_STRIPE_WEBHOOK_SECRET: 'whsec_1',
  NUMLET_MIDTRANS_SERVER_KEY: 'SB-1',
  NUMLET_XENDIT_KEY: 'xnd_1',
  NUMLET_XENDIT_CALLBACK_TOKEN: 'token-1',
  NUMLET_BTCPAY_URL: 'https://btcpay.example.com',
  NUMLET_BTCPAY_STORE: 'Store1',
  NUMLET_BTCPAY_KEY: 'key-1',
  NUMLET_BTCPAY_WEBHOOK_SECRET: 'secret-1',
  NUMLET_MANUAL_INSTRUCTIONS: 'Bank of Example, account 000',
  NUMLET_MANUAL_QRIS: counter,
}
const open = (env: Record<string, string>) => openGateways(toConfig(env).payments)
const namesOf = (gateways: readonly Gateway[]) => gateways.map(({ name }) => name)
const problemsOf = (env: Record<string, string>) => {
  try {
    toConfig(env)
    return []
  } catch (error) {
    return (error as ConfigError).problems
  }
}

describe('gateways', async () => {
  const all = await open({ ...everything, NUMLET_DEMO: '1' })

  it('are offered where they are configured, the sandbox in the demo alone', async () => {
    expect(namesOf(all)).toEqual(['sandbox', 'midtrans', 'xendit', 'stripe', 'btcpay', 'manual'])
    expect(namesOf(await open({ NUMLET_DEMO: '1' }))).toEqual(['sandbox'])
    expect(await open({ NUMLET_DEMO: '0' })).toEqual([])
  })

  it.each(all.map((gateway) => [gateway.name, gateway] as const))(
    '%s can do what it says, and no more',
    (name, gateway) => {
      const { features } = gateway
      expect(gateway.notice !== undefined).toBe(features.notices)
      expect(gateway.report !== undefined).toBe(features.answers)
      expect(gateway.refund !== undefined).toBe(features.refunds)
      // A notice counts for nothing unless the gateway can be asked.
      expect(features.notices && !features.answers).toBe(false)
      expect(features.minimum > 0n && features.minimum <= features.maximum).toBe(true)
      expect(features.windowS).toBe(
        { btcpay: 1500, stripe: 3600, manual: 604_800 }[name as string] ?? 1800,
      )
      for (const currency of features.currencies ?? []) expect(currency).toMatch(/^[A-Z]{3}$/)
    },
  )

  it('Stripe takes currencies whose smallest coin is that of ISO 4217 on its wire, too', async () => {
    const decimals = new Map(isoCurrencies.map(({ code, decimals }) => [code, decimals]))
    const known = stripeCurrencies.filter((currency) => decimals.has(currency))
    expect(known.length).toBeGreaterThan(100)
    for (const currency of known)
      expect([currency, decimals.get(currency)]).toEqual([
        currency,
        isZeroDecimal(currency) ? 0 : 2,
      ])
  })

  it('that are set in part stop the start, and no secret is repeated', () => {
    const parts = {
      NUMLET_STRIPE_KEY: 'sk_secret',
      NUMLET_BTCPAY_URL: 'ftp://btcpay.example.com',
      NUMLET_XENDIT_CALLBACK_TOKEN: 'token\u0000',
      NUMLET_MANUAL_QRIS: 'nonsense',
      NUMLET_STRIPE_FEE_PERCENT: '2,9',
    }
    const problems = problemsOf(parts)
    for (const secret of Object.values(parts)) expect(problems.join('\n')).not.toContain(secret)
    for (const part of [
      'NUMLET_STRIPE_KEY requires NUMLET_STRIPE_WEBHOOK_SECRET',
      'NUMLET_BTCPAY_URL requires NUMLET_BTCPAY_STORE, NUMLET_BTCPAY_KEY',
      'NUMLET_BTCPAY_URL must be a URL',
      'NUMLET_XENDIT_CALLBACK_TOKEN requires NUMLET_XENDIT_KEY',
      'NUMLET_MANUAL_QRIS requires NUMLET_MANUAL_INSTRUCTIONS',
      'NUMLET_STRIPE_FEE_PERCENT must be a percentage below 100',
      'NUMLET_MANUAL_QRIS must be the full text of a QRIS code',
    ])
      expect(problems.join('\n')).toContain(part)
  })

  it('write amounts as text or numbers, and mean the same', () => {
    expect(amountOf('275000.00')).toBe(2_750_000_000n)
    expect(amountOf(25.5)).toBe(255_000n)
    for (const none of ['', '-1', '1e9', 'much', '1,5']) expect(amountOf(none)).toBeNull()
    expect(product('0.00025000', '100000.00')).toBe(250_000n)
    expect(product('0.00000001', '0.1')).toBe(0n)
    expect(product('123456789.123456789', '0.000000001')).toBe(1_234n)
    expect(product('-1', '2')).toBeNull()
  })
})
