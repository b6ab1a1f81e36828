// The words of handler_api: one of each answer, whatever the HTTP status.
import { exactJsonOf, no, retryAfterOf } from '../answers.ts'
import { type Json, objectOf, textOf } from '../bodies.ts'
import type { HttpAnswer, No, NoClass } from '../upstream.ts'

export type Said = {
  /** The `title` of JSON, else the text before the first colon; empty if the answer is an object without
   * one. */
  readonly word: string
  /** What follows the first colon. */
  readonly rest: string
  /** The body, if it is JSON. */
  readonly json: unknown
  readonly info: Json
}

export function saidIn({ body }: HttpAnswer): Said {
  const text = body.trim()
  const json = /^[[{"]/.test(text) ? exactJsonOf(text) : undefined
  if (typeof json === 'string') return { ...spoken(json), json: undefined, info: {} }
  if (json === undefined) return { ...spoken(text), json, info: {} }
  const { title, info, status, message } = objectOf(json)
  // Rentals, and some platforms everywhere, have the word as the message of an error.
  const named = title ?? (status === 'error' ? message : undefined)
  return { ...spoken(textOf(named) ?? ''), json, info: objectOf(info) }
}

function spoken(text: string): { word: string; rest: string } {
  const at = text.indexOf(':')
  return at === -1
    ? { word: text.trim(), rest: '' }
    : { word: text.slice(0, at).trim(), rest: text.slice(at + 1).trim() }
}

const classes: Readonly<Record<string, NoClass>> = {
  NO_NUMBERS: 'empty',
  NO_NUMBER: 'empty',
  RENEW_ACTIVATION_NOT_AVAILABLE: 'empty',
  NEW_ACTIVATION_IMPOSSIBLE: 'empty',
  WRONG_ACTIVATION_ID: 'empty',
  NUMBER_OFFLINE: 'empty',
  SIM_OFFLINE: 'empty',
  IMPOSSIBLE_AGAIN: 'empty',
  ORDER_NOT_FOUND: 'empty',
  WRONG_MAX_PRICE: 'price',
  MAX_PRICE_EXCEEDED: 'price',
  BAD_SERVICE: 'name',
  WRONG_SERVICE: 'name',
  BAD_COUNTRY: 'name',
  WRONG_COUNTRY: 'name',
  BAD_OPERATOR: 'name',
  WRONG_OPERATOR: 'name',
  SERVICE_NOT_AVAILABLE: 'name',
  NO_BALANCE: 'dry',
  NO_MONEY: 'dry',
  LOW_BALANCE: 'dry',
  NO_MEANS: 'dry',
  BAD_KEY: 'key',
  NO_KEY: 'key',
  WRONG_API_KEY: 'key',
  ERROR_WRONG_KEY: 'key',
  ACCOUNT_INACTIVE: 'key',
  BANNED: 'key',
  CHANNELS_LIMIT: 'busy',
  TOO_MANY_ACTIVE_RENTALS: 'busy',
}

/** A certain no to an ask; null: the answer is none. */
export function refusalIn(answer: HttpAnswer, said: Said): No | null {
  const noClass = Object.hasOwn(classes, said.word) ? classes[said.word] : undefined
  if (said.word === 'BANNED') return no('key', banOf(answer, said))
  if (noClass !== undefined) return no(noClass, retryAfterOf(answer))
  return answer.status === 429 ? busy(answer, said) : null
}

/** A refusal of every call, whatever it is about; null: the answer is none. */
export function refusalOfAny(answer: HttpAnswer, said: Said): No | null {
  const refusal = refusalIn(answer, said)
  return refusal?.class === 'key' || answer.status === 429 ? refusal : null
}

function busy(answer: HttpAnswer, { info }: Said): No {
  const told = Number(textOf(info.retry_after_seconds) ?? Number.NaN)
  return no('busy', retryAfterOf(answer) ?? (Number.isNaN(told) ? null : told))
}

/** How long a ban lasts. Its time has no zone, and is taken for UTC. */
function banOf({ at }: HttpAnswer, { rest, info }: Said): number | null {
  const told = Number(textOf(info.retry_after_seconds) ?? Number.NaN)
  if (!Number.isNaN(told)) return told
  const parts = /(\d{4})-(\d\d?)-(\d\d?)[ T](\d\d?)[:-](\d\d?)[:-](\d\d?)/.exec(rest)
  if (parts === null) return null
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number)
  if (year === undefined || month === undefined) return null
  const until = Date.UTC(year, month - 1, day, hour, minute, second)
  return Math.max(0, (until - at.getTime()) / 1000)
}
