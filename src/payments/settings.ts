// The gateways' settings, read from the environment by src/config.ts. A gateway without settings is not
// offered.
import { readPayment } from '../core/deposits/emv-qr.ts'

export type StripeSettings = {
  readonly key: string
  readonly webhookSecret: string
  readonly url: string
}
export type MidtransSettings = { readonly serverKey: string; readonly url: string }
export type XenditSettings = {
  readonly key: string
  readonly callbackToken: string
  readonly url: string
}
export type BtcpaySettings = {
  readonly url: string
  readonly store: string
  readonly key: string
  readonly webhookSecret: string
}
export type ManualSettings = {
  /** Instructions for the payer: where to transfer the money. */
  readonly instructions: string
  /** The payload of the operator's static QRIS code; null: none. */
  readonly qris: string | null
}

export type PaymentSettings = {
  /** The sandbox gives money away: it is only for the demo. */
  readonly sandbox: boolean
  readonly stripe: StripeSettings | null
  readonly midtrans: MidtransSettings | null
  readonly xendit: XenditSettings | null
  readonly btcpay: BtcpaySettings | null
  readonly manual: ManualSettings | null
  /** What payers pay on top, in hundredths of a percent, by gateway. */
  readonly fees: Readonly<Record<string, bigint>>
}

/** Reads values and collects problems. */
export type Read = {
  readonly text: (name: string, fallback: string) => string
  readonly url: (name: string, protocols: readonly string[]) => string | null
  readonly problems: string[]
}

const web = ['http:', 'https:']
const maxInstructions = 1_000

/** Reads every gateway's settings. Incomplete settings are reported as a problem. */
export function readPayments(read: Read, demo: boolean): PaymentSettings {
  const url = (name: string, fallback: string) =>
    (read.url(name, web) ?? fallback).replace(/\/+$/, '')
  const urls = {
    stripe: url('NUMLET_STRIPE_URL', 'https://api.stripe.com'),
    midtrans: url('NUMLET_MIDTRANS_URL', 'https://api.midtrans.com'),
    xendit: url('NUMLET_XENDIT_URL', 'https://api.xendit.co'),
    btcpay: url('NUMLET_BTCPAY_URL', ''),
  }
  const stripe = allOrNone(read, ['NUMLET_STRIPE_KEY', 'NUMLET_STRIPE_WEBHOOK_SECRET'])
  const midtrans = allOrNone(read, ['NUMLET_MIDTRANS_SERVER_KEY'])
  const xendit = allOrNone(read, ['NUMLET_XENDIT_KEY', 'NUMLET_XENDIT_CALLBACK_TOKEN'])
  const btcpay = allOrNone(read, [
    'NUMLET_BTCPAY_URL',
    'NUMLET_BTCPAY_STORE',
    'NUMLET_BTCPAY_KEY',
    'NUMLET_BTCPAY_WEBHOOK_SECRET',
  ])
  return {
    sandbox: demo,
    stripe: stripe && {
      key: stripe[0] as string,
      webhookSecret: stripe[1] as string,
      url: urls.stripe,
    },
    midtrans: midtrans && {
      serverKey: midtrans[0] as string,
      url: urls.midtrans,
    },
    xendit: xendit && {
      key: xendit[0] as string,
      callbackToken: xendit[1] as string,
      url: urls.xendit,
    },
    btcpay: btcpay && {
      url: urls.btcpay,
      store: btcpay[1] as string,
      key: btcpay[2] as string,
      webhookSecret: btcpay[3] as string,
    },
    manual: readManual(read),
    fees: readFees(read),
  }
}

const withFees = ['stripe', 'midtrans', 'xendit', 'btcpay', 'manual'] as const

/** Percents with at most two decimals, such as `2.9`. */
function readFees(read: Read): Record<string, bigint> {
  const fees: Record<string, bigint> = {}
  for (const gateway of withFees) {
    const name = `NUMLET_${gateway.toUpperCase()}_FEE_PERCENT`
    const text = read.text(name, '').trim()
    const [, whole, part = ''] = /^(\d{1,2})(?:\.(\d{1,2}))?$/.exec(text) ?? []
    if (whole !== undefined) fees[gateway] = BigInt(whole + part.padEnd(2, '0'))
    else if (text !== '')
      read.problems.push(`${name} must be a percentage below 100 with at most two decimals`)
  }
  return fees
}

function readManual(read: Read): ManualSettings | null {
  const instructions = read.text('NUMLET_MANUAL_INSTRUCTIONS', '').trim()
  const qris = read.text('NUMLET_MANUAL_QRIS', '').trim()
  if (instructions === '' && qris === '') return null
  if (instructions === '')
    read.problems.push('NUMLET_MANUAL_QRIS requires NUMLET_MANUAL_INSTRUCTIONS')
  if (instructions.length > maxInstructions)
    read.problems.push(`NUMLET_MANUAL_INSTRUCTIONS must have at most ${maxInstructions} characters`)
  if (qris !== '' && !readPayment(qris))
    read.problems.push('NUMLET_MANUAL_QRIS must be the full text of a QRIS code')
  return { instructions, qris: qris === '' ? null : qris }
}

/** Values that must be set together. Their content is never shown: they are secrets. */
function allOrNone(read: Read, names: readonly string[]): string[] | null {
  const values = names.map((name) => read.text(name, '').trim())
  const missing = names.filter((_, i) => values[i] === '')
  if (missing.length === names.length) return null
  if (missing.length > 0) {
    const given = names.filter((name) => !missing.includes(name))
    read.problems.push(`${given.join(', ')} requires ${missing.join(', ')}`)
  }
  const unfit = names.filter((_, i) => /[^\x21-\x7e]/.test(values[i] as string))
  if (unfit.length > 0) read.problems.push(`${unfit.join(', ')} must be visible ASCII characters`)
  return values
}
