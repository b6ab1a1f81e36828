// The schemas of people and their sessions, and the reference's examples of them.
import { z } from 'zod'
import { passwordLengths } from '../../core/people/password.ts'
import { roles, secondFactors, staffRoles, themes } from '../../core/people/person.ts'
import * as schemas from './schemas.ts'
import type { Wire } from './wire.ts'

/** An address, as somebody types it. Its form is checked by the core. */
export const email = z
  .string()
  .min(3)
  .max(254)
  .meta({ description: 'An e-mail address.', examples: ['kim@example.com'] })

/** A password that is checked, whatever its length is. */
export const password = z.string().min(1).max(1000).meta({ description: 'A password.' })

export const newPassword = z
  .string()
  .max(1000)
  .meta({
    description:
      `${passwordLengths.min} to ${passwordLengths.max} characters, and none of the passwords that are ` +
      'tried first. There are no other rules.',
    examples: ['nine grey herons by the lake'],
  })

export const exampleToken = '0V5nqU3yS1mJm0cH8sQdXo1C7c2b6Jw4uTgLkE9pRzA'

export const token = z
  .string()
  .max(200)
  .meta({
    description: 'What follows `#token=` in the link.',
    examples: [exampleToken],
  })

export const locale = z
  .string()
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'must be a language tag such as en or pt-BR')
  .max(35)
  .meta({ description: 'A language (BCP 47).', examples: ['en'] })

const theme = z.enum(themes)

const accountOfUser = z
  .object({
    id: z.string(),
    name: z.string(),
    currency: z.string(),
    role: z.enum(roles),
  })
  .meta({ id: 'Membership', description: 'An account that the user belongs to.' })

export const user = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    locale: z.string().nullable().meta({ description: 'Null: that of the browser.' }),
    theme,
    verified: z.boolean().meta({ description: 'Whether the address is known to be theirs.' }),
    has_password: z.boolean(),
    second_factors: z.array(z.enum(secondFactors)),
  })
  .meta({ id: 'User' })

export const session = z
  .object({
    user,
    account: accountOfUser
      .nullable()
      .meta({ description: 'The account that the session acts in; null if the user has none.' }),
    accounts: z.array(accountOfUser).meta({ description: 'All accounts of the user.' }),
    staff: z.enum(staffRoles).nullable().meta({
      description: 'The role among the operator’s staff; null for customers.',
    }),
    second_factor: z.object({
      needed: z.boolean().meta({
        description: 'Whether nothing else is possible until the second factor is given.',
      }),
      ways: z.array(z.enum(secondFactors)).meta({
        description:
          'Those that can be given here: a passkey only on the site that it was made for.',
      }),
      at: z.string().nullable().meta({ description: 'When it was given last in this session.' }),
    }),
    expires_at: z.string().meta({
      description:
        'When the session ends if it is not used. Each use moves it, for 90 days at most.',
    }),
  })
  .meta({ id: 'Session' })

export const listedSession = z
  .object({
    id: z.string(),
    device: z.string().meta({ description: 'The program that signed in.' }),
    address: z.string().nullable().meta({ description: 'From where it signed in.' }),
    is_current: z.boolean().meta({ description: 'Whether it is the session of this request.' }),
    created_at: z.string(),
    last_seen_at: z.string(),
  })
  .meta({ id: 'ListedSession' })

export const userChange = z
  .strictObject({
    name: schemas.line(200).optional(),
    locale: locale.nullable().optional(),
    theme: theme.optional(),
  })
  .meta({ id: 'UserChange' })

/** Which mails about accounts somebody gets. */
export const notifications = z
  .object({
    low_balance: z.boolean().meta({
      description:
        'The balance fell below `low_balance` of the account; once an hour at most. For owners.',
    }),
    deposit_credited: z.boolean().meta({
      description: 'A deposit was paid and added to the balance. For owners.',
    }),
    rental_ending: z.boolean().meta({ description: 'A rental ends soon.' }),
  })
  .meta({ id: 'Notifications' })

export const notificationsChange = z
  .strictObject({
    low_balance: z.boolean().optional(),
    deposit_credited: z.boolean().optional(),
    rental_ending: z.boolean().optional(),
  })
  .meta({ id: 'NotificationsChange' })

export const exampleNotifications: Wire<typeof notifications> = {
  low_balance: true,
  deposit_credited: false,
  rental_ending: true,
}

export const exampleUser: Wire<typeof user> = {
  id: 'usr_1k7p0c3m5xw',
  email: 'kim@example.com',
  name: 'Kim',
  locale: 'en',
  theme: 'system',
  verified: true,
  has_password: true,
  second_factors: [],
}

const exampleAccount: Wire<typeof accountOfUser> = {
  id: 'acc_3f9a2c1d7e8',
  name: 'Kim’s shop',
  currency: 'USD',
  role: 'owner',
}

export const exampleSession: Wire<typeof session> = {
  user: exampleUser,
  account: exampleAccount,
  accounts: [exampleAccount],
  staff: null,
  second_factor: { needed: false, ways: [], at: null },
  expires_at: '2026-12-04T09:30:00.000Z',
}

export const exampleListed: Wire<typeof listedSession> = {
  id: 'ses_7c2b6jw4utg',
  device: 'Firefox on Linux',
  address: '203.0.113.7',
  is_current: true,
  created_at: '2026-11-20T09:30:00.000Z',
  last_seen_at: '2026-11-20T09:41:00.000Z',
}
