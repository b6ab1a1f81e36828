// Ids as they are typed and shown: the API's tokens (`acc_...`), numbers, or an e-mail address.
import { accountByEmail, getAccount } from '../core/accounts/accounts.ts'
import type { Subject, SubjectType } from '../core/audit/log.ts'
import { DomainError, type ErrorCode } from '../core/error.ts'
import type { PublicIds } from '../core/public-id.ts'
import type { Session } from './session.ts'

const largestRow = 2n ** 31n - 1n
const largestBigRow = 2n ** 56n - 1n

/** The prefixes of tokens, and what each is an id of. */
export const prefixes = {
  acc: 'account',
  key: 'key',
  ord: 'order',
  msg: 'message',
  dep: 'deposit',
  whk: 'webhook',
} as const satisfies Readonly<Record<string, SubjectType>>
export type Prefix = keyof typeof prefixes

/** The row's number behind a token or a bare number, whose form was checked when it was read.
 * @throws not_found */
export function rowOf(ids: PublicIds, prefix: Prefix, text: string): number {
  const id = bigRowOf(ids, prefix, text)
  if (id > largestRow) throw missing(prefix, text)
  return Number(id)
}

/** The same, of tables whose rows are counted beyond 2^31.
 * @throws not_found */
export function bigRowOf(ids: PublicIds, prefix: Prefix, text: string): bigint {
  const id = /^\d+$/.test(text) ? BigInt(text) : ids.fromToken(prefix, text)
  if (id === null || id > largestBigRow) throw missing(prefix, text)
  return id
}

/** The number of an account that is there, by its id or its e-mail address. @throws not_found */
export async function accountOf({ db, ids }: Session, text: string): Promise<number> {
  const id = text.includes('@') ? await accountByEmail(db, text) : rowOf(ids, 'acc', text)
  if (id === null) throw missing('acc', text)
  return (await naming('acc', text, getAccount(db, id))).id
}

/** A thing of the log as it is shown: a token where it has one, else its kind and its name. */
export function shownSubject(ids: PublicIds, type: string | null, id: string | null) {
  if (type === null || id === null) return null
  const prefix = Object.entries(prefixes).find(([, one]) => one === type)?.[0]
  return prefix && /^\d+$/.test(id) ? ids.toToken(prefix, BigInt(id)) : `${type} ${id}`
}

/** Details of the log with the numbers of rows in the form that ids have everywhere. */
export function shownDetail(ids: PublicIds, detail: Readonly<Record<string, unknown>>) {
  const entries = Object.entries(detail).map(([name, value]) => {
    const prefix = Object.entries(prefixes).find(([, type]) => name === `${type}_id`)?.[0]
    const isRow = prefix !== undefined && typeof value === 'number'
    return [name, isRow ? ids.toToken(prefix, value) : value]
  })
  return Object.fromEntries(entries) as Readonly<Record<string, unknown>>
}

/** What `shownSubject` shows, read back. @throws not_found */
export function subjectOf(ids: PublicIds, text: string): Subject {
  const [prefix] = text.split('_', 1)
  if (
    prefix !== undefined &&
    Object.hasOwn(prefixes, prefix) &&
    ids.fromToken(prefix, text) !== null
  )
    return { type: prefixes[prefix as Prefix], id: ids.fromToken(prefix, text) as bigint }
  const [, type, id] = /^([a-z]+)[ :](.+)$/.exec(text) ?? []
  if (type === undefined || id === undefined)
    throw new DomainError('not_found', `There is no ${text}.`)
  return { type: type as SubjectType, id }
}

const missingCodes: Readonly<Partial<Record<Prefix, ErrorCode>>> = {
  ord: 'order_not_found',
  dep: 'deposit_not_found',
  whk: 'webhook_not_found',
}

/** Waits for a verb, and names the id as it was typed where there is none. */
export async function naming<T>(prefix: Prefix, text: string, verb: Promise<T>): Promise<T> {
  try {
    return await verb
  } catch (error) {
    const isMissing = error instanceof DomainError && error.code === codeOf(prefix)
    throw isMissing ? missing(prefix, text) : error
  }
}

const codeOf = (prefix: Prefix) => missingCodes[prefix] ?? 'not_found'

const missing = (prefix: Prefix, text: string) =>
  new DomainError(codeOf(prefix), `There is no ${prefixes[prefix]} ${text}.`)
