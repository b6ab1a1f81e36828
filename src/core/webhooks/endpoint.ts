// What a webhook endpoint is, and the secret that signs for it. No I/O in this file.
import { randomBytes } from 'node:crypto'

/** In whose words and with whose signature an endpoint is told. */
export const endpointFormats = [
  'standard',
  'otpzap',
  'smsverificationservice',
  'handler-api',
] as const
export type EndpointFormat = (typeof endpointFormats)[number]

/** Formats of dialects, which know one endpoint an account. */
export type DialectFormat = Exclude<EndpointFormat, 'standard'>

export type Endpoint = {
  readonly id: number
  readonly accountId: number
  readonly format: EndpointFormat
  readonly url: string
  /** Types of events as the outbox has them, or `*` alone. */
  readonly events: readonly string[]
  readonly isActive: boolean
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Shorter ones are not taken: a new one is made instead. */
export const minSecretLength = 16
export const maxSecretLength = 200
const newSecretBytes = 24

/** The secret that is wanted where it is long enough, else a new one: 48 hex digits. */
export const secretFor = (wanted: string | null): string =>
  wanted !== null && wanted.length >= minSecretLength
    ? wanted
    : randomBytes(newSecretBytes).toString('hex')
