// Shared by all notices: reading headers and JSON, and refusing forged ones.
import { hash, timingSafeEqual } from 'node:crypto'
import type { z } from 'zod'
import type { NoticeSent } from '../core/deposits/gateway.ts'
import { DomainError } from '../core/error.ts'

/** A header that occurs once; otherwise an empty text. */
export function headerOf({ headers }: NoticeSent, name: string): string {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}

export const forged = () =>
  new DomainError('unauthenticated', 'The notice’s signature is missing or wrong.')

/** Parses the notice's JSON. @throws invalid_request */
export function bodyOf<T>(shape: z.ZodType<T>, { body }: NoticeSent): T {
  let value: unknown
  try {
    value = JSON.parse(body.toString())
  } catch {
    throw new DomainError('invalid_request', 'The notice is not valid JSON.')
  }
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  throw new DomainError('invalid_request', 'The notice has an unexpected shape.')
}

/** Compares two texts in constant time. */
export const isSame = (a: string, b: string): boolean =>
  timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'))

/** A notice's id if the gateway provides none: the same for every copy. */
export const idOfParts = (...parts: readonly string[]) =>
  hash('sha256', parts.join('\u0000'), 'hex')
