// What a webhook endpoint is, what it is told of, and the secrets that sign for it. No I/O in this file.
import { randomBytes } from 'node:crypto'
import { type EventType, eventTypes } from '../events/catalog.ts'

/** In whose words and with whose signature an endpoint is told. */
export const endpointFormats = [
  'standard',
  'otpzap',
  'smsverificationservice',
  'handler-api',
] as const
export type EndpointFormat = (typeof endpointFormats)[number]

/** Formats of dialects, whose own calls know one endpoint an account. */
export type DialectFormat = Exclude<EndpointFormat, 'standard'>

export const offReasons = ['gone', 'failing'] as const

export type Endpoint = {
  readonly id: number
  readonly accountId: number
  readonly format: EndpointFormat
  readonly url: string
  /** Types of events as the outbox has them, or `*` alone. */
  readonly events: readonly string[]
  /** The one order that it is told of; null: all of the account's. */
  readonly orderId: bigint | null
  readonly description: string
  readonly isActive: boolean
  /** Why the platform switched it off; null where it did not. */
  readonly offReason: (typeof offReasons)[number] | null
  readonly failingSince: Date | null
  /** Until when the secret before this one signs, too; null: there is none. */
  readonly oldSecretUntil: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** A dialect told by messages tells of each once, code or not. */
const messageTypes = ['message.received', 'order.code_received'] as const

/** The events that a format has words for. */
const typesOf: Readonly<Record<EndpointFormat, readonly EventType[]>> = {
  standard: Object.keys(eventTypes) as EventType[],
  otpzap: [
    'order.code_received',
    'order.cancelled',
    'order.finished',
    'order.replaced',
    'deposit.success',
  ],
  smsverificationservice: messageTypes,
  'handler-api': messageTypes,
}

/** The names that an endpoint's events may have. */
export const eventNamesOf = (format: EndpointFormat): readonly string[] => ['*', ...typesOf[format]]

/** Whether an endpoint is told of an event. */
export function isTold(
  { format, events }: Pick<Endpoint, 'format' | 'events'>,
  type: string,
): boolean {
  const known: readonly string[] = typesOf[format]
  if (!known.includes(type)) return false
  if (known !== messageTypes) return events.includes('*') || events.includes(type)
  // @NOTE a message with a code makes two events: it is told of by one of them
  const isAnyMessage = events.includes('*') || events.includes('message.received')
  return type === (isAnyMessage ? 'message.received' : 'order.code_received')
}

/** What goes before everything else, and is tried again within seconds. */
export const isFast = (type: string): boolean => (messageTypes as readonly string[]).includes(type)

/** What a test delivery is called. No event of the outbox has this type. */
export const testType = 'webhook.test'

/** Shorter ones are not taken: a new one is made instead. */
export const minSecretLength = 16
export const maxSecretLength = 200
const newHexBytes = 24
const newSecretBytes = 32

/** The secret that is wanted where it is long enough, else a new one: 48 hex digits. */
export const secretFor = (wanted: string | null): string =>
  wanted !== null && wanted.length >= minSecretLength
    ? wanted
    : randomBytes(newHexBytes).toString('hex')

/** A new secret in the form of Standard Webhooks. */
export const newSecret = () => `whsec_${randomBytes(newSecretBytes).toString('base64')}`
