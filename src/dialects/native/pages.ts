// Pages of lists: cursors, and filters by time and by several values.
import { z } from 'zod'
import { DomainError } from '../../core/error.ts'

/** The most values of one filter. */
const maxValues = 50

/** A filter of one or several values: `state=waiting&state=received`. */
export const several = <T extends z.ZodType>(one: T, description: string, example: string) =>
  z
    .preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z.array(one).min(1).max(maxValues),
    )
    .optional()
    .meta({ description: `${description} Repeat it for several.`, examples: [[example]] })

/** The time filters of a list. @throws invalid_request if they leave no time between them */
export function timesOf(query: {
  readonly created_after?: string | undefined
  readonly created_before?: string | undefined
}): { since: Date | undefined; until: Date | undefined } {
  const dateOf = (text: string | undefined) => (text === undefined ? undefined : new Date(text))
  const [since, until] = [dateOf(query.created_after), dateOf(query.created_before)]
  if (since && until && since > until) {
    const detail = 'must not be later than created_before'
    throw new DomainError('invalid_request', `created_after: ${detail}.`, {
      fields: [{ pointer: 'created_after', detail }],
    })
  }
  return { since, until }
}

/** A cursor holds the end of the previous page. It is opaque to callers. */
export const toCursor = (place: bigint | number) =>
  Buffer.from(`after:${place}`).toString('base64url')

/** @throws invalid_request */
export function fromCursor(cursor: string | undefined): bigint | undefined {
  if (cursor === undefined) return undefined
  const place = /^after:(\d{1,18})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1]
  if (place === undefined)
    throw new DomainError('invalid_request', 'The cursor is not valid.', {
      fields: [{ pointer: 'cursor', detail: 'is not a cursor of this API' }],
    })
  return BigInt(place)
}

/** Makes a page from the rows, of which one more than a page was read. */
export function toPage<T, W>(
  rows: readonly T[],
  limit: number,
  placeOf: (row: T) => bigint | number,
  format: (row: T) => W,
): { data: W[]; next_cursor: string | null } {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    data: shown.map(format),
    next_cursor: rows.length > limit && last !== undefined ? toCursor(placeOf(last)) : null,
  }
}
