// Ids in arguments and output: the API's tokens (`acc_...`), numbers, or an e-mail address.
import { accountByEmail, getAccount } from '../core/accounts/accounts.ts'
import { DomainError, type ErrorCode } from '../core/error.ts'
import { inArchive } from '../core/operating/orders.ts'
import type { Subject, SubjectType } from '../core/operator-log.ts'
import type { PublicIds } from '../core/public-id.ts'
import type { Session } from './session.ts'

const maxRow = 2n ** 31n - 1n
const maxBigRow = 2n ** 56n - 1n

/** The prefixes of tokens, and the object that each belongs to. */
const prefixes = {
  acc: 'account',
  key: 'key',
  ord: 'order',
  msg: 'message',
  dep: 'deposit',
  whk: 'webhook',
  usr: 'user',
} as const satisfies Readonly<Record<string, SubjectType>>
export type Prefix = keyof typeof prefixes

/** The row number of a token or a plain number, whose form was checked when it was parsed.
 * @throws not_found */
export function rowOf(ids: PublicIds, prefix: Prefix, text: string): number {
  const id = bigRowOf(ids, prefix, text)
  if (id > maxRow) throw missing(prefix, text)
  return Number(id)
}

/** The same for tables whose row numbers exceed 2^31.
 * @throws not_found */
export function bigRowOf(ids: PublicIds, prefix: Prefix, text: string): bigint {
  const id = /^\d+$/.test(text) ? BigInt(text) : ids.fromToken(prefix, text)
  if (id === null || id > maxBigRow) throw missing(prefix, text)
  return id
}

/** The number of an existing account, by its id or its e-mail address. @throws not_found */
export async function accountOf({ db, ids }: Session, text: string): Promise<number> {
  const id = text.includes('@') ? await accountByEmail(db, text) : rowOf(ids, 'acc', text)
  if (id === null) throw missing('acc', text)
  return (await naming('acc', text, getAccount(db, id))).id
}

/** The subject of a log line: its token if it has one, otherwise its kind and name. */
export function shownSubject(ids: PublicIds, type: string | null, id: string | null) {
  if (type === null || id === null) return null
  const prefix = Object.entries(prefixes).find(([, one]) => one === type)?.[0]
  return prefix && /^\d+$/.test(id) ? ids.toToken(prefix, BigInt(id)) : `${type} ${id}`
}

/** Details of a log line, with row numbers in the usual form of ids. */
export function shownDetail(ids: PublicIds, detail: Readonly<Record<string, unknown>>) {
  const entries = Object.entries(detail).map(([name, value]) => {
    const prefix = Object.entries(prefixes).find(([, type]) => name === `${type}_id`)?.[0]
    const isRow = prefix !== undefined && typeof value === 'number'
    return [name, isRow ? ids.toToken(prefix, value) : value]
  })
  return Object.fromEntries(entries) as Readonly<Record<string, unknown>>
}

/** Parses the output of `shownSubject`. @throws not_found */
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

/** Waits for a verb. If the object does not exist, the error names the id as it was typed. */
export async function naming<T>(prefix: Prefix, text: string, verb: Promise<T>): Promise<T> {
  try {
    return await verb
  } catch (error) {
    const isMissing = error instanceof DomainError && error.code === codeOf(prefix)
    if (!isMissing) throw error
    const { archived } = error.detail
    if (typeof archived !== 'string') throw missing(prefix, text)
    throw new DomainError(error.code, `The ${prefixes[prefix]} ${text} ${inArchive(archived)}`)
  }
}

const codeOf = (prefix: Prefix) => missingCodes[prefix] ?? 'not_found'

const missing = (prefix: Prefix, text: string) =>
  new DomainError(codeOf(prefix), `There is no ${prefixes[prefix]} ${text}.`)
