// What a gateway is to the core: what it can do, what is asked of it, and what it answers. The gateways
// themselves live in src/payments; here is no network.
import type { Amount } from '../money.ts'

/** How its payers pay: a button of our own, a QR code, on the gateway's page, or by what they are told. */
export const payingWays = ['button', 'qris', 'page', 'transfer'] as const
export type PayingWay = (typeof payingWays)[number]

/** What gateways of a kind are like, whatever their settings. */
export type GatewayKind = {
  readonly way: PayingWay
  /** Whether it tells of payments by itself. */
  readonly notices: boolean
  /** Whether it can be asked how a deposit stands. */
  readonly answers: boolean
  /** Whether it gives money back when it is told to; else an operator does by hand. */
  readonly refunds: boolean
  /** What becomes of a payment after the window: where a rate was held for it, an operator decides. */
  readonly late: 'credit' | 'review'
}

/** What a gateway can do and will take. */
export type GatewayFeatures = GatewayKind & {
  /** ISO 4217; null: any. */
  readonly currencies: readonly string[] | null
  readonly minimum: Amount
  readonly maximum: Amount
  /** What amounts must be whole multiples of, beyond the currency's own smallest unit. */
  readonly step: Amount
  /** How long a deposit can be paid. */
  readonly windowS: number
}

/** What the gateway is to make an invoice of. The same reference is the same invoice, however often. */
export type InvoiceWish = {
  readonly reference: string
  readonly amount: Amount
  readonly currency: string
  readonly expiresAt: Date
  /** Where the payer goes when done. */
  readonly returnUrl: string
  /** Whether an earlier try may have made it: then the gateway is asked for it first. */
  readonly again: boolean
}

export type Invoice = {
  readonly ref: string
  readonly checkoutUrl: string | null
  readonly qris: string | null
  readonly instructions: string | null
}

/** How a deposit stands by the gateway's own account. */
export type Report = {
  /** `paid`: the money is there for good, whatever its amount. */
  readonly status: 'waiting' | 'paid' | 'expired' | 'failed'
  /** All that came so far. */
  readonly paid: Amount | null
  readonly currency: string | null
  /** Seen, and not yet beyond recall. */
  readonly confirming?: boolean
  /** By the gateway's judgement, where it gives one: after the window. */
  readonly late?: boolean
}

/** What a notice is about; what happened is then asked of the gateway itself. */
export type Notice = {
  /** The same for every copy of one notice. */
  readonly id: string
  readonly kind: string
  /** Our reference, or theirs; whichever the notice names. */
  readonly reference: string | null
  readonly gatewayRef: string | null
}

export type NoticeSent = {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  readonly now: Date
}

/** An invoice as it was recorded. */
export type Recorded = {
  readonly reference: string
  readonly ref: string
  readonly currency: string
  readonly total: Amount
}

export type Gateway = {
  readonly name: string
  readonly features: GatewayFeatures
  /** Makes the invoice, or gives the one that was made before. @throws GatewayError */
  invoice(wish: InvoiceWish): Promise<Invoice>
  /** Asks how it stands; there where `features.answers`. @throws GatewayError */
  report?(recorded: Recorded): Promise<Report>
  /** Checks a notice's signature; there where `features.notices`. @returns null for what is not about a
   * payment @throws unauthenticated for a forged one, invalid_request for what is none */
  notice?(sent: NoticeSent): Notice | null
  /** Gives all of it back, once for each deposit; there where `features.refunds`. @throws GatewayError */
  refund?(recorded: Recorded): Promise<void>
}

/** The gateways that are configured, the one that is taken when none is named first. */
export type Gateways = readonly Gateway[]

/**
 * A gateway did not do what was asked. `down`: no answer, or none that tells; it may have been done, and is
 * asked again. `refused`: it was not done, and will not be.
 */
export class GatewayError extends Error {
  readonly kind: 'down' | 'refused'
  constructor(kind: 'down' | 'refused', message: string) {
    super(message)
    this.name = 'GatewayError'
    this.kind = kind
  }
}

export const takes = (gateway: Gateway, currency: string): boolean =>
  gateway.features.currencies?.includes(currency) ?? true

/** The gateways that take a currency. */
export const gatewaysFor = (gateways: Gateways, currency: string): Gateways =>
  gateways.filter((gateway) => takes(gateway, currency))

export const gatewayNamed = (gateways: Gateways, name: string): Gateway | null =>
  gateways.find((gateway) => gateway.name === name) ?? null
