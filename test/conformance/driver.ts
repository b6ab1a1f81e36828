// What a dialect tells of itself to be put through the suite of `dialect.ts`: how to ask, and how to read.
import type { Reply } from '../harness/server.ts'

export type Request = { readonly method: string; readonly path: string; readonly body?: unknown }

/** A service by all the names that dialects have for it. */
export type ServiceNames = {
  readonly id: number
  readonly uuid: string
  readonly slug: string
  readonly country: string
}

/** What an order's state comes down to for every client. */
export type OrderState = 'waiting' | 'received' | 'refunded'

export type Failure = { readonly status: number; readonly body: unknown }

export type DialectDriver = {
  readonly name: string
  /** What its keys must be made for; else the usual scopes. */
  readonly scopes?: readonly string[]
  /** Requests a minute, where its document names a number; else the platform's. */
  readonly rateLimit?: number
  /** A call that counts as many, where that number is large. */
  readonly heavy?: { readonly ask: Request; readonly weight: number }
  readonly ask: {
    readonly balance: () => Request
    readonly buy: (service: ServiceNames) => Request
    readonly order: (id: string) => Request
    readonly cancel: (id: string) => Request
    /** Where the dialect can finish an order. */
    readonly finish?: (id: string) => Request
    readonly nothing: () => Request
    /** A path that is there, with a method that it does not take. */
    readonly wrongMethod: () => Request
    /** A purchase with a field that is wrong. */
    readonly wrongField: () => Request
    /** A call that takes a body, where a purchase takes none. */
    readonly withBody?: () => Request
  }
  readonly read: {
    readonly balance: (reply: Reply) => number
    readonly bought: (reply: Reply) => { id: string; phone: string; price: number }
    readonly order: (reply: Reply) => { state: OrderState; code: string | null }
  }
  readonly succeeds: { readonly bought: number }
  /** Its answer to each way to fail; `body` is held against the real one by `toMatchObject`. */
  readonly fails: {
    readonly unauthenticated: Failure
    readonly noMoney: Failure
    readonly noStock: Failure
    readonly noOrder: Failure
    /** Where cancelling says it in another way than reading. */
    readonly noOrderToCancel?: Failure
    readonly notCancellable: Failure
    /** Finishing before a code. */
    readonly notFinishable?: Failure
    /** Cancelling what is finished, where it is said otherwise than after a code. */
    readonly closed?: Failure
    readonly inCooldown: Failure
    readonly rateLimited: Failure
    readonly wrongField: Failure
    readonly malformedBody: Failure
    readonly wrongType: Failure
    readonly tooLarge: Failure
    readonly nothing: Failure
    readonly wrongMethod: Failure
    readonly otherRequest: Failure
  }
}
