// Settings that an operator changes at run time. Each has a default and a check.
import { z } from 'zod'
import type { Database, Queryable } from '../db/database.ts'
import { DomainError } from './error.ts'
import { append, type By } from './operator-log.ts'

/** Who may sign up: anybody, whoever was invited, nobody. */
export const signUpModes = ['open', 'invitation', 'closed'] as const
export type SignUpMode = (typeof signUpModes)[number]

const count = z.number().int().min(0).max(1_000_000)

/** All settings: schema, default, and meaning. */
export const settings = {
  default_country: {
    form: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .nullable(),
    fallback: null,
    meaning: 'the country for dialects whose calls name none (ISO 3166); null: any country',
  },
  reuse_after_days: {
    form: count.nullable(),
    fallback: null,
    meaning: 'days after which a number can be sold again for the same service; null: never',
  },
  rest_after_orders: {
    form: count.max(1_000).nullable(),
    fallback: 3,
    meaning:
      'orders in a row without a message, of as many customers, after which a number rests from a service; ' +
      'null: never',
  },
  rest_hours: {
    form: z.number().int().min(1).max(8_760),
    fallback: 72,
    meaning: 'hours for which such a number rests',
  },
  ban_after_rests: {
    form: count.max(1_000).nullable(),
    fallback: 3,
    meaning: 'such rests in a row after which the number is banned from the service; null: never',
  },
  silent_after_days: {
    form: count.max(365).nullable(),
    fallback: 14,
    meaning: 'days without any message after which a number goes out of sale; null: never',
  },
  require_provenance: {
    form: z.boolean(),
    fallback: false,
    meaning: 'whether an import of numbers must state their owner, contract and consent',
  },
  retention_days: {
    form: z.number().int().min(1).max(3650),
    fallback: 30,
    meaning: 'days after which texts and codes are purged',
  },
  request_log_days: {
    form: z.number().int().min(0).max(90),
    fallback: 7,
    meaning: 'days for which requests with a key are kept for the customer to see; 0: none are',
  },
  rental_refund_minutes: {
    form: z.number().int().min(0).max(1440),
    fallback: 20,
    meaning: 'minutes in which a rental without a message can be cancelled for a refund',
  },
  rental_grace_hours: {
    form: z.number().int().min(0).max(720),
    fallback: 24,
    meaning: 'hours after its end in which a rental can still be renewed and its number is kept',
  },
  rental_reminder_hours: {
    form: z.array(z.number().int().min(1).max(720)).max(10),
    fallback: [24, 1],
    meaning: 'hours before the end of a rental at which its customer is reminded',
  },
  success_window_hours: {
    form: z.number().int().min(1).max(720),
    fallback: 168,
    meaning: 'hours of outcomes from which success rates are computed',
  },
  webhook_failing_days: {
    form: z.number().int().min(1).max(365),
    fallback: 5,
    meaning: 'days without a success after which a webhook endpoint is disabled',
  },
  least_margin_percent: {
    form: z.number().int().min(0).max(99),
    fallback: 0,
    meaning:
      'percent of a price that must be left after the cost at a supplier; what leaves less is not for sale',
  },
  sign_up: {
    form: z.enum(signUpModes),
    fallback: 'invitation',
    meaning: 'who may sign up: open (anybody), invitation (who was invited), closed (nobody)',
  },
  platform_name: {
    form: z.string().regex(/^[^\p{Cc}\p{Cs}]{1,60}$/u),
    fallback: 'Numlet',
    meaning: 'what the platform is called, in mails and on the dashboard',
  },
  letterhead: {
    form: z.string().min(1).max(1000).nullable(),
    fallback: null,
    meaning: 'name, address and tax number of the operator on invoices, one a line; null: none',
  },
  max_open_orders: {
    form: count.nullable(),
    fallback: null,
    meaning: 'open orders that an account can have at once; null: no limit',
  },
  max_orders_a_day: {
    form: count.nullable(),
    fallback: null,
    meaning: 'orders that an account can make per UTC day; null: no limit',
  },
  max_cancelled_percent: {
    form: z.number().int().min(0).max(100).nullable(),
    fallback: null,
    meaning:
      'percent of a day’s orders that an account can cancel, from 20 orders on; null: no limit',
  },
} as const satisfies Record<string, { form: z.ZodType; fallback: unknown; meaning: string }>

export type SettingName = keyof typeof settings
export type Settings = { readonly [Name in SettingName]: z.infer<(typeof settings)[Name]['form']> }

/** All settings, with defaults for those that are not set. */
export async function readSettings(db: Queryable): Promise<Settings> {
  const rows = await db.query<{ name: string; value: unknown }>('select name, value from settings')
  const set = new Map(rows.map((row) => [row.name, row.value]))
  return Object.fromEntries(
    Object.entries(settings).map(([name, { fallback }]) => [
      name,
      set.has(name) ? set.get(name) : fallback,
    ]),
  ) as unknown as Settings
}

/** @throws invalid_request if the setting does not exist or the value is invalid */
export async function writeSetting(
  db: Database,
  now: Date,
  by: By,
  name: string,
  value: unknown,
): Promise<void> {
  const setting = settings[name as SettingName] as (typeof settings)[SettingName] | undefined
  if (!setting || !Object.hasOwn(settings, name))
    throw new DomainError(
      'invalid_request',
      `There is no setting ${name}. Choose one of: ${Object.keys(settings).join(', ')}.`,
    )
  const parsed = setting.form.safeParse(value)
  if (!parsed.success)
    throw new DomainError('invalid_request', `${name}: ${parsed.error.issues[0]?.message}`)
  await db.begin(async (tx) => {
    const before = (await readSettings(tx))[name as SettingName]
    await tx.query(
      `insert into settings (name, value, updated_at) values ($1, $2, $3)
       on conflict (name) do update set value = excluded.value, updated_at = excluded.updated_at`,
      [name, JSON.stringify(parsed.data), now],
    )
    await append(tx, by, {
      action: 'setting.write',
      subject: { type: 'setting', id: name },
      detail: { before, after: parsed.data },
    })
  })
}
