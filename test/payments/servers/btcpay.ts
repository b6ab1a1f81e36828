// BTCPay Server's Greenfield API as far as deposits use it: invoices, payments, signed deliveries.
import { createHmac } from 'node:crypto'
import { fakeServer } from './fake.ts'
import type { GatewayServer } from './gateway.ts'

type Invoice = {
  id: string
  amount: string
  currency: string
  status: string
  additionalStatus: string
  checkoutLink: string
  createdTime: number
  metadata: { orderId: string }
  /** Of bitcoin, at the invoice's rate. */
  coins: string
}

const key = 'btcpay-key-numlet'
const secret = 'btcpay-secret-numlet'
const store = 'Store1'
/** Dollars for a bitcoin: a power of ten, so that what is paid is easily written down. */
const rate = '100000.00'

export async function btcpayServer(): Promise<GatewayServer> {
  const invoices = new Map<string, Invoice>()
  let deliveries = 0
  const fake = await fakeServer((asked) => {
    if (asked.headers.authorization !== `token ${key}`) return { status: 401, body: {} }
    const [, , , , name, , id = '', more] = asked.path.split('/')
    if (name !== store) return { status: 403, body: {} }
    if (asked.method === 'POST') {
      const made = invoiceOf(invoices.size + 1, JSON.parse(asked.body))
      invoices.set(made.id, made)
      return { status: 200, body: made }
    }
    if (id === '') {
      const orderId = asked.query.get('orderId')
      const found = [...invoices.values()].filter((one) => one.metadata.orderId === orderId)
      return { status: 200, body: found }
    }
    const invoice = invoices.get(id)
    if (!invoice) return { status: 404, body: {} }
    if (more === undefined) return { status: 200, body: invoice }
    return {
      status: 200,
      body: [{ paymentMethodId: 'BTC-CHAIN', rate, paymentMethodPaid: invoice.coins }],
    }
  })
  const of = (reference: string) =>
    [...invoices.values()].find((one) => one.metadata.orderId === reference) as Invoice
  const signed = (body: object, by: string) =>
    signedBy(by, { deliveryId: `del${++deliveries}`, storeId: store, ...body })
  const noticeBy = (by: string) => (reference: string) => {
    const { id, status, metadata } = of(reference)
    return signed({ type: `Invoice${status}`, invoiceId: id, metadata }, by)
  }
  return {
    name: 'btcpay',
    fake,
    env: {
      NUMLET_BTCPAY_URL: fake.url,
      NUMLET_BTCPAY_STORE: store,
      NUMLET_BTCPAY_KEY: key,
      NUMLET_BTCPAY_WEBHOOK_SECRET: secret,
    },
    currency: 'USD',
    made: () => invoices.size,
    pay(reference, { amount, currency = 'USD', late = false, confirming = false }) {
      const invoice = of(reference)
      const asked = Number(invoice.amount)
      const extra =
        Number(amount) < asked ? 'PaidPartial' : Number(amount) > asked ? 'PaidOver' : 'None'
      Object.assign(invoice, {
        coins: (Number(amount) / Number(rate)).toFixed(8),
        currency,
        status: confirming ? 'Processing' : extra === 'PaidPartial' ? 'Expired' : 'Settled',
        additionalStatus: late && extra !== 'PaidPartial' ? 'PaidLate' : extra,
      })
    },
    expire: (reference) => Object.assign(of(reference), { status: 'Expired' }),
    fail: (reference) =>
      Object.assign(of(reference), { status: 'Invalid', additionalStatus: 'Invalid' }),
    notice: noticeBy(secret),
    forged: noticeBy('another-secret'),
    unrelated: () => signed({ type: 'InvoiceSettled', invoiceId: 'Other', metadata: {} }, secret),
  }
}

const invoiceOf = (
  number: number,
  body: Pick<Invoice, 'amount' | 'currency' | 'metadata'>,
): Invoice => ({
  id: `Inv${number}`,
  amount: body.amount,
  currency: body.currency,
  status: 'New',
  additionalStatus: 'None',
  checkoutLink: `https://btcpay.example.com/i/Inv${number}`,
  createdTime: number,
  metadata: body.metadata,
  coins: '0',
})

function signedBy(secretUsed: string, body: object) {
  const text = JSON.stringify(body)
  const signature = createHmac('sha256', secretUsed).update(text).digest('hex')
  return {
    headers: { 'content-type': 'application/json', 'btcpay-sig': `sha256=${signature}` },
    body: text,
  }
}
