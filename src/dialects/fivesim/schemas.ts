// The schemas of 5sim's requests and responses.
import { z } from 'zod'
import { maxCounted } from '../../core/orders/history.ts'

const maxName = 80
const pageDefault = 15
const maxPage = 100
const example = {
  id: 11_631_253,
  phone: '+447700900172',
  time: '2018-10-13T08:28:38.809Z',
}

/** Names are accepted in any case; 5sim's own are lower-case. */
const name = (what: string, shown: string) =>
  z
    .string()
    .max(maxName)
    .toLowerCase()
    .meta({ description: what, examples: [shown] })

const country = name('A country’s name, or `any`.', 'usa')
const operator = name('An operator’s name, or `any`.', 'any')
const product = name('A product’s name.', 'whatsapp')

export const placeParams = z.object({ country, operator })
export const activationParams = z.object({ country, operator, product })
export const hostingParams = z.object({
  country,
  operator,
  product: name(
    'A rental’s duration, alone or after a product: `1day`, `whatsapp_1month`.',
    '1day',
  ),
})
export const reuseParams = z.object({
  product,
  number: z
    .string()
    .regex(/^\+?\d{4,15}$/, 'reuse not possible')
    .meta({ description: 'The number, 4 to 15 digits.', examples: ['447700900172'] }),
})
export const orderParams = z.object({
  id: z
    .string()
    .max(200)
    .meta({ description: 'The order’s id.', examples: ['11631253'] }),
})
export const languageParams = z.object({
  lang: z.enum(['ru', 'en'], 'bad language').meta({ description: 'A language.', examples: ['en'] }),
})

const ignored = (what: string) =>
  z
    .string()
    .max(200)
    .optional()
    .meta({ description: `${what} Accepted, but has no effect.` })

export const buyQuery = z.object({
  maxPrice: z
    .string()
    .max(20)
    .optional()
    .meta({
      description:
        'The maximum price, in the account’s currency. It takes precedence over `/user/max-prices`. Only ' +
        'with the operator `any`.',
      examples: ['50'],
    }),
  forwarding: ignored('Whether calls are forwarded.'),
  number: ignored('The number to forward calls to.'),
  reuse: ignored('Whether the number can be bought again; here every number can.'),
  voice: ignored('Whether automated calls are accepted.'),
  ref: ignored('Who referred the customer.'),
})

export const pricesQuery = z.object({
  country: name('Only this country.', 'usa').optional(),
  product: name('Only this product.', 'whatsapp').optional(),
})

const counted = (fallback: number, min: number, max: number, what: string) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform((digits) => Math.min(Math.max(Number(digits), min), max))
    .default(fallback)
    .meta({ description: what, examples: [String(Math.max(min, fallback))] })

const pageFields = {
  limit: counted(pageDefault, 1, maxPage, `The number of entries, 1 to ${maxPage}.`),
  offset: counted(0, 0, maxCounted, 'The number of entries to skip.'),
  order: z
    .enum(['id', 'created_at'])
    .default('id')
    .catch('id')
    .meta({ description: 'The sort field; both give the same order.', examples: ['id'] }),
  reverse: z
    .enum(['true', 'false', '1', '0'])
    .default('false')
    .meta({ description: 'Whether the newest comes first.', examples: ['true'] }),
}

export const pageQuery = z.object(pageFields)
export const ordersQuery = z.object({
  category: z
    .enum(['activation', 'hosting'], 'category is incorrect')
    .meta({ description: 'Activations or rentals.', examples: ['activation'] }),
  ...pageFields,
})

const productName = z
  .string('product_name is empty')
  .min(1, 'product_name is empty')
  .max(maxName)
  .toLowerCase()
  .meta({ description: 'A product’s name.', examples: ['telegram'] })
export const maxPriceBody = z
  .object(
    {
      product_name: productName,
      price: z
        .number('price is incorrect')
        .min(0, 'price is incorrect')
        .max(100_000_000, 'price is incorrect')
        .meta({ description: 'In the account’s currency.', examples: [30] }),
    },
    'product_name is empty',
  )
  .meta({ id: 'FivesimMaxPriceBody' })
export const productBody = z
  .object({ product_name: productName }, 'product_name is empty')
  .meta({ id: 'FivesimProductBody' })

const money = z.number().meta({ description: 'In the account’s currency.' })
const time = z.iso.datetime().meta({ description: 'UTC.', examples: [example.time] })
const flags = z.record(z.string(), z.literal(1))
const smsFields = {
  created_at: time,
  date: time,
  sender: z.string(),
  text: z.string().meta({ description: 'Empty after the retention time.' }),
  code: z.string().meta({ description: 'Empty if there is none.' }),
}
const sms = z.object({ id: z.number().int(), ...smsFields }).meta({ id: 'FivesimSms' })

const order = z
  .object({
    id: z
      .number()
      .int()
      .meta({ examples: [example.id] }),
    phone: z.string().meta({ description: 'E.164.', examples: [example.phone] }),
    operator: z.string(),
    product: z.string(),
    price: money,
    status: z.enum(['PENDING', 'RECEIVED', 'CANCELED', 'TIMEOUT', 'FINISHED', 'BANNED']).meta({
      description: '`RECEIVED`: the number is ready for messages. `sms` shows whether any arrived.',
    }),
    expires: time,
    sms: z.array(sms).nullable().meta({ description: 'Oldest first.' }),
    created_at: time,
    forwarding: z.literal(false),
    forwarding_number: z.literal(''),
    country: z.string(),
  })
  .meta({ id: 'FivesimOrder' })

const maxPrice = z
  .object({
    id: z.number().int(),
    product: z.string(),
    price: money,
    CreatedAt: time,
    created_at: time,
  })
  .meta({ id: 'FivesimMaxPrice' })
const named = z.array(z.object({ Name: z.string() }))
const nested = z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown())))

/** The response schemas, for the reference. */
export const shapes = {
  order,
  orders: z
    .object({
      Data: z.array(order),
      ProductNames: z.array(z.string()),
      Statuses: z.array(z.string()),
      Total: z.number().int(),
    })
    .meta({ id: 'FivesimOrders' }),
  inbox: z
    .object({
      Data: z.array(
        z.object({
          ID: z.number().int(),
          ...smsFields,
          is_wave: z.literal(false),
          wave_uuid: z.literal(''),
        }),
      ),
      Total: z.number().int(),
    })
    .meta({ id: 'FivesimInbox' }),
  profile: z
    .object({
      id: z.number().int(),
      email: z.string(),
      vendor: z.literal(''),
      default_forwarding_number: z.literal(''),
      balance: money,
      rating: z.number(),
      default_country: z.object({ name: z.string(), iso: z.string(), prefix: z.string() }),
      default_operator: z.object({ name: z.literal('') }),
      frozen_balance: money.meta({ description: 'Held for orders that are waiting for a code.' }),
      total_active_orders: z.number().int(),
      did_order: z.boolean(),
      last_order: z.string().meta({ description: 'Country, product, operator, quantity, price.' }),
      last_top_orders: z.string().meta({ description: 'The last five, in brackets.' }),
      last_top_idx: z.number().int().meta({ description: 'The index of `last_order` in them.' }),
    })
    .meta({ id: 'FivesimProfile' }),
  payments: z
    .object({
      Data: z.array(
        z.object({
          ID: z.number().int(),
          TypeName: z.enum(['charge', 'buy', 'refund', 'withdraw']),
          ProviderName: z.string(),
          Amount: money,
          Balance: money,
          CreatedAt: time,
        }),
      ),
      PaymentTypes: named,
      PaymentProviders: named,
      Total: z.number().int(),
    })
    .meta({ id: 'FivesimPayments' }),
  maxPrice,
  maxPrices: z.array(maxPrice).meta({ id: 'FivesimMaxPrices' }),
  deleted: z.object({}).meta({ id: 'FivesimDeleted' }),
  products: z
    .record(
      z.string(),
      z.object({
        Category: z.enum(['activation', 'hosting']),
        Qty: z.number().int(),
        Price: z.number(),
      }),
    )
    .meta({ id: 'FivesimProducts' }),
  prices: nested.meta({
    id: 'FivesimPrices',
    description:
      'Country, product, operator, and then `cost`, `count`, `rate`. With `product` alone, the product ' +
      'comes before the country.',
  }),
  countries: z
    .record(
      z.string(),
      z
        .object({ iso: flags, prefix: flags, text_en: z.string(), text_ru: z.string() })
        .catchall(z.record(z.string(), z.literal(1))),
    )
    .meta({ id: 'FivesimCountries' }),
  flash: z.object({ text: z.string() }).meta({ id: 'FivesimFlash' }),
}

export type Shape<Name extends keyof typeof shapes> = z.output<(typeof shapes)[Name]>
