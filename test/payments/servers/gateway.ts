// What the conformance suite needs of a gateway's server: invoices as it has them, payments, signed notices.
import type { FakeServer } from './fake.ts'

/** A notice as it arrives. */
export type Sent = { readonly headers: Record<string, string>; readonly body: string }

export type Payment = {
  /** As a decimal. */
  readonly amount: string
  readonly currency?: string
  /** After the window, by the gateway's judgement. */
  readonly late?: boolean
  /** Seen, and not yet beyond recall: of gateways that have to do with chains. */
  readonly confirming?: boolean
}

export type GatewayServer = {
  readonly name: string
  readonly fake: FakeServer
  /** What the program is told of it. */
  readonly env: Readonly<Record<string, string>>
  /** The currency of the accounts that pay by it. */
  readonly currency: string
  /** How many invoices were ever made. */
  made(): number
  /** Somebody pays the invoice with our reference. */
  pay(reference: string, payment: Payment): void
  /** The invoice ends unpaid. */
  expire(reference: string): void
  /** The gateway says that it failed; absent where there is no such thing. */
  fail?(reference: string): void
  /** The notice of what happened last to an invoice, signed as the gateway does at this time. */
  notice(reference: string, now: Date): Sent
  /** The same, signed with another secret. */
  forged(reference: string, now: Date): Sent
  /** A notice that is signed and about something else. */
  unrelated(now: Date): Sent
  /** How often money was given back. */
  refunds?(reference: string): number
}
