// What the place of a candidate says: a line of its own, quotes, the head of the message.
import { type Candidate, hasUsualLength, isVowelless } from './candidate.ts'
import { kinds } from './keyword-index.ts'
import { cover } from './mask.ts'
import { isHeadline, isOwnLine, isSole, isWarner, type Message } from './relation.ts'

const pictureBefore = /\p{Extended_Pictographic} ?$/u
const pictureAfter = /^ ?\p{Extended_Pictographic}/u
/** How words for minutes and seconds begin: how long codes last, and little else does. */
const minuteWords = [
  'min mnt mn mín mionaid мин хв секун second segund sekund sec daqi dəqi daki dk дақ דק دقي',
  'دقا دقی خول منٹ منټ मिन মিন મિન ਮਿੰ ମିନ நிமி నిమి ನಿಮಿ മിനി මිනි นาที ນາທີ នាទី မိနစ် phút',
  'phut 分 분 perc λεπτ րոպ წუთ ደቂ ደቒ nóim munud ìṣẹ́ iṣẹ nkeji imiz mets mami imin སྐར',
]
const minutes = new RegExp(`^(?:${minuteWords.join(' ').replaceAll(' ', '|')})`, 'i')

/** One or two words with capitals, before the number or behind it. */
const word = "\\p{Lu}[\\p{L}\\p{N}&'.]{1,14} ?"
const name = new RegExp(
  `^(?:(?:${word}){1,2}(?:[-|:>~(] ?)?·\\W{0,2}|·(?: ?[-|:@(])? ?(?:${word}){1,2}\\)?)$`,
  'u',
)

const orLink = new RegExp(
  `^ (?:or|oder|of|eller|tai|ou|o|lub|nebo|или|або|atau|veya|hoặc) [^.\\n]{0,30}${cover}`,
)

const others = kinds.other | kinds.ref | kinds.call

/** What the place itself says: a line of its own, quotes, the subject, talk of logging in. */
export function positionScore(message: Message, candidate: Candidate, linked: number): number {
  const { start, end, shape } = candidate
  const { masked, hits } = message
  const before = masked[start - 1] ?? '\n'
  const after = masked[end] ?? '\n'
  let score = 0
  if (/["'“「『【[(*<_~]/.test(before) && /["'”」』】\])*>_~]/.test(after)) score += 0.5
  if (start <= 3 && isSole(message, candidate) && /^\W{0,2} ?[-:|·=] ?/.test(masked.slice(end)))
    score += 0.6
  if (
    endsInSign(masked, start) &&
    pictureBefore.test(masked.slice(Math.max(0, start - 4), start))
  ) {
    if (pictureAfter.test(masked.slice(end, end + 4))) score += 0.9
  }
  if (isOwnLine(masked, start, end)) score += shape === 'letters' ? 0.5 : 1.4
  if (isValue(message, candidate)) score += isConfirming(message) ? 0.9 : 0.5
  if (isGroupedAlone(message, candidate)) score += 0.4
  if (isSigned(message, candidate)) score += 0.9
  let context = 0
  for (const hit of hits) if (hit.kind & kinds.auth) context += 0.35
  score += Math.min(context, linked > 0 || score > 0 ? 0.9 : 0.5)
  const isWarned = hits.some(({ kind }) => kind & kinds.warn)
  if (message.isTimed) score += 0.5
  score += Math.max(headlineScore(message, candidate, isWarned), soleScore(message, candidate))
  // "Tarn: four four one zero", and nothing more.
  if (shape === 'spoken' && isHeadline(masked, start) && masked.length - end <= 2) score += 2.5
  if (shape === 'spoken' && isHeadline(masked, start) && /^ ?\(/.test(masked.slice(end)))
    score += 1.5
  if (shape === 'mixed' || (shape === 'letters' && !isVowelless(candidate.code))) return score
  if (isWarned) score += isGuarded(message, candidate) ? 1.2 : 0.4
  if (isSole(message, candidate) && !hasOthers(message, candidate)) {
    const isUsual = isUsualLength(candidate, hits) && !hits.some(({ kind }) => kind & kinds.old)
    score += isUsual ? (isCautioned(hits) ? 1.2 : 0.75) : 0.4
  }
  return score
}

/** A sign beyond ASCII, perhaps with a blank behind it. */
function endsInSign(masked: string, end: number): boolean {
  const last = masked.charCodeAt(end - 1)
  return (last === 0x20 ? masked.charCodeAt(end - 2) : last) > 0x7f
}

/** "As you wished: 318064", "Is it you? 318064": behind a colon or a sentence, and the last word. */
function isValue(message: Message, candidate: Candidate): boolean {
  const { hits, masked } = message
  const { start, end, code } = candidate
  if (code.length < 5 || !isLongest(message, candidate)) return false
  if (!/^(?:[.!\n]| \(| ?←|$)/.test(masked.slice(end))) return false
  const ahead = masked.slice(Math.max(0, start - 7), start)
  // A short word with a dot is "no." or its like.
  const isNext = /(?:\p{L}{4}[.!]|\?) $/u.test(ahead)
  return /(?:[:→]| -) $/.test(ahead) || (isNext && !hits.some(({ kind }) => kind & others))
}

/** An amount, and a word for confirming or refusing it. */
function isConfirming({ hits, masked }: Message): boolean {
  return masked.includes(cover) && hits.some(({ kind }) => kind & (kinds.auth | kinds.use))
}

/** "Nobody", "fraud": more than a mere "not". */
function isCautioned(hits: Message['hits']): boolean {
  return hits.some(({ kind }) => kind & kinds.warn && (kind & kinds.not) === 0)
}

/** Six digits, or as many as codes have in a message that names neither a code nor a thing. */
function isUsualLength(candidate: Candidate, hits: Message['hits']): boolean {
  if (candidate.code.length === 6) return true
  if (!hasUsualLength(candidate)) return false
  // Four digits are a year, a hotline, the number of a house: they need the warning.
  if (candidate.code.length === 4 && !isCautioned(hits)) return false
  return !hits.some(({ kind }) => kind & (kinds.code | kinds.thing))
}

/** What else is numbered is numbered shorter, and before. */
function isLongest({ serious }: Message, { start, code }: Candidate): boolean {
  return serious.every((other) => {
    return other.start === start || (other.start < start && other.code.length < code.length)
  })
}

/** Whether there are words that the number could be of. Those for calling have theirs elsewhere. */
function hasOthers({ hits, layout }: Message, { start }: Candidate): boolean {
  const { sentences } = layout
  return hits.some(
    (hit) =>
      (hit.kind & (kinds.other | kinds.ref)) !== 0 ||
      ((hit.kind & kinds.call) !== 0 &&
        hit.start < start &&
        sentences[hit.start] === sentences[start]),
  )
}

/** "Never read out 391472": the only number is what nobody may be told. */
function isGuarded(message: Message, candidate: Candidate): boolean {
  const { hits, layout } = message
  const { start, code } = candidate
  if (!isSole(message, candidate) || code.length < 4) return false
  const { sentences } = layout
  const inside = hits.filter(
    (hit) => sentences[hit.start] === sentences[start] && !isWarner(message, hit, candidate),
  )
  if (inside.some(({ kind }) => kind & (others | kinds.code))) return false
  return inside.some((hit) => {
    if ((hit.kind & kinds.warn) === 0) return false
    if (hit.end <= start) return true
    return code.length >= 5 && (layout.letters[hit.start] ?? 0) - (layout.letters[start] ?? 0) <= 3
  })
}

/** "609 317", and no other number: few things but codes are written so. */
function isGroupedAlone(
  { candidates, masked }: Message,
  { start, end, shape }: Candidate,
): boolean {
  if (shape !== 'grouped' || candidates.length > 1) return false
  return /^\d{3}([ -])\d(?!00$)\d\d$/.test(masked.slice(start, end))
}

/** "441092 Acme": a number, one or two names, and nothing else. */
function isSigned({ hits, masked }: Message, candidate: Candidate): boolean {
  const { start, end, code } = candidate
  if (!hasUsualLength(candidate) || masked.length > 40) return false
  if (hits.some(({ kind }) => (kind & ~kinds.digits) !== 0)) return false
  if (code.length !== 6 && masked.includes(':')) return false
  return name.test(`${masked.slice(0, start)}·${masked.slice(end)}`)
}

/** One number, some minutes, and nothing else that the number could be of: a code in any language. */
function soleScore(message: Message, candidate: Candidate): number {
  const { hits, masked } = message
  const { code, shape, end } = candidate
  if (!isSole(message, candidate) || code.length < 4 || code.length > 8) return 0
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
  if (!isHeadline(masked, start) || !/^(?:[.!;,\n(፣]| [-\p{L}\d(]|$)/u.test(masked.slice(end)))
    return 0
  const isTimed = message.isTimed || lastsFrom(message, end)
  if (isTimed && isWarned) return 1.9
  // "Tarn: 401795 or tap tarn.example/x"
  if (orLink.test(masked.slice(end, end + 40))) return 1.2
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
