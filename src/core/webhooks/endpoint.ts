// A webhook endpoint: the events that it receives, and the secrets that sign them. No I/O.
import { randomBytes } from 'node:crypto'
import { messageTypes, typesOf } from './formats.ts'

export const offReasons = ['gone', 'failing'] as const

export type Endpoint = {
  readonly id: number
  readonly accountId: number
  /** The name of a registered format. */
  readonly format: string
  readonly url: string
  /** Types of events as in the outbox, or `*` alone. */
  readonly events: readonly string[]
  /** The only order whose events it receives; null: all orders of the account. */
  readonly orderId: bigint | null
  readonly description: string
  readonly isActive: boolean
  /** Why the platform disabled it; null if it did not. */
  readonly offReason: (typeof offReasons)[number] | null
  readonly failingSince: Date | null
  /** Until when the previous secret also signs; null: there is none. */
  readonly oldSecretUntil: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** The allowed names of an endpoint's events. */
export const eventNamesOf = (format: string): readonly string[] => ['*', ...typesOf(format)]

/** Whether an endpoint receives an event. */
export function wantsEvent(
  { format, events }: Pick<Endpoint, 'format' | 'events'>,
  type: string,
): boolean {
  const known: readonly string[] = typesOf(format)
  if (!known.includes(type)) return false
  if (known !== messageTypes) return events.includes('*') || events.includes(type)
  // @NOTE a message with a code makes two events: the endpoint receives one of them
  const isAnyMessage = events.includes('*') || events.includes('message.received')
  return type === (isAnyMessage ? 'message.received' : 'order.code_received')
}

/** Events that are sent before all others, and retried within seconds. */
export const isFast = (type: string): boolean => (messageTypes as readonly string[]).includes(type)

/** The type of a test event. No event of the outbox has this type. */
export const testType = 'webhook.test'

/** Shorter secrets are not accepted: a new one is generated instead. */
const minSecretLength = 16
export const maxSecretLength = 200
const newHexBytes = 24
const newSecretBytes = 32

/** The given secret if it is long enough, otherwise a new one: 48 hex digits. */
export const secretFor = (wanted: string | null): string =>
  wanted !== null && wanted.length >= minSecretLength
    ? wanted
    : randomBytes(newHexBytes).toString('hex')

/** A new secret in the form of Standard Webhooks. */
export const newSecret = () => `whsec_${randomBytes(newSecretBytes).toString('base64')}`
