// A line of the request log: one request that was made with a key. It never holds a body, a query, a key or a
// whole phone number.

/** A request as it was answered. */
export type LoggedRequest = {
  readonly accountId: number
  readonly keyId: number
  /** The API that was called. */
  readonly dialect: string
  readonly method: string
  readonly path: string
  readonly status: number
  /** How long the answer took. */
  readonly ms: number
  /** `X-Request-Id` of the answer. */
  readonly requestId: string
  readonly address: string
  /** When it was answered. */
  readonly at: Date
}

export type ListedRequest = Omit<LoggedRequest, 'accountId' | 'address'> & {
  readonly id: bigint
  readonly address: string | null
}

/** Places in a millisecond. */
export const placesAMs = 10_000n
export const dayMs = 24 * 60 * 60 * 1000

/** The first id of a time. */
export const firstIdAt = (at: Date): bigint => BigInt(at.getTime()) * placesAMs

const maxPathLength = 200
/** A number with its sign, or one that is too long for the number of an order. */
const phone = /\/(?:(?:\+|%2B)\d+|\d{10,})(?=\/|$)/gi
const key = /nl[0-9A-Za-z]{30}/g

/**
 * The path of a request as it is kept: without the query, with keys and phone numbers hidden.
 * @param number a part of the path that is a phone number
 * @param action the name of the call, for protocols that have it in the query
 */
export function loggedPath(
  url: string,
  number: string | undefined = undefined,
  action: string | null = null,
): string {
  const end = url.indexOf('?')
  let path = end < 0 ? url : url.slice(0, end)
  if (number !== undefined) path = path.replace(`/${number}`, '/[phone]')
  path = path.replace(phone, '/[phone]')
  if (action !== null) path += `?action=${action}`
  return path.replace(key, '[key]').slice(0, maxPathLength)
}
