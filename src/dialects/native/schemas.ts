// The native API's schemas. They validate, type the handlers and make up the reference at /docs.
import { z } from 'zod'
import { errorFormNames } from '../../core/accounts/scopes.ts'
import { annotationLimits } from '../../core/annotations.ts'
import { orderKinds } from '../../core/orders/order.ts'
import { isText } from '../../core/text.ts'
import { testService } from './tests.ts'

/** A name on one line, without control characters, which PostgreSQL or a terminal could not handle. */
export const line = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must be one line of text')

/** The customer's own reference. */
export const reference = line(annotationLimits.reference)
  .min(1)
  .meta({
    description: 'Your own reference, such as a ticket or a user. It need not be unique.',
    examples: ['signup-4711'],
  })

const metadataName = line(annotationLimits.name).min(1)
const metadataValue = z
  .string()
  .max(annotationLimits.value)
  .refine(isText, 'must be well-formed text without NUL')

/** What the JSON Schema of a record does not express. */
const metadataMeta = (description: string) => ({
  description:
    `${description} At most ${annotationLimits.entries} entries, with names of up to ` +
    `${annotationLimits.name} and values of up to ${annotationLimits.value} characters.`,
  examples: [{ team: 'checkout', run: '1842' }],
})
const hasRoom = (metadata: object) => Object.keys(metadata).length <= annotationLimits.entries
const tooMany = `must have at most ${annotationLimits.entries} entries`

/** The customer's own data. */
export const metadata = z
  .record(metadataName, metadataValue)
  .refine(hasRoom, tooMany)
  .meta(metadataMeta('Your own data: text values by name.'))

/** A change to the customer's own data. */
const annotationParts = {
  reference: reference.nullable().optional().meta({ description: 'Null removes it.' }),
  metadata: z
    .record(metadataName, metadataValue.nullable())
    .refine(hasRoom, tooMany)
    .nullable()
    .optional()
    .meta(
      metadataMeta(
        'Entries to set. Null removes an entry; other entries stay. Null for the whole removes all.',
      ),
    ),
}

export const annotationChange = z.strictObject(annotationParts).meta({ id: 'AnnotationChange' })

export const orderChange = z
  .strictObject({
    ...annotationParts,
    note: z
      .string()
      .min(1)
      .max(annotationLimits.note)
      .refine(isText, 'must be well-formed text without NUL')
      .nullable()
      .optional()
      .meta({
        description: `A note for your own use, at most ${annotationLimits.note} characters. Null removes it.`,
        examples: ['Second try: the first number was refused.'],
      }),
  })
  .meta({ id: 'OrderChange' })

/** The customer's own data on an order or a deposit. */
export const annotations = {
  reference: z.string().nullable().meta({ description: 'Your own reference.' }),
  metadata: z.record(z.string(), z.string()).meta({ description: 'Your own data.' }),
}

/** A filter of lists by time of creation. */
const moment = z.iso.datetime({ offset: true })
export const timeQuery = {
  created_after: moment.optional().meta({
    description: 'Only those created at this time or later. ISO 8601, with an offset.',
    examples: ['2026-11-20T00:00:00Z'],
  }),
  created_before: moment.optional().meta({
    description: 'Only those created before this time. ISO 8601, with an offset.',
    examples: ['2026-11-21T00:00:00Z'],
  }),
}
export const referenceFilter = reference
  .optional()
  .meta({ description: 'Only those with exactly this reference.', examples: ['signup-4711'] })

export const time = (example: string) => z.iso.datetime().meta({ examples: [example] })
export const money = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .meta({ description: 'A decimal, in the currency given with it.', examples: ['0.40'] })
export const currency = z
  .string()
  .length(3)
  .meta({ description: 'ISO 4217.', examples: ['USD'] })

export const account = z
  .object({
    id: z.string().meta({ examples: ['acc_0k9x2m4p7qz'] }),
    email: z.string(),
    name: z.string(),
    currency,
    decimals: z
      .number()
      .int()
      .meta({
        description: 'How many decimals amounts in the currency have.',
        examples: [2],
      }),
    balance: money,
    low_balance: money.nullable().meta({
      description: 'The event `balance.low` is sent when the balance falls below it. Null: never.',
    }),
    created_at: time('2026-11-20T09:30:00.000Z'),
  })
  .meta({ id: 'Account' })

export const balance = z.object({ balance: money, currency }).meta({
  id: 'Balance',
  description: 'The available balance, without the amounts held for open orders.',
})

export const country = z
  .object({
    code: z.string().meta({ description: 'ISO 3166-1 alpha-2.', examples: ['US'] }),
    name: z.string(),
    calling_code: z.string().meta({ examples: ['1'] }),
  })
  .meta({ id: 'Country' })

export const service = z
  .object({
    slug: z.string().meta({ examples: ['whatsapp'] }),
    id: z.uuid(),
    number: z.number().int(),
    name: z.string(),
    category: z.string(),
    site: z
      .string()
      .nullable()
      .meta({
        description: 'The domain that sends the service’s mails.',
        examples: ['whatsapp.com'],
      }),
    test: testService.optional(),
  })
  .meta({ id: 'Service' })

export const operator = z
  .object({ slug: z.string(), name: z.string(), country: z.string() })
  .meta({ id: 'Operator', description: 'A mobile network.' })

const seconds = (description: string) =>
  z
    .number()
    .int()
    .nullable()
    .meta({ description: `${description} Null if no code came.` })

const offerStatistics = z
  .object({
    orders: z
      .number()
      .int()
      .meta({ description: 'The sample: orders of all customers that ended.' }),
    success_rate: z.number().meta({
      description: 'The share of them with a code, in percent.',
      examples: [93.5],
    }),
    median_seconds: seconds('The time in which half of the codes came.'),
    p90_seconds: seconds('The time in which nine tenths of the codes came.'),
  })
  .meta({
    id: 'OfferStatistics',
    description:
      'Measured, and summed up every few minutes. A sum of fewer than 20 orders is not told.',
  })

export const offer = z
  .object({
    id: z.number().int(),
    kind: z.enum(orderKinds),
    service: z.string().nullable().meta({ description: 'Null for inboxes and eSIMs.' }),
    country: z.string().nullable(),
    operator: z.string().nullable(),
    pool: z.string().nullable(),
    duration: z
      .number()
      .int()
      .nullable()
      .meta({ description: 'Rentals only: seconds.', examples: [null, 86400] }),
    price: money,
    currency,
    stock: z.number().int().meta({ description: 'How many are available now.' }),
    success_rate: z.number().int().nullable().meta({ description: 'Percent; null if unknown.' }),
    statistics: offerStatistics.nullable().meta({
      description: 'What came of the offer’s own orders of the last 30 days; null if they are few.',
    }),
    pool_statistics: offerStatistics.nullable().meta({
      description:
        'The same over all operators of its service, country and pool. Activations only; otherwise null.',
    }),
    email: z
      .object({
        domain: z.string().meta({ examples: ['inbox.example.net'] }),
        cancellation_fee: money.meta({ description: 'Charged when an inbox is cancelled.' }),
      })
      .nullable()
      .meta({ description: 'Email offers only; otherwise null.' }),
    esim: z
      .object({
        plan: z
          .string()
          .meta({ description: 'The name of the plan.', examples: ['USA 5GB / 30 days'] }),
        data_gb: z.number(),
        validity_days: z.number().int(),
      })
      .nullable()
      .meta({ description: 'Data plans only; otherwise null.' }),
    test: testService.optional(),
  })
  .meta({ id: 'Offer' })

const transactionId = z.string().meta({ examples: ['txn_1z8c6v4b2n9'] })
const movement = {
  amount: money.meta({ description: 'The amount that was moved. Never negative.' }),
  change: money.meta({ description: 'The change of the balance. Negative if it went down.' }),
  balance_after: money
    .nullable()
    .meta({ description: 'The balance afterwards; null if the balance did not change.' }),
  currency,
  reference: z.string().meta({
    description:
      'Your own reference of the order or the deposit, or the operator’s note; empty if there is none.',
  }),
  created_at: time('2026-11-20T09:30:00.000Z'),
}

const orderTransaction = z
  .object({
    id: transactionId,
    type: z.enum(['hold', 'post', 'void', 'release', 'refund']),
    order_id: z.string().meta({ examples: ['ord_89b12d3a456'] }),
    deposit_id: z.null(),
    ...movement,
  })
  .meta({ id: 'OrderTransaction', description: 'Money that moved for an order.' })

const paymentTransaction = z
  .object({
    id: transactionId,
    type: z.enum(['deposit', 'credit', 'debit']),
    order_id: z.null(),
    deposit_id: z
      .string()
      .nullable()
      .meta({
        description:
          'The deposit that was credited or taken back; null if the operator moved money.',
        examples: ['dep_0k9x2m4p7qz'],
      }),
    ...movement,
  })
  .meta({ id: 'PaymentTransaction', description: 'Money that came into the account, or left it.' })

export const quote = z
  .object({
    services: z
      .array(z.object({ service: z.string(), offer_id: z.number().int(), price: money }))
      .meta({ description: 'In the order asked for.' }),
    price: money.meta({ description: 'The sum of the prices.' }),
    currency,
    country: z.string(),
    operator: z.string(),
    pool: z.string(),
  })
  .meta({ id: 'Quote' })

export const transaction = z
  .discriminatedUnion('type', [orderTransaction, paymentTransaction])
  .meta({ id: 'Transaction' })

/** Dialects register theirs while the program is loaded. */
export const errorForm = z.lazy(() => z.enum(errorFormNames()))

export const apiKey = z
  .object({
    id: z.string().meta({ examples: ['key_5t6y7u8i9o0'] }),
    name: z.string(),
    hint: z.string().meta({ description: 'The first six characters of the key.' }),
    scopes: z.array(z.string()),
    default_country: z.string().nullable(),
    error_form: errorForm.meta({
      description: 'How the handler_api protocol answers failures to this key.',
    }),
    allowed_ips: z.array(z.string()),
    expires_at: z.iso.datetime().nullable(),
    revoked_at: z.iso.datetime().nullable(),
    last_used_at: z.iso.datetime().nullable(),
    max_spend_a_day: money.nullable().meta({
      description: 'What may be spent with the key on a day (UTC); null: no limit.',
    }),
    spent_today: money.nullable().meta({
      description:
        'What was held or paid with it today; an order whose money came back whole on the same day does ' +
        'not count. Null without a limit.',
    }),
    created_by: z
      .string()
      .nullable()
      .meta({
        description:
          'Who created the key: `operator` for the operator of the platform, else the id of the key ' +
          'that asked for it. An operator who created a key may have kept it: create your own and revoke it.',
        examples: ['operator'],
      }),
    created_at: time('2026-11-20T09:30:00.000Z'),
  })
  .meta({ id: 'ApiKey' })

export const newApiKey = apiKey
  .extend({
    key: z.string().nullable().meta({
      description: 'The key. Only in this response; null in the response to a repeated request.',
    }),
  })
  .meta({ id: 'NewApiKey' })

export const serviceName = line(100).meta({
  description: 'Slug, UUID or number.',
  examples: ['whatsapp'],
})
export const operatorName = line(60).meta({
  description: 'An operator’s slug. Requires `country`.',
  examples: ['tmobile'],
})
export const poolName = line(20).meta({
  description: 'A supply tier.',
  examples: ['1'],
})
export const decimalText = z.string().max(20)
export const maxPrice = z.union([decimalText, z.number()])
export const duration = z.union([z.string().max(20), z.number()])
export const kindFilter = z
  .enum(orderKinds)
  .optional()
  .meta({ description: 'Only this kind.', examples: ['activation'] })

/** A page of a list. `next_cursor` is null on the last page. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), next_cursor: z.string().nullable() })

export const listOf = <T extends z.ZodType>(item: T) => z.object({ data: z.array(item) })

export const pageQuery = {
  cursor: z.string().max(100).optional().meta({
    description: 'The `next_cursor` of the previous page.',
  }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(20)
    .meta({ description: 'The number of entries per page.', examples: [50] }),
}
