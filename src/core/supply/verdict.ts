// What suppliers answer, as the kinds of src/supply read it.
import type { Amount } from '../money.ts'

/** A number that a supplier gives us. */
export type UpstreamNumber = {
  readonly ref: string
  /** E.164. */
  readonly phone: string
  /** Our slug of the operator; null: not told, or one that we do not know. */
  readonly operator: string | null
  /** Null: not told. */
  readonly cost: Amount | null
  /** ISO 4217; null: not told. */
  readonly currency: string | null
  readonly endsAt: Date | null
  readonly cancelAfter: Date | null
}

/** Why a supplier certainly sold nothing. `absent`: it does not know a request that it left unanswered. */
export type NoClass = 'empty' | 'price' | 'name' | 'dry' | 'key' | 'busy' | 'unreached' | 'absent'

export type AskVerdict =
  | ({ readonly kind: 'number' } & UpstreamNumber)
  | { readonly kind: 'no'; readonly class: NoClass; readonly retryAfterS?: number }
  /** `why` is one of our words. With a reference: the supplier is still asking others. */
  | {
      readonly kind: 'unknown'
      readonly why: string
      readonly ref?: string
      readonly retryAfterS?: number
    }

export type RenewalVerdict =
  | { readonly kind: 'renewed'; readonly endsAt: Date }
  | Exclude<AskVerdict, { kind: 'number' }>

/** What a supplier says of a number that it gave us. `refunded` and `charged`: over, and its word on the
 * money; `silent`: it does not know the reference, which proves nothing. */
export type NumberState = 'waiting' | 'code' | 'refunded' | 'charged' | 'silent'

export type NumberReading = {
  readonly state: NumberState
  /** In its currency; null: not told. */
  readonly cost: Amount | null
  /** Whether it shows a message: a number that is over may have had its code. */
  readonly hasMessage?: boolean
}

export type CommandVerb = 'cancel' | 'finish' | 'resend' | 'ban'

export type CommandVerdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'too_early'; readonly retryAfterS?: number }
  /** Anything but a plain yes is decided by the state of the number, read afterwards. */
  | { readonly kind: 'state'; readonly reading: NumberReading }
  | { readonly kind: 'no_answer'; readonly why: string; readonly retryAfterS?: number }
