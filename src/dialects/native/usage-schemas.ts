// What the native API shows of an account's usage, with the reference's examples.
import { z } from 'zod'
import { currency, money, time } from './schemas.ts'

const counts = {
  orders: z.number().int().meta({ description: 'Orders that were bought.' }),
  open: z.number().int().meta({ description: 'Those that still wait for a code.' }),
  with_code: z.number().int().meta({
    description: 'Those with a code, of activations and inboxes.',
  }),
  success_rate: z
    .number()
    .nullable()
    .meta({
      description:
        'The share of activations and inboxes that had a code, in percent of those that do not wait for ' +
        'one any more; null if there are none.',
      examples: [91.7],
    }),
  spent: money.meta({
    description: 'What was paid, less what was paid back. Money held for a code is not paid yet.',
  }),
}

const group = {
  day: z
    .string()
    .nullable()
    .meta({ description: 'By day: the day, in UTC.', examples: ['2026-11-20'] }),
  key_id: z.string().nullable().meta({
    description: 'By key: the key that bought; null for other orders.',
  }),
  service: z.string().nullable().meta({ description: 'By service: its slug.' }),
  country: z.string().nullable().meta({ description: 'By country.' }),
}

export const usageEntry = z.object({ ...group, ...counts }).meta({ id: 'UsageEntry' })

export const usage = z
  .object({
    from: z.string().meta({ examples: ['2026-11-01'] }),
    to: z.string().meta({ examples: ['2026-11-30'] }),
    currency,
    total: z.object(counts).meta({ id: 'UsageTotal' }),
    data: z.array(usageEntry).meta({
      description: 'By day every day of the period; otherwise what has orders or payments.',
    }),
  })
  .meta({ id: 'Usage' })

export const overview = z
  .object({
    currency,
    balance: money,
    low_balance: money.nullable(),
    is_low: z.boolean().meta({ description: 'Whether the balance is below `low_balance`.' }),
    days_left: z
      .number()
      .nullable()
      .meta({
        description:
          'How many days the balance lasts at the spending of 30 days; null if nothing was spent.',
        examples: [12.5],
      }),
    open_orders: z.number().int(),
    held: money.meta({ description: 'Held for orders that wait for a code.' }),
    last_30_days: usage,
    ending_soon: z
      .object({
        rentals: z.array(
          z.object({
            order_id: z.string(),
            phone: z.string(),
            ends_at: time('2026-11-21T09:30:00.000Z'),
          }),
        ),
        keys: z.array(
          z.object({
            key_id: z.string(),
            name: z.string(),
            ends_at: time('2026-11-21T09:30:00.000Z'),
          }),
        ),
      })
      .meta({
        description: 'Rentals that end within 3 days and keys that expire within 14, 10 at most.',
      }),
  })
  .meta({ id: 'Overview', description: 'What a first page shows, in one call.' })

const sums = { orders: 24, open: 1, with_code: 21, success_rate: 91.3, spent: '31.50' }

export const exampleUsage: z.output<typeof usage> = {
  from: '2026-11-20',
  to: '2026-11-20',
  currency: 'USD',
  total: sums,
  data: [{ day: '2026-11-20', key_id: null, service: null, country: null, ...sums }],
}

export const exampleOverview: z.output<typeof overview> = {
  currency: 'USD',
  balance: '98.50',
  low_balance: '5.00',
  is_low: false,
  days_left: 93.8,
  open_orders: 1,
  held: '1.50',
  last_30_days: exampleUsage,
  ending_soon: {
    rentals: [
      { order_id: 'ord_89b12d3a456', phone: '+12015550123', ends_at: '2026-11-21T09:30:00.000Z' },
    ],
    keys: [],
  },
}
