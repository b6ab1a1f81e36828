// Midtrans: a QRIS code for each deposit, with its Core API. https://docs.midtrans.com/reference/qris
import { hash } from 'node:crypto'
import { z } from 'zod'
import { asksOtherwise } from '../../core/deposits/emv-qr.ts'
import {
  type Gateway,
  GatewayError,
  type Invoice,
  type InvoiceRequest,
  type Notice,
  type NoticeSent,
  type Recorded,
  type Report,
} from '../../core/deposits/gateway.ts'
import { formatAmount } from '../../core/money.ts'
import { amountOf, qrisAmounts } from '../amounts.ts'
import { ask, basic, request, understood } from '../gateway-http.ts'
import { gatewayKinds } from '../kinds.ts'
import { bodyOf, forged, idOfParts, isSame } from '../notices.ts'
import type { MidtransSettings } from '../settings.ts'

const windowS = 30 * 60
const settled = ['settlement', 'capture']
const ended = ['expire', 'cancel']
const failed = ['deny', 'failure']

const charged = z.object({
  status_code: z.string(),
  transaction_id: z.string().min(1).max(200).optional(),
  order_id: z.string().optional(),
  qr_string: z.string().max(1000).optional(),
  actions: z.array(z.object({ name: z.string(), url: z.string() })).optional(),
})

const status = z.object({
  status_code: z.string(),
  transaction_id: z.string().min(1).max(200).optional(),
  order_id: z.string().optional(),
  transaction_status: z.string().optional(),
  fraud_status: z.string().optional(),
  gross_amount: z.string().optional(),
  currency: z.string().optional(),
})

const notice = z.object({
  order_id: z.string().min(1).max(200),
  status_code: z.string().max(20),
  gross_amount: z.string().max(40),
  signature_key: z.string().max(200),
  transaction_id: z.string().max(200).default(''),
  transaction_status: z.string().max(60),
})

export function midtrans(settings: MidtransSettings): Gateway {
  return {
    name: 'midtrans',
    features: {
      ...gatewayKinds.midtrans,
      currencies: ['IDR'],
      ...qrisAmounts,
      windowS,
    },
    invoice: (request) => invoice(settings, request),
    report: async (recorded) => reportOn(await statusOf(settings, recorded.reference)),
    notice: (sent) => noticeIn(settings, sent),
    refund: (recorded) => refund(settings, recorded),
  }
}

/** The transaction's id at Midtrans is Numlet's reference, which Midtrans accepts only once. */
async function invoice(settings: MidtransSettings, request: InvoiceRequest): Promise<Invoice> {
  const answer = await ask(charged, {
    method: 'POST',
    url: `${settings.url}/v2/charge`,
    headers: headersOf(settings, `numlet-${request.reference}`),
    body: {
      payment_type: 'qris',
      transaction_details: {
        order_id: request.reference,
        gross_amount: Number(formatAmount(request.amount, 0)),
      },
      qris: { acquirer: 'gopay' },
      custom_expiry: { expiry_duration: windowS / 60, unit: 'minute' },
    },
  })
  // @NOTE the HTTP status is 200 and the body has the actual one; 406: this order id was charged before
  if (answer.status_code === '406') return found(settings, request)
  if (answer.status_code.startsWith('5'))
    throw new GatewayError('down', 'the gateway had an internal error')
  if (answer.status_code !== '201' || answer.transaction_id === undefined)
    throw new GatewayError('refused', `status ${answer.status_code}`)
  const qris = answer.qr_string ?? null
  if (qris !== null && asksOtherwise(qris, request.amount))
    throw new GatewayError('refused', 'the QR code has another amount')
  const picture = answer.actions?.find(({ name }) => name === 'generate-qr-code')?.url ?? null
  return {
    ref: answer.transaction_id,
    checkoutUrl: qris === null ? picture : null,
    qris,
    instructions: null,
  }
}

/** A charge whose response was lost: Midtrans then provides its QR code only as an image. */
async function found(settings: MidtransSettings, { reference }: InvoiceRequest): Promise<Invoice> {
  const { transaction_id: ref } = await statusOf(settings, reference)
  if (ref === undefined) throw new GatewayError('down', 'an existing charge was not found')
  const url = `${settings.url}/v2/qris/${encodeURIComponent(ref)}/qr-code`
  return { ref, checkoutUrl: url, qris: null, instructions: null }
}

async function statusOf(settings: MidtransSettings, reference: string) {
  const answer = await ask(status, {
    method: 'GET',
    url: `${settings.url}/v2/${encodeURIComponent(reference)}/status`,
    headers: headersOf(settings),
  })
  if (answer.status_code.startsWith('5'))
    throw new GatewayError('down', 'the gateway had an internal error')
  if (answer.order_id !== undefined && answer.order_id !== reference)
    throw new GatewayError('refused', 'the transaction has another reference')
  return answer
}

function reportOn(answer: z.output<typeof status>): Report {
  const state = answer.transaction_status ?? ''
  const paid = answer.gross_amount === undefined ? null : amountOf(answer.gross_amount)
  const currency = answer.currency ?? 'IDR'
  // @NOTE a capture under fraud review is not a payment yet
  const isSound = answer.fraud_status === undefined || answer.fraud_status === 'accept'
  if (settled.includes(state) && isSound) return { status: 'paid', paid, currency }
  if (ended.includes(state)) return { status: 'expired', paid: null, currency }
  if (failed.includes(state)) return { status: 'failed', paid: null, currency }
  return { status: 'waiting', paid: null, currency, confirming: settled.includes(state) }
}

function noticeIn({ serverKey }: MidtransSettings, sent: NoticeSent): Notice {
  const body = bodyOf(notice, sent)
  const signed = `${body.order_id}${body.status_code}${body.gross_amount}${serverKey}`
  if (!isSame(body.signature_key.toLowerCase(), hash('sha512', signed, 'hex'))) throw forged()
  return {
    id: idOfParts(body.order_id, body.transaction_id, body.status_code, body.transaction_status),
    kind: body.transaction_status,
    reference: body.order_id,
    gatewayRef: body.transaction_id === '' ? null : body.transaction_id,
  }
}

async function refund(settings: MidtransSettings, { reference, total }: Recorded): Promise<void> {
  const raw = await request({
    method: 'POST',
    url: `${settings.url}/v2/${encodeURIComponent(reference)}/refund`,
    headers: headersOf(settings),
    body: {
      refund_key: `numlet-${reference}`,
      amount: Number(formatAmount(total, 0)),
      reason: 'Deposit refunded',
    },
  })
  const answer = understood(z.object({ status_code: z.string() }), raw)
  if (answer.status_code.startsWith('5'))
    throw new GatewayError('down', 'the gateway had an internal error')
  if (answer.status_code === '200') return
  // The key was used before: the refund was made, and the response was lost.
  const { transaction_status: state } = await statusOf(settings, reference)
  if (state !== 'refund') throw new GatewayError('refused', `status ${answer.status_code}`)
}

const headersOf = ({ serverKey }: MidtransSettings, once?: string) => ({
  authorization: basic(serverKey),
  ...(once === undefined ? {} : { 'idempotency-key': once }),
})
