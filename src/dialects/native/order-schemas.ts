// The native API's orders: a union by `kind`, and what belongs to an order.
import { z } from 'zod'
import { orderServiceStates } from '../../core/orders/services.ts'
import { annotations, currency, money, time } from './schemas.ts'

const link = z
  .object({
    url: z.string().meta({ examples: ['https://example.com/confirm?token=k3J9x2'] }),
    text: z
      .string()
      .nullable()
      .meta({
        description: 'What the reader sees in its place; null if that is the address itself.',
        examples: ['Confirm your address'],
      }),
  })
  .meta({ id: 'Link' })

export const message = z
  .object({
    id: z.string().meta({ examples: ['msg_0a1b2c3d4e5'] }),
    sender: z.string(),
    text: z.string().nullable().meta({ description: 'Null after the retention time.' }),
    code: z.string().nullable().meta({ description: 'The code in it; null if there is none.' }),
    links: z.array(link).meta({
      description:
        'The links to follow, such as one that confirms an address: the likeliest first, ten at most. ' +
        'Links of footers are left out. Empty after the retention time.',
    }),
    service: z
      .string()
      .nullable()
      .meta({ description: 'The service of the order that it is for.' }),
    subject: z.string().nullable().meta({ description: 'The subject of a mail.' }),
    headline: z.string().nullable().meta({ description: 'One line that sums up a mail.' }),
    html: z.string().nullable().meta({
      description: 'The HTML of a mail, cleaned: it runs no script and loads nothing.',
    }),
    received_at: time('2026-11-20T09:30:07.512Z'),
  })
  .meta({ id: 'Message' })

const inbox = z
  .object({
    site: z
      .string()
      .meta({ description: 'The domain that sends the mails.', examples: ['example.com'] }),
    domain: z.string().meta({ examples: ['inbox.example.net'] }),
    subject: z.string().nullable().meta({ description: 'Only mails whose subject contains this.' }),
    regex: z.string().nullable().meta({ description: 'The pattern that finds the code.' }),
    cancellation_fee: money.meta({ description: 'The fee for cancelling before a mail arrives.' }),
    session: z.number().int().meta({ description: 'Seconds that it stays open after a mail.' }),
  })
  .meta({ id: 'Inbox' })

const esim = z
  .object({
    plan: z.string().meta({ examples: ['USA 5GB / 30 days'] }),
    data_gb: z.number(),
    validity_days: z.number().int(),
    activation_code: z.string().meta({
      description: 'The code that a phone scans (`LPA:1$...`), or a voucher (`SIM-...`).',
      examples: ['LPA:1$SMDP.EXAMPLE.COM$04386-AGYFT-A74Y8-3F815'],
    }),
    smdp_address: z.string().nullable().meta({
      description: 'The SM-DP+ address, for entering it by hand; null for a voucher.',
    }),
    matching_id: z.string().nullable().meta({
      description: 'The matching id, for entering it by hand; null for a voucher.',
    }),
    asks_confirmation: z.boolean().nullable().meta({
      description: 'Whether the phone asks for a confirmation code; null for a voucher.',
    }),
  })
  .meta({ id: 'Esim' })

const orderService = z
  .object({
    service: z.string(),
    offer_id: z.number().int().nullable().meta({
      description: 'Null, like the price, for orders from before each service had its own price.',
    }),
    price: money.nullable(),
    state: z.enum(orderServiceStates).meta({
      description:
        '`held` until its first code arrives, then `paid`; `refunded` if the order ended without one.',
    }),
    code: z.string().nullable().meta({ description: 'The latest code for this service.' }),
  })
  .meta({ id: 'OrderService', description: 'One service of an order for several.' })

const named = {
  id: z.string().meta({ examples: ['ord_89b12d3a456'] }),
  number: z.number().int().meta({ description: 'The numeric id of the same order.' }),
}

const own = {
  offer_id: z.number().int(),
  ...annotations,
  note: z.string().nullable().meta({ description: 'Your own note; null if there is none.' }),
  renewals: z.number().int().meta({ description: 'How many times the rental was renewed.' }),
  price: money.meta({ description: 'The price; of several services, the sum of their prices.' }),
  currency,
  code: z.string().nullable().meta({
    description: 'The latest code, without separators; null until one arrives.',
  }),
  messages: z.array(message).meta({
    description:
      'The newest messages, oldest first: at most 1,000, and 2 MB. Each message is also an event, ' +
      '`message.received`.',
  }),
  resend_count: z
    .number()
    .int()
    .meta({ description: 'How many times another code was requested.' }),
  resend_pending: z.boolean().meta({ description: 'Whether another code is still awaited.' }),
  replaces: z.string().nullable().meta({ description: 'The order that this one replaced.' }),
  replaced_by: z.string().nullable().meta({ description: 'The order that replaced this one.' }),
  created_at: time('2026-11-20T09:30:00.000Z'),
  cancel_after: time('2026-11-20T09:32:00.000Z'),
  expires_at: time('2026-11-20T09:50:00.000Z'),
  received_at: z.iso.datetime().nullable(),
  closed_at: z.iso.datetime().nullable(),
  late_code_available: z.boolean().meta({
    description:
      'Whether a code came after the activation was over and can be claimed. Nothing else shows it.',
  }),
  claimed_at: z.iso.datetime().nullable().meta({ description: 'When its late code was claimed.' }),
}

const number = {
  service: z.string().meta({ examples: ['whatsapp'] }),
  country: z.string().meta({ examples: ['US'] }),
  operator: z.string(),
  pool: z.string(),
  phone: z.string().meta({ description: 'The number, in E.164.', examples: ['+12015550123'] }),
  email: z.null(),
  inbox: z.null(),
  esim: z.null(),
}

const noNumber = { services: z.null(), operator: z.null(), pool: z.null(), phone: z.null() }

const codeStates = ['waiting', 'received', 'finished', 'cancelled', 'expired', 'failed'] as const
const rentalStates = ['active', 'ended', 'cancelled', 'failed'] as const
const esimStates = ['finished', 'failed'] as const

export const activationOrder = z
  .object({
    ...named,
    kind: z.literal('activation'),
    state: z.enum(codeStates),
    ...number,
    services: z
      .array(orderService)
      .nullable()
      .meta({
        description:
          'The services of an order for several, with the price, code and state of each; otherwise null. ' +
          '`service` is the first of them.',
      }),
    duration: z.null(),
    ...own,
  })
  .meta({ id: 'ActivationOrder', description: 'A number for one code, or for several in a row.' })

const momentOrNull = (description: string) => z.iso.datetime().nullable().meta({ description })

export const rentalOrder = z
  .object({
    ...named,
    kind: z.literal('rental'),
    state: z.enum(rentalStates),
    ...number,
    services: z.null(),
    duration: z.number().int().meta({
      description: 'The length of the rental, and of each renewal, in seconds.',
    }),
    ...own,
    cancellable_until: momentOrNull(
      'Until when it can be cancelled for a refund, if no message comes before. Null: it cannot.',
    ),
    renewable_until: momentOrNull(
      'Until when it can be renewed, as long as its number and its offer can be had. Null: it cannot.',
    ),
  })
  .meta({ id: 'RentalOrder', description: 'A number for days. It takes every message.' })

export const emailOrder = z
  .object({
    ...named,
    kind: z.literal('email'),
    state: z.enum(codeStates),
    ...noNumber,
    service: z.string().nullable().meta({
      description: 'The service that the site belongs to; null if the catalog does not have it.',
    }),
    country: z.null(),
    email: z.string().meta({
      description: 'The address.',
      examples: ['raluda.fimeto204@inbox.example.net'],
    }),
    inbox,
    esim: z.null(),
    duration: z.null(),
    ...own,
  })
  .meta({ id: 'EmailOrder', description: 'An email inbox.' })

export const esimOrder = z
  .object({
    ...named,
    kind: z.literal('esim'),
    state: z.enum(esimStates),
    ...noNumber,
    service: z.null(),
    country: z.string().nullable(),
    email: z.null(),
    inbox: z.null(),
    esim,
    duration: z.null(),
    ...own,
  })
  .meta({ id: 'EsimOrder', description: 'An eSIM with a data plan.' })

export const order = z
  .discriminatedUnion('kind', [activationOrder, rentalOrder, emailOrder, esimOrder])
  .meta({ id: 'Order' })

/** An order whose number a supplier is still being asked for. */
export const allocatingOrder = z
  .object({
    ...named,
    kind: z.enum(['activation', 'rental']),
    state: z.literal('allocating'),
    ...number,
    phone: z.null(),
    services: z.array(orderService).nullable(),
    duration: z.number().int().nullable(),
    ...own,
  })
  .meta({ id: 'AllocatingOrder', description: 'An order that has no number yet.' })

export const orderBatch = z
  .object({ orders: z.array(order) })
  .meta({ id: 'OrderBatch', description: 'The orders of a purchase with `quantity`.' })
