// What an upstream kind is: how numbers are asked for at another platform, and how its answers are read.
//
// Nothing here does anything. A kind builds requests and reads answers; `converse` (conversation.ts) sends
// them. All functions of a kind are pure, and none throws, whatever a stranger sends.
import type { Settings } from '../core/inventory/setting.ts'
import type { Amount } from '../core/money.ts'
import type { PriceLine, Product } from '../core/supply/product.ts'

export type { PriceLine, Product } from '../core/supply/product.ts'

/** A request to a supplier. Its URL and headers hold keys: they are never logged, nor part of an error. */
export type HttpRequest = {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export type HttpAnswer = {
  readonly status: number
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** When it had arrived: the only clock of readers. */
  readonly at: Date
}

/** What became of a request. `why` is for operators, and has nothing of the request or the answer in it. */
export type Sent =
  /** The supplier never saw it: no address, no connection, no trusted certificate. */
  | { readonly kind: 'not_sent'; readonly why: string }
  /** The supplier may have carried it out. */
  | { readonly kind: 'no_answer'; readonly why: string }
  | { readonly kind: 'answered'; readonly answer: HttpAnswer }

/** A request, and what its answer means: a result, or another request that leads to one. */
export type Talk<T> = {
  readonly request: HttpRequest
  read(sent: Sent): Step<T>
}

export type Step<T> = { readonly result: T } | { readonly next: Talk<T> }

/** What every ask says of where it comes from, so that asks never go in a circle. */
export type Passage = {
  /** The opaque ids of the platforms that the request went through, ours last. */
  readonly via: readonly string[]
  /** How long an answer is of use. */
  readonly deadlineS: number
}

export type Ask = {
  readonly product: Product
  /** Random, one for each ask, the same when it is repeated. */
  readonly requestKey: string
  /** In the supplier's currency; null: no limit. */
  readonly maxPrice: Amount | null
  /** Beginnings of numbers that are not wanted: digits, with the calling code. */
  readonly exceptPrefixes: readonly string[]
  /** The number that is to be bought again; null: any number of the product. */
  readonly again: { readonly ref: string; readonly phone: string } | null
  readonly passage: Passage
}

/** A number that the supplier gives us. */
export type UpstreamNumber = {
  readonly ref: string
  /** E.164. Whether it is the number of the country is for the engine to check. */
  readonly phone: string
  /** The supplier's name of it; null: not told. */
  readonly operator: string | null
  /** Null: not told. */
  readonly cost: Amount | null
  /** ISO 4217; null: not told. */
  readonly currency: string | null
  readonly endsAt: Date | null
  readonly cancelAfter: Date | null
}

/** Why a supplier certainly sold nothing. */
export const noClasses = [
  /** No number left. */
  'empty',
  /** None for the highest price. */
  'price',
  /** It does not know the product: off sale until the next sync. */
  'name',
  /** Our balance there is too low. */
  'dry',
  /** It refuses our key, or our account: pause, and tell operators. */
  'key',
  /** Too many requests or open orders: later. */
  'busy',
  /** Nothing was sent. */
  'unreached',
] as const
export type NoClass = (typeof noClasses)[number]

export type No = {
  readonly kind: 'no'
  readonly class: NoClass
  /** How long the supplier says that it stays so. */
  readonly retryAfterS?: number
}

/** `why` is one of our words, never the supplier's text. */
export type Unknown = {
  readonly kind: 'unknown'
  readonly why: string
  /** The supplier's reference, if it told one: it is still asking others. */
  readonly ref?: string
  /** The supplier says that the ask with this key was successful before. */
  readonly isBought?: true
  /** How long the supplier says that it is not to be asked. */
  readonly retryAfterS?: number
}

export type AskVerdict = ({ readonly kind: 'number' } & UpstreamNumber) | No | Unknown

/** A rental to be renewed by its length. */
export type Renewal = {
  readonly ref: string
  readonly requestKey: string
  /** When it ends so far. */
  readonly endsAt: Date
  readonly durationS: number
  /** In the supplier's currency. The same when the request is repeated. */
  readonly maxPrice: Amount
  /** Whether it may be asked for, also again; otherwise it is only looked whether it was renewed. */
  readonly mayAsk: boolean
}

/** `absent`: it was certainly not renewed. */
export type RenewalVerdict =
  | { readonly kind: 'renewed'; readonly endsAt: Date }
  | { readonly kind: 'no'; readonly class: 'absent' }
  | No
  | Unknown

/** What a look-up found; `listed`: the wire does not show our keys, and `adopt` (adoption.ts) decides. */
export type LookUpVerdict = AskVerdict | { readonly kind: 'listed'; readonly list: OrderList }

export type LookUp = {
  readonly ask: Ask
  /** Whether the ask may be repeated: only while the order waits, else it could buy what nobody wants. */
  readonly mayAskAgain: boolean
}

/** An order as the supplier shows it. */
export type UpstreamOrder = {
  readonly ref: string
  /** Null: not shown. */
  readonly phone: string | null
  readonly product: Partial<Product>
  /** The request key of the ask, where the wire shows it. */
  readonly requestKey: string | null
  readonly state: UpstreamState
  readonly sms: readonly UpstreamSms[]
  /** Whether `sms` are all of the order, or the latest alone. */
  readonly hasAllSms: boolean
  readonly cost: Amount | null
  readonly endsAt: Date | null
}

/** `asking`: no number yet. `refunded` and `charged`: over, and the supplier's last word on the money. */
export const upstreamStates = ['asking', 'waiting', 'code', 'refunded', 'charged'] as const
export type UpstreamState = (typeof upstreamStates)[number]

export type UpstreamSms = {
  /** The supplier's id of the message; null: the wire has none, and `messagesOf` makes one. */
  readonly ref: string | null
  readonly text: string | null
  /** The supplier's own finding: it counts only where the text is missing or we find none. */
  readonly code: string | null
  readonly sender: string | null
  readonly at: Date | null
}

/** A message with the reference by which it is stored once. */
export type UpstreamMessage = Omit<UpstreamSms, 'ref'> & { readonly ref: string }

/** What we know of an order's messages from before a poll. */
export type KnownSms = {
  /** How many resends the supplier had acknowledged. */
  readonly resendEpoch: number
  /** How many messages are stored. */
  readonly count: number
}

export type OrderReading =
  | { readonly kind: 'order'; readonly order: UpstreamOrder }
  /** The supplier does not know the reference, or no longer: no proof of a refund. */
  | { readonly kind: 'silent' }
  | No
  | Unknown

export type OrderList = {
  readonly orders: readonly UpstreamOrder[]
  /** Whether nothing was left out: the absence of an order in it means something. */
  readonly isComplete: boolean
  /** What came in place of a later page. */
  readonly brokenOffBy?: No | Unknown
}

export type ListReading = { readonly kind: 'list'; readonly list: OrderList } | No | Unknown

export const commandVerbs = ['cancel', 'finish', 'resend', 'ban'] as const
export type CommandVerb = (typeof commandVerbs)[number]

/** `too_early`: repeat it then. Anything but a plain yes is decided by the order's state, read afterwards. */
export type CommandVerdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'too_early'; readonly retryAfterS?: number }
  | { readonly kind: 'state'; readonly reading: OrderReading }
  | No
  | Unknown

export type BalanceReading =
  | {
      readonly kind: 'balance'
      readonly amount: Amount
      /** ISO 4217; null: not told. */
      readonly currency: string | null
      /** How many decimals the supplier showed: it may have rounded the rest. */
      readonly decimals: number
    }
  | No
  | Unknown

export type PriceListReading =
  | {
      readonly kind: 'prices'
      readonly lines: readonly PriceLine[]
      /** ISO 4217; null: not told. */
      readonly currency: string | null
      /** Lines that could not be read. */
      readonly unreadable: number
    }
  | No
  | Unknown

export type UpstreamFeatures = {
  /** `keyed`: repeating an ask with its key never buys twice. `list`: lost answers are found in the list. */
  readonly wire: 'keyed' | 'list'
  /** The column `id:<names>` of the catalog's data that has its names of services and countries; null: our
   * slugs and ISO codes. */
  readonly names: string | null
  /** Whether open orders can be listed. Without a list, a lost answer of an ask is never found. */
  readonly hasList: boolean
  /** How many requests a list takes at least: fewer numbers are read one by one. */
  readonly listRequests: number
  /** Commands that it knows. */
  readonly commands: readonly CommandVerb[]
  /** Whether it calls us when something has changed. */
  readonly hasHints: boolean
  /** Whether a number can be bought again. */
  readonly canRebuy: boolean
  /** Whether its price list has rentals, and its asks take them. */
  readonly canRent: boolean
  /** Whether rentals are renewed, and a lost request is repeated without renewing twice. */
  readonly canRenew: boolean
}

/** An upstream kind. `settings` are checked, with defaults filled in and secrets opened. */
export type Upstream = {
  features(settings: Settings): UpstreamFeatures
  /** Buys a number, at most once: nothing of it is ever sent again but by `lookUp`. */
  ask(settings: Settings, ask: Ask): Talk<AskVerdict>
  /** Finds out what became of an ask without an answer; null: the wire has no way to. */
  lookUp(settings: Settings, lookUp: LookUp): Talk<LookUpVerdict> | null
  /** Renews a rental at most once, or looks whether it was renewed; null: it cannot. */
  renew(settings: Settings, renewal: Renewal): Talk<RenewalVerdict> | null
  readOrder(settings: Settings, ref: string): Talk<OrderReading>
  /** All open orders, in one sweep; null: the wire has no list. */
  listOrders(settings: Settings): Talk<ListReading> | null
  command(settings: Settings, command: { ref: string; verb: CommandVerb }): Talk<CommandVerdict>
  balance(settings: Settings): Talk<BalanceReading>
  priceList(settings: Settings): Talk<PriceListReading>
  /** The request for its stream of events, which `hintedRef` reads as well; null: the wire has none.
   * @param after the id of the last event that was read; null: from now on */
  stream(settings: Settings, after: string | null): HttpRequest | null
  /** Whether there are platforms of the kind that call us when something has changed. */
  readonly takesHints: boolean
  /** The order that a call of the supplier names, to be polled at once; null: it names none. Calls are hints,
   * and move nothing. */
  hintedRef(body: string): string | null
  /** The messages of an order that are new, each with the reference by which it is stored once. */
  messagesOf(order: UpstreamOrder, known: KnownSms): readonly UpstreamMessage[]
}
