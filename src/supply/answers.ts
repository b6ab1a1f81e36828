// What the answers of suppliers have in common: JSON with exact numbers, ids, times, and verdicts.
import { textOf } from './bodies.ts'
import type { HttpAnswer, No, NoClass, Passage, Sent, Step, Talk, Unknown } from './upstream.ts'

/** A number with more digits than a JavaScript number keeps. */
const longNumber = /[:[,]\s*-?\d[\d.]{15}/
/** Numbers are looked at one by one only in texts that are short enough not to hold up the server. */
const maxExactLength = 1_000_000

/** JSON in which long numbers are the texts that were sent: ids may be longer, and costs more exact, than
 * numbers can be. @returns undefined if the text is not JSON, or has long numbers and is too long */
export function exactJsonOf(text: string): unknown {
  if (!longNumber.test(text)) return jsonIn(text)
  if (text.length > maxExactLength) return undefined
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
      typeof value === 'number' ? (context?.source ?? String(value)) : value,
    )
  } catch {
    return undefined
  }
}

/** @returns undefined if the text is not JSON */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A supplier's reference: it is stored, and sent back in URLs. @returns null if it cannot be one */
export function refOf(value: unknown): string | null {
  const text = textOf(value)?.trim() ?? ''
  return /^[\w.:-]{1,64}$/.test(text) && !/^(?:0+|null|undefined)$/.test(text) ? text : null
}

/** A phone number, with or without the plus, in E.164. @returns null if it is none */
export function phoneOf(value: unknown): string | null {
  const digits =
    textOf(value)
      ?.replace(/[\s().-]/g, '')
      .replace(/^\+|^00/, '') ?? ''
  return /^[1-9]\d{5,14}$/.test(digits) ? `+${digits}` : null
}

/** A time of ISO 8601 with its zone. @returns null if it is none */
export function timeOf(value: unknown): Date | null {
  const text = textOf(value) ?? ''
  if (!/^\d{4}-\d\d-\d\dT[\d:.]{5,20}(?:Z|[+-]\d\d:?\d\d)$/.test(text)) return null
  const time = new Date(text)
  return Number.isNaN(time.getTime()) ? null : time
}

/** A text of a supplier that is shown to operators or stored. @returns null if it is empty or none */
export function lineOf(value: unknown, maxLength = 4_000): string | null {
  const text = textOf(value)?.replaceAll('\u0000', '').toWellFormed().slice(0, maxLength) ?? ''
  return text.trim() === '' ? null : text
}

/** A supplier that asks for longer pauses is not believed. */
const maxRetryS = 31 * 86_400

/** `Retry-After`, which is a number of seconds or a date, in seconds. */
export function retryAfterOf({ headers, at }: HttpAnswer): number | undefined {
  const text = headers['retry-after'] ?? ''
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text), maxRetryS)
  const until = /^[A-Z][a-z]{2}, [\w :]+ GMT$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(until)) return undefined
  return Math.min(Math.max(0, Math.ceil((until - at.getTime()) / 1000)), maxRetryS)
}

/** @param retryAfterS what the supplier said, if it is a time that can be waited for */
export const no = (noClass: NoClass, retryAfterS?: number | null): No =>
  typeof retryAfterS === 'number' && retryAfterS >= 0
    ? { kind: 'no', class: noClass, retryAfterS: Math.min(Math.ceil(retryAfterS), maxRetryS) }
    : { kind: 'no', class: noClass }

/** @param retryAfterS what the supplier said */
export const unknown = (why: string, retryAfterS?: number): Unknown =>
  retryAfterS === undefined ? { kind: 'unknown', why } : { kind: 'unknown', why, retryAfterS }

export const done = <T>(result: T): Step<T> => ({ result })

/** What a request without an answer means. */
export const unanswered = (sent: Exclude<Sent, { kind: 'answered' }>): No | Unknown =>
  sent.kind === 'not_sent' ? no('unreached') : unknown(sent.why)

/** What a request without an answer means; an answer is for the kind to read. */
export const reading =
  <T>(read: (answer: HttpAnswer) => Step<T>): ((sent: Sent) => Step<T | No | Unknown>) =>
  (sent) =>
    sent.kind === 'answered' ? read(sent.answer) : done(unanswered(sent))

/** A talk that goes on with the result of another. */
export const after = <A, B>(talk: Talk<A>, go: (result: A) => Step<B>): Talk<B> => ({
  request: talk.request,
  read: (sent) => {
    const step = talk.read(sent)
    return 'result' in step ? go(step.result) : { next: after(step.next, go) }
  },
})

/** The result of another talk, changed. */
export const mapped = <A, B>(talk: Talk<A>, change: (result: A) => B): Talk<B> =>
  after(talk, (result) => done(change(result)))

/** The headers that keep asks from going in a circle, and say how long their answers are of use. */
export const passageHeaders = ({ via, deadlineS }: Passage): Record<string, string> => ({
  'numlet-via': via.filter((id) => /^[\w-]{1,64}$/.test(id)).join(', '),
  'numlet-deadline': String(Math.max(0, Math.floor(deadlineS))),
})
