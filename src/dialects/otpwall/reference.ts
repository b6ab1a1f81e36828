// Reference data of OTPWALL's calls, with the examples of its own document.
import type { RouteReference } from '../../http/openapi/reference.ts'

const activation_id = '123456'

export const tags = [
  {
    name: 'OTPWALL',
    description:
      'OTPWALL’s API for existing clients: change the base URL to ' +
      '`/otpwall/v1` and the key. Orders are the same as those of `/v1`.',
  },
]

const answer = (description: string, value: unknown): RouteReference['answers'] => ({
  200: { description, examples: [{ summary: description, value }] },
})

export const balance: RouteReference = {
  answers: answer('The balance', { balance: 12.5, currency: 'USD' }),
}

export const countries: RouteReference = {
  answers: answer('Every country that has numbers', [
    { code: 'US', name: 'United States' },
    { code: 'PK', name: 'Pakistan' },
    { code: 'IN', name: 'India' },
  ]),
}

export const services: RouteReference = {
  answers: answer('Every service that has numbers', [
    { code: 'telegram', name: 'Telegram' },
    { code: 'whatsapp', name: 'WhatsApp' },
    { code: 'facebook', name: 'Facebook' },
  ]),
}

export const number: RouteReference = {
  answers: answer('The number', { activation_id, number: '+1234567890', status: 'waiting' }),
  failures: [
    'insufficient_balance',
    'key_limit_reached',
    'service_not_found',
    'service_closed',
    'country_not_found',
    'country_closed',
    'out_of_stock',
    'too_many_open_orders',
    'daily_limit_reached',
    'too_many_cancelled',
  ],
  requests: [
    {
      summary: 'A service, and a country by its currency',
      value: { service: 'telegram', country: 'pkr' },
    },
    { summary: 'A country by its code', value: { service: 'whatsapp', country: 'US' } },
  ],
}

export const activation: RouteReference = {
  answers: answer('The activation, with its message', {
    activation_id,
    status: 'received',
    sms: 'Your code is 985421',
  }),
  failures: ['order_not_found'],
}

export const change: RouteReference = {
  answers: answer('The updated activation', { activation_id, status: 'complete' }),
  failures: [
    'order_not_found',
    'order_not_finishable',
    'order_not_cancellable',
    'cancel_cooldown',
    'supplier_rejected',
    'supply_pending',
  ],
  requests: [{ summary: 'Complete', value: { status: 'complete' } }],
}
