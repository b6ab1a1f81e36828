// A corrected message as a line of the operator's own corpus. What could identify somebody or open something
// is exchanged for random characters of the same kinds first: the code, long numbers, addresses, links.
import { randomInt } from 'node:crypto'
import { foldText } from '../codes/fold.ts'
import type { LabelledMessage } from '../codes/labelled.ts'
import { type Place, placesOf } from '../codes/places.ts'

export type CorrectedMessage = {
  readonly text: string
  readonly subject: string | null
  readonly sender: string
  readonly channel: 'sms' | 'email'
  /** The right code: ASCII letters and digits; null if the message has none. */
  readonly code: string | null
}

/** @returns the line, without its end. Its id is random: it does not lead back to the message. */
export function corpusLine({ text, subject, sender, channel, code }: CorrectedMessage): string {
  const expected = code === null ? null : otherCode(code, `${subject ?? ''}\n${text}`)
  const swap = code === null || expected === null ? null : { code, expected }
  const line: Omit<LabelledMessage, 'lang'> = {
    id: `own-${[...'0123456789ab'].map(() => randomInt(36).toString(36)).join('')}`,
    text: disguised(text, swap),
    channel,
    sender: disguised(sender, swap),
    subject: subject === null ? null : disguised(subject, swap),
    expected,
    kind: code === null ? 'other' : 'login',
    split: 'train',
  }
  const given = Object.entries(line).filter(
    ([name, value]) => value !== null || name === 'expected',
  )
  return JSON.stringify(Object.fromEntries(given))
}

type Swap = { readonly code: string; readonly expected: string }

/** The text with the other code in place of the code, and random characters for what is private. */
function disguised(text: string, swap: Swap | null): string {
  const codes = swap === null ? [] : placesOf(text, swap.code)
  const secret = new Set<number>()
  for (const { start, end } of [...secretPlaces(text), ...within(text, swap?.code)])
    for (let at = start; at < end; at++) secret.add(at)
  let result = ''
  let at = 0
  for (const { start, end } of [...codes, { start: text.length, end: text.length }]) {
    for (const char of text.slice(at, start)) {
      result += secret.has(at) ? randomLike(char) : char
      at += char.length
    }
    result += written(text.slice(start, end), swap?.expected ?? '')
    at = end
  }
  return result
}

/** The other code in the groups and the digits of the one that it replaces. */
function written(old: string, code: string): string {
  let next = 0
  return [...old]
    .map((char) => (isCodeChar(char) ? inScriptOf(char, code[next++] ?? '') : char))
    .join('')
}

const isCodeChar = (char: string) => /^[A-Za-z\d]$/.test(foldText(char))

const mail = /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu
const address =
  /(?:https?:\/\/|www\.)[^\s<>"']+|\b[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63}){1,8}\/[^\s<>"']+/gi
/** What stands between the groups of a number. */
const joint = '(?:\\)|\\)?[ .\\u00a0\\u202f\\u2010-\\u2015-])'
/** "2026-11-30", "30.11.26", "12 03 1985", also before a time. */
const date =
  '(?:\\d{4}-\\d\\d-\\d\\d(?!\\d)|\\d\\d[ .-]\\d\\d[ .-](?:\\d\\d)?\\d\\d' +
  `(?!${joint}?\\d(?!\\d?:\\d\\d)))`
/** Numbers in groups, in any digits: after a plus sign, of three or four, or three and more. Dates stay. */
const groups = new RegExp(
  [
    '\\+\\p{Nd}[\\p{Nd}\\u00a0\\u202f\\u2010-\\u2015 ().-]{5,30}\\p{Nd}',
    `(?<!\\p{Nd})\\p{Nd}{3,4}(?:${joint}\\p{Nd}{3,4})+(?!\\p{Nd})`,
    `(?<![\\p{Nd}.-])(?!${date})\\p{Nd}{2,6}(?:${joint}\\p{Nd}{2,6}){2,}(?!\\p{Nd})`,
  ].join('|'),
  'gu',
)
const longNumber = /\p{Nd}{5,}/gu
/** Letters and digits in one word, as in the number of an order. */
const mixed = /(?<![\p{L}\p{N}])(?=[A-Za-z]*\d[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z\d]{6,}/gu

function secretPlaces(text: string): Place[] {
  const found = [mail, groups, longNumber, mixed].flatMap((form) =>
    Array.from(text.matchAll(form), ({ index, 0: { length } }) => ({
      start: index,
      end: index + length,
    })),
  )
  return [...found, ...Array.from(text.matchAll(address), secretsOfLink).flat()]
}

/** Values of a query, and parts of a path that nobody has chosen. Names of hosts and pages stay. */
const secretParts = /(?<=[=#])[^&#=]+|(?<=\/)(?=[^/?#]*\d)[^/?#]{4,}|(?<=\/)[^/?#]{16,}/g

function secretsOfLink({ index, 0: link }: RegExpExecArray): Place[] {
  return Array.from(link.matchAll(secretParts), (part) => {
    const start = index + part.index
    return { start, end: start + part[0].length }
  }).filter(({ start }) => !isHost(link, start - index))
}

/** Whether what begins there is the name of the host. */
const isHost = (link: string, at: number) => link.slice(0, at).endsWith('://')

/** Where the code is part of a longer word. */
function within(text: string, code: string | undefined): Place[] {
  if (code === undefined) return []
  return Array.from(text.matchAll(new RegExp(code, 'gi')), ({ index }) => {
    return { start: index, end: index + code.length }
  })
}

const maxTries = 100

/** A code of the same shape that the message does not have. */
function otherCode(code: string, text: string): string {
  const folded = foldText(text)
  for (let tries = 1; ; tries++) {
    const other = [...code].map(randomLike).join('')
    const isFree = tries > maxTries || !folded.includes(other)
    if (isFree && other.toLowerCase() !== code.toLowerCase()) return other
  }
}

const small = 'abcdefghijklmnopqrstuvwxyz'

/** Another character of the same kind; what is neither a digit nor a Latin letter stays. */
function randomLike(char: string): string {
  const folded = foldText(char)
  if (/^\d$/.test(folded)) return inScriptOf(char, String(randomInt(10)))
  const letter = small[randomInt(small.length)] ?? ''
  if (/^[a-z]$/.test(folded)) return letter
  return /^[A-Z]$/.test(folded) ? letter.toUpperCase() : char
}

/** A digit in the script of another one. */
function inScriptOf(char: string, next: string): string {
  const folded = foldText(char)
  if (char === folded || !/^\p{Nd}$/u.test(char) || !/^\d$/.test(next)) return next
  return String.fromCodePoint((char.codePointAt(0) ?? 0) - Number(folded) + Number(next))
}
