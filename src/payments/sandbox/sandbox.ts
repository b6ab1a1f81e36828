// The sandbox: a button on our own page pays. It is there in the demo alone, and moves no money but its own.
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

/** A counter that no bank knows: what is shown in rupiah looks like QRIS, and pays nobody. */
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
  // Nobody has to be told: what the sandbox gave it takes back.
  refund: async () => {},
}
