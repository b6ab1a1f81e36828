// The interface of a gateway: what it can do, what it is asked, and what it answers. The implementations are
// in src/payments; there is no network code here.
import type { Amount } from '../money.ts'

/** How payers pay: with a button on Numlet's page, a QR code, the gateway's page, or written instructions. */
export const payingWays = ['button', 'qris', 'page', 'transfer'] as const
export type PayingWay = (typeof payingWays)[number]

/** The features of a kind of gateway, whatever its settings. */
export type GatewayKind = {
  readonly way: PayingWay
  /** Whether it sends notices of payments. */
  readonly notices: boolean
  /** Whether it can be asked for the state of a deposit. */
  readonly answers: boolean
  /** Whether it makes refunds on request; otherwise an operator makes them manually. */
  readonly refunds: boolean
  /** What happens to a payment after the window. If its exchange rate was fixed, an operator decides. */
  readonly late: 'credit' | 'review'
}

/** A gateway's features and limits. */
export type GatewayFeatures = GatewayKind & {
  /** ISO 4217; null: any. */
  readonly currencies: readonly string[] | null
  readonly minimum: Amount
  readonly maximum: Amount
  /** Amounts must be multiples of this, in addition to the currency's smallest unit. */
  readonly step: Amount
  /** How long a deposit can be paid. */
  readonly windowS: number
  /** What the payer pays on top, in hundredths of a percent; absent: nothing. */
  readonly feeBasisPoints?: bigint
}

/** The data for an invoice. The same reference always gives the same invoice. */
export type InvoiceRequest = {
  readonly reference: string
  readonly amount: Amount
  readonly currency: string
  readonly expiresAt: Date
  /** Where the payer is sent afterwards. */
  readonly returnUrl: string
  /** Whether an earlier attempt may have created it: then the gateway is asked for it first. */
  readonly isRetry: boolean
}

export type Invoice = {
  readonly ref: string
  readonly checkoutUrl: string | null
  readonly qris: string | null
  readonly instructions: string | null
}

/** The state of a deposit as the gateway reports it. */
export type Report = {
  /** `paid`: the payment is final, whatever its amount. */
  readonly status: 'waiting' | 'paid' | 'expired' | 'failed'
  /** The total received so far. */
  readonly paid: Amount | null
  readonly currency: string | null
  /** Received, but not final yet. */
  readonly confirming?: boolean
  /** Paid after the window, if the gateway reports this. */
  readonly late?: boolean
}

/** What a notice is about; the gateway is then asked for the actual state. */
export type Notice = {
  /** The same for all copies of one notice. */
  readonly id: string
  readonly kind: string
  /** Numlet's reference or the gateway's, whichever the notice contains. */
  readonly reference: string | null
  readonly gatewayRef: string | null
}

export type NoticeSent = {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  readonly now: Date
}

/** A recorded invoice. */
export type Recorded = {
  readonly reference: string
  readonly ref: string
  readonly currency: string
  readonly total: Amount
}

export type Gateway = {
  readonly name: string
  readonly features: GatewayFeatures
  /** Creates the invoice, or returns the existing one. @throws GatewayError */
  invoice(request: InvoiceRequest): Promise<Invoice>
  /** Gets the state; present if `features.answers`. @throws GatewayError */
  report?(recorded: Recorded): Promise<Report>
  /** Verifies a notice's signature; present if `features.notices`. @returns null if it is not about a payment
   * @throws unauthenticated if it is forged, invalid_request if it is malformed */
  notice?(sent: NoticeSent): Notice | null
  /** Refunds all of it, once per deposit; present if `features.refunds`. @throws GatewayError */
  refund?(recorded: Recorded): Promise<void>
}

/** What became of asking or telling a gateway. `not_asked`: there was no need to, or it is not configured. */
export type Asked = 'answered' | 'refused' | 'no_answer' | 'not_asked'

/** The configured gateways; the first one is the default. */
export type Gateways = readonly Gateway[]

/**
 * A gateway did not do what was requested. `down`: no answer, or an unclear one; the request may have been
 * carried out, and is repeated. `refused`: it was not carried out and will not be.
 */
export class GatewayError extends Error {
  readonly kind: 'down' | 'refused'
  constructor(kind: 'down' | 'refused', message: string) {
    super(message)
    this.name = 'GatewayError'
    this.kind = kind
  }
}

/** What became of a call that failed. @throws anything but a `GatewayError` */
export function askedOf(error: unknown): Asked {
  if (!(error instanceof GatewayError)) throw error
  return error.kind === 'refused' ? 'refused' : 'no_answer'
}

export const acceptsCurrency = (gateway: Gateway, currency: string): boolean =>
  gateway.features.currencies?.includes(currency) ?? true

/** The gateways that accept a currency. */
export const gatewaysFor = (gateways: Gateways, currency: string): Gateways =>
  gateways.filter((gateway) => acceptsCurrency(gateway, currency))

const basis = 10_000n

/** A currency, and its smallest unit. */
export type Charged = { readonly currency: string; readonly unit: Amount }

/** The amounts that a gateway takes in a currency. The fee on top has to fit below its maximum, too. */
export function rangeOf(
  { features }: Gateway,
  charged: Charged,
): { minimum: Amount; maximum: Amount } {
  const step = larger(features.step, charged.unit)
  const fee = features.feeBasisPoints ?? 0n
  const most = (features.maximum * basis) / (basis + fee)
  return {
    minimum: larger(features.minimum, step),
    maximum: most - (most % (fee > 0n ? feeStepOf(features, charged) : step)),
  }
}

/** What a payer pays for an amount on top: the gateway's fee, rounded up to what can be paid. */
export function feeOf({ features }: Gateway, amount: Amount, charged: Charged): Amount {
  const step = feeStepOf(features, charged)
  const parts = amount * (features.feeBasisPoints ?? 0n)
  return ((parts + basis * step - 1n) / (basis * step)) * step
}

/** Currencies that have decimals which nobody pays, with the smallest amount that is paid. */
const paidWhole: Readonly<Record<string, Amount>> = { IDR: 10_000n }

const feeStepOf = ({ step }: GatewayFeatures, { currency, unit }: Charged) =>
  larger(step, paidWhole[currency] ?? unit)

const larger = (one: Amount, other: Amount) => (one > other ? one : other)

export const gatewayNamed = (gateways: Gateways, name: string): Gateway | null =>
  gateways.find((gateway) => gateway.name === name) ?? null
