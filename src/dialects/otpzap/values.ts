// OTPZap's formats for ids, references, times and lists.
import { z } from 'zod'

const maxInt = 2 ** 31 - 1
const wibOffsetMs = 7 * 60 * 60 * 1000

/** `2026-05-19 10:30:00 WIB`: Jakarta time, which has no daylight saving time. */
export function wib(date: Date): string {
  const known = written.get(date)
  if (known !== undefined) return known
  const iso = new Date(date.getTime() + wibOffsetMs).toISOString()
  const text = `${iso.slice(0, 10)} ${iso.slice(11, 19)} WIB`
  written.set(date, text)
  return text
}

/** Formatted dates are kept, because orders are polled often. */
const written = new WeakMap<Date, string>()

export const wibTime = z
  .string()
  .meta({ description: 'In Jakarta’s time.', examples: ['2026-05-19 10:30:00 WIB'] })

export const money = z.number().meta({ description: 'In the account’s currency.' })

const wholeNumber = 'must be a whole number'

/** A numeric id in a query. */
export const idParameter = z.string(wholeNumber).regex(/^\d{1,9}$/, wholeNumber)

/** The same in a body: a number, or a number as text. */
export const idField = z
  .union(
    [z.int(wholeNumber).min(0, wholeNumber).max(maxInt, wholeNumber), idParameter],
    wholeNumber,
  )
  .transform(Number)

const idOfOrder = 'must be the id of an order'

/** An order's number, or any of its other ids, in a query. */
export const orderIdParameter = z.string(idOfOrder).min(1, idOfOrder).max(200, idOfOrder)

/** The same in a body. */
export const orderIdField = z
  .union([z.int(idOfOrder).min(0, idOfOrder), orderIdParameter], idOfOrder)
  .transform(String)

/** The envelope of a successful response. */
export const success = <Data extends z.ZodType>(id: string, data: Data) =>
  z.object({ success: z.literal(true), data }).meta({ id })

export const ok = <Data extends object>(data: Data) => ({ success: true as const, data })

const forms = {
  APIE: /^APIE-(\d{1,10})-([0-9a-z]{11})$/,
  APIDEP: /^APIDEP-(\d{1,10})-([0-9a-z]{11})$/,
} as const

export type RefKind = keyof typeof forms

/** `APIE-1001-0k9x2m4p7qz`: the account, and the token that other dialects show after its prefix. */
export const toRef = (kind: RefKind, accountId: number, token: string): string =>
  `${kind}-${accountId}-${token.slice(token.indexOf('_') + 1)}`

/** The token in a reference of this account, otherwise null. */
export function tokenIn(kind: RefKind, accountId: number, ref: string): string | null {
  const [, account, token] = forms[kind].exec(ref) ?? []
  return token !== undefined && account === String(accountId) ? token : null
}
