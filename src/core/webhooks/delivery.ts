// A delivery: one event to one endpoint. No I/O.
import type { EventRow } from '../events/tail.ts'

export const deliveryStates = ['pending', 'delivered', 'failed', 'dropped'] as const
export type DeliveryState = (typeof deliveryStates)[number]

export const deliveryCauses = ['event', 'test', 'replay'] as const
export type DeliveryCause = (typeof deliveryCauses)[number]

/** The content: an event of the outbox as it was written. A test event has no position in the outbox (its
 * epoch is 0). */
export type DeliveryEvent = Omit<EventRow, 'xid' | 'id'> & {
  readonly xid: string | null
  readonly id: bigint | null
}

/** The content as a row of `webhook_deliveries` stores it. */
export type DeliveryEventRow = {
  readonly event_epoch: number
  readonly xid: string | null
  readonly event_id: bigint | null
  readonly account_id: number
  readonly type: string
  readonly order_id: bigint | null
  readonly data: Record<string, unknown>
  readonly happened_at: Date
}

export const toDeliveryEvent = (row: DeliveryEventRow): DeliveryEvent => ({
  epoch: row.event_epoch,
  xid: row.xid,
  id: row.event_id,
  accountId: row.account_id,
  type: row.type,
  orderId: row.order_id,
  data: row.data,
  createdAt: row.happened_at,
})

/** A delivery that a sender has claimed, with everything needed to send it. */
export type Claimed = {
  readonly id: bigint
  /** The number of the claim: reported with the result. */
  readonly claim: number
  readonly cause: DeliveryCause
  readonly fast: boolean
  /** Attempts that have ended. */
  readonly attempts: number
  readonly event: DeliveryEvent
  readonly endpoint: {
    readonly id: number
    readonly accountId: number
    /** The one that the delivery was queued for. */
    readonly format: string
    readonly url: string
    readonly isFailing: boolean
    /** As stored, the current one first. */
    readonly secrets: readonly string[]
  }
}

/** What a format needs to write the body of a delivery. */
export type Push = {
  readonly delivery: Claimed
  /** The current one first. */
  readonly secret: string
}

/** A delivery in a format; `headers` are in addition to those of Standard Webhooks. */
export type Payload = {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** The result of an attempt. */
export type Outcome =
  | 'delivered'
  | 'failed'
  /** The receiver never wants anything again. */
  | 'gone'
  /** The endpoint's format cannot express it. */
  | 'skipped'

export type Attempt = {
  readonly delivery: Claimed
  readonly outcome: Outcome
  readonly at: Date
  readonly durationMs: number
  /** Null: there was no response. */
  readonly status: number | null
  readonly error: string | null
  /** The beginning of the response's body. */
  readonly response: string | null
  readonly retryAfterS: number | null
}
