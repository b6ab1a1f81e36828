// Reference data of WhichOtp's five calls, with the examples of its own document.
import type { RouteReference } from '../../http/openapi/reference.ts'

const id = 'ord_89b12d3a456'
const phoneNumber = '+1234567890'
const serviceId = '123e4567-e89b-12d3-a456-426614174000'

export const tags = [
  {
    name: 'WhichOtp',
    description:
      'The five calls of WhichOtp’s API for existing clients: change the base URL to ' +
      '`/whichotp/api/v1` and the key. Orders are the same as those of `/v1`.',
  },
]

const answer = (description: string, value: unknown): RouteReference['answers'] => ({
  200: { description, examples: [{ summary: description, value }] },
})

export const balance: RouteReference = {
  answers: answer('The balance', { balance: 150.5, currency: 'USD' }),
}

export const services: RouteReference = {
  answers: answer('Every service that has offers', {
    services: [{ id: serviceId, name: 'WhatsApp', price: 1.5, available: true }],
  }),
}

export const buy: RouteReference = {
  answers: answer('The number', {
    id,
    phoneNumber,
    cost: 1.5,
    status: 'waiting',
    createdAt: '2023-10-01T12:00:00Z',
  }),
  failures: [
    'insufficient_balance',
    'key_limit_reached',
    'service_not_found',
    'service_closed',
    'out_of_stock',
    'too_many_open_orders',
    'daily_limit_reached',
    'too_many_cancelled',
  ],
  requests: [{ summary: 'A service', value: { serviceId } }],
}

export const order: RouteReference = {
  answers: answer('The order', {
    id,
    phoneNumber,
    status: 'completed',
    smsCode: '593821',
    cost: 1.5,
  }),
  failures: ['order_not_found'],
}

export const cancel: RouteReference = {
  answers: answer('The order is refunded', { id, status: 'refunded', refundedAmount: 1.5 }),
  failures: [
    'order_not_found',
    'order_not_cancellable',
    'cancel_cooldown',
    'supplier_rejected',
    'supply_pending',
  ],
}
