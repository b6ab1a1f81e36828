// The body of POST /v1/orders and its reference.
import { z } from 'zod'
import { servicesPerOrder } from '../../core/orders/buying/multi-service.ts'
import { maxQuantity, orderKinds } from '../../core/orders/order.ts'
import type { RouteReference } from '../../http/openapi/reference.ts'
import * as examples from './examples.ts'
import * as schemas from './schemas.ts'
import { countryCode } from './wanted.ts'

const { min, max } = servicesPerOrder
const domainName = schemas.line(253)

export const newOrder = z
  .strictObject({
    offer_id: z
      .number()
      .int()
      .positive()
      .max(2 ** 31 - 1)
      .optional()
      .meta({
        description:
          'An offer of GET /v1/offers. It needs no other field, except `site` for an inbox.',
      }),
    kind: z.enum(orderKinds).optional().meta({
      description: 'By default the offer’s kind; without an offer, `activation`.',
    }),
    service: schemas.serviceName.optional(),
    services: z
      .array(schemas.serviceName)
      .min(min)
      .max(max)
      .optional()
      .meta({
        description:
          'Activations only, instead of `service`: one number that receives codes for each service. Each ' +
          'price is held separately and charged with its first code. `GET /v1/quotes` shows the prices.',
      }),
    country: countryCode.optional().meta({
      description: 'ISO 3166-1 alpha-2. By default the key’s country, otherwise any.',
      examples: ['US'],
    }),
    operator: schemas.operatorName.optional(),
    pool: schemas.poolName.optional(),
    area_code: z
      .string()
      .regex(/^\d{1,6}$/)
      .optional()
      .meta({ description: 'Exact: if it is out of stock, no other is taken.' }),
    max_price: schemas.maxPrice.optional().meta({
      description:
        'The highest price for one item, in the account’s currency; with `services`, for their sum.',
      examples: ['2.50'],
    }),
    duration: schemas.duration.optional().meta({
      description:
        'Rentals only: the duration, as `3d`, `12h` or seconds. GET /v1/offers lists the durations.',
      examples: ['3d'],
    }),
    site: domainName.optional().meta({
      description:
        'Inboxes only: the domain that sends the mails. By default the service’s domain.',
      examples: ['example.com'],
    }),
    domain: domainName.optional().meta({
      description: 'Inboxes only: the domain of the address. By default the cheapest.',
      examples: ['inbox.example.net'],
    }),
    domains: z.array(domainName).min(1).max(100).optional().meta({
      description: 'Inboxes only: acceptable domains. The cheapest in stock is taken.',
    }),
    subject: z
      .string()
      .max(200)
      .optional()
      .meta({
        description: 'Inboxes only: accept only mails whose subject contains this text.',
        examples: ['Confirm'],
      }),
    regex: z
      .string()
      .max(500)
      .optional()
      .meta({
        description:
          'Inboxes only: an RE2 pattern for the code: the first group, otherwise the whole match.',
        examples: ['code: (\\d{6})'],
      }),
    plan: schemas
      .line(100)
      .optional()
      .meta({
        description: 'eSIMs only: the name of the plan; case does not matter.',
        examples: [examples.esim.esim?.plan],
      }),
    quantity: z
      .number()
      .int()
      .min(1)
      .max(maxQuantity)
      .optional()
      .meta({
        description:
          'How many to buy, all or none; one if it is not given. With it, also with 1, the answer is a ' +
          'batch: `{"orders": [...]}`. Rentals and orders for several services are bought one at a time.',
      }),
    reference: schemas.reference.optional(),
    metadata: schemas.metadata.optional(),
  })
  .meta({ id: 'NewOrder' })

export type NewOrder = z.output<typeof newOrder>

const bought = [
  { summary: 'One number', value: examples.order },
  { summary: 'A batch', value: { orders: [examples.order, examples.replacement] } },
  { summary: 'A rental', value: examples.rental },
  { summary: 'One number for several services', value: examples.multiService },
  { summary: 'An inbox', value: examples.inbox },
  { summary: 'An eSIM', value: examples.esim },
]

export const buying: RouteReference = {
  answers: {
    201: {
      description: 'The order; for a request with `quantity` a batch of orders.',
      examples: bought,
    },
    202: {
      description:
        'The price is held while a supplier is being asked. The order is `allocating` and has no phone ' +
        'number yet. Get the order with `wait`.',
      examples: [{ summary: 'Allocating', value: examples.allocating }],
    },
  },
  failures: [
    'insufficient_balance',
    'key_limit_reached',
    'service_closed',
    'country_closed',
    'service_not_found',
    'country_not_found',
    'operator_not_found',
    'offer_not_found',
    'domain_not_found',
    'plan_not_found',
    'out_of_stock',
    'price_above_maximum',
    'too_many_open_orders',
    'daily_limit_reached',
    'too_many_cancelled',
  ],
  requests: [
    { summary: 'By service and country', value: { service: 'whatsapp', country: 'US' } },
    { summary: 'By offer', value: { offer_id: 17 } },
    {
      summary: 'With a price limit and a quantity',
      value: { service: 'whatsapp', country: 'US', max_price: '2.50', quantity: 2 },
    },
    {
      summary: 'For several services',
      value: { services: ['whatsapp', 'telegram'], country: 'US' },
    },
    {
      summary: 'A rental',
      value: { kind: 'rental', service: 'whatsapp', country: 'US', duration: '3d' },
    },
    {
      summary: 'An inbox',
      value: { kind: 'email', site: 'example.com', regex: 'code: (\\d{6})' },
    },
    { summary: 'An eSIM', value: { kind: 'esim', plan: examples.esim.esim?.plan } },
  ],
}
