// Reference data of 5sim's calls.
import type { FailureCode } from '../../http/failure.ts'
import type { RouteReference } from '../../http/openapi/reference.ts'

export const tags = [
  {
    name: '5sim',
    description:
      '5sim’s API v1, as far as customers and guests use it, for existing clients: change the base URL ' +
      'to `/fivesim/v1` and the key. All calls except `max-prices` are GET, also those that spend money. ' +
      'Failures are plain text. Orders are the same as those of `/v1`.',
  },
]

const time = '2018-10-13T08:13:38.809Z'
const expires = '2018-10-13T08:28:38.809Z'
const phone = '+447700900172'
const message = {
  created_at: '2018-10-13T08:20:38.809Z',
  date: '2018-10-13T08:20:38Z',
  sender: 'WhatsApp',
  text: 'Your WhatsApp code: 593-821',
  code: '593821',
}
const order = {
  id: 11_631_253,
  phone,
  operator: 'vodafone',
  product: 'whatsapp',
  price: 0.95,
  status: 'RECEIVED',
  expires,
  sms: [{ id: 3_027_531, ...message }],
  created_at: time,
  forwarding: false,
  forwarding_number: '',
  country: 'england',
}
const bought = { ...order, status: 'PENDING', sms: null }

const answer = (description: string, value: unknown): RouteReference['answers'] => ({
  200: { description, examples: [{ summary: description, value }] },
})

const names: FailureCode[] = ['country_not_found', 'operator_not_found', 'service_not_found']
const purchase: FailureCode[] = [
  'out_of_stock',
  'price_above_maximum',
  'offer_not_found',
  'insufficient_balance',
  'key_limit_reached',
  'too_many_open_orders',
  'daily_limit_reached',
  'too_many_cancelled',
  'service_closed',
  'country_closed',
]

export const profile: RouteReference = {
  answers: answer('The account', {
    id: 1001,
    email: 'qa@example.com',
    vendor: '',
    default_forwarding_number: '',
    balance: 100,
    rating: 96,
    default_country: { name: 'usa', iso: 'us', prefix: '+1' },
    default_operator: { name: '' },
    frozen_balance: 0.95,
    total_active_orders: 1,
    did_order: true,
    last_order: 'england:whatsapp:vodafone:1:0.95',
    last_top_orders: '[england:whatsapp:vodafone:1:0.95]',
    last_top_idx: 0,
  }),
}

export const orders: RouteReference = {
  answers: answer('Orders', { Data: [order], ProductNames: [], Statuses: [], Total: 1 }),
}

export const payments: RouteReference = {
  answers: answer('Changes of the balance', {
    Data: [
      {
        ID: 30_011_934,
        TypeName: 'charge',
        ProviderName: 'admin',
        Amount: 100,
        Balance: 100,
        CreatedAt: time,
      },
    ],
    PaymentTypes: [{ Name: 'charge' }],
    PaymentProviders: [{ Name: 'admin' }],
    Total: 1,
  }),
}

const maxPrice = { id: 14, product: 'telegram', price: 30, CreatedAt: time, created_at: time }

export const maxPrices: RouteReference = { answers: answer('The maximum prices', [maxPrice]) }

export const setMaxPrice: RouteReference = {
  answers: answer('The maximum price', maxPrice),
  requests: [{ summary: 'A product', value: { product_name: 'telegram', price: 30 } }],
  failures: ['service_not_found', 'not_found'],
}

export const deleteMaxPrice: RouteReference = {
  answers: answer('The maximum price is deleted', {}),
  requests: [{ summary: 'A product', value: { product_name: 'telegram' } }],
  failures: ['service_not_found', 'not_found'],
}

export const buyActivation: RouteReference = {
  answers: answer('The order', bought),
  failures: [...names, ...purchase],
  once: true,
}

export const buyHosting: RouteReference = {
  answers: answer('The order', { ...bought, product: '1day' }),
  failures: [...names, ...purchase],
  once: true,
}

export const reuse: RouteReference = {
  answers: answer('The order', bought),
  failures: ['service_not_found', 'order_not_repeatable', ...purchase],
  once: true,
}

export const check: RouteReference = {
  answers: answer('The order', order),
  failures: ['order_not_found'],
}

export const inbox: RouteReference = {
  answers: answer('The messages', {
    Data: [{ ID: 844_928, ...message, is_wave: false, wave_uuid: '' }],
    Total: 1,
  }),
  failures: ['order_not_found'],
}

export const finish: RouteReference = {
  answers: answer('The order', { ...order, status: 'FINISHED' }),
  failures: ['order_not_found', 'order_not_finishable'],
}

export const cancel: RouteReference = {
  answers: answer('The order', { ...order, status: 'CANCELED', sms: [] }),
  failures: [
    'order_not_found',
    'order_not_cancellable',
    'cancel_cooldown',
    'supplier_rejected',
    'supply_pending',
  ],
}

export const ban: RouteReference = {
  answers: answer('The order', { ...order, status: 'BANNED', sms: [] }),
  failures: [
    'order_not_found',
    'order_not_cancellable',
    'cancel_cooldown',
    'supplier_rejected',
    'supply_pending',
  ],
}

const asGuest: FailureCode[] = ['rate_limited']

export const products: RouteReference = {
  answers: answer('Products', {
    '1day': { Category: 'hosting', Qty: 14, Price: 0.8 },
    whatsapp: { Category: 'activation', Qty: 133, Price: 0.95 },
  }),
  failures: ['country_not_found', 'operator_not_found', 'invalid_request', ...asGuest],
}

export const prices: RouteReference = {
  answers: answer('Prices', {
    england: { whatsapp: { vodafone: { cost: 0.95, count: 1260, rate: 85 } } },
  }),
  failures: ['country_not_found', 'service_not_found', ...asGuest],
}

export const countries: RouteReference = {
  answers: answer('Countries', {
    england: {
      iso: { gb: 1 },
      prefix: { '+44': 1 },
      text_en: 'United Kingdom',
      text_ru: 'Великобритания',
      vodafone: { activation: 1 },
    },
  }),
  failures: asGuest,
}

export const flash: RouteReference = {
  answers: answer('The notice', { text: '' }),
  failures: ['invalid_request', ...asGuest],
}
