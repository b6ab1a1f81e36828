// A message that is to be changed: where its code is written, and what must stay as it is.
import { isHtml } from '../html.ts'
import { findHits, kinds } from '../keyword-index.ts'
import type { LabelledMessage } from '../labelled.ts'
import { type Place, placesOf } from '../places.ts'
import type { Random } from './random.ts'

export type Subject = {
  readonly message: LabelledMessage
  readonly text: string
  readonly isHtml: boolean
  /** Every place where the code is written; none if it is spelt in words or spread over tags. */
  readonly places: readonly Place[]
  /** The sender's name at the head of the text, without its colon or brackets. */
  readonly head: string | null
  readonly random: Random
  /** A name that the message does not have. */
  readonly name: string
}

/** What a change makes of a message; null if it does not apply to it. */
export type Changed = { readonly text: string; readonly expected?: string } | null

const headName =
  /^(?:\[([^\]\n]{2,30})\]|【([^】\n]{2,30})】|(\p{Lu}[\p{L}&'.]*(?: \p{Lu}[\p{L}&'.]*){0,2})(?=: | - ))/u
/** Words that say what the number is, or what the message is: a name has none of them. */
const saying = kinds.code | kinds.auth | kinds.use | kinds.warn | kinds.time | kinds.call

function isLabel(head: string): boolean {
  return (
    /^(?:subject|re|fwd|hi|dear)\b/i.test(head) || findHits(head).some(({ kind }) => kind & saying)
  )
}

/** Prepares a message for changes. */
export function subjectOf(message: LabelledMessage, random: Random, name: string): Subject {
  const { text, expected } = message
  const found = headName.exec(text)
  const head = found?.[1] ?? found?.[2] ?? found?.[3] ?? null
  return {
    message,
    text,
    isHtml: isHtml(text),
    places: expected === null ? [] : placesOf(text, expected),
    head: head !== null && isLabel(head) ? null : head,
    random,
    name,
  }
}

/** The text with each place written anew. */
export function rewritten(
  text: string,
  places: readonly Place[],
  rewrite: (written: string) => string,
): string {
  let result = ''
  let at = 0
  for (const { start, end } of places) {
    result += text.slice(at, start) + rewrite(text.slice(start, end))
    at = end
  }
  return result + text.slice(at)
}

/** Addresses, styles, tags and entities: another letter in them would be another thing. */
const fixed = new RegExp(
  [
    '<(style|script)\\b[\\s\\S]*?</\\1>|<[^<>]{0,2000}>|&[#\\w]{1,20};',
    '[\\w.+-]*(?:@|://|\\.\\w+/)\\S*|[\\w-]+(?:\\.[\\w-]+)+',
  ].join('|'),
  'g',
)

/** The text with `rewrite` applied to everything but the code, addresses, tags and the hash at the end. */
export function around({ text, places }: Subject, rewrite: (part: string) => string): string {
  const hash = /\n\/?[\w+/]{11}\s*$/.exec(text)
  const kept = [
    ...places,
    ...Array.from(text.matchAll(fixed), (match) => placeOf(match)),
    ...(hash ? [placeOf(hash)] : []),
  ].sort((a, b) => a.start - b.start)
  let result = ''
  let at = 0
  for (const { start, end } of kept) {
    if (start < at) continue
    result += rewrite(text.slice(at, start)) + text.slice(start, end)
    at = end
  }
  return result + rewrite(text.slice(at))
}

function placeOf(match: RegExpExecArray | RegExpMatchArray): Place {
  const start = match.index ?? 0
  return { start, end: start + match[0].length }
}
