// The sandbox: a button on Numlet's page pays. Only the demo has it, and no real money moves.
import {
  type EmvField,
  forOnePayment,
  writeEmvQr,
  writeFields,
} from '../../core/deposits/emv-qr.ts'
import type { Gateway } from '../../core/deposits/gateway.ts'
import { anyAmount } from '../amounts.ts'
import { gatewayKinds } from '../kinds.ts'

const windowS = 30 * 60
const wholeRupiah = 10_000n

/** A merchant that no bank knows: amounts in rupiah look like QRIS, and pay nobody. */
const merchant: readonly EmvField[] = [
  { id: '00', value: '01' },
  { id: '01', value: '11' },
  {
    id: '26',
    value: writeFields([
      { id: '00', value: 'COM.EXAMPLE.WWW' },
      { id: '01', value: '000000000000000000' },
    ]),
  },
  { id: '52', value: '4814' },
  { id: '53', value: '360' },
  { id: '58', value: 'ID' },
  { id: '59', value: 'NUMLET DEMO' },
  { id: '60', value: 'JAKARTA' },
  { id: '61', value: '10110' },
]

export const sandbox: Gateway = {
  name: 'sandbox',
  features: {
    ...gatewayKinds.sandbox,
    currencies: null,
    ...anyAmount,
    windowS,
  },
  invoice: async ({ reference, amount, currency }) => ({
    ref: reference,
    checkoutUrl: null,
    qris:
      currency === 'IDR' && amount % wholeRupiah === 0n
        ? forOnePayment(writeEmvQr(merchant), { amount, reference })
        : null,
    instructions: null,
  }),
  // No gateway has to be called: the sandbox takes back what it gave.
  refund: async () => {},
}
