// Platforms that sell us numbers, for the tests that every upstream kind passes.
import type { Settings, SupplierKind } from '../../../src/supply/supplier.ts'

/** A platform that runs: a server of its API, on which we have an account with 100 dollars. It has at least
 * ten WhatsApp numbers, at 5 dollars or less. The balance is less by what was sold, and more by what was
 * given back. */
export type Platform = {
  /** What `suppliers add` needs, among it `url` and a good `api_key`. */
  readonly settings: Settings
  /** Lets time pass there, for platforms whose orders end by themselves. */
  advance(seconds: number): void
  /** A message arrives at one of its numbers. */
  text(phone: string, text: string): Promise<void>
  /** What was sold to us, the oldest first. An order may be cancelled at once until it has a message; then it
   * is charged. */
  orders(): Promise<readonly Sold[]>
  /** From here on it has no numbers. */
  sellOut(): Promise<void>
}

export type Sold = {
  readonly phone: string
  /** `open`: the money is held. */
  readonly state: 'open' | 'refunded' | 'charged'
}

/** A platform that a kind can be tried with. */
export type PlatformSample = {
  readonly name: string
  readonly kind: SupplierKind
  /** Starts one, until the tests of the file are over. */
  open(): Promise<Platform>
}
