// How the platforms of the handler_api family differ: a profile for each, as data.
import { z } from 'zod'
import { jsonIn } from '../answers.ts'
import type { Settings } from '../supplier.ts'

const shape = z.strictObject({
  /** The action that buys. Never one after the other for one ask. */
  ask: z.enum(['getNumberV2', 'getNumber']),
  /** The action that buys a number again; null: it has none. */
  again: z.enum(['getExtraActivation', 'reactivate']).nullable(),
  /** Whether it takes our key as `orderId` and never buys twice with it. */
  isKeyed: z.boolean(),
  /** The parameter for the highest price. */
  maxPrice: z.enum(['maxPrice', 'max_price']).nullable(),
  /** Whether it takes `phoneException`. */
  hasPrefixes: z.boolean(),
  /** The action that has the text of a message; `getStatus` has the code alone. */
  text: z.enum(['getStatusV2', 'getFullSms']).nullable(),
  /** Whether it has `getActiveActivations`. */
  hasList: z.boolean(),
  /** Whether it has `getHistory`, which shows how orders ended. */
  hasHistory: z.boolean(),
  /** Whether it rents numbers (`getRentNumber`), and takes our key for these, too. */
  hasRent: z.boolean(),
  /** The action that has the price list. */
  prices: z.enum(['getPrices', 'getPricesV2', 'getPricesV3', 'getPricesVerification']),
  /** Whether asks, prices and the balance name the currency. */
  sendsCurrency: z.boolean(),
  /** Whether it calls a URL of ours when a message arrives. */
  hasHints: z.boolean(),
})

export type Profile = Readonly<z.output<typeof shape>>

const vanilla: Profile = {
  ask: 'getNumberV2',
  again: 'getExtraActivation',
  isKeyed: true,
  maxPrice: 'maxPrice',
  hasPrefixes: true,
  text: 'getStatusV2',
  hasList: true,
  hasHistory: true,
  hasRent: true,
  prices: 'getPrices',
  sendsCurrency: false,
  hasHints: true,
}

/** @NOTE a profile has a key only where the platform promises that `orderId` is never bought twice: a
 * platform that ignores the parameter would sell another number each time an ask is repeated */
const unkeyed: Profile = { ...vanilla, isKeyed: false, again: null, hasRent: false }

export const profiles = {
  vanilla,
  herosms: { ...unkeyed, again: 'reactivate' },
  smsbower: { ...unkeyed, hasPrefixes: false, prices: 'getPricesV2', hasHistory: false },
  grizzly: { ...unkeyed, hasPrefixes: false, prices: 'getPricesV2', hasHistory: false },
  tiger: {
    ...unkeyed,
    ask: 'getNumber',
    hasPrefixes: false,
    hasHistory: false,
    hasList: false,
    hasHints: false,
  },
  smshub: {
    ...unkeyed,
    ask: 'getNumber',
    hasPrefixes: false,
    text: null,
    hasList: false,
    hasHistory: false,
    sendsCurrency: true,
    hasHints: false,
  },
  daisy: {
    ...unkeyed,
    ask: 'getNumber',
    maxPrice: 'max_price',
    hasPrefixes: false,
    text: null,
    hasList: false,
    hasHistory: false,
    prices: 'getPricesVerification',
  },
} as const satisfies Record<string, Profile>

export const profileNames = Object.keys(profiles)

/** What an operator changes in a profile. */
const changes = shape.partial()

/** The profile of a supplier, with its own changes. */
export function profileOf({ profile = 'vanilla', profile_changes = '{}' }: Settings): Profile {
  const base: Profile = Object.hasOwn(profiles, profile)
    ? profiles[profile as keyof typeof profiles]
    : vanilla
  const own = changes.safeParse(jsonIn(profile_changes))
  return own.success ? { ...base, ...definedIn(own.data) } : base
}

const definedIn = (own: z.output<typeof changes>): Partial<Profile> =>
  Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined))

/** @returns what is wrong with changes of a profile, as the end of a sentence; null: nothing */
export function problemOfChanges(text: string): string | null {
  const read = changes.safeParse(jsonIn(text))
  if (read.success) return null
  const names = Object.entries(shape.shape).map(([name, field]) => {
    const { options } = 'options' in field ? field : { options: ['true', 'false'] }
    return `${name}: ${options.join(' or ')}`
  })
  return `must be a JSON object with some of: ${names.join('; ')}`
}
