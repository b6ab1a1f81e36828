// How things stand to one another in a message: what is between, before, already spoken for.
import { type Candidate, hasUsualLength } from './candidate.ts'
import { type Hit, kinds } from './keyword-index.ts'
import type { Layout } from './layout.ts'
import { cover } from './mask.ts'

export type Message = {
  readonly text: string
  readonly masked: string
  readonly hits: readonly Hit[]
  readonly candidates: readonly Candidate[]
  /** Those of them that are worth a choice. */
  readonly serious: readonly Candidate[]
  readonly layout: Layout
  /** Says how long something is valid: a small number and a unit of time. */
  readonly isTimed: boolean
  readonly isEmail: boolean
  /** How firmly candidates are bound to what they are for, as far as it has been looked at. */
  readonly purposes: Map<Candidate, number>
  /** The subject is the text's first line. */
  readonly hasSubject: boolean
}

/** No other candidate is worth a thought. */
export function isSole({ serious }: Message, candidate: Candidate): boolean {
  return serious.length === 1 && serious[0] === candidate
}

export function numbersBetween(
  { candidates }: Message,
  from: number,
  to: number,
  code: string,
): number {
  let count = 0
  for (const other of candidates) {
    if (other.shape !== 'letters' && other.start >= from && other.end <= to && other.code !== code)
      count++
  }
  return count
}

/** What ends the reach of a word: an amount of its own, a bracket that begins something else. */
const apartFrom = new RegExp(`[${cover}(]`)

/** True when a label is followed at once by another number, which is then its own. */
export function isTaken(message: Message, hit: Hit, code: string): boolean {
  const { candidates, masked, layout } = message
  const owners = kinds.ref | kinds.other | kinds.call
  return candidates.some(
    (other) =>
      other.code !== code &&
      other.shape !== 'letters' &&
      other.start >= hit.end &&
      other.start - hit.end <= 12 &&
      (layout.letters[other.start] ?? 0) - (layout.letters[hit.end] ?? 0) <= 4 &&
      !apartFrom.test(masked.slice(hit.end, other.start)) &&
      // "... enter (ref 77310)": that number is the reference's.
      !labelBetween(message, hit.end, other.start, owners) &&
      layout.sentences[other.start] === layout.sentences[hit.end],
  )
}

export function isWarning({ hits, layout }: Message, hit: Hit): boolean {
  const sentence = layout.sentences[hit.start]
  return hits.some(
    (other) => (other.kind & kinds.warn) !== 0 && layout.sentences[other.start] === sentence,
  )
}

/** "Never tell your code": the warning stands before the word, which then announces nothing. */
export function isWarned({ hits, layout }: Message, { start }: Hit): boolean {
  return hits.some(
    (other) =>
      (other.kind & kinds.warn) !== 0 &&
      other.end <= start &&
      layout.sentences[other.end] === layout.sentences[start],
  )
}

/** "The helpdesk will never ask for it: 662817": who warns, and no number to be dialled. */
export function isWarner(message: Message, { kind, end }: Hit, candidate: Candidate): boolean {
  if ((kind & kinds.call) === 0 || candidate.code.length < 6) return false
  return labelBetween(message, end, candidate.start, kinds.warn)
}

/** Nothing stands before it but a name, as in "Tarn: 40-17-95". */
export function isHeadline(masked: string, start: number): boolean {
  if (start === 0) return true
  const close = masked.charCodeAt(start - 1) === 0x20 ? start - 2 : start - 1
  if (close < 1 || close > 24 || !closings.includes(masked.charAt(close))) return false
  for (let at = 0; at < close; at++) if (ends.includes(masked.charAt(at))) return false
  return true
}

const closings = ':]】)፦៖'
const ends = ':.!?\n'

/** Nothing else stands in its line, in a text of several lines. */
export function isOwnLine(masked: string, start: number, end: number): boolean {
  const lineStart = masked.lastIndexOf('\n', start - 1) + 1
  const nextEnd = masked.indexOf('\n', end)
  const lineEnd = nextEnd < 0 ? masked.length : nextEnd
  if (start - lineStart > 4 || lineEnd - end > 4) return false
  if (lineStart === 0 && lineEnd === masked.length) return false
  return !/[\p{L}\p{N}]/u.test(masked.slice(lineStart, start) + masked.slice(end, lineEnd))
}

export function labelledBefore(
  { hits, layout }: Message,
  { start }: { readonly start: number },
): boolean {
  return hits.some(
    (other) =>
      (other.kind & kinds.code) !== 0 &&
      other.end <= start &&
      layout.sentences[other.end] === layout.sentences[start],
  )
}

export function strongBefore({ hits, layout }: Message, { start }: Hit): boolean {
  return hits.some(
    (other) =>
      (other.kind & kinds.strong) !== 0 &&
      other.end <= start &&
      layout.sentences[other.end] === layout.sentences[start],
  )
}

/** "With 902-771 you finish signing in": what it is for stands in the same sentence. */
export function isFor({ hits, layout }: Message, from: number): boolean {
  return hits.some(
    (hit) =>
      (hit.kind & kinds.auth) !== 0 && layout.sentences[hit.start] === layout.sentences[from],
  )
}

/** "Enter 4410 to move your booking": the only number, and no thing before it that it could be of. */
export function isPlainlyEntered(message: Message, candidate: Candidate): boolean {
  if (!isSole(message, candidate) || !hasUsualLength(candidate)) return false
  const owners = kinds.other | kinds.thing
  return !message.hits.some(({ kind, start }) => kind & owners && start < candidate.start)
}

/** "Confirm the payment with 902771": the word for "with" touches the number on one side. */
export function isMeans(message: Message, { start, end, code }: Candidate): boolean {
  const touching = message.hits.some((hit) => {
    if ((hit.kind & kinds.by) === 0) return false
    if (hit.end <= start) return start - hit.end <= 2
    return hit.start >= end && hit.start - end <= 2 && !isTaken(message, hit, code)
  })
  return touching && isFor(message, end)
}

/** "To delete the account, 70914 type": where the verb comes last, what is entered stands before it. */
export function isObject(message: Message, { start, end, code }: Candidate): boolean {
  const { hits, layout } = message
  const { sentences } = layout
  return hits.some((hit) => {
    if ((hit.kind & kinds.use) === 0 || hit.start < end) return false
    if (sentences[hit.start] !== sentences[start]) return false
    return numbersBetween(message, end, hit.start, code) === 0
  })
}

/** "Enter the site with 704183": a verb in the same sentence. */
export function isEntering({ hits, layout }: Message, from: number): boolean {
  const { sentences } = layout
  const acts = kinds.use | kinds.call
  return hits.some(
    ({ kind, start }) =>
      kind & (start < from ? acts : kinds.use) && sentences[start] === sentences[from],
  )
}

export function labelBetween({ hits }: Message, from: number, to: number, kind: number): boolean {
  return hits.some((hit) => (hit.kind & kind) !== 0 && hit.start >= from && hit.end <= to)
}

/** "Is", in languages that say it between the two. */
const copulas = [
  'is ist lautet est es é è är er jest to je este e є е adalah ialah on glasi είναι היא הוא هي',
  'هو คือ ແມ່ນ គឺ 是 为 為 là la ni ke yw is_é da është asht yra ir ay waa ndi ita_ce bụ jẹ',
]
const copula = `(?:${copulas.join(' ').replaceAll(' ', '|').replaceAll('_', ' ')})(?= |:)`
/** What leads from a word to its value: a colon, or "is". */
export const valueLink = new RegExp(`^["'»”)]? ?(?:[:=]|${copula}) ?:? ?["'«“(]?$`, 'u')

/**
 * "The password for purchase 9921 is 714026": where a word for a code stands before both, what the
 * "is" leads to is the value. Below zero for the first of the two, above for the second.
 */
export function valueScore(message: Message, candidate: Candidate): number {
  const { candidates, masked } = message
  for (const other of candidates) {
    if (other.start >= candidate.end && other.start - candidate.end <= 12) {
      const gap = masked.slice(candidate.end, other.start)
      if (valueLink.test(gap) && labelledBefore(message, candidate)) return -2
    } else if (candidate.start >= other.end && candidate.start - other.end <= 12) {
      const gap = masked.slice(other.end, candidate.start)
      if (valueLink.test(gap) && labelledBefore(message, other)) return 1
    }
  }
  return 0
}
