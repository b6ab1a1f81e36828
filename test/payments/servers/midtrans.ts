// Midtrans's Core API as far as deposits use it: charges by QRIS, their status, refunds, signed notices.
import { createHash } from 'node:crypto'
import { forOnePayment } from '../../../src/core/deposits/emv-qr.ts'
import { basicUser, fakeServer, type Said } from './fake.ts'
import type { GatewayServer, Sent } from './gateway.ts'
import { counter } from './qris.ts'

type Transaction = {
  transaction_id: string
  order_id: string
  gross_amount: string
  currency: string
  transaction_status: string
  status_code: string
}

const serverKey = 'SB-Mid-server-numlet'

export async function midtransServer(): Promise<GatewayServer & { named(order: string): Sent }> {
  const transactions = new Map<string, Transaction>()
  const refundKeys: string[] = []
  const fake = await fakeServer((asked) => {
    if (basicUser(asked) !== serverKey) return said(401, { status_code: '401' })
    const body = asked.body === '' ? {} : JSON.parse(asked.body)
    if (asked.path === '/v2/charge') return charge(body)
    const [, , order = '', verb] = asked.path.split('/')
    const transaction = transactions.get(order)
    if (!transaction) return said(200, { status_code: '404' })
    if (verb === 'status') return said(200, { ...transaction, fraud_status: 'accept' })
    if (refundKeys.includes(body.refund_key)) return said(200, { status_code: '412' })
    refundKeys.push(body.refund_key)
    transaction.transaction_status = 'refund'
    return said(200, { ...transaction, status_code: '200' })
  })
  function charge(body: {
    payment_type: string
    transaction_details: { order_id: string; gross_amount: number }
  }): Said {
    const { order_id: order, gross_amount: amount } = body.transaction_details
    if (transactions.has(order)) return said(200, { status_code: '406' })
    if (body.payment_type !== 'qris' || !Number.isInteger(amount))
      return said(200, { status_code: '400' })
    const transaction: Transaction = {
      transaction_id: `0d8178e1-c6c7-4ab4-81a6-${String(transactions.size).padStart(12, '0')}`,
      order_id: order,
      gross_amount: `${amount}.00`,
      currency: 'IDR',
      transaction_status: 'pending',
      status_code: '201',
    }
    transactions.set(order, transaction)
    const qr = forOnePayment(counter, { amount: BigInt(amount) * 10_000n, reference: order })
    return said(200, { ...transaction, qr_string: qr })
  }
  const of = (reference: string) => transactions.get(reference) as Transaction
  const noticeBy = (key: string) => (reference: string) => signed(of(reference), key)
  return {
    name: 'midtrans',
    fake,
    env: { NUMLET_MIDTRANS_SERVER_KEY: serverKey, NUMLET_MIDTRANS_URL: fake.url },
    currency: 'IDR',
    made: () => transactions.size,
    pay(reference, { amount, currency = 'IDR' }) {
      Object.assign(of(reference), {
        transaction_status: 'settlement',
        status_code: '200',
        gross_amount: `${Number(amount)}.00`,
        currency,
      })
    },
    expire: (reference) =>
      Object.assign(of(reference), { transaction_status: 'expire', status_code: '202' }),
    fail: (reference) =>
      Object.assign(of(reference), { transaction_status: 'deny', status_code: '202' }),
    notice: noticeBy(serverKey),
    forged: noticeBy('SB-Mid-server-somebody-else'),
    unrelated: () => signed(anotherShops, serverKey),
    named: (order: string) => signed({ ...anotherShops, order_id: order }, serverKey),
    refunds: (reference) => refundKeys.filter((one) => one.endsWith(reference)).length,
  }
}

const anotherShops: Transaction = {
  transaction_id: 'x',
  order_id: 'another-shop-1',
  gross_amount: '1.00',
  currency: 'IDR',
  transaction_status: 'settlement',
  status_code: '200',
}

/** The signature as the documentation has it. */
function signed(transaction: Transaction, key: string) {
  const { order_id: order, status_code: status, gross_amount: amount } = transaction
  const signature = createHash('sha512').update(`${order}${status}${amount}${key}`).digest('hex')
  return {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...transaction, signature_key: signature }),
  }
}

const said = (status: number, body: unknown): Said => ({ status, body })
