// What a customer asks for: a selection of numbers, and the purchase of one.
import type { Annotations } from '../../annotations.ts'
import type { Once } from '../../idempotency/idempotency.ts'
import type { Amount } from '../../money.ts'

/** What a customer wants: an offer, or a service in a country with further conditions. */
export type Selection = {
  readonly serviceId: number | null
  readonly country: string | null
  readonly operatorId: number | null
  readonly pool: string | null
  readonly offerId: number | null
  readonly area: string | null
  /** In the account's currency. */
  readonly maxPrice: Amount | null
  /** Digits, country code first, that the number must not begin with. */
  readonly exclude?: readonly string[]
}

/** A selection without a condition: callers add their own. */
export const anyNumber: Selection = {
  serviceId: null,
  country: null,
  operatorId: null,
  pool: null,
  offerId: null,
  area: null,
  maxPrice: null,
}

export type Purchase = {
  readonly accountId: number
  readonly selection: Selection
  /** The number of orders, all or none. */
  readonly quantity: number
  /** Stored on each order. */
  readonly annotations?: Annotations | undefined
  /** A note of the dialect's own, stored on each order; nothing else depends on it. */
  readonly channel?: string | undefined
  /** For how many seconds suppliers may be asked for each number if none of our own is left. The order is
   * `allocating` meanwhile, and has no number. Omitted: only our own numbers. */
  readonly allocateS?: number | undefined
  /** The ids of the platforms that the request came through, to be passed on to suppliers. */
  readonly via?: readonly string[] | undefined
  readonly once: Once | null
  /** The key that it is made with. */
  readonly keyId?: number | null
  /** The same, if what may be spent with it is limited. */
  readonly cappedKeyId?: number | null
}

export type OrderTerms = {
  readonly cancelCooldownS: number
  readonly activationWindowS: number
}
