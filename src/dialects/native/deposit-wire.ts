// Deposits and gateways as the native API shows them.
import { z } from 'zod'
import type { App } from '../../app.ts'
import {
  type Deposit,
  depositProblems,
  depositStates,
  stateAt,
} from '../../core/deposits/deposit.ts'
import { type Gateway, payingWays, rangeOf } from '../../core/deposits/gateway.ts'
import { payUrlOf } from '../../core/deposits/invoices.ts'
import { formatAmount } from '../../core/money.ts'
import { annotations } from './schemas.ts'

const money = z
  .string()
  .regex(/^\d+(\.\d+)?$/)
  .meta({ description: 'A decimal, in the currency given with it.', examples: ['25.00'] })
const currency = z
  .string()
  .max(10)
  .meta({ description: 'ISO 4217.', examples: ['USD'] })
const time = z.iso.datetime()

export const deposit = z
  .object({
    id: z.string().meta({ examples: ['dep_0k9x2m4p7qz'] }),
    state: z.enum(depositStates).meta({
      description:
        '`review`: the payment differs from the request, and the operator decides. `refunded`: it was paid ' +
        'back.',
    }),
    problem: z
      .enum(depositProblems)
      .nullable()
      .meta({
        description:
          'What is unusual: paid `late`, in part, in another currency, more than requested (`over`), or ' +
          '`refused` by the gateway.',
      }),
    amount: money.meta({ description: 'The amount credited on payment.' }),
    total: money.meta({ description: 'The amount to pay, including fees.' }),
    credited: money.nullable().meta({ description: 'The amount credited; null before payment.' }),
    currency,
    gateway: z.string().meta({ examples: ['sandbox'] }),
    ...annotations,
    payment_reference: z.string().meta({
      description:
        'The reference that the payer writes on a bank transfer. The gateway matches the deposit by it.',
      examples: ['NL7K3QX9P2MVAB'],
    }),
    payment_url: z.string().meta({
      description: 'The payment page. Anyone with the link can see and pay the deposit.',
    }),
    checkout_url: z.string().nullable().meta({
      description: 'The gateway’s own page, if it has one.',
    }),
    qris: z.string().nullable().meta({ description: 'The text of a QR code, if there is one.' }),
    instructions: z.string().nullable().meta({ description: 'Instructions for a manual payment.' }),
    confirming: z.boolean().meta({
      description: 'The payment was made, and the gateway waits until it is final.',
    }),
    paid: z
      .object({ amount: money, currency })
      .nullable()
      .meta({ description: 'The amount received, as the gateway reports it.' }),
    created_at: time,
    expires_at: time,
    paid_at: time.nullable(),
    refunded_at: time.nullable(),
  })
  .meta({ id: 'Deposit' })

export const gateway = z
  .object({
    name: z.string().meta({ examples: ['sandbox'] }),
    way: z.enum(payingWays).meta({
      description:
        'How to pay: a `button` on our page, a `qris` code, the gateway’s own `page`, a bank `transfer`.',
    }),
    minimum: money,
    maximum: money,
    currency,
    fee_percent: z
      .string()
      .regex(/^\d{1,2}\.\d{2}$/)
      .meta({
        description:
          'The percentage that the payer pays on top of the amount. `total` of the deposit includes it.',
        examples: ['2.90'],
      }),
    currencies: z
      .array(currency)
      .nullable()
      .meta({ description: 'The currencies that the gateway takes; null: any.' }),
    window: z.number().int().meta({ description: 'Seconds until an unpaid deposit expires.' }),
  })
  .meta({ id: 'Gateway' })

export function depositAnswer(app: App, one: Deposit): z.output<typeof deposit> {
  const decimals = app.money.decimals(one.currency)
  const credited = one.credited === null ? null : one.credited + (one.surplus ?? 0n)
  const hasCome = one.paidAmount !== null && one.paidAmount > 0n && one.paidCurrency !== null
  return {
    id: app.ids.toToken('dep', one.id),
    state: stateAt(one, app.now()),
    problem: one.problem,
    amount: formatAmount(one.amount, decimals),
    total: formatAmount(one.total, decimals),
    credited: credited === null ? null : formatAmount(credited, decimals),
    currency: one.currency,
    gateway: one.gateway,
    reference: one.annotations.reference,
    metadata: { ...one.annotations.metadata },
    payment_reference: one.reference,
    payment_url: payUrlOf(one),
    checkout_url: one.checkoutUrl,
    qris: one.qris,
    instructions: one.instructions,
    confirming: one.confirming,
    paid: hasCome
      ? {
          amount: formatAmount(one.paidAmount, app.money.decimals(one.paidCurrency)),
          currency: one.paidCurrency,
        }
      : null,
    created_at: one.createdAt.toISOString(),
    expires_at: one.expiresAt.toISOString(),
    paid_at: one.paidAt?.toISOString() ?? null,
    refunded_at: one.refundedAt?.toISOString() ?? null,
  }
}

export function gatewayAnswer(
  one: Gateway,
  caller: { readonly currency: string; readonly decimals: number },
): z.output<typeof gateway> {
  const unit = 10n ** BigInt(4 - Math.min(caller.decimals, 4))
  const { name, features } = one
  const { minimum, maximum } = rangeOf(one, { currency: caller.currency, unit })
  return {
    name,
    way: features.way,
    minimum: formatAmount(minimum, caller.decimals),
    maximum: formatAmount(maximum, caller.decimals),
    currency: caller.currency,
    fee_percent: (Number(features.feeBasisPoints ?? 0n) / 100).toFixed(2),
    currencies: features.currencies === null ? null : [...features.currencies],
    window: features.windowS,
  }
}

const paymentUrl = 'https://numlet.example.com/pay/8Zk3vQ0wYc5mT1nXb7RfJ2sHd9LgP4aE'

export const depositExample: z.output<typeof deposit> = {
  id: 'dep_0k9x2m4p7qz',
  state: 'pending',
  problem: null,
  amount: '25.00',
  total: '25.00',
  credited: null,
  currency: 'USD',
  gateway: 'sandbox',
  reference: null,
  metadata: {},
  payment_reference: 'NL7K3QX9P2MVAB',
  payment_url: paymentUrl,
  checkout_url: null,
  qris: null,
  instructions: null,
  confirming: false,
  paid: null,
  created_at: '2026-11-20T09:30:00.000Z',
  expires_at: '2026-11-20T10:00:00.000Z',
  paid_at: null,
  refunded_at: null,
}

export const paidExample: z.output<typeof deposit> = {
  ...depositExample,
  state: 'success',
  credited: '25.00',
  paid: { amount: '25.00', currency: 'USD' },
  paid_at: '2026-11-20T09:34:12.000Z',
}

export const gatewayExample: z.output<typeof gateway> = {
  name: 'sandbox',
  way: 'button',
  minimum: '0.01',
  maximum: '100000000.00',
  currency: 'USD',
  fee_percent: '0.00',
  currencies: null,
  window: 1800,
}
