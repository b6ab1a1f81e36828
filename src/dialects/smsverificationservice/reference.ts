// Reference data of smsVerificationService's calls, with the examples of its own document.
import type { FailureCode } from '../../http/failure.ts'
import type { RouteReference } from '../../http/openapi/reference.ts'

export const tag = 'smsVerificationService'

export const tags = [
  {
    name: tag,
    description:
      'The API of smsVerificationService for existing clients: change the base URL ' +
      'to `/smsverificationservice/api/v1` and the key. Orders are the same as those of `/v1`.',
  },
]

const answers = (description: string, value: unknown, status = 200): RouteReference => ({
  answers: { [status]: { description, examples: [{ summary: description, value }] } },
})

const data = (value: unknown) => ({ success: true, data: value })

const balanceExample = { balance: 50, currency: 'USD' }
export const balance = answers('The balance', balanceExample)
export const wallet = answers('The balance', data(balanceExample))

const services = (list: readonly object[]) => answers('The services', data({ services: list }))

export const temporary = services([
  { service_id: 1012, name: 'WhatsApp', price: 0.4 },
  { service_id: 22, name: 'Telegram', price: 0.3 },
])
export const oneDay = services([
  { service_id: 4421, name: 'Tinder', price: 1.2 },
  { service_id: 4422, name: 'Discord', price: 1.5 },
])
export const thirtyDays = services([{ service_id: 7821, name: 'Instagram', price: 12 }])
export const best = services([{ service_id: 1012, name: 'WhatsApp', price: 0.4, country: 'US' }])

export const rentals = answers('The services, with both prices', [
  {
    name: 'WhatsApp',
    sell_price_3days: 4,
    sell_price_30days: 12,
    price_3days: 4,
    price_30days: 12,
  },
])

const plan = 'USA 5GB / 30 days'
export const esims = answers('The plans', [
  { name: plan, data_gb: 5, validity_days: 30, sell_price: 12, price: 12 },
])

const country = { country_id: 4, country_name: 'United Kingdom' }
export const countries = answers('The countries', {
  countries: [
    country,
    { country_id: 17, country_name: 'Germany' },
    { country_id: 9, country_name: 'India' },
  ],
})
export const globalServices: RouteReference = {
  ...answers('The country’s services', {
    ...country,
    offers: [
      { service_id: 1012, service_name: 'WhatsApp', ...country, sell_price: 0.95, price: 0.95 },
    ],
  }),
  failures: ['country_not_found'],
}

const failures: readonly FailureCode[] = [
  'insufficient_balance',
  'key_limit_reached',
  'service_not_found',
  'service_closed',
  'offer_not_found',
  'out_of_stock',
  'too_many_open_orders',
  'daily_limit_reached',
  'too_many_cancelled',
]

const order = (request: object, value: unknown): RouteReference => ({
  ...answers('The order', value, 201),
  requests: [{ summary: 'An order', value: request }],
  failures,
})

const ordered = (orderId: number, phone: string) =>
  data({ order_id: orderId, status: 'pending', phone })

export const orderTemporary: RouteReference = {
  ...order({ service_id: 1012 }, ordered(458731, '+1 415 555 0123')),
  requests: [
    { summary: 'A service', value: { service_id: 1012 } },
    { summary: 'In an area', value: { service_id: '1012', area_code: '212' } },
  ],
}
export const orderRental = order(
  { service: 'WhatsApp', duration: 3 },
  {
    success: true,
    order_id: 458732,
    phone: '+1 415 555 0124',
    sell_price: 4,
    price: 4,
    status: 'active',
    expiry_date: '2026-05-14T05:00:00Z',
  },
)
export const orderBest = order({ service_id: 1012 }, ordered(458733, '+1 415 555 0125'))
export const orderOneDay = order({ service_id: 4421 }, ordered(458734, '+1 415 555 0126'))
export const orderThirtyDays = order({ service_id: 7821 }, ordered(458735, '+1 415 555 0127'))
export const orderGlobal = order(
  { service_id: 1012, country_id: 4 },
  ordered(458736, '+44 20 7946 0017'),
)
export const orderEsim: RouteReference = {
  ...order(
    { plan },
    {
      success: true,
      order_id: 458737,
      activation_code: 'SIM-1234567890',
      sell_price: 12,
      price: 12,
      status: 'active',
    },
  ),
  failures: [
    'insufficient_balance',
    'key_limit_reached',
    'plan_not_found',
    'out_of_stock',
    'too_many_open_orders',
    'daily_limit_reached',
    'too_many_cancelled',
  ],
}

export const orders = answers('The latest orders', [
  {
    order_id: 458736,
    service: 'WhatsApp (UK)',
    status: 'completed',
    sell_price: 0.95,
    price: 0.95,
    phone: '+44 20 7946 0017',
    created_at: '2026-05-12T05:33:21Z',
  },
])

const code = { otp: '548921', message: 'Your WhatsApp code is 548921' }
export const status: RouteReference = {
  answers: {
    200: {
      description: 'The order',
      examples: [
        {
          summary: 'With its code',
          value: data({
            order_id: 458736,
            status: 'completed',
            ...code,
            phone: '+44 20 7946 0017',
          }),
        },
        {
          summary: 'A rental',
          value: data({
            order_id: 458732,
            status: 'active',
            ...code,
            phone: '+1 415 555 0124',
            expiry_date: '2026-05-14T05:00:00Z',
            time_left_seconds: 86_401,
            days_left: 2,
            messages: [{ ...code, sender: 'WhatsApp', received_at: '2026-05-11T07:12:45Z' }],
          }),
        },
      ],
    },
  },
  failures: ['order_not_found'],
}

export const cancel: RouteReference = {
  ...answers('The order is refunded', data({ order_id: 458736, status: 'cancelled' })),
  failures: [
    'order_not_found',
    'order_not_cancellable',
    'cancel_cooldown',
    'supplier_rejected',
    'supply_pending',
  ],
}

export const renew: RouteReference = {
  ...answers(
    'The renewed rental',
    data({ order_id: 458732, status: 'active', phone: '+1 415 555 0124' }),
  ),
  failures: ['order_not_found', 'order_not_renewable', 'insufficient_balance'],
}
