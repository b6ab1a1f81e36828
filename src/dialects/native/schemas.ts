// The native API's shapes: each validates, types the handlers and is the reference at /docs.
import { z } from 'zod'
import { errorForms } from '../../core/accounts/key.ts'
import { annotationLimits } from '../../core/annotations.ts'
import { orderKinds, orderStates } from '../../core/orders/order.ts'
import { orderServiceStates } from '../../core/orders/services.ts'
import { isText } from '../../core/text.ts'
import { testService } from './tests.ts'

/** A name on one line: no control characters, which PostgreSQL or a terminal would stumble over. */
export const line = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must be one line of text')

/** The customer's own name for a thing. */
export const reference = line(annotationLimits.reference)
  .min(1)
  .meta({
    description: 'Your own name for it, such as a ticket or a user. It need not be unique.',
    examples: ['signup-4711'],
  })

const metadataName = line(annotationLimits.name).min(1)
const metadataValue = z
  .string()
  .max(annotationLimits.value)
  .refine(isText, 'must be well-formed text without NUL')

/** What is not in the JSON Schema of a record by itself. */
const metadataMeta = (description: string) => ({
  description:
    `${description} At most ${annotationLimits.entries} entries, with names of up to ` +
    `${annotationLimits.name} and values of up to ${annotationLimits.value} characters.`,
  examples: [{ team: 'checkout', run: '1842' }],
})
const hasRoom = (metadata: object) => Object.keys(metadata).length <= annotationLimits.entries
const tooMany = `must have at most ${annotationLimits.entries} entries`

/** The customer's own data on a thing. */
export const metadata = z
  .record(metadataName, metadataValue)
  .refine(hasRoom, tooMany)
  .meta(metadataMeta('Your own data, as text by name.'))

/** A change of what the customer wrote on a thing. */
export const annotationChange = z
  .strictObject({
    reference: reference.nullable().optional().meta({ description: 'Null removes it.' }),
    metadata: z
      .record(metadataName, metadataValue.nullable())
      .refine(hasRoom, tooMany)
      .nullable()
      .optional()
      .meta(
        metadataMeta(
          'Entries to set. An entry of null is removed; entries that are not named stay. Null removes all.',
        ),
      ),
  })
  .meta({ id: 'AnnotationChange' })

/** How an order or a deposit shows what the customer wrote on it. */
export const annotations = {
  reference: z.string().nullable().meta({ description: 'Your own name for it.' }),
  metadata: z.record(z.string(), z.string()).meta({ description: 'Your own data.' }),
}

/** When something was made, as a filter of lists. */
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
  .meta({ description: 'Only those with this reference, exactly.', examples: ['signup-4711'] })

const time = (example: string) => z.iso.datetime().meta({ examples: [example] })
const money = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/)
  .meta({ description: 'A decimal, in the currency beside it.', examples: ['0.40'] })
const currency = z
  .string()
  .length(3)
  .meta({ description: 'ISO 4217.', examples: ['USD'] })

export const account = z
  .object({
    id: z.string().meta({ examples: ['acc_0k9x2m4p7qz'] }),
    email: z.string(),
    name: z.string(),
    currency,
    balance: money,
    low_balance: money.nullable().meta({
      description: 'Below it the event `balance.low` tells; null: never.',
    }),
    created_at: time('2026-11-20T09:30:00.000Z'),
  })
  .meta({ id: 'Account' })

export const balance = z
  .object({ balance: money, currency })
  .meta({ id: 'Balance', description: 'What can be spent now; open orders are taken off already.' })

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
        description: 'The domain that its mails come from.',
        examples: ['whatsapp.com'],
      }),
    test: testService.optional(),
  })
  .meta({ id: 'Service' })

export const operator = z
  .object({ slug: z.string(), name: z.string(), country: z.string() })
  .meta({ id: 'Operator', description: 'A mobile network.' })

export const offer = z
  .object({
    id: z.number().int(),
    kind: z.enum(orderKinds),
    service: z.string().nullable().meta({ description: 'Null of inboxes and eSIMs.' }),
    country: z.string().nullable(),
    operator: z.string().nullable(),
    pool: z.string().nullable(),
    duration: z
      .number()
      .int()
      .nullable()
      .meta({ description: 'Of a rental: its seconds.', examples: [null, 86400] }),
    price: money,
    currency,
    stock: z.number().int().meta({ description: 'How many can be bought right now.' }),
    success_rate: z.number().int().nullable().meta({ description: 'Percent; null: not known.' }),
    email: z
      .object({
        domain: z.string().meta({ examples: ['inbox.example.net'] }),
        cancellation_fee: money.meta({ description: 'Kept when an inbox is cancelled.' }),
      })
      .nullable()
      .meta({ description: 'Of inboxes; null of all others.' }),
    esim: z
      .object({
        plan: z.string().meta({ description: 'Its name.', examples: ['USA 5GB / 30 days'] }),
        data_gb: z.number(),
        validity_days: z.number().int(),
      })
      .nullable()
      .meta({ description: 'Of data plans; null of all others.' }),
    test: testService.optional(),
  })
  .meta({ id: 'Offer' })

export const message = z
  .object({
    id: z.string().meta({ examples: ['msg_0a1b2c3d4e5'] }),
    sender: z.string(),
    text: z.string().nullable().meta({ description: 'Null once its retention time is over.' }),
    code: z.string().nullable(),
    service: z
      .string()
      .nullable()
      .meta({ description: 'Which of the order’s services it is for.' }),
    subject: z.string().nullable().meta({ description: 'Of a mail, as the next two.' }),
    headline: z.string().nullable().meta({ description: 'One line that says what it is.' }),
    html: z.string().nullable().meta({
      description: 'Markup that runs nothing and loads nothing; null where the mail has none.',
    }),
    received_at: time('2026-11-20T09:30:07.512Z'),
  })
  .meta({ id: 'Message' })

const inbox = z
  .object({
    site: z.string().meta({ description: 'Whose mails it is for.', examples: ['example.com'] }),
    domain: z.string(),
    subject: z.string().nullable().meta({ description: 'Only mails whose subject holds this.' }),
    regex: z.string().nullable().meta({ description: 'Finds the code.' }),
    cancellation_fee: money.meta({ description: 'Kept when it is cancelled before a mail.' }),
    session: z.number().int().meta({ description: 'Seconds that it lives on after a mail.' }),
  })
  .meta({ id: 'Inbox' })

const esim = z
  .object({
    plan: z.string().meta({ examples: ['USA 5GB / 30 days'] }),
    data_gb: z.number(),
    validity_days: z.number().int(),
    activation_code: z.string().meta({
      description: 'What a phone scans (`LPA:1$...`), or a voucher (`SIM-...`).',
      examples: ['LPA:1$SMDP.EXAMPLE.COM$04386-AGYFT-A74Y8-3F815'],
    }),
    smdp_address: z.string().nullable().meta({
      description: 'For phones that want it typed in, as the matching id; null of a voucher.',
    }),
    matching_id: z.string().nullable(),
    asks_confirmation: z.boolean().nullable().meta({
      description: 'Whether the phone will ask for a confirmation code; null of a voucher.',
    }),
  })
  .meta({ id: 'Esim' })

const orderService = z
  .object({
    service: z.string(),
    offer_id: z.number().int().nullable().meta({
      description: 'Null, as the price is, of orders from before each service had its own price.',
    }),
    price: money.nullable(),
    state: z.enum(orderServiceStates).meta({
      description:
        '`held` until its first code comes, then `paid`; `refunded` where the order ended without one.',
    }),
    code: z.string().nullable().meta({ description: 'The newest code for this service.' }),
  })
  .meta({ id: 'OrderService' })

export const order = z
  .object({
    id: z.string().meta({ examples: ['ord_89b12d3a456'] }),
    number: z.number().int().meta({ description: 'The same order’s numeric id.' }),
    kind: z.enum(orderKinds),
    state: z.enum(orderStates),
    service: z.string().nullable().meta({
      description: 'Of one for several the first; null where it is for none here.',
    }),
    services: z.array(orderService).nullable().meta({
      description:
        'Of an order for several services: each with its own price, code and state. Null for all others.',
    }),
    country: z.string().nullable(),
    operator: z.string().nullable(),
    pool: z.string().nullable(),
    offer_id: z.number().int(),
    ...annotations,
    phone: z
      .string()
      .nullable()
      .meta({ examples: ['+12015550123'] }),
    email: z.string().nullable().meta({ description: 'Of an inbox: its address.' }),
    inbox: inbox.nullable().meta({ description: 'Of an inbox; null of all others.' }),
    esim: esim.nullable().meta({ description: 'Of an eSIM; null of all others.' }),
    duration: z.number().int().nullable().meta({
      description: 'Of a rental: the seconds that it lasts, and that each renewal adds.',
    }),
    renewals: z.number().int().meta({ description: 'How often a rental was renewed.' }),
    price: money.meta({ description: 'For several services, the sum of their prices.' }),
    currency,
    code: z.string().nullable().meta({
      description: 'The newest code, without separators; null before one came.',
    }),
    messages: z.array(message).meta({ description: 'Oldest first.' }),
    resend_count: z.number().int(),
    resend_pending: z.boolean(),
    replaces: z.string().nullable(),
    replaced_by: z.string().nullable(),
    created_at: time('2026-11-20T09:30:00.000Z'),
    cancel_after: time('2026-11-20T09:32:00.000Z'),
    expires_at: time('2026-11-20T09:50:00.000Z'),
    received_at: z.iso.datetime().nullable(),
    closed_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Order' })

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
  .object({
    id: z.string(),
    type: z.enum(['hold', 'post', 'void', 'release', 'refund', 'credit', 'debit', 'deposit']),
    amount: money.meta({ description: 'What was moved; never negative.' }),
    change: money.meta({ description: 'What it did to the balance; negative where it took.' }),
    balance_after: money
      .nullable()
      .meta({ description: 'Null where the balance was not touched.' }),
    currency,
    order_id: z.string().nullable(),
    reference: z.string(),
    created_at: time('2026-11-20T09:30:00.000Z'),
  })
  .meta({ id: 'Transaction' })

export const apiKey = z
  .object({
    id: z.string().meta({ examples: ['key_5t6y7u8i9o0'] }),
    name: z.string(),
    hint: z.string().meta({ description: 'The first six characters of the key.' }),
    scopes: z.array(z.string()),
    default_country: z.string().nullable(),
    error_form: z.enum(errorForms).meta({
      description: 'How the handler_api protocol answers failures to this key.',
    }),
    allowed_ips: z.array(z.string()),
    expires_at: z.iso.datetime().nullable(),
    revoked_at: z.iso.datetime().nullable(),
    last_used_at: z.iso.datetime().nullable(),
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
      description:
        'The key itself, in this answer only; null where a repeated request is answered.',
    }),
  })
  .meta({ id: 'NewApiKey' })

export const serviceName = line(100).meta({
  description: 'Slug, UUID or number.',
  examples: ['whatsapp'],
})
export const operatorName = line(60).meta({
  description: 'An operator’s slug; its country must be given, too.',
  examples: ['tmobile'],
})
export const poolName = line(20).meta({
  description: 'A tier of supply.',
  examples: ['1'],
})
export const decimalText = z.string().max(20)
export const duration = z.union([z.string().max(20), z.number()])
export const kindFilter = z
  .enum(orderKinds)
  .optional()
  .meta({ description: 'Only this kind.', examples: ['activation'] })

/** A page of a list. `next_cursor` is null on the last one. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), next_cursor: z.string().nullable() })

export const listOf = <T extends z.ZodType>(item: T) => z.object({ data: z.array(item) })

export const pageQuery = {
  cursor: z.string().max(100).optional().meta({
    description: 'The `next_cursor` of the page before.',
  }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(20)
    .meta({ description: 'How many a page.', examples: [50] }),
}
