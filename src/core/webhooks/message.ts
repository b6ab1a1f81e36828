// The message of an event, for formats that send only text messages.
import type { OrderMessage } from '../messages/read.ts'
import type { Messages } from '../messages/verbs.ts'
import type { Order } from '../orders/order.ts'
import type { OrderReads } from '../orders/verbs.ts'
import type { Told } from './delivery.ts'

/** How orders and messages are read. */
export type Readers = {
  readonly orders: Pick<OrderReads, 'read'>
  readonly messages: Pick<Messages, 'of'>
}

/** For a message's event that message, for a code's event the newest one with a code; null if there is
 * none. */
export async function messageTold(
  app: Readers,
  told: Told,
): Promise<{ readonly order: Order; readonly message: OrderMessage } | null> {
  if (told.orderId === null) return null
  const [order, messages] = await Promise.all([
    app.orders.read(told.accountId, told.orderId),
    app.messages.of(told.orderId),
  ])
  if (order.phone === null) return null
  const { message_id: id } = told.data as { message_id?: number }
  const message = messages.findLast((one) =>
    id === undefined ? one.code !== null : one.id === BigInt(id),
  )
  return message ? { order, message } : null
}
