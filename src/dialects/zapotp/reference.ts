// What the reference says of ZapOTP's calls, with the examples of its own document.
import type { Example, RouteReference } from '../../http/openapi/reference.ts'

const order_id = '12345678'
const number = '15550123456'

export const tags = [
  {
    name: 'ZapOTP',
    description:
      'The calls of ZapOTP’s API, for clients written for it: change their base URL to ' +
      '`/zapotp/account/api/v1` and their key, which may also stand in the query as `api_key`. Orders ' +
      'are the same as those of `/v1`. Each path is there with `.php` at its end, too.',
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
    'The services of a country that are in stock, or the pools of one service',
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
    'The number; or the order that was canceled',
    success('Rented', { order_id, number, price: 450, expiry: '2024-02-06 12:30:00' }),
    success('Canceled', { order_id, status: 'CANCELED' }),
  ),
  failures: [
    'malformed_request',
    'insufficient_balance',
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
    'The order is canceled, the money is back',
    success('Canceled', { order_id, status: 'CANCELED' }),
  ),
  failures: ['malformed_request', 'order_not_found', 'order_not_cancellable', 'cancel_cooldown'],
  requests: [{ summary: 'An order', value: { order_id } }],
}

export const sms: RouteReference = {
  answers: answers(
    'The code, or that it is not there yet',
    success('Received', { order_id, sms_code: '123-456', status: 'RECEIVED' }),
    success('Pending', { order_id, sms_code: null, status: 'PENDING' }),
  ),
  failures: ['malformed_request', 'order_not_found'],
}

export const orders: RouteReference = {
  answers: answers(
    'The account’s newest orders, 100 at most',
    success('One order', [
      { id: 101, order_id, service: 'whatsapp', number, status: 'FINISHED', price: 450 },
    ]),
  ),
}
