// What a delivery is: one event on its way to one endpoint. No I/O in this file.
import type { EventRow } from '../events/tail.ts'
import type { EndpointFormat } from './endpoint.ts'

export const deliveryStates = ['pending', 'delivered', 'failed', 'dropped'] as const
export type DeliveryState = (typeof deliveryStates)[number]

export const deliveryCauses = ['event', 'test', 'replay'] as const
export type DeliveryCause = (typeof deliveryCauses)[number]

/** What is told: an event of the outbox as it was written. A test has no place in it. */
export type Told = Omit<EventRow, 'xid' | 'id'> & {
  readonly xid: string | null
  readonly id: bigint | null
}

/** What is told as a row of `webhook_deliveries` has it. */
export type ToldRow = {
  readonly xid: string | null
  readonly event_id: bigint | null
  readonly account_id: number
  readonly type: string
  readonly order_id: bigint | null
  readonly data: Record<string, unknown>
  readonly happened_at: Date
}

export const toTold = (row: ToldRow): Told => ({
  xid: row.xid,
  id: row.event_id,
  accountId: row.account_id,
  type: row.type,
  orderId: row.order_id,
  data: row.data,
  createdAt: row.happened_at,
})

/** A delivery that somebody has taken, with all that is needed to send it. */
export type Claimed = {
  readonly id: bigint
  /** Which taking it is: reported with the result. */
  readonly claim: number
  readonly cause: DeliveryCause
  readonly fast: boolean
  /** Attempts that have ended. */
  readonly attempts: number
  readonly told: Told
  readonly endpoint: {
    readonly id: number
    readonly accountId: number
    readonly format: EndpointFormat
    readonly url: string
    readonly isFailing: boolean
    /** As they are stored, the one that counts first. */
    readonly secrets: readonly string[]
  }
}

/** What a format needs to write a delivery in its own words. */
export type Push = {
  readonly delivery: Claimed
  /** The one that counts first. */
  readonly secret: string
}

/** A delivery in the words of a format; `headers` are beside those of Standard Webhooks. */
export type Wording = {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** How an attempt ended. */
export type Outcome =
  | 'delivered'
  | 'failed'
  /** The receiver wants nothing more, ever. */
  | 'gone'
  /** The endpoint's format has no words for it. */
  | 'unspoken'

export type Attempt = {
  readonly delivery: Claimed
  readonly outcome: Outcome
  readonly at: Date
  readonly durationMs: number
  /** Null: there was no answer. */
  readonly status: number | null
  readonly error: string | null
  /** The beginning of the answer's body. */
  readonly response: string | null
  readonly retryAfterS: number | null
}
