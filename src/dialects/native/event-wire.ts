// An event as customers see it, on a stream and in a webhook.
import type { App } from '../../app.ts'
import { DomainError } from '../../core/error.ts'
import { placeOfEventId, toEventId } from '../../core/events/event-id.ts'
import type { EventRow, Place } from '../../core/events/tail.ts'
import { formatAmount } from '../../core/money.ts'
import type { DeliveryEvent } from '../../core/webhooks/delivery.ts'
import { depositAnswer } from './deposit-wire.ts'
import { messageAnswer, orderAnswer } from './wire.ts'

export type EventAnswer = {
  readonly id: string
  readonly type: string
  readonly timestamp: string
  readonly data: Record<string, unknown>
}

/** @throws invalid_request for an id that was never issued */
export function fromEventId(text: string, field: string): Place {
  const place = placeOfEventId(text)
  if (place === null)
    throw new DomainError('invalid_request', 'This is not the id of an event.', {
      fields: [{ pointer: field, detail: 'must be the id of an event' }],
    })
  return place
}

/** `data` of an order event is the present order; of a message event, the message and its order’s id. */
async function eventAnswer(app: App, event: EventRow): Promise<EventAnswer> {
  return {
    id: toEventId(event),
    type: event.type,
    timestamp: event.createdAt.toISOString(),
    data: await eventData(app, event),
  }
}

/** The object of the event in its present state. */
export async function eventData(
  app: App,
  event: EventRow | DeliveryEvent,
): Promise<Record<string, unknown>> {
  const { endpoint_id: endpointId, ...rest } = event.data as { endpoint_id?: number }
  if (endpointId !== undefined) return { webhook_id: app.ids.toToken('whk', endpointId), ...rest }
  const { deposit_id: depositId } = event.data as { deposit_id?: number }
  if (depositId !== undefined) {
    const target = { accountId: event.accountId, id: BigInt(depositId) }
    return depositAnswer(app, await app.deposits.read(target))
  }
  if (event.type === 'balance.low') return lowBalanceData(app, event.data)
  if (event.orderId === null) return { ...event.data }
  if (event.type === 'message.received') return messageData(app, event, event.orderId)
  return orderAnswer(app, await app.orders.read(event.accountId, event.orderId))
}

async function messageData(app: App, event: EventRow | DeliveryEvent, orderId: bigint) {
  const { message_id: id } = event.data as { message_id?: number }
  const [message, catalog] = await Promise.all([
    app.messages.byId({ orderId, id: BigInt(id ?? 0) }),
    app.catalog.current(),
  ])
  return {
    order_id: app.ids.toToken('ord', orderId),
    message: message ? messageAnswer(app, catalog, message) : null,
  }
}

/** The event holds the amounts as the ledger recorded them. */
function lowBalanceData(app: App, data: Readonly<Record<string, unknown>>) {
  const { balance, low_balance: mark, currency } = data as Record<string, string>
  const decimals = app.money.decimals(currency ?? '')
  return {
    balance: formatAmount(BigInt(balance ?? 0), decimals),
    low_balance: formatAmount(BigInt(mark ?? 0), decimals),
    currency,
  }
}

/** The events as the bytes of a stream (server-sent events, WHATWG HTML 9.2). An event with many readers is
 * written once. */
export function eventWriter(app: App): (events: readonly EventRow[]) => Promise<string> {
  const written = new WeakMap<EventRow, Promise<string>>()
  const write = async (event: EventRow) => {
    const answer = await eventAnswer(app, event)
    return `id: ${answer.id}\nevent: ${answer.type}\ndata: ${JSON.stringify(answer)}\n\n`
  }
  return async (events) => {
    const texts = events.map((event) => {
      const text = written.get(event) ?? write(event)
      written.set(event, text)
      return text
    })
    return (await Promise.all(texts)).join('')
  }
}
