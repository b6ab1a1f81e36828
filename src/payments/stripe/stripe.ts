// Stripe: a Checkout page for each deposit, with the official SDK.
// https://docs.stripe.com/api/checkout/sessions
import Stripe from 'stripe'
import {
  type Gateway,
  GatewayError,
  type InvoiceRequest,
  type Notice,
  type NoticeSent,
  type Recorded,
  type Report,
} from '../../core/deposits/gateway.ts'
import { DomainError } from '../../core/error.ts'
import type { Amount } from '../../core/money.ts'
import { anyAmount, unit } from '../amounts.ts'
import { isRefusal, timeoutMs } from '../gateway-http.ts'
import { gatewayKinds } from '../kinds.ts'
import { forged, headerOf } from '../notices.ts'
import type { StripeSettings } from '../settings.ts'
import { currencies, isZeroDecimal } from './currencies.ts'

/** Stripe requires at least half an hour between its own clock and a session's end. */
const windowS = 60 * 60
/** The maximum age of a signature, as Stripe recommends. */
const toleranceS = 300

/** Events that may have changed the state of a session. */
const eventTypes = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'checkout.session.expired',
]

export function stripe(settings: StripeSettings): Gateway {
  const client = clientFor(settings)
  return {
    name: 'stripe',
    features: {
      ...gatewayKinds.stripe,
      currencies,
      ...anyAmount,
      step: unit / 100n,
      windowS,
    },
    // @NOTE no search needed: for a day the same Idempotency-Key and request return the same session
    invoice: (request) => invoice(client, request),
    report: async (recorded) => reportOn(await sessionOf(client, recorded), recorded),
    notice: (sent) => noticeIn(client, settings, sent),
    refund: (recorded) => refund(client, recorded),
  }
}

function clientFor({ key, url }: StripeSettings): Stripe {
  const { hostname, port, protocol } = new URL(url)
  const scheme = protocol === 'http:' ? 'http' : 'https'
  return new Stripe(key, {
    host: hostname,
    port: port === '' ? (scheme === 'http' ? 80 : 443) : Number(port),
    protocol: scheme,
    timeout: timeoutMs,
    maxNetworkRetries: 0,
    telemetry: false,
    httpClient: Stripe.createFetchHttpClient(),
  })
}

async function invoice(client: Stripe, request: InvoiceRequest) {
  const session = await answered(
    client.checkout.sessions.create(
      {
        mode: 'payment',
        client_reference_id: request.reference,
        metadata: { reference: request.reference },
        line_items: [
          {
            quantity: 1,
            price_data: {
              currency: request.currency.toLowerCase(),
              unit_amount: toMinor(request.amount, request.currency),
              product_data: { name: `Deposit ${request.reference}` },
            },
          },
        ],
        expires_at: Math.floor(request.expiresAt.getTime() / 1000),
        success_url: request.returnUrl,
        cancel_url: request.returnUrl,
      },
      { idempotencyKey: `numlet-${request.reference}` },
    ),
  )
  return { ref: session.id, checkoutUrl: session.url, qris: null, instructions: null }
}

/** @throws GatewayError also if the session belongs to another deposit */
async function sessionOf(client: Stripe, { ref, reference }: Recorded) {
  const session = await answered(client.checkout.sessions.retrieve(ref))
  if (session.client_reference_id !== reference)
    throw new GatewayError('refused', 'the session has another reference')
  return session
}

function reportOn(session: Stripe.Checkout.Session, { total }: Recorded): Report {
  const currency = session.currency?.toUpperCase() ?? null
  if (session.payment_status === 'paid')
    return {
      status: 'paid',
      paid: currency === null ? total : fromMinor(session.amount_total ?? 0, currency),
      currency,
    }
  const nothing = { paid: null, currency }
  if (session.status === 'expired') return { status: 'expired', ...nothing }
  // Completed but not paid: a bank transfer is in progress.
  return { status: 'waiting', ...nothing, confirming: session.status === 'complete' }
}

function noticeIn(client: Stripe, settings: StripeSettings, sent: NoticeSent): Notice | null {
  const event = verified(client, settings, sent)
  if (!eventTypes.includes(event.type)) return null
  const session = event.data.object as Stripe.Checkout.Session
  return {
    id: event.id,
    kind: event.type,
    reference: session.client_reference_id,
    gatewayRef: session.id,
  }
}

function verified(client: Stripe, { webhookSecret }: StripeSettings, sent: NoticeSent) {
  try {
    return client.webhooks.constructEvent(
      sent.body,
      headerOf(sent, 'stripe-signature'),
      webhookSecret,
      toleranceS,
      undefined,
      sent.now.getTime(),
    )
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new DomainError('invalid_request', 'The notice is not valid JSON.')
    throw forged()
  }
}

async function refund(client: Stripe, recorded: Recorded): Promise<void> {
  const { payment_intent: intent } = await sessionOf(client, recorded)
  if (intent === null) throw new GatewayError('refused', 'the session has no payment')
  const refunded = await answered(
    client.refunds.create(
      { payment_intent: typeof intent === 'string' ? intent : intent.id },
      { idempotencyKey: `numlet-${recorded.reference}-refund` },
    ),
  )
  if (refunded.status === 'failed' || refunded.status === 'canceled')
    throw new GatewayError('refused', 'the refund failed')
}

/** @throws GatewayError */
async function answered<T extends { readonly id: string }>(call: Promise<T>): Promise<T> {
  try {
    const thing = await call
    // @NOTE the SDK treats any JSON without an `error` as a success, whatever its status
    if (typeof thing.id !== 'string') throw new TypeError('not a Stripe object')
    return thing
  } catch (error) {
    const status = error instanceof Stripe.errors.StripeError ? error.statusCode : undefined
    // 409: the same request is being processed at this moment.
    const isRefused = status !== undefined && status !== 409 && isRefusal(status)
    throw new GatewayError(
      isRefused ? 'refused' : 'down',
      status === undefined ? 'no response' : `status ${status}`,
    )
  }
}

/** Stripe's amounts are in a currency's smallest unit. */
function toMinor(amount: Amount, currency: string): number {
  // @NOTE at most 10,000,000,000: a double holds it exactly
  return Number(amount / coinOf(currency))
}

const fromMinor = (minor: number, currency: string): Amount => BigInt(minor) * coinOf(currency)

const coinOf = (currency: string): Amount => (isZeroDecimal(currency) ? unit : unit / 100n)
