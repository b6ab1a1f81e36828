// The texts of 5sim: short words in small letters, whatever the HTTP status.
import { exactJsonOf, no, retryAfterOf } from '../answers.ts'
import type { HttpAnswer, No, NoClass } from '../upstream.ts'

export type Said = {
  /** The text in small letters; empty if the answer is JSON. */
  readonly text: string
  readonly json: unknown
}

export function saidIn({ body }: HttpAnswer): Said {
  const json = /^\s*[[{"]/.test(body) ? exactJsonOf(body) : undefined
  const text = typeof json === 'string' ? json : json === undefined ? body : ''
  return { text: text.trim().toLowerCase(), json }
}

const classes: Readonly<Record<string, NoClass>> = {
  'no free phones': 'empty',
  'reuse not possible': 'empty',
  'reuse false': 'empty',
  'reuse expired': 'empty',
  'bad country': 'name',
  'bad operator': 'name',
  'bad product': 'name',
  'no product': 'name',
  'select country': 'name',
  'select operator': 'name',
  'select product': 'name',
  'country is incorrect': 'name',
  'product is incorrect': 'name',
  'not enough user balance': 'dry',
  'not enough rating': 'key',
  'server offline': 'busy',
}

/** An account without rating buys nothing for a day. */
const ratingS = 86_400

/** A certain no to an ask; null: the answer is none. */
export function refusalIn(answer: HttpAnswer, { text }: Said): No | null {
  const noClass = Object.hasOwn(classes, text) ? classes[text] : undefined
  if (text === 'not enough rating') return no('key', ratingS)
  if (noClass !== undefined) return no(noClass, retryAfterOf(answer))
  if (answer.status === 401) return no('key')
  if (text === 'internal error') return null
  // Of these two statuses, 5sim's own gateway says that a request was not let in.
  return [429, 503].includes(answer.status) ? no('busy', retryAfterOf(answer)) : null
}

/** A refusal of every call, whatever it is about; null: the answer is none. */
export function refusalOfAny(answer: HttpAnswer, said: Said): No | null {
  const refusal = refusalIn(answer, said)
  return refusal?.class === 'key' || refusal?.class === 'busy' ? refusal : null
}
