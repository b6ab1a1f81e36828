// What the place of a candidate says: a line of its own, quotes, the head of the message.
import type { Candidate } from './candidate.ts'
import { kinds } from './keyword-index.ts'
import { cover } from './mask.ts'
import type { Message } from './relation.ts'

const pictureBefore = /\p{Extended_Pictographic} ?$/u
const pictureAfter = /^ ?\p{Extended_Pictographic}/u
/** How words for minutes and seconds begin: how long codes last, and little else does. */
const minuteWords = [
  'min mnt mn mín mionaid мин хв секун second segund sekund sec daqi dəqi daki dk дақ דק دقي',
  'دقا دقی خول منٹ منټ मिन মিন મિન ਮਿੰ ମିନ நிமி నిమి ನಿಮಿ മിനി මිනි นาที ນາທີ នាទី မိနစ် phút',
  'phut 分 분 perc λεπτ րոպ წუთ ደቂ ደቒ nóim munud ìṣẹ́ iṣẹ nkeji imiz mets mami imin སྐར',
]
const minutes = new RegExp(`^(?:${minuteWords.join(' ').replaceAll(' ', '|')})`, 'i')

const others = kinds.other | kinds.ref | kinds.call

/** What the place itself says: a line of its own, quotes, the subject, talk of logging in. */
export function placeScore(message: Message, candidate: Candidate, linked: number): number {
  const { start, end, shape } = candidate
  const { masked, hits } = message
  const before = masked[start - 1] ?? '\n'
  const after = masked[end] ?? '\n'
  let score = 0
  if (/["'“「『【[(*<_~]/.test(before) && /["'”」』】\])*>_~]/.test(after)) score += 0.5
  if (
    start <= 3 &&
    message.candidates.length === 1 &&
    /^\W{0,2} ?[-:|·=] ?/.test(masked.slice(end))
  )
    score += 0.6
  if (pictureBefore.test(masked.slice(Math.max(0, start - 4), start))) {
    if (pictureAfter.test(masked.slice(end, end + 4))) score += 0.9
  }
  if (isOwnLine(masked, start, end)) score += shape === 'letters' ? 0.5 : 1.4
  if (isValue(message, candidate)) score += 0.5
  if (message.candidates.length > 1 && isAside(masked, start)) score -= 0.7
  if (isRepeated(message, candidate)) score += 0.4
  let context = 0
  for (const hit of hits) if (hit.kind & kinds.auth) context += 0.35
  score += Math.min(context, linked > 0 || score > 0 ? 0.9 : 0.5)
  const isWarned = hits.some(({ kind }) => kind & kinds.warn)
  if (message.isTimed) score += 0.5
  score += Math.max(headlineScore(message, candidate, isWarned), soleScore(message, candidate))
  if (shape === 'spoken' && start <= 1 && masked.length - end <= 2) score += 2.5
  if (shape === 'letters' || shape === 'mixed') return score
  if (isWarned) score += isGuarded(message, candidate) ? 1.2 : 0.4
  if (message.candidates.length === 1 && !hits.some(({ kind }) => kind & others))
    score += candidate.code.length === 6 && !hits.some(({ kind }) => kind & kinds.old) ? 0.75 : 0.4
  return score
}

/** "As you wished: 318064", "Is it you? 318064": behind a colon or a sentence, and the last word. */
function isValue({ candidates, hits, masked }: Message, { start, end, code }: Candidate): boolean {
  if (candidates.length > 1 || code.length < 6) return false
  if (!/^(?:[.!\n]| \(| ?←|$)/.test(masked.slice(end))) return false
  const ahead = masked.slice(Math.max(0, start - 7), start)
  // A short word with a dot is "no." or its like.
  const isNext = /(?:\p{L}{4}[.!]|\?) $/u.test(ahead)
  return /(?:[:→]| -) $/.test(ahead) || (isNext && !hits.some(({ kind }) => kind & others))
}

/** "Never read out 391472": the only number is what nobody may be told. */
function isGuarded({ candidates, hits, layout }: Message, { start, code }: Candidate): boolean {
  if (candidates.length > 1 || code.length < 4) return false
  const { sentences } = layout
  const inside = hits.filter((hit) => sentences[hit.start] === sentences[start])
  if (inside.some(({ kind }) => kind & (others | kinds.code))) return false
  return inside.some(({ kind, end }) => kind & kinds.warn && end <= start)
}

/** A number that a message gives twice is what it is about. */
function isRepeated({ candidates }: Message, { code, start }: Candidate): boolean {
  if (code.length < 5) return false
  return candidates.some((other) => other.code === code && other.start !== start)
}

/** In brackets with other words: "(order 5512)", "(the old one was 1180)". */
function isAside(masked: string, start: number): boolean {
  const open = masked.lastIndexOf('(', start - 1)
  return open >= 0 && start - open > 3 && !/[)\n]/.test(masked.slice(open, start))
}

function isOwnLine(masked: string, start: number, end: number): boolean {
  const lineStart = masked.lastIndexOf('\n', start - 1) + 1
  const nextEnd = masked.indexOf('\n', end)
  const lineEnd = nextEnd < 0 ? masked.length : nextEnd
  if (start - lineStart > 4 || lineEnd - end > 4) return false
  if (lineStart === 0 && lineEnd === masked.length) return false
  return !/[\p{L}\p{N}]/u.test(masked.slice(lineStart, start) + masked.slice(end, lineEnd))
}

/** One number, some minutes, and nothing else that the number could be of: a code in any language. */
function soleScore({ candidates, hits, masked }: Message, { code, shape, end }: Candidate): number {
  if (candidates.length > 1 || code.length < 4 || code.length > 8) return 0
  if (shape === 'mixed' || shape === 'letters') return 0
  if (hits.some(({ kind }) => kind & others)) return 0
  const isBrief = hits.some(
    (hit) =>
      (hit.kind & kinds.time) !== 0 &&
      minutes.test(masked.slice(hit.start, hit.end)) &&
      (/(?<!\d)\d{1,2} ?-?$/.test(masked.slice(Math.max(0, hit.start - 4), hit.start)) ||
        /^ ?\d{1,2}(?!\d)/.test(masked.slice(hit.end, hit.end + 4))) &&
      hit.start - end !== 1,
  )
  if (!isBrief) return 0
  return shape === 'digits' && code.length < 6 ? 0.5 : 1
}

/** "Tarn: 40-17-95. Good for 6 minutes": nothing but a name before it, and how long or a warning. */
function headlineScore(
  message: Message,
  { start, end, shape }: Candidate,
  isWarned: boolean,
): number {
  const { masked } = message
  const isNamed = start <= 40 && /^(?:[^:.!?\n]{1,24}[:\]】)፦] ?)?$/.test(masked.slice(0, start))
  if (!isNamed || !/^(?:[.!;,\n(፣]| [-\p{L}\d(]|$)/u.test(masked.slice(end))) return 0
  const isTimed = message.isTimed || lastsFrom(message, end)
  if (isTimed && isWarned) return 1.9
  if (isTimed || isWarned)
    return /^(?:[.!;\n]| - )/.test(masked.slice(end)) ? 1.4 : isTimed ? 1.2 : 0.8
  // Groups of digits right behind a name, and an amount somewhere: a payment to be confirmed.
  const isGrouped = shape === 'grouped' || shape === 'spaced'
  return isGrouped && start > 0 && masked.includes(cover) ? 0.9 : 0
}

/** "... is valid until 12:14": a word for how long stands right behind. */
function lastsFrom({ hits, layout }: Message, end: number): boolean {
  const { letters, sentences } = layout
  return hits.some(
    ({ kind, start }) =>
      (kind & kinds.time) !== 0 &&
      start >= end &&
      sentences[start] === sentences[end] &&
      (letters[start] ?? 0) - (letters[end] ?? 0) <= 6,
  )
}
