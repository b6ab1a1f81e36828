// WhichOtp's wire: what its clients send and read. The only place with its names.
import { z } from 'zod'
import type { Service } from '../../core/catalog/catalog.ts'
import type { ServicePrice } from '../../core/catalog/offers.ts'
import { type Amount, amountAsNumber } from '../../core/money.ts'
import type { Order, OrderState } from '../../core/orders/order.ts'
import type { PublicIds } from '../../core/public-id.ts'

const invalidServiceId = 'Invalid serviceId. Must be a valid UUID.'

export const buyBody = z.object(
  { serviceId: z.string({ error: invalidServiceId }).regex(uuidForm(), invalidServiceId) },
  'The body must be a JSON object.',
)

/** Any UUID of RFC 9562, in any case; the document's own example is of version 1's form. */
function uuidForm() {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
}

export const orderParams = z.object({ id: z.string().max(200) })

const statuses = {
  allocating: 'waiting',
  waiting: 'waiting',
  received: 'completed',
  active: 'waiting',
  finished: 'completed',
  cancelled: 'refunded',
  expired: 'refunded',
  failed: 'refunded',
  ended: 'completed',
} as const satisfies Record<OrderState, string>

/** `2023-10-01T12:00:00Z`: whole seconds, as the document shows. */
const time = (date: Date) => `${date.toISOString().slice(0, 19)}Z`

export const balanceAnswer = (balance: Amount, currency: string) => ({
  balance: amountAsNumber(balance),
  currency,
})

export const serviceAnswer = (service: Service, offer: ServicePrice) => ({
  id: service.uuid,
  name: service.name,
  price: amountAsNumber(offer.price),
  available: offer.stock > 0,
})

export const boughtAnswer = (ids: PublicIds, order: Order) => ({
  id: ids.toToken('ord', order.id),
  phoneNumber: order.phone,
  cost: amountAsNumber(order.price),
  status: statuses[order.state],
  createdAt: time(order.createdAt),
})

export const orderAnswer = (ids: PublicIds, order: Order) => ({
  id: ids.toToken('ord', order.id),
  phoneNumber: order.phone,
  status: statuses[order.state],
  smsCode: order.code,
  cost: amountAsNumber(order.price),
})

export const cancelledAnswer = (ids: PublicIds, order: Order) => ({
  id: ids.toToken('ord', order.id),
  status: statuses[order.state],
  refundedAmount: amountAsNumber(order.price),
})
