// Reference data of server 3's calls.
import { pendingFields, telling } from './reference.ts'

const ref = 'APIE-1001-0k9x2m4p7qz'

const pending = {
  ref,
  email: 'bafido.kumeso042@inbox.example.com',
  site: 'openai.com',
  domain: 'inbox.example.com',
  status: 'pending',
  price: 0.15,
  otp: null,
  headline: null,
  inbox_preview: null,
  messages: [],
  ...pendingFields,
}

const received = {
  ...pending,
  status: 'received',
  otp: '593821',
  headline: 'Your code',
  inbox_preview: 'Your code is 593821',
  messages: [
    {
      from: 'noreply@example.com',
      subject: 'Your code',
      text: 'Your code is 593821',
      html: null,
      otp: '593821',
      received_at: '2026-05-19 10:30:00 WIB',
    },
  ],
}

const requests = [{ summary: 'An inbox', value: { ref } }]

export const exampleRef = ref

export const sites = telling('The sites', { sites: [{ site: 'openai.com', name: 'OpenAI' }] })

export const domains = telling(
  'The domains',
  {
    domains: [
      {
        domain: 'inbox.example.com',
        stock: 500,
        price: 0.15,
        activation_rate: 92,
        cancellation_fee: 0.02,
      },
    ],
  },
  { failures: ['service_closed'] },
)

export const create = telling(
  'The inboxes',
  { orders: [pending] },
  {
    failures: [
      'domain_not_found',
      'service_closed',
      'out_of_stock',
      'insufficient_balance',
      'key_limit_reached',
      'too_many_open_orders',
      'daily_limit_reached',
      'too_many_cancelled',
    ],
    requests: [
      {
        summary: 'One inbox',
        value: { site: 'openai.com', domain: 'inbox.example.com' },
      },
      {
        summary: 'The cheapest of several domains',
        value: {
          site: 'openai.com',
          domains: ['inbox.example.com', 'post.example.net'],
          qty: 2,
          subject: 'code',
          regex: 'code is (\\d{6})',
        },
      },
    ],
  },
)

export const check = telling('The inbox', received, { failures: ['order_not_found'] })

export const reorder = telling('The inbox, waiting for another mail', received, {
  requests,
  failures: ['order_not_found', 'no_message_yet', 'order_not_resendable'],
})

export const cancel = telling(
  'The cancelled inbox. Its price is refunded, less the fee',
  { ...pending, status: 'cancelled' },
  { requests, failures: ['order_not_found', 'order_not_cancellable', 'cancel_cooldown'] },
)

export const finish = telling(
  'The closed inbox',
  { ...received, status: 'success' },
  { requests, failures: ['order_not_found', 'no_message_yet', 'order_not_finishable'] },
)
