// BTCPay Server: an invoice in the account's currency, paid in any coin that the store accepts.
// https://docs.btcpayserver.org/API/Greenfield/v1/
import { createHmac } from 'node:crypto'
import { z } from 'zod'
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
import { type Amount, formatAmount } from '../../core/money.ts'
import { anyAmount, product } from '../amounts.ts'
import { ask } from '../gateway-http.ts'
import { gatewayKinds } from '../kinds.ts'
import { bodyOf, forged, headerOf, isSame } from '../notices.ts'
import type { BtcpaySettings } from '../settings.ts'

/** How long the exchange rate is fixed. */
const windowS = 25 * 60
/** How long later payments are still detected. */
const monitoringMinutes = 24 * 60

const shownInvoice = z.object({
  id: z.string().min(1).max(200),
  status: z.enum(['New', 'Processing', 'Expired', 'Invalid', 'Settled']),
  additionalStatus: z
    .enum(['None', 'PaidLate', 'PaidPartial', 'Marked', 'Invalid', 'PaidOver'])
    .default('None'),
  amount: z.string(),
  currency: z.string(),
  checkoutLink: z.string().max(2000),
  createdTime: z.number(),
  metadata: z.object({ orderId: z.string().nullish() }),
})
type ShownInvoice = z.output<typeof shownInvoice>

const methods = z.array(z.object({ rate: z.string(), paymentMethodPaid: z.string() }))

const notice = z.object({
  deliveryId: z.string().max(200),
  originalDeliveryId: z.string().max(200).nullish(),
  type: z.string().max(100),
  invoiceId: z.string().max(200).nullish(),
  metadata: z.object({ orderId: z.string().max(200).nullish() }).nullish(),
})

export function btcpay(settings: BtcpaySettings): Gateway {
  return {
    name: 'btcpay',
    features: {
      ...gatewayKinds.btcpay,
      currencies: null,
      ...anyAmount,
      windowS,
    },
    invoice: (request) => invoice(settings, request),
    report: (recorded) => report(settings, recorded),
    notice: (sent) => noticeIn(settings, sent),
  }
}

/** BTCPay would create an invoice for each call: after a lost response, search by reference first. */
async function invoice(settings: BtcpaySettings, request: InvoiceRequest): Promise<Invoice> {
  const earlier = request.isRetry ? await search(settings, request.reference) : undefined
  const made =
    earlier ??
    (await ask(shownInvoice, {
      method: 'POST',
      url: invoicesOf(settings),
      headers: headersOf(settings),
      body: {
        amount: formatAmount(request.amount, 0),
        currency: request.currency,
        metadata: { orderId: request.reference },
        checkout: {
          expirationMinutes: windowS / 60,
          monitoringMinutes,
          redirectURL: request.returnUrl,
          redirectAutomatically: true,
        },
      },
    }))
  return { ref: made.id, checkoutUrl: made.checkoutLink, qris: null, instructions: null }
}

/** The first invoice with the reference. */
async function search(
  settings: BtcpaySettings,
  reference: string,
): Promise<ShownInvoice | undefined> {
  const found = await ask(z.array(shownInvoice), {
    method: 'GET',
    url: `${invoicesOf(settings)}?orderId=${encodeURIComponent(reference)}`,
    headers: headersOf(settings),
  })
  return found
    .filter(({ metadata }) => metadata.orderId === reference)
    .sort((a, b) => a.createdTime - b.createdTime)[0]
}

async function report(settings: BtcpaySettings, recorded: Recorded): Promise<Report> {
  const url = `${invoicesOf(settings)}/${encodeURIComponent(recorded.ref)}`
  const shown = await ask(shownInvoice, { method: 'GET', url, headers: headersOf(settings) })
  if (shown.metadata.orderId !== recorded.reference)
    throw new GatewayError('refused', 'the invoice has another reference')
  const { status, additionalStatus, currency } = shown
  const isExact = status === 'Settled' && ['None', 'Marked'].includes(additionalStatus)
  const isUntouched = status === 'New' && additionalStatus === 'None'
  const came = isExact || isUntouched ? 0n : await paidOf(settings, url)
  // @NOTE what BTCPay calls paid is paid within its own tolerance, even if the rate gives slightly less
  const isWhole = status === 'Settled' || additionalStatus === 'PaidLate'
  const paid = isWhole && came < recorded.total ? recorded.total : came
  switch (status) {
    case 'Settled':
      return { status: 'paid', paid, currency, late: additionalStatus === 'PaidLate' }
    case 'Processing':
      return { status: 'waiting', paid, currency, confirming: true }
    case 'New':
      return { status: 'waiting', paid, currency }
    case 'Expired':
      return additionalStatus === 'PaidLate'
        ? { status: 'paid', paid, currency, late: true }
        : { status: 'expired', paid, currency }
    case 'Invalid':
      return { status: 'failed', paid, currency }
  }
}

/** The total of all payment methods, at the invoice's rates. */
async function paidOf(settings: BtcpaySettings, url: string): Promise<Amount> {
  const payments = await ask(methods, {
    method: 'GET',
    url: `${url}/payment-methods`,
    headers: headersOf(settings),
  })
  return payments.reduce(
    (sum, payment) => sum + (product(payment.paymentMethodPaid, payment.rate) ?? 0n),
    0n,
  )
}

function noticeIn({ webhookSecret }: BtcpaySettings, sent: NoticeSent): Notice | null {
  const signature = createHmac('sha256', webhookSecret).update(sent.body).digest('hex')
  if (!isSame(headerOf(sent, 'btcpay-sig'), `sha256=${signature}`)) throw forged()
  const body = bodyOf(notice, sent)
  if (!body.type.startsWith('Invoice') || !body.invoiceId) return null
  return {
    id: body.originalDeliveryId ?? body.deliveryId,
    kind: body.type,
    reference: body.metadata?.orderId ?? null,
    gatewayRef: body.invoiceId,
  }
}

const invoicesOf = ({ url, store }: BtcpaySettings) =>
  `${url}/api/v1/stores/${encodeURIComponent(store)}/invoices`

const headersOf = ({ key }: BtcpaySettings) => ({ authorization: `token ${key}` })
