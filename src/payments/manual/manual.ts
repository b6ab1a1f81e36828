// Bank transfers: the payer gets instructions, and an operator approves received payments. No network.
import { forOnePayment } from '../../core/deposits/emv-qr.ts'
import type { Gateway } from '../../core/deposits/gateway.ts'
import { anyAmount } from '../amounts.ts'
import { gatewayKinds } from '../kinds.ts'
import type { ManualSettings } from '../settings.ts'

/** Transfers take days. */
const windowS = 7 * 24 * 60 * 60
const wholeRupiah = 10_000n

export const manual = ({ instructions, qris }: ManualSettings): Gateway => ({
  name: 'manual',
  features: {
    ...gatewayKinds.manual,
    currencies: null,
    ...anyAmount,
    windowS,
  },
  invoice: async ({ reference, amount, currency }) => ({
    ref: reference,
    checkoutUrl: null,
    qris:
      qris !== null && currency === 'IDR' && amount % wholeRupiah === 0n
        ? forOnePayment(qris, { amount, reference })
        : null,
    instructions,
  }),
})
