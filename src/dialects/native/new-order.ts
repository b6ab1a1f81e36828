// What POST /v1/orders takes: the body, what it means, and what the reference says of it.
import { z } from 'zod'
import type { App } from '../../app.ts'
import type { Caller } from '../../core/accounts/keys.ts'
import { listOffers } from '../../core/catalog/offers.ts'
import { DomainError } from '../../core/error.ts'
import type { Wish } from '../../core/orders/buy.ts'
import { maxQuantity, orderKinds } from '../../core/orders/order.ts'
import type { RouteReference } from '../../http/openapi/reference.ts'
import * as examples from './examples.ts'
import * as schemas from './schemas.ts'
import { countryCode, findOperator, findService, priceOf } from './wanted.ts'

export const newOrder = z
  .strictObject({
    offer_id: z
      .number()
      .int()
      .positive()
      .max(2 ** 31 - 1)
      .optional()
      .meta({ description: 'An offer of GET /v1/offers; then nothing else is needed.' }),
    kind: z.enum(orderKinds).default('activation'),
    service: schemas.serviceName.optional(),
    country: countryCode.optional().meta({
      description: 'ISO 3166-1 alpha-2. By default the key’s own country, else any.',
      examples: ['US'],
    }),
    operator: schemas.operatorName.optional(),
    pool: schemas.poolName.optional(),
    area_code: z
      .string()
      .regex(/^\d{1,6}$/)
      .optional()
      .meta({ description: 'Exact: nothing else is taken where it is out of stock.' }),
    max_price: z
      .union([schemas.decimalText, z.number()])
      .optional()
      .meta({
        description: 'The most that one number may cost, in the account’s currency.',
        examples: ['2.50'],
      }),
    duration: z.string().max(20).optional().meta({ description: 'For rentals.' }),
    quantity: z.number().int().min(1).max(maxQuantity).default(1).meta({
      description: 'That many numbers, all or none.',
    }),
  })
  .refine((body) => body.offer_id !== undefined || body.service !== undefined, {
    message: 'must be given where there is no offer_id',
    path: ['service'],
  })
  .meta({ id: 'NewOrder' })

const bought = [
  { summary: 'One number', value: examples.order },
  { summary: 'Several numbers', value: { orders: [examples.order, examples.replacement] } },
]

export const buying: RouteReference = {
  answers: {
    201: {
      description: 'Bought. An order; with a `quantity` above 1 a list of them.',
      examples: bought,
    },
    202: {
      description:
        'The price is held and a supplier is still being asked: the order is `allocating` and has no phone ' +
        'yet. Ask for it with `wait`.',
      examples: [
        { summary: 'Allocating', value: { ...examples.order, state: 'allocating', phone: null } },
      ],
    },
  },
  failures: [
    'insufficient_balance',
    'service_closed',
    'country_closed',
    'service_not_found',
    'country_not_found',
    'operator_not_found',
    'offer_not_found',
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
      summary: 'With wishes',
      value: { service: 'whatsapp', country: 'US', max_price: '2.50', quantity: 2 },
    },
  ],
}

/** What a body asks for, looked up.
 * @throws invalid_request, service_not_found, operator_not_found, offer_not_found */
export async function wishOf(
  app: App,
  caller: Caller,
  body: z.output<typeof newOrder>,
): Promise<Wish> {
  if (body.duration !== undefined && body.kind === 'activation')
    throw new DomainError('invalid_request', 'An activation has no duration.', {
      fields: [{ pointer: '/duration', detail: 'is for rentals only' }],
    })
  if (body.kind !== 'activation')
    throw new DomainError('offer_not_found', `This platform offers no ${body.kind}.`)
  const service = await findService(app, body.service)
  const country = body.country ?? (body.offer_id === undefined ? caller.defaultCountry : null)
  const operator = await findOperator(app, body.country, body.operator)
  const wish: Wish = {
    serviceId: service?.id ?? null,
    country,
    operatorId: operator?.id ?? null,
    pool: body.pool ?? null,
    offerId: body.offer_id ?? null,
    area: body.area_code ?? null,
    maxPrice: priceOf(body.max_price, '/max_price'),
  }
  await assertOfferIs(app, caller, wish)
  return wish
}

/** An offer settles everything by itself; what is said beside it must be true of it. */
async function assertOfferIs(app: App, caller: Caller, wish: Wish) {
  const { offerId, serviceId, country, operatorId, pool } = wish
  if (offerId === null || [serviceId, country, operatorId, pool].every((it) => it === null)) return
  const [offer] = await listOffers(app.db, {
    currency: caller.currency,
    id: offerId,
    serviceId: serviceId ?? undefined,
    country: country ?? undefined,
    operatorId: operatorId ?? undefined,
    pool: pool ?? undefined,
    limit: 1,
  })
  if (!offer)
    throw new DomainError('offer_not_found', 'There is no such offer with all that is wished.')
}
