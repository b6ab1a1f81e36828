// Stripe's API as far as deposits use it: sessions of Checkout, refunds, and events signed by its own SDK.
import Stripe from 'stripe'
import { type Asked, fakeServer, type Said } from './fake.ts'
import type { GatewayServer } from './gateway.ts'

type Session = Record<string, unknown> & {
  id: string
  client_reference_id: string
  amount_total: number
  currency: string
  payment_status: string
  status: string
  payment_intent: string | null
}

const key = 'sk_test_numlet'
const secret = 'whsec_numlet_test'
const signer = new Stripe(key)

export async function stripeServer(): Promise<GatewayServer> {
  const sessions = new Map<string, Session>()
  const once = idempotent()
  const refunded: string[] = []
  let events = 0
  const byReference = (reference: string) =>
    [...sessions.values()].find((one) => one.client_reference_id === reference) as Session

  const fake = await fakeServer((asked) => {
    if (asked.headers.authorization !== `Bearer ${key}`)
      return refusal(401, 'invalid_request_error')
    const form = new URLSearchParams(asked.body)
    if (asked.method === 'POST' && asked.path === '/v1/checkout/sessions')
      return once(asked, () => {
        const session = sessionOf(`cs_test_${sessions.size + 1}`, form)
        sessions.set(session.id, session)
        return { status: 200, body: session }
      })
    if (asked.method === 'POST' && asked.path === '/v1/refunds')
      return once(asked, () => {
        refunded.push(form.get('payment_intent') ?? '')
        return { status: 200, body: { id: 're_1', object: 'refund', status: 'succeeded' } }
      })
    const session = sessions.get(asked.path.replace('/v1/checkout/sessions/', ''))
    return session ? { status: 200, body: session } : refusal(404, 'invalid_request_error')
  })

  const signed = (type: string, object: unknown, now: Date, by: string) => {
    const body = JSON.stringify({ id: `evt_${++events}`, object: 'event', type, data: { object } })
    const signature = signer.webhooks.generateTestHeaderString({
      payload: body,
      secret: by,
      timestamp: Math.floor(now.getTime() / 1000),
    })
    return { headers: { 'stripe-signature': signature }, body }
  }
  const noticeBy = (by: string) => (reference: string, now: Date) => {
    const session = byReference(reference)
    const type = session.status === 'expired' ? 'expired' : 'completed'
    return signed(`checkout.session.${type}`, session, now, by)
  }
  return {
    name: 'stripe',
    fake,
    env: {
      NUMLET_STRIPE_KEY: key,
      NUMLET_STRIPE_WEBHOOK_SECRET: secret,
      NUMLET_STRIPE_URL: fake.url,
    },
    currency: 'USD',
    made: () => sessions.size,
    pay(reference, { amount, currency = 'USD' }) {
      Object.assign(byReference(reference), {
        status: 'complete',
        payment_status: 'paid',
        amount_total: Math.round(Number(amount) * 100),
        currency: currency.toLowerCase(),
        payment_intent: `pi_${reference}`,
      })
    },
    expire: (reference) => Object.assign(byReference(reference), { status: 'expired' }),
    notice: noticeBy(secret),
    forged: noticeBy('whsec_somebody_else'),
    unrelated: (now) => signed('customer.created', { id: 'cus_1' }, now, secret),
    refunds: (reference) => refunded.filter((one) => one === `pi_${reference}`).length,
  }
}

const sessionOf = (id: string, form: URLSearchParams): Session => ({
  id,
  object: 'checkout.session',
  client_reference_id: form.get('client_reference_id') ?? '',
  amount_total: Number(form.get('line_items[0][price_data][unit_amount]')),
  currency: form.get('line_items[0][price_data][currency]') ?? '',
  expires_at: Number(form.get('expires_at')),
  payment_status: 'unpaid',
  status: 'open',
  payment_intent: null,
  url: `https://checkout.stripe.example.com/c/pay/${id}`,
})

/** The same key has the same answer, and another request with it is refused. */
function idempotent() {
  const answers = new Map<string, { body: string; said: Said }>()
  return (asked: Asked, work: () => Said): Said => {
    const id = String(asked.headers['idempotency-key'])
    const earlier = answers.get(id)
    if (earlier && earlier.body !== asked.body) return refusal(400, 'idempotency_error')
    if (earlier) return earlier.said
    const said = work()
    answers.set(id, { body: asked.body, said })
    return said
  }
}

const refusal = (status: number, type: string): Said => ({
  status,
  body: { error: { type, message: 'refused' } },
})
