// What an operator sets while the platform runs. Each has a default and a check; nothing else is set.
import { z } from 'zod'
import type { Database, Queryable } from '../db/database.ts'
import { append } from './audit/log.ts'
import { DomainError } from './error.ts'

const count = z.number().int().min(0).max(1_000_000)

/** Every setting: its form, what it is when not set, and what it means. */
export const settings = {
  default_country: {
    form: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .nullable(),
    fallback: null,
    meaning: 'the country of dialects that name none (ISO 3166); null: any country',
  },
  reuse_after_days: {
    form: count.nullable(),
    fallback: null,
    meaning: 'days after which a number may be let again for the same service; null: never',
  },
  retention_days: {
    form: z.number().int().min(1).max(3650),
    fallback: 30,
    meaning: 'days after which texts and codes are purged',
  },
  rental_refund_minutes: {
    form: z.number().int().min(0).max(1440),
    fallback: 20,
    meaning: 'minutes in which a rental without a message may be cancelled for a refund',
  },
  rental_grace_hours: {
    form: z.number().int().min(0).max(720),
    fallback: 24,
    meaning: 'hours after its end in which a rental may still be renewed, and its number is kept',
  },
  rental_reminder_hours: {
    form: z.array(z.number().int().min(1).max(720)).max(10),
    fallback: [24, 1],
    meaning: 'hours before the end of a rental at which its customer is told',
  },
  success_window_hours: {
    form: z.number().int().min(1).max(720),
    fallback: 168,
    meaning: 'hours of which the outcomes make a success rate',
  },
  webhook_failing_days: {
    form: z.number().int().min(1).max(365),
    fallback: 5,
    meaning: 'days without one success after which a webhook endpoint is switched off',
  },
  max_open_orders: {
    form: count.nullable(),
    fallback: null,
    meaning: 'orders an account may have open at once; null: no limit',
  },
  max_orders_a_day: {
    form: count.nullable(),
    fallback: null,
    meaning: 'orders an account may make in a UTC day; null: no limit',
  },
  max_cancelled_percent: {
    form: z.number().int().min(0).max(100).nullable(),
    fallback: null,
    meaning: 'share of a day’s orders an account may cancel, once it made 20; null: no limit',
  },
} as const satisfies Record<string, { form: z.ZodType; fallback: unknown; meaning: string }>

export type SettingName = keyof typeof settings
export type Settings = { readonly [Name in SettingName]: z.infer<(typeof settings)[Name]['form']> }

/** All settings, those that were not set with their defaults. */
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

/** @throws invalid_request when there is no such setting or the value does not fit */
export async function writeSetting(
  db: Database,
  actor: string,
  name: string,
  value: unknown,
  reason: string | null = null,
): Promise<void> {
  const setting = settings[name as SettingName] as (typeof settings)[SettingName] | undefined
  if (!setting || !Object.hasOwn(settings, name))
    throw new DomainError(
      'invalid_request',
      `There is no setting ${name}. There are: ${Object.keys(settings).join(', ')}.`,
    )
  const parsed = setting.form.safeParse(value)
  if (!parsed.success)
    throw new DomainError('invalid_request', `${name}: ${parsed.error.issues[0]?.message}`)
  await db.begin(async (tx) => {
    const before = (await readSettings(tx))[name as SettingName]
    await tx.query(
      `insert into settings (name, value) values ($1, $2)
       on conflict (name) do update set value = excluded.value, updated_at = now()`,
      [name, JSON.stringify(parsed.data)],
    )
    await append(
      tx,
      { actor, reason },
      {
        action: 'setting.write',
        subject: { type: 'setting', id: name },
        detail: { before, after: parsed.data },
      },
    )
  })
}
