// Xendit: a QRIS code for each deposit. https://developers.xendit.co/api-reference/#qr-codes
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
import { ask, basic } from '../gateway-http.ts'
import { gatewayKinds } from '../kinds.ts'
import { bodyOf, forged, headerOf, idOfParts, isSame } from '../notices.ts'
import type { XenditSettings } from '../settings.ts'

const windowS = 30 * 60
const version = '2022-07-31'

const code = z.object({
  id: z.string().min(1).max(200),
  reference_id: z.string(),
  status: z.string(),
  qr_string: z.string().min(1).max(1000),
})

const payments = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      amount: z.number(),
      currency: z.string(),
    }),
  ),
})

const notice = z.object({
  event: z.string().max(100),
  data: z
    .object({
      id: z.string().max(200),
      status: z.string().max(60).default(''),
      qr_id: z.string().max(200).optional(),
      reference_id: z.string().max(200).optional(),
    })
    .optional(),
})

export function xendit(settings: XenditSettings): Gateway {
  return {
    name: 'xendit',
    features: {
      ...gatewayKinds.xendit,
      currencies: ['IDR'],
      ...qrisAmounts,
      windowS,
    },
    invoice: (request) => invoice(settings, request),
    report: (recorded) => report(settings, recorded),
    notice: (sent) => noticeIn(settings, sent),
  }
}

/** The same key and request return the same code again. */
async function invoice(settings: XenditSettings, request: InvoiceRequest): Promise<Invoice> {
  const made = await ask(code, {
    method: 'POST',
    url: `${settings.url}/qr_codes`,
    headers: { ...headersOf(settings), 'idempotency-key': `numlet-${request.reference}` },
    body: {
      reference_id: request.reference,
      type: 'DYNAMIC',
      currency: request.currency,
      amount: Number(formatAmount(request.amount, 0)),
      expires_at: request.expiresAt.toISOString(),
    },
  })
  if (asksOtherwise(made.qr_string, request.amount))
    throw new GatewayError('refused', 'the QR code has another amount')
  return { ref: made.id, checkoutUrl: null, qris: made.qr_string, instructions: null }
}

async function report(settings: XenditSettings, { ref, reference }: Recorded): Promise<Report> {
  const url = `${settings.url}/qr_codes/${encodeURIComponent(ref)}`
  const headers = headersOf(settings)
  const shown = await ask(code, { method: 'GET', url, headers })
  if (shown.reference_id !== reference)
    throw new GatewayError('refused', 'the code has another reference')
  const { data } = await ask(payments, { method: 'GET', url: `${url}/payments`, headers })
  const done = data.filter((payment) => payment.status === 'SUCCEEDED')
  const [first] = done
  if (!first) return { status: 'waiting', paid: null, currency: null }
  const same = done.filter((payment) => payment.currency === first.currency)
  const paid = same.reduce((sum, payment) => sum + (amountOf(payment.amount) ?? 0n), 0n)
  return { status: 'paid', paid, currency: first.currency }
}

function noticeIn({ callbackToken }: XenditSettings, sent: NoticeSent): Notice | null {
  if (!isSame(headerOf(sent, 'x-callback-token'), callbackToken)) throw forged()
  const { event, data } = bodyOf(notice, sent)
  if (event !== 'qr.payment' || !data) return null
  return {
    id: idOfParts(event, data.id, data.status),
    kind: event,
    reference: data.reference_id ?? null,
    gatewayRef: data.qr_id ?? null,
  }
}

const headersOf = ({ key }: XenditSettings) => ({
  authorization: basic(key),
  'api-version': version,
})
