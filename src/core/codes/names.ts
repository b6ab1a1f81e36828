// Names of services and senders. They are covered before words are looked up: no part of a brand is a word.
import { type Candidate, isWordlike } from './candidate.ts'
import { findHits, type Hit, kinds } from './keyword-index.ts'
import { classOf, keyUnit, letterClass } from './letters.ts'

/** Stand for the letters of a name: letters of no word, so that a name still is one to what reads on. */
const capital = 'Ʌ'
const small = 'ʌ'
/** Longer names are sentences. */
const maxNameChars = 40
/** Real messages name two or three; more are not covered. */
const maxNames = 20

/** Shorter names are read in capitals only if they are listed so. */
const minCapitalName = 6

type Name = { readonly text: string; readonly isDistinct: boolean }

const starts = 4096

/** A place for the first two units of a name, the same for capitals and small letters. */
function startSlot(text: string, from: number): number {
  const first = keyUnit(text.charCodeAt(from))
  const second = from + 1 < text.length ? keyUnit(text.charCodeAt(from + 1)) : 0
  return (first * 31 + (classOf[second] ? second : 0)) % starts
}

/** Names to look for, all at once. Built once, used for many messages. */
export class KnownNames {
  readonly #byStart = new Map<string, Name[]>()
  /** Whether a name begins with letters like these: spares most words the look-up. */
  readonly #isStart = new Uint8Array(starts)

  constructor(names: Iterable<string>) {
    for (const text of new Set(names)) this.#add(text.trim())
  }

  #add(text: string): void {
    const start = startOf(text, 0)
    if (start === '' || text.length > maxNameChars || isNoName(text)) return
    this.#isStart[startSlot(text, 0)] = 1
    const others = this.#byStart.get(start)
    const name = { text, isDistinct: isDistinct(text) }
    if (others) others.push(name)
    else this.#byStart.set(start, [name])
  }

  /** The longest name that begins here, written as it is listed or all in capitals. */
  at(text: string, from: number): Name | null {
    if (this.#isStart[startSlot(text, from)] === 0) return null
    const names = this.#byStart.get(startOf(text, from))
    if (!names) return null
    let best: Name | null = null
    for (const name of names) {
      const end = from + name.text.length
      if (best && best.text.length >= name.text.length) continue
      if (end > text.length || !endsName(text, end)) continue
      if (isWritten(name, text.slice(from, end))) best = name
    }
    return best
  }
}

/** The names that may stand in a message: all that are known, and those that this one is sure to have. */
type NamesFor = {
  readonly sender?: string | null
  /** What the service is called that the message is for, and its sender ids. */
  readonly service?: KnownNames | null
  /** What all services and senders are called. */
  readonly names?: KnownNames | null
}

/** True if the sender is the service that the message is for, or the text names it. */
export function isOfService(text: string, { sender, service }: NamesFor): boolean {
  if (!service) return false
  if (sender && service.at(sender, 0)) return true
  let before: number = letterClass.none
  for (let i = 0; i < text.length; i++) {
    const here = classOf[text.charCodeAt(i)] ?? 0
    if (here !== letterClass.none && before === letterClass.none && service.at(text, i)) return true
    before = here
  }
  return false
}

/** The text with names covered, of the same length. */
export function coverNames(text: string, { sender, service, names }: NamesFor): string {
  const own = [sender ? senderNames(sender) : null, service].filter((one) => one != null)
  if (!names && own.length === 0) return text
  let covered = ''
  let at = 0
  let count = 0
  let before: number = letterClass.none
  for (let i = 0; i < text.length && count < maxNames; i++) {
    const here = classOf[text.charCodeAt(i)] ?? 0
    const begins = here !== letterClass.none && before === letterClass.none
    before = here
    if (!begins) continue
    const end = nameEnd(text, i, own, names)
    if (end <= i) continue
    covered += text.slice(at, i) + masked(text.slice(i, end))
    at = end
    count++
    i = end - 1
    before = classOf[text.charCodeAt(i)] ?? 0
  }
  return at === 0 ? text : covered + text.slice(at)
}

/** Where the name ends that begins here; nowhere if none does. */
function nameEnd(
  text: string,
  from: number,
  own: readonly KnownNames[],
  names: KnownNames | null | undefined,
): number {
  for (const known of own) {
    const name = known.at(text, from)
    if (name) return from + name.text.length
  }
  const name = names?.at(text, from)
  if (!name) return -1
  const end = from + name.text.length
  if (!name.isDistinct && !isInNamesPlace(text, from, end)) return -1
  return isOnlyNumber(text, from, end) ? -1 : end
}

const signature = new RegExp(
  `(?:\\n{1,2}(?:-{1,2} ?\\n?)?| - |[\\[【(])${capital}[${small}${capital} ]{0,${maxNameChars}}[\\])】]?$`,
)

/** The covered text without a name at its end, which says who wrote it. */
export function withoutSigner(covered: string): string {
  if (!covered.includes(capital)) return covered
  const from = Math.max(0, covered.length - maxNameChars - 8)
  const found = signature.exec(covered.slice(from))
  if (!found || !/\p{L}/u.test(covered.slice(0, from + found.index))) return covered
  return covered.slice(0, from + found.index)
}

/** The first run of letters and digits, which two spellings of a name share. */
function startOf(text: string, from: number): string {
  let end = from
  while (end < text.length && (classOf[text.charCodeAt(end)] ?? 0) !== letterClass.none) end++
  return text.slice(from, Math.min(end, from + maxNameChars)).toLowerCase()
}

function endsName(text: string, end: number): boolean {
  if (end === text.length) return true
  const last = classOf[text.charCodeAt(end - 1)] ?? 0
  const next = classOf[text.charCodeAt(end)] ?? 0
  return last === letterClass.none || next === letterClass.none || next === letterClass.unspaced
}

/** A short word of every day in capitals is a word of a message in capitals. */
function isWritten({ text, isDistinct }: Name, written: string): boolean {
  if (written === text) return true
  return (isDistinct || text.length >= minCapitalName) && written === text.toUpperCase()
}

/** "99app", "TicketBarn", "Example Bank", "mail.example": nothing else is written so. */
function isDistinct(text: string): boolean {
  if (/^\d+$/.test(text)) return false
  if (/^[^aeiouy\W\d_]{5,}$/i.test(text)) return true
  return /[\p{L}\p{N}][^\p{L}\p{N}]+[\p{L}\p{N}]|\p{Ll}\p{Lu}|\d/u.test(text)
}

/** "OTP", "Verify": what many senders call themselves, and what says what a message is. */
function isNoName(text: string): boolean {
  if (isDistinct(text) && !/^\S+ ?(?:code|otp|pin)$/i.test(text)) return false
  return findHits(text).some(({ kind, start, end }) => {
    return (
      (kind & (kinds.code | kinds.use | kinds.auth)) !== 0 && start === 0 && end === text.length
    )
  })
}

/** Where a word of every day is a name: beside a word for a code, or at the head with a mark behind it. */
function isInNamesPlace(text: string, start: number, end: number): boolean {
  const ahead = text.slice(Math.max(0, start - 24), start)
  const behind = text.slice(end, end + 24)
  if (/^\W{0,6}[[【(]$/.test(ahead) && /^[\]】)]/.test(behind)) return true
  if (/^(?:<#> ?)?$/.test(text.slice(0, start)) && /^(?: -|:) ?\p{L}/u.test(behind)) return true
  if (/^[\])】.]?$/.test(behind) && / - $/.test(ahead)) return true
  const next = findHits(behind).find(({ kind }) => kind & kinds.code)
  if (next && /^[ '’s-]{0,3}$/.test(behind.slice(0, next.start))) return true
  // "Your code for Trip", "log in to Trip"
  const last = findHits(ahead).findLast(({ kind }) => kind & (kinds.code | kinds.auth))
  return last !== undefined && /^[ -](?:\p{L}{1,4}[ '])?$/u.test(ahead.slice(last.end))
}

/** A number that is a name is one only where another number can be the code. */
function isOnlyNumber(text: string, start: number, end: number): boolean {
  if (!/^\d+$/.test(text.slice(start, end))) return false
  return !/\d{4}/.test(text.slice(0, start) + text.slice(end))
}

function masked(name: string): string {
  return name
    .replace(/[\p{L}\p{N}]/gu, (char) => small.repeat(char.length))
    .replace(/(?<=^|[^ʌ])ʌ/g, capital)
    .replace(/[^ʌɅ ]/g, small)
}

const said = kinds.code | kinds.use | kinds.auth | kinds.warn | kinds.time
/** Senders come again and again; beyond so many the oldest are of no more use. */
const maxSenders = 1000
const bySender = new Map<string, KnownNames | null>()

/** What the sender is called, unless that is a word which says what a message is. */
function senderNames(sender: string): KnownNames | null {
  const known = bySender.get(sender)
  if (known !== undefined) return known
  const shown = /^"?([^"<@]{2,40}?)"? *(?:<|$)/.exec(sender)?.[1]?.trim() ?? ''
  const isName = /\p{L}/u.test(shown) && !findHits(shown).some(({ kind }) => kind & said)
  const names = isName ? new KnownNames([shown]) : null
  if (bySender.size >= maxSenders) bySender.clear()
  bySender.set(sender, names)
  return names
}

const beforeCode = /(?:^|[\s"'([])$/
const behindName = /^(?:[\])】]|:| -(?= ))/

type Found = { readonly hits: Hit[]; readonly candidates: Candidate[] }

/**
 * Leaves out candidates that stand where only a name stands, whatever letters and digits they are of, and
 * the words within them: at the head before a colon or in brackets, right before a word for a code, or as
 * the signature. They stay if there is no other candidate to be the code.
 */
export function withoutNames(text: string, { hits, candidates }: Found): Found {
  const names = candidates.filter((one) => isWordlike(one) && standsAsName(text, hits, one))
  if (names.length === 0) return { hits, candidates }
  const rest = candidates.filter((one) => !names.includes(one))
  if (!rest.some(({ code }) => /\d/.test(code))) return { hits, candidates }
  const isInName = ({ start, end }: Hit) =>
    names.some((name) => name.start <= start && name.end >= end)
  return { hits: hits.filter((hit) => !isInName(hit)), candidates: rest }
}

function standsAsName(text: string, hits: readonly Hit[], { start, end }: Candidate): boolean {
  const ahead = text.slice(0, start)
  const behind = text.slice(end)
  if (start <= 8 && /^(?:<#> ?)?[[【(]?$/.test(ahead) && behindName.test(behind)) return true
  if (/^["')\]】.]{0,2}$/.test(behind) && /(?:\n| - |[[【(])$/.test(ahead.slice(-3))) return true
  const label = hits.find((hit) => hit.start >= end && (hit.kind & kinds.code) !== 0)
  if (!label || !/^[ -]$/.test(text.slice(end, label.start))) return false
  return beforeCode.test(ahead.slice(-1)) && !/[:=] ?["'([]?$/.test(ahead.slice(-3))
}
