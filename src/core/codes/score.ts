// How much a candidate looks like the code: its shape, the words around it, its place.
import { ageScore } from './age.ts'
import {
  type Candidate,
  hasUsualLength,
  isByTurns,
  isPromotion,
  isVowelless,
  type Shape,
} from './candidate.ts'
import { isQuantity } from './implausible.ts'
import { type Hit, kinds } from './keyword-index.ts'
import { cover } from './mask.ts'
import { positionScore } from './position.ts'
import { purposeOf } from './purpose.ts'
import { refusal } from './refusal.ts'
import {
  isEntering,
  isFor,
  isSole,
  isTaken,
  isWarned,
  isWarning,
  type Message,
  numbersBetween,
  valueLink,
  valueScore,
} from './relation.ts'

const shapeScores: Readonly<Record<Shape, number>> = {
  digits: 0.7,
  grouped: 1.1,
  spaced: 1.6,
  spoken: 0.8,
  mixed: 0.2,
  letters: -0.3,
}
/** By how many digits there are: in one run, and in groups or words. */
const runScores = [0, 0, 0, -0.8, 0.1, 0.25, 0.4, 0.3, 0.3, -0.3, -0.4]
const lengthScores = [0, 0, 0, -0.8, 0.1, 0.2, 0.4, 0.2, 0.2, -0.3, -0.4]

const endOfClause = /^["'»”)]? ?(?:[.,;!?:(\n\-。]|$)/

/** What is known of a candidate by rules, each in points; about 3 in all is where belief begins. */
export type ScoreParts = {
  /** An amount, or what is worse than the others beyond doubt. */
  readonly isQuantity: boolean
  readonly isPoor: boolean
  /** The tie to a word for a code, and to a word for entering one. */
  readonly label: number
  readonly use: number
  readonly shape: number
  readonly position: number
  readonly refusal: number
  readonly age: number
  readonly value: number
  readonly total: number
}

/** The points of one candidate. */
export function scorePartsOf(message: Message, candidate: Candidate): ScoreParts {
  // Where there is a better choice, a telephone is none.
  const isPoor = message.serious.length > 0 && !message.serious.includes(candidate)
  const isAmount = isQuantity(message, candidate)
  const label = bestLabel(message, candidate)
  const use = Math.max(bestUse(message, candidate), purposeOf(message, candidate))
  // "Top up 100 and get 500": three digits are a code only where they are called one.
  const shortness = candidate.code.length < 4 && label < 2 ? 1 : 0
  const linked = Math.max(label, use) + Math.min(label, use) * 0.3
  const shape = shapeScore(message, candidate)
  const position = positionScore(message, candidate, linked)
  const refused = refusal(message, candidate, label, use)
  const age = ageScore(message, candidate)
  const value = valueScore(message, candidate)
  const sum = shape + linked + position + refused + age + value - shortness - (isPoor ? 2 : 0)
  return {
    isQuantity: isAmount,
    isPoor,
    label,
    use,
    shape,
    position,
    refusal: refused,
    age,
    value,
    total: isAmount ? -9 : sum,
  }
}

function shapeScore(message: Message, { code, shape, start, end }: Candidate): number {
  const { text, hits } = message
  const isChoice = message.serious.length > 1
  let score = shapeScores[shape]
  if (shape === 'letters' || shape === 'mixed') {
    if (/[a-z]/.test(code) && /[A-Z]/.test(code)) score -= 1
    if (code.length > 8) score -= 0.8
    if (shape === 'letters' && isVowelless(code)) score += 1.2
    if (shape === 'mixed' && /^\d{1,2}[A-Za-z]{3,}$|[a-z]{4}/.test(code)) score -= 1
    if (shape === 'mixed' && text.slice(start, end).includes('-')) score += 0.5
    // "DELIVER5": a word and a small number are what shops make of a promotion.
    if (isPromotion(code) && !isAbout(hits)) score -= 2
    if (text.includes('%') && !isAbout(hits)) score -= 1.5
    if (isReduction(text, code)) score -= 2.5
    // "Birke24", "98point6": names of firms.
    if (/^[A-Z][a-z]{2,}\d{1,3}$|^\d{1,2}[a-z]{4,}\d?$/.test(code)) score -= 1.5
    if (shape === 'mixed' && isByTurns(code)) score += 0.7
    return score
  }
  score += (shape === 'digits' ? runScores : lengthScores)[code.length] ?? -0.5
  if (shape === 'spoken' && code.length >= 5) score += 0.5
  if (shape === 'digits' && /^(?:19[5-9]|20[0-4])\d$/.test(code)) score -= 1
  // Korean and Dutch service numbers, and any number dialled with a nought.
  if (shape === 'grouped' && /^(?:0\d{2,3}|1[568]\d\d)[- ]\d{4}$/.test(text.slice(start, end)))
    score -= 1.5
  // "SHOP 4471": a number in a name, where there is another to choose.
  const isNamed =
    isChoice && /(?:^| )[A-Z]{3,} $/.test(message.masked.slice(Math.max(0, start - 12), start))
  if (shape === 'digits' && isNamed) score -= 1
  // Three times three, and four pairs, are how much of Europe writes a telephone.
  if (shape === 'grouped' && /^\d{3}(?: \d{3}){2}$/.test(text.slice(start, end))) score -= 1.8
  if (shape === 'grouped' && /^\d\d(?: \d\d){3}$/.test(text.slice(start, end))) score -= 0.8
  if (shape === 'grouped' && /[.,/]/.test(text.slice(start, end))) score -= 0.8
  return score
}

/** "YUM150" beside "Rs.150 OFF": a word, and how much it takes off. */
function isReduction(text: string, code: string): boolean {
  const amount = /^[A-Z]{3,}(\d{1,3})$/.exec(code)?.[1]
  return amount !== undefined && new RegExp(`(?<![\\dA-Z])${amount}(?!\\d)`).test(text)
}

/** True when a message talks of logging in, or names a code beyond doubt. */
function isAbout(hits: readonly Hit[]): boolean {
  return hits.some(({ kind }) => kind & (kinds.auth | kinds.strong))
}

/** The strongest tie to a word for a code, before it or after it. */
function bestLabel(message: Message, candidate: Candidate): number {
  let best = 0
  for (const hit of message.hits) {
    if ((hit.kind & kinds.code) === 0) continue
    const tie =
      hit.end <= candidate.start
        ? tieBefore(message, hit, candidate)
        : tieAfter(message, hit, candidate)
    if (tie > best) best = tie
  }
  return best
}

function tieBefore(message: Message, hit: Hit, { start, code }: Candidate): number {
  const { letters, sentences } = message.layout
  const apart = (letters[start] ?? 0) - (letters[hit.end] ?? 0)
  const ends = (sentences[start] ?? 0) - (sentences[hit.end] ?? 0)
  const numbers = numbersBetween(message, hit.end, start, code)
  let tie: number
  if (apart === 0 && start - hit.end <= 10 && numbers === 0) tie = 4.2
  else if (ends === 0) tie = Math.max(3.7 - apart * 0.025, 1.6)
  else if (ends === 1) tie = Math.max(2.3 - apart * 0.015, 0.7)
  else tie = Math.max(1.6 - ends * 0.25, 0.4)
  if (apart > 0 && isWarning(message, hit))
    tie *= ends > 0 ? 0.35 : hit.word.isTouching && isWarned(message, hit) ? 0.7 : 1
  if (
    ends > 0 &&
    isAsked(message, hit) &&
    !isGiven.test(message.masked.slice(Math.max(0, start - 3), start))
  )
    tie *= 0.35
  if (ends === 0 || apart > 0) tie -= numbers * 1
  if (
    ends === 0 &&
    apart > 0 &&
    /[:=] ?["'«「『【[(*]?$|\b(?:is|ist|est|es|är|jest|adalah|la|là|ni|ke|yra|ir)[: ]{1,2}$/.test(
      message.masked.slice(Math.max(0, start - 12), start),
    )
  )
    tie += 0.5
  return tie
}

/** Right before a number that begins its sentence, or follows a colon. */
const isGiven = /(?:^|[:：.!?？。؟\n])[ \n]?["'«“(]?$/u
const closing = /[.!?？。؟\n]/u

/** "What was the code for the copier? I think 5518": a question, other than "Forgot your password?". */
function isAsked({ hits, layout, masked }: Message, { end }: Hit): boolean {
  const mark = closing.exec(masked.slice(end, end + 80))?.[0]
  if (mark !== '?' && mark !== '？' && mark !== '؟') return false
  const sentence = layout.sentences[end]
  return !hits.some(({ kind, start }) => kind & kinds.auth && layout.sentences[start] === sentence)
}

function tieAfter(message: Message, hit: Hit, { end, code }: Candidate): number {
  const { letters, sentences } = message.layout
  const apart = (letters[hit.start] ?? 0) - (letters[end] ?? 0)
  const ends = (sentences[hit.start] ?? 0) - (sentences[end] ?? 0)
  const numbers = numbersBetween(message, end, hit.start, code)
  let tie: number
  if (apart === 0 && ends === 0 && hit.start - end <= 4) tie = 3.8
  else if (ends === 0) tie = Math.max(3.5 - apart * 0.03, 1.4)
  else if (ends === 1) tie = Math.max(1.7 - apart * 0.02, 0.5)
  else tie = Math.max(1 - ends * 0.2, 0.2)
  tie -= numbers * 1.2
  if (isTaken(message, hit, code)) tie -= 2
  if (ends > 0 && isWarning(message, hit)) tie *= 0.35
  return tie
}

/** The strongest tie to "enter", "use", or to "confirm" with the number right beside it. */
function bestUse(message: Message, candidate: Candidate): number {
  const { start, end, shape, code } = candidate
  const { letters, sentences } = message.layout
  let best = 0
  for (const hit of message.hits) {
    if ((hit.kind & (kinds.use | kinds.auth | kinds.by)) === 0) continue
    const isBefore = hit.end <= start
    if ((hit.kind & (kinds.use | kinds.auth)) === 0) {
      const apart = isBefore ? start - hit.end : hit.start - end
      if (apart <= 2 && (isFor(message, end) || isEntering(message, end)))
        best = Math.max(best, 2.3)
      // "Order 90112 ($63.05): <unknown verb> with 572 061".
      else if (apart <= 1 && isBefore && shape === 'grouped' && message.masked.includes(cover))
        best = Math.max(best, 1.5)
      // "<unknown verb> with 618240.": no noun follows that there could be so many of.
      else if (apart <= 2 && hasUsualLength(candidate) && isSole(message, candidate)) {
        if (!isBefore || endOfClause.test(message.masked.slice(end))) best = Math.max(best, 1.2)
      }
      continue
    }
    const from = isBefore ? hit.end : end
    const to = isBefore ? start : hit.start
    const ends = (sentences[to] ?? 0) - (sentences[from] ?? 0)
    // "4410 - Saffron. Just type it in": with no other number there is nothing else to type.
    if (ends === 1 && !isBefore && hit.kind & kinds.use && isSole(message, candidate))
      best = Math.max(best, 1.2)
    if (numbersBetween(message, from, to, code) > 0) continue
    // "Type on the page:", and the number in the next line.
    if (isBefore && ends <= 2 && hit.kind & kinds.use && isBelow(message, hit, candidate))
      best = Math.max(best, 2.2)
    if (ends !== 0) continue
    // "Store 1944: enter 819220": the verb has its number behind it.
    if (!isBefore && hit.kind & kinds.use && isTaken(message, hit, code)) continue
    const apart = (letters[to] ?? 0) - (letters[from] ?? 0)
    // "Your verification is 770214", "Verification: 770214".
    const isNamed = isBefore && valueLink.test(message.masked.slice(hit.end, start))
    const near = isNamed ? 2.3 : nearness(hit, isBefore, apart)
    if (near > best) best = near
  }
  if (shape === 'letters') return isVowelless(code) ? best : best * 0.5
  return shape === 'mixed' && !isByTurns(code) ? best * 0.85 : best
}

const colonAbove = /^[^\n.!?:]{0,60}[:：]\n{1,2} *$/

/** A line that ends with a colon has a verb for entering, and the next one is nothing but the number. */
function isBelow({ masked, hits }: Message, { end: from }: Hit, candidate: Candidate): boolean {
  const { start, end, shape, code } = candidate
  if (shape === 'letters') return false
  if (shape !== 'mixed' && code.length !== 6) {
    // At a counter and a door numbers are shown as well: the line has to say what codes are for.
    if (!hasUsualLength(candidate) || code.length < 5) return false
    const line = masked.lastIndexOf('\n', from) + 1
    if (!hits.some((hit) => hit.kind & kinds.auth && hit.start >= line && hit.start < start)) {
      return false
    }
  }
  if (start - from > 70 || !/^ *(?:\n|$)/.test(masked.slice(end, end + 8))) return false
  return colonAbove.test(masked.slice(from, start))
}

function nearness({ kind }: Hit, isBefore: boolean, apart: number): number {
  if ((kind & kinds.use) === 0) return (isBefore ? 1.5 : 1.2) - apart * 0.06
  // Where the verb comes last, a particle of a letter or two may stand before it.
  const isNext = !isBefore && apart <= 2
  return (apart === 0 ? 2.4 : isNext ? 2.2 : isBefore ? 2.1 : 1.9) - apart * 0.05
}
