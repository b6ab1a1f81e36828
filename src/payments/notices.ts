// What all notices have in common: their headers, their JSON, and how a forged one is refused.
import { hash, timingSafeEqual } from 'node:crypto'
import type { z } from 'zod'
import type { NoticeSent } from '../core/deposits/gateway.ts'
import { DomainError } from '../core/error.ts'

/** A header that came once; else nothing. */
export function headerOf({ headers }: NoticeSent, name: string): string {
  const value = headers[name]
  return typeof value === 'string' ? value : ''
}

export const forged = () =>
  new DomainError('unauthenticated', 'The notice’s signature is missing or wrong.')

/** The notice's JSON in its shape. @throws invalid_request */
export function bodyOf<T>(shape: z.ZodType<T>, { body }: NoticeSent): T {
  let value: unknown
  try {
    value = JSON.parse(body.toString())
  } catch {
    throw new DomainError('invalid_request', 'The notice is no JSON.')
  }
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  throw new DomainError('invalid_request', 'The notice has another shape than it should.')
}

/** Whether two texts are the same, in a time that tells nothing of where they differ. */
export const isSame = (a: string, b: string): boolean =>
  timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'))

/** A notice's id where the gateway gives none: the same for every copy. */
export const idOfParts = (...parts: readonly string[]) =>
  hash('sha256', parts.join('\u0000'), 'hex')
