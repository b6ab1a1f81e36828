// The message that an event is about, for formats that tell of text messages alone.
import type { OrderMessage } from '../messages/read.ts'
import type { Order } from '../orders/order.ts'
import type { Told } from './delivery.ts'

/** How orders and messages are read. */
export type Readers = {
  readonly readOrder: (accountId: number, id: bigint) => Promise<Order>
  readonly readMessages: (orderId: bigint) => Promise<readonly OrderMessage[]>
}

/** Of a message’s event that very message, of a code’s the newest with one; null where no number got it. */
export async function messageTold(
  read: Readers,
  told: Told,
): Promise<{ readonly order: Order; readonly message: OrderMessage } | null> {
  if (told.orderId === null) return null
  const [order, messages] = await Promise.all([
    read.readOrder(told.accountId, told.orderId),
    read.readMessages(told.orderId),
  ])
  if (order.phone === null) return null
  const { message_id: id } = told.data as { message_id?: number }
  const message = messages.findLast((one) =>
    id === undefined ? one.code !== null : one.id === BigInt(id),
  )
  return message ? { order, message } : null
}
