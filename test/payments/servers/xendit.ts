// Xendit's API as far as deposits use it: QR codes, their payments, and notices with the account's token.
import { forOnePayment } from '../../../src/core/deposits/emv-qr.ts'
import { basicUser, fakeServer, type Said } from './fake.ts'
import type { GatewayServer } from './gateway.ts'
import { counter } from './qris.ts'

type Code = { id: string; reference_id: string; status: string; qr_string: string | null }
type Paid = { id: string; qr_id: string; status: string; amount: number; currency: string }

const key = 'xnd_development_numlet'
const token = 'callback-token-numlet'
const secrets = { NUMLET_XENDIT_KEY: key, NUMLET_XENDIT_CALLBACK_TOKEN: token }

export async function xenditServer(): Promise<GatewayServer> {
  const codes = new Map<string, Code>()
  const paid: Paid[] = []
  const answers = new Map<string, Said>()
  const fake = await fakeServer((asked) => {
    if (basicUser(asked) !== key) return { status: 401, body: { error_code: 'INVALID_API_KEY' } }
    if (asked.method === 'POST') {
      const once = String(asked.headers['idempotency-key'])
      const earlier = answers.get(once)
      if (earlier) return earlier
      const body = JSON.parse(asked.body)
      const id = `qr_${codes.size + 1}`
      const amount = BigInt(body.amount) * 10_000n
      const qr = forOnePayment(counter, { amount, reference: body.reference_id })
      codes.set(id, { ...body, id, status: 'ACTIVE', qr_string: qr })
      const said = { status: 201, body: codes.get(id) }
      answers.set(once, said)
      return said
    }
    const [, , id = '', payments] = asked.path.split('/')
    if (!codes.has(id)) return { status: 404, body: { error_code: 'DATA_NOT_FOUND' } }
    if (payments === undefined) return { status: 200, body: codes.get(id) }
    return {
      status: 200,
      body: { data: paid.filter((one) => one.qr_id === id), has_more: false },
    }
  })
  const of = (reference: string) =>
    [...codes.values()].find((one) => one.reference_id === reference) as Code
  const noticeBy = (by: string) => (reference: string) => {
    const code = of(reference)
    const payment = paid.findLast((one) => one.qr_id === code.id)
    return {
      headers: headersWith(by),
      body: JSON.stringify({
        event: 'qr.payment',
        api_version: '2022-07-31',
        data: {
          id: 'qrpy_none',
          status: 'SUCCEEDED',
          ...payment,
          qr_id: code.id,
          reference_id: reference,
        },
      }),
    }
  }
  return {
    name: 'xendit',
    fake,
    env: { ...secrets, NUMLET_XENDIT_URL: fake.url },
    currency: 'IDR',
    made: () => codes.size,
    pay(reference, { amount, currency = 'IDR' }) {
      const { id } = of(reference)
      const payment = { id: `qrpy_${paid.length + 1}`, qr_id: id, status: 'SUCCEEDED' }
      paid.push({ ...payment, amount: Number(amount), currency })
    },
    expire: (reference) => Object.assign(of(reference), { status: 'INACTIVE' }),
    notice: noticeBy(token),
    forged: noticeBy('another-token'),
    unrelated: () => ({
      headers: headersWith(token),
      body: JSON.stringify({ event: 'invoice.paid', data: { id: 'x' } }),
    }),
  }
}

const headersWith = (callbackToken: string) => ({
  'content-type': 'application/json',
  'x-callback-token': callbackToken,
})
