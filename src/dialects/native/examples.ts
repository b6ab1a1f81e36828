// The reference's examples. The schemas type them, and a test compares them with real responses.
import type { z } from 'zod'
import type * as orders from './order-schemas.ts'
import type * as schemas from './schemas.ts'

type Wire<T extends z.ZodType> = z.output<T>

const createdAt = '2026-11-20T09:30:00.000Z'
const receivedAt = '2026-11-20T09:30:07.512Z'

export const account: Wire<typeof schemas.account> = {
  id: 'acc_0k9x2m4p7qz',
  email: 'qa@example.com',
  name: 'QA',
  currency: 'USD',
  decimals: 2,
  balance: '98.50',
  low_balance: '5.00',
  created_at: createdAt,
}

export const balance: Wire<typeof schemas.balance> = { balance: '98.50', currency: 'USD' }

export const country: Wire<typeof schemas.country> = {
  code: 'US',
  name: 'United States',
  calling_code: '1',
}

export const service: Wire<typeof schemas.service> = {
  slug: 'whatsapp',
  id: '123e4567-e89b-12d3-a456-426614174000',
  number: 1,
  name: 'WhatsApp',
  category: 'messenger',
  site: 'whatsapp.com',
}

export const operator: Wire<typeof schemas.operator> = {
  slug: 'tmobile',
  name: 'T-Mobile',
  country: 'US',
}

export const offer: Wire<typeof schemas.offer> = {
  id: 17,
  kind: 'activation',
  service: 'whatsapp',
  country: 'US',
  operator: 'tmobile',
  pool: '1',
  duration: null,
  price: '1.50',
  currency: 'USD',
  stock: 412,
  success_rate: 92,
  statistics: { orders: 214, success_rate: 92.1, median_seconds: 9, p90_seconds: 31 },
  pool_statistics: { orders: 963, success_rate: 90.4, median_seconds: 10, p90_seconds: 38 },
  email: null,
  esim: null,
}

export const rentalOffer: Wire<typeof schemas.offer> = {
  ...offer,
  id: 18,
  kind: 'rental',
  statistics: null,
  pool_statistics: null,
  duration: 259_200,
  price: '4.00',
}

const noNumber = {
  service: null,
  country: null,
  operator: null,
  pool: null,
  duration: null,
} as const

export const emailOffer: Wire<typeof schemas.offer> = {
  ...offer,
  ...noNumber,
  id: 31,
  kind: 'email',
  pool_statistics: null,
  price: '0.20',
  email: { domain: 'inbox.example.net', cancellation_fee: '0.02' },
}

export const esimOffer: Wire<typeof schemas.offer> = {
  ...offer,
  ...noNumber,
  id: 35,
  kind: 'esim',
  country: 'US',
  price: '12.00',
  stock: 40,
  success_rate: null,
  statistics: null,
  pool_statistics: null,
  esim: { plan: 'USA 5GB / 30 days', data_gb: 5, validity_days: 30 },
}

export const order: Wire<typeof orders.activationOrder> = {
  id: 'ord_89b12d3a456',
  number: 458731,
  kind: 'activation',
  state: 'waiting',
  service: 'whatsapp',
  services: null,
  country: 'US',
  operator: 'tmobile',
  pool: '1',
  offer_id: 17,
  reference: null,
  metadata: {},
  note: null,
  phone: '+12015550123',
  email: null,
  inbox: null,
  esim: null,
  duration: null,
  renewals: 0,
  price: '1.50',
  currency: 'USD',
  code: null,
  messages: [],
  resend_count: 0,
  resend_pending: false,
  replaces: null,
  replaced_by: null,
  created_at: createdAt,
  cancel_after: '2026-11-20T09:32:00.000Z',
  expires_at: '2026-11-20T09:50:00.000Z',
  received_at: null,
  closed_at: null,
  late_code_available: false,
  claimed_at: null,
}

export const received: Wire<typeof orders.activationOrder> = {
  ...order,
  state: 'received',
  code: '593821',
  messages: [
    {
      id: 'msg_0a1b2c3d4e5',
      sender: 'WhatsApp',
      service: 'whatsapp',
      text: 'Your WhatsApp code: 593-821. Do not share it.',
      code: '593821',
      links: [],
      subject: null,
      headline: null,
      html: null,
      received_at: receivedAt,
    },
  ],
  received_at: receivedAt,
}

export const annotated: Wire<typeof orders.activationOrder> = {
  ...received,
  reference: 'signup-4711',
  metadata: { team: 'checkout', run: '1842' },
  note: 'Second try: the first number was refused.',
}

export const cancelled: Wire<typeof orders.activationOrder> = {
  ...order,
  state: 'cancelled',
  closed_at: '2026-11-20T09:32:30.000Z',
}

const expired: Wire<typeof orders.activationOrder> = {
  ...order,
  state: 'expired',
  closed_at: '2026-11-20T09:50:00.412Z',
}

export const late: Wire<typeof orders.activationOrder> = { ...expired, late_code_available: true }

export const claimed: Wire<typeof orders.activationOrder> = {
  ...expired,
  code: received.code,
  messages: received.messages.map((message) => ({
    ...message,
    received_at: '2026-11-20T09:51:20.090Z',
  })),
  claimed_at: '2026-11-20T09:52:00.000Z',
}

export const finished: Wire<typeof orders.activationOrder> = {
  ...received,
  state: 'finished',
  closed_at: '2026-11-20T09:31:00.000Z',
}

export const resent: Wire<typeof orders.activationOrder> = {
  ...received,
  resend_count: 1,
  resend_pending: true,
}

export const replacement: Wire<typeof orders.activationOrder> = {
  ...order,
  id: 'ord_2c41f8e07ab',
  number: 458732,
  phone: '+12015550187',
  replaces: order.id,
}

export const repeated: Wire<typeof orders.activationOrder> = {
  ...order,
  id: 'ord_5e90c1a27df',
  number: 458733,
  created_at: '2026-11-21T09:30:00.000Z',
  cancel_after: '2026-11-21T09:32:00.000Z',
  expires_at: '2026-11-21T09:50:00.000Z',
}

export const multiService: Wire<typeof orders.activationOrder> = {
  ...order,
  services: [
    { service: 'whatsapp', offer_id: 17, price: '1.50', state: 'held', code: null },
    { service: 'telegram', offer_id: 18, price: '0.90', state: 'held', code: null },
  ],
  price: '2.40',
}

export const quote: Wire<typeof schemas.quote> = {
  services: [
    { service: 'whatsapp', offer_id: 17, price: '1.50' },
    { service: 'telegram', offer_id: 18, price: '0.90' },
  ],
  price: '2.40',
  currency: 'USD',
  country: 'US',
  operator: 'tmobile',
  pool: '1',
}

export const rental: Wire<typeof orders.rentalOrder> = {
  ...order,
  kind: 'rental',
  services: null,
  state: 'active',
  offer_id: rentalOffer.id,
  duration: 259_200,
  price: '4.00',
  cancel_after: createdAt,
  expires_at: '2026-11-23T09:30:00.000Z',
  cancellable_until: '2026-11-20T09:50:00.000Z',
  renewable_until: '2026-11-24T09:30:00.000Z',
}

export const renewed: Wire<typeof orders.rentalOrder> = {
  ...rental,
  renewals: 1,
  expires_at: '2026-11-26T09:30:00.000Z',
  cancellable_until: null,
  renewable_until: '2026-11-27T09:30:00.000Z',
}

export const inbox: Wire<typeof orders.emailOrder> = {
  ...order,
  ...noNumber,
  kind: 'email',
  services: null,
  offer_id: emailOffer.id,
  phone: null,
  email: 'raluda.fimeto204@inbox.example.net',
  inbox: {
    site: 'example.com',
    domain: 'inbox.example.net',
    subject: null,
    regex: 'code: (\\d{6})',
    cancellation_fee: '0.02',
    session: 1200,
  },
  price: '0.20',
  cancel_after: createdAt,
}

export const mailReceived: Wire<typeof orders.emailOrder> = {
  ...inbox,
  state: 'received',
  code: '593821',
  messages: [
    {
      id: 'msg_1b2c3d4e5f6',
      sender: 'no-reply@example.com',
      service: null,
      text: 'Your code: 593821',
      code: '593821',
      links: [{ url: 'https://example.com/confirm?token=k3J9x2', text: 'Confirm' }],
      subject: 'Confirm your address',
      headline: 'Confirm your address',
      html: '<p>Your code: <b>593821</b></p><a href="https://example.com/confirm?token=k3J9x2">Confirm</a>',
      received_at: receivedAt,
    },
  ],
  received_at: receivedAt,
}

export const reordered: Wire<typeof orders.emailOrder> = {
  ...mailReceived,
  resend_count: 1,
  resend_pending: true,
}

export const esim: Wire<typeof orders.esimOrder> = {
  ...order,
  ...noNumber,
  kind: 'esim',
  services: null,
  state: 'finished',
  country: 'US',
  offer_id: esimOffer.id,
  phone: null,
  esim: {
    plan: 'USA 5GB / 30 days',
    data_gb: 5,
    validity_days: 30,
    activation_code: 'LPA:1$SMDP.EXAMPLE.COM$04386-AGYFT-A74Y8-3F815',
    smdp_address: 'SMDP.EXAMPLE.COM',
    matching_id: '04386-AGYFT-A74Y8-3F815',
    asks_confirmation: false,
  },
  price: '12.00',
  cancel_after: createdAt,
  expires_at: '2026-12-20T09:30:00.000Z',
  closed_at: createdAt,
}

export const allocating: Wire<typeof orders.allocatingOrder> = {
  ...order,
  state: 'allocating',
  phone: null,
}

export const transactions: Wire<typeof schemas.transaction>[] = [
  {
    id: 'txn_1z8c6v4b2n9',
    type: 'hold',
    amount: '1.50',
    change: '-1.50',
    balance_after: '98.50',
    currency: 'USD',
    order_id: order.id,
    deposit_id: null,
    reference: '',
    created_at: createdAt,
  },
  {
    id: 'txn_7q2w4e6r8t0',
    type: 'deposit',
    amount: '100.00',
    change: '100.00',
    balance_after: '100.00',
    currency: 'USD',
    order_id: null,
    deposit_id: 'dep_0k9x2m4p7qz',
    reference: '',
    created_at: '2026-11-20T09:12:00.000Z',
  },
]

export const apiKey: Wire<typeof schemas.apiKey> = {
  id: 'key_5t6y7u8i9o0',
  name: 'ci',
  hint: 'nl3fZq',
  scopes: ['read', 'buy'],
  default_country: 'US',
  error_form: 'plain',
  allowed_ips: ['203.0.113.0/24'],
  expires_at: null,
  revoked_at: null,
  last_used_at: null,
  max_spend_a_day: '25.00',
  spent_today: '3.20',
  created_by: 'operator',
  created_at: createdAt,
}

export const newApiKey: Wire<typeof schemas.newApiKey> = {
  ...apiKey,
  key: 'nl3fZqT8bW1xKc5vR0mYh2Dg9s4Lp7Aa',
}

export const revokedKey: Wire<typeof schemas.apiKey> = {
  ...apiKey,
  revoked_at: '2026-11-20T10:00:00.000Z',
}

export const page = <T>(data: T[]) => ({ data, next_cursor: 'YWZ0ZXI6NDU4NzMx' })
export const list = <T>(data: T[]) => ({ data })
