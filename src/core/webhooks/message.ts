// The message of an event, for formats that send only text messages.
import type { OrderMessage } from '../messages/read.ts'
import type { Messages } from '../messages/verbs.ts'
import type { Order } from '../orders/order.ts'
import type { OrderReads } from '../orders/verbs.ts'
import type { DeliveryEvent } from './delivery.ts'

/** How orders and messages are read. */
export type Readers = {
  readonly orders: Pick<OrderReads, 'read'>
  readonly messages: Pick<Messages, 'byId' | 'withCode'>
}

/** For a message's event that message, for a code's event the newest one with a code; null if there is
 * none. */
export async function messageOfEvent(
  app: Readers,
  event: DeliveryEvent,
): Promise<{ readonly order: Order; readonly message: OrderMessage } | null> {
  if (event.orderId === null) return null
  const { orderId } = event
  const { message_id: id } = event.data as { message_id?: number }
  const [order, message] = await Promise.all([
    app.orders.read(event.accountId, orderId),
    id === undefined
      ? app.messages.withCode(orderId)
      : app.messages.byId({ orderId, id: BigInt(id) }),
  ])
  return message && order.phone !== null ? { order, message } : null
}
