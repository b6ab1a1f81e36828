// Reference data of ZapOTP's calls, with the examples of its own document.
import type { Example, RouteReference } from '../../http/openapi/reference.ts'

const order_id = '12345678'
const number = '15550123456'

export const tags = [
  {
    name: 'ZapOTP',
    description:
      'ZapOTP’s API for existing clients: change the base URL to ' +
      '`/zapotp/account/api/v1` and the key, which may also be sent in the query as `api_key`. Orders ' +
      'are the same as those of `/v1`. Each path also works with `.php` at its end.',
  },
]

const success = (summary: string, data: unknown): Example => ({
  summary,
  value: { status: 'success', data },
})

const answers = (
  description: string,
  ...examples: readonly Example[]
): RouteReference['answers'] => ({ 200: { description, examples } })

export const user: RouteReference = {
  answers: answers(
    'The account',
    success('The account', { username: 'john', balance: 5000, currency: 'NGN' }),
  ),
}

export const services: RouteReference = {
  answers: answers(
    'The services in stock in a country, or the pools of a service',
    success('Services', [
      { service_id: 'whatsapp', service_name: 'WhatsApp', price: 450 },
      { service_id: 'telegram', service_name: 'Telegram', price: 350 },
    ]),
    success('Pools', [
      { pool: '1', name: 'Standard Pool', success_rate: 85, price: 450, count: 120 },
    ]),
  ),
  failures: ['malformed_request', 'service_not_found', 'country_not_found'],
}

export const rent: RouteReference = {
  answers: answers(
    'The number, or the canceled order',
    success('Rented', { order_id, number, price: 450, expiry: '2024-02-06 12:30:00' }),
    success('Canceled', { order_id, status: 'CANCELED' }),
  ),
  failures: [
    'malformed_request',
    'insufficient_balance',
    'key_limit_reached',
    'service_not_found',
    'service_closed',
    'country_not_found',
    'country_closed',
    'offer_not_found',
    'out_of_stock',
    'too_many_open_orders',
    'daily_limit_reached',
    'too_many_cancelled',
    'order_not_found',
    'order_not_cancellable',
    'cancel_cooldown',
    'supplier_rejected',
    'supply_pending',
  ],
  requests: [
    {
      summary: 'One code',
      value: {
        action: 'rent',
        service: 'whatsapp',
        country: 'US',
        provider: 'global',
        duration: 'generic',
      },
    },
    {
      summary: 'For three days',
      value: { action: 'rent', service: 'whatsapp', country: 'US', duration: '3d' },
    },
    { summary: 'Cancel', value: { action: 'cancel', order_id } },
  ],
}

export const cancel: RouteReference = {
  answers: answers(
    'The canceled order. Its price is refunded',
    success('Canceled', { order_id, status: 'CANCELED' }),
  ),
  failures: [
    'malformed_request',
    'order_not_found',
    'order_not_cancellable',
    'cancel_cooldown',
    'supplier_rejected',
    'supply_pending',
  ],
  requests: [{ summary: 'An order', value: { order_id } }],
}

export const sms: RouteReference = {
  answers: answers(
    'The code, or `PENDING`',
    success('Received', { order_id, sms_code: '123-456', status: 'RECEIVED' }),
    success('Pending', { order_id, sms_code: null, status: 'PENDING' }),
  ),
  failures: ['malformed_request', 'order_not_found'],
}

export const orders: RouteReference = {
  answers: answers(
    'The latest orders of the account, at most 100',
    success('One order', [
      { id: 101, order_id, service: 'whatsapp', number, status: 'FINISHED', price: 450 },
    ]),
  ),
}
