// WhichOtp's wire format. Only this file has its names.
import { z } from 'zod'
import type { Service } from '../../core/catalog/catalog.ts'
import type { ServicePrice } from '../../core/catalog/offers.ts'
import { type Amount, amountAsNumber } from '../../core/money.ts'
import type { Order, OrderState } from '../../core/orders/order.ts'
import type { PublicIds } from '../../core/public-id.ts'

const example = { id: 'ord_89b12d3a456', phoneNumber: '+12345678900' }

const invalidServiceId = 'Invalid serviceId. Must be a valid UUID.'

export const buyBody = z
  .object(
    {
      serviceId: z
        .string({ error: invalidServiceId })
        .regex(uuidForm(), invalidServiceId)
        .meta({
          description: 'The UUID of a service, in any case.',
          examples: ['123e4567-e89b-12d3-a456-426614174000'],
        }),
    },
    'The body must be a JSON object.',
  )
  .meta({ id: 'WhichOtpBuy' })

/** Any UUID of RFC 9562, in any case. The document's own example looks like version 1. */
function uuidForm() {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
}

export const orderParams = z.object({
  id: z
    .string()
    .max(200)
    .meta({ description: 'The order’s id or its number.', examples: [example.id] }),
})

const money = z.number().meta({ description: 'In the account’s currency.' })
const orderId = z.string().meta({ examples: [example.id] })
const phone = z
  .string()
  .nullable()
  .meta({ description: 'E.164.', examples: [example.phoneNumber] })
const status = z.enum(['waiting', 'completed', 'cancelled', 'refunded'])

/** The response schemas, for the reference. */
export const shapes = {
  balance: z.object({ balance: money, currency: z.string() }).meta({ id: 'WhichOtpBalance' }),
  services: z
    .object({
      services: z.array(
        z.object({ id: z.uuid(), name: z.string(), price: money, available: z.boolean() }),
      ),
    })
    .meta({ id: 'WhichOtpServices' }),
  bought: z
    .object({
      id: orderId,
      phoneNumber: phone,
      cost: money,
      status,
      createdAt: z.iso.datetime().meta({ description: 'UTC, in whole seconds.' }),
    })
    .meta({ id: 'WhichOtpBoughtOrder' }),
  order: z
    .object({
      id: orderId,
      phoneNumber: phone,
      status,
      smsCode: z.string().nullable().meta({ description: 'Null until a code arrives.' }),
      cost: money,
    })
    .meta({ id: 'WhichOtpOrder' }),
  cancelled: z
    .object({ id: orderId, status, refundedAmount: money })
    .meta({ id: 'WhichOtpCancelledOrder' }),
}

type Shape<Name extends keyof typeof shapes> = z.output<(typeof shapes)[Name]>

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

export const balanceAnswer = (balance: Amount, currency: string): Shape<'balance'> => ({
  balance: amountAsNumber(balance),
  currency,
})

export const serviceAnswer = (
  service: Service,
  offer: ServicePrice,
): Shape<'services'>['services'][number] => ({
  id: service.uuid,
  name: service.name,
  price: amountAsNumber(offer.price),
  available: offer.stock > 0,
})

export const boughtAnswer = (ids: PublicIds, order: Order): Shape<'bought'> => ({
  id: ids.toToken('ord', order.id),
  phoneNumber: order.phone,
  cost: amountAsNumber(order.price),
  status: statuses[order.state],
  createdAt: time(order.createdAt),
})

export const orderAnswer = (ids: PublicIds, order: Order): Shape<'order'> => ({
  id: ids.toToken('ord', order.id),
  phoneNumber: order.phone,
  status: statuses[order.state],
  smsCode: order.code,
  cost: amountAsNumber(order.price),
})

export const cancelledAnswer = (ids: PublicIds, order: Order): Shape<'cancelled'> => ({
  id: ids.toToken('ord', order.id),
  status: statuses[order.state],
  refundedAmount: amountAsNumber(order.price),
})
