// What is known of a candidate, as numbers with names: its shape, its place, the words around it, its rivals.
import { type Candidate, isByTurns, type Shape } from './candidate.ts'
import { type Hit, kinds } from './keyword-index.ts'
import { cover } from './mask.ts'
import { isHeadline, isOwnLine, type Message } from './relation.ts'
import { type ScoreParts, scorePartsOf } from './score.ts'

const shapes: readonly Shape[] = ['digits', 'grouped', 'spaced', 'spoken', 'mixed', 'letters']
const marks = [
  ...['edge', 'line', 'colon', 'open', 'comma', 'stop', 'dash', 'hash', 'cover', 'glued', 'word'],
] as const
/** The words that may have a number of their own: the nearest of them on each side is told apart. */
const telling = [
  'code',
  'use',
  'auth',
  'other',
  'ref',
  'call',
  'warn',
  'by',
  'time',
  'old',
] as const

/** Kinds of words that tell what a message is about, wherever they stand. */
const said = [
  ...['code', 'use', 'auth', 'other', 'ref', 'call', 'warn', 'by', 'time', 'money', 'unit'],
  ...['settled', 'done', 'thing', 'fresh', 'old'],
] as readonly (keyof typeof kinds)[]

const ruleNames = [
  ...['quantity', 'poor', 'label', 'use', 'shape', 'position', 'refusal', 'age', 'value', 'total'],
  'lead',
] as const

/** The names of the features, in their order; what stands before the dot is the group. */
export const featureNames: readonly string[] = [
  ...shapes.map((name) => `shape.${name}`),
  ...['length', 'lower', 'upper', 'turns', 'nought', 'firm'].map((name) => `shape.${name}`),
  ...['evenGroups', 'dotted', 'service'].map((name) => `shape.${name}`),
  ...marks.map((name) => `place.before.${name}`),
  ...marks.map((name) => `place.after.${name}`),
  ...['ownLine', 'marked', 'headline', 'last', 'afterLink'].map((name) => `place.${name}`),
  ...['nameBefore', 'nameAfter', 'numbered', 'told'].map((name) => `place.${name}`),
  ...telling.map((name) => `near.before.${name}`),
  'near.before.letters',
  'near.before.ends',
  ...telling.map((name) => `near.after.${name}`),
  'near.after.letters',
  'near.after.ends',
  ...['sole', 'count', 'alike', 'alikeBefore', 'longer', 'shorter', 'rank', 'twins', 'list'].map(
    (name) => `rivals.${name}`,
  ),
  ...['covers', 'timed', 'email', 'subject'].map((name) => `message.${name}`),
  ...['link', 'percent', 'told', 'script'].map((name) => `message.${name}`),
  ...['letters', 'known'].map((name) => `message.${name}`),
  ...said.map((name) => `said.${name}`),
  ...ruleNames.map((name) => `rule.${name}`),
]
export const featureCount = featureNames.length

/** The features of all candidates of a message, a row each. The result holds until the next message. */
export function featuresOf(message: Message): Float32Array {
  const { candidates } = message
  const need = candidates.length * featureCount
  if (table.length < need) table = new Float32Array(need)
  const whole = wholeOf(message)
  const parts = candidates.map((candidate) => scorePartsOf(message, candidate))
  for (let at = 0; at < candidates.length; at++) {
    const to = at * featureCount
    let next = writeShape(message, candidates[at] as Candidate, to)
    next = writePlace(message, candidates[at] as Candidate, next)
    next = writeNear(message, candidates[at] as Candidate, next)
    next = writeRivals(message, at, next)
    for (const value of whole) table[next++] = value
    next = writeRules(message, at, parts, next)
    if (next !== to + featureCount) throw new Error('features and their names differ')
  }
  return table
}

let table = new Float32Array(0)

function put(at: number, value: number | boolean): number {
  table[at] = Number(value)
  return at + 1
}

function writeShape(
  { text }: Message,
  { code, shape, start, end }: Candidate,
  from: number,
): number {
  let at = from
  for (const name of shapes) at = put(at, shape === name)
  const isWord = shape === 'mixed' || shape === 'letters'
  const written = shape === 'grouped' ? text.slice(start, end) : ''
  at = put(at, code.length)
  at = put(at, isWord && /[a-z]/.test(code))
  at = put(at, isWord && /[A-Z]/.test(code))
  at = put(at, isWord && isByTurns(code))
  at = put(at, code.startsWith('0'))
  at = put(at, isWord && /^[A-Z]?[a-z]{2,}\d{1,3}$|^\d{1,2}[A-Za-z]{3,}\d?$|[a-z]{4}/.test(code))
  at = put(at, groupsOf(written))
  at = put(at, written !== '' && /[.,/]/.test(written))
  return put(at, written !== '' && /^(?:0\d{2,3}|1[5-9]\d\d|[89]00)[ -]\d{3,4}$/.test(written))
}

/** 0: none; 1: uneven; 2: alike; 3: three and more alike. */
function groupsOf(written: string): number {
  if (written === '') return 0
  const sizes = written.split(/\D+/).map((group) => group.length)
  if (sizes.some((size) => size !== sizes[0])) return 1
  return sizes.length > 2 ? 3 : 2
}

const signs = [
  '\n',
  ':=>→፦៖',
  '"\'«“「『【[(*<_~»”」』】])',
  ',;、،',
  '.!?。।።',
  '-/|·+',
  '#',
  cover,
]
/** The index of a mark by its unit; zero for all else. */
const markCodes = new Uint8Array(cover.charCodeAt(0) + 1)
signs.forEach((chars, i) => {
  for (const char of chars) markCodes[char.charCodeAt(0)] = i + 1
})

/** What stands beside a place: the index of a mark. */
function markAt(masked: string, place: number, step: 1 | -1): number {
  let at = place
  while (masked.charCodeAt(at) === 0x20) at += step
  if (at < 0 || at >= masked.length) return 0
  return markCodes[masked.charCodeAt(at)] || (at === place ? 9 : 10)
}

function writePlace(message: Message, { start, end }: Candidate, from: number): number {
  const { masked } = message
  let at = from
  const before = markAt(masked, start - 1, -1)
  const after = markAt(masked, end, 1)
  table.fill(0, at, at + 2 * marks.length)
  table[at + before] = 1
  table[at + marks.length + after] = 1
  at += 2 * marks.length
  at = put(at, isOwnLine(masked, start, end))
  at = put(at, before === 3 && after === 3)
  const head = masked.slice(Math.max(0, start - 32), start)
  at = put(at, isHeadline(masked, start))
  at = put(at, masked.length - end <= 2)
  const tail = masked.slice(end, end + 16)
  at = put(at, copulaBehind.test(tail.slice(0, 12)))
  at = put(at, head.endsWith(' ') && nameAhead.test(head))
  at = put(at, tail.startsWith(' ') && nameBehind.test(tail))
  at = put(at, numberSign.test(head.slice(-8)))
  return put(at, isToldHere(message, start))
}

/** "No. 918203", "n.º 918203", "№ 918203". */
const numberSign = /(?:^|[^\p{L}])(?:n[.]?[º°]|no\.|nr\.?|num\.|č\.|бр\.)[ :]{0,2}$|[№#] ?$/iu

/** True if the sentence of a place speaks of codes, of entering or of confirming. */
function isToldHere({ hits, layout }: Message, place: number): boolean {
  const { sentences } = layout
  const told = kinds.code | kinds.use | kinds.auth
  return hits.some(({ kind, start }) => kind & told && sentences[start] === sentences[place])
}

const copulaBehind = /^["'»”)]? ?(?:is|ist|est|es|é|è|är|er|jest|to|je|[-:=]) /i
const nameAhead = /(?:^|[^\p{L}])\p{Lu}[\p{Ll}\p{N}]+ $/u
const nameBehind = /^ \p{Lu}\p{L}+/u

const tellingBits = telling.reduce((bits, name) => bits | kinds[name], 0)

function writeNear({ hits, layout }: Message, { start, end }: Candidate, from: number): number {
  const { letters, sentences } = layout
  let before: Hit | null = null
  let after: Hit | null = null
  for (const hit of hits) {
    if ((hit.kind & tellingBits) === 0) continue
    if (hit.end <= start) before = hit
    else if (hit.start >= end) {
      after = hit
      break
    }
  }
  let at = from
  for (const name of telling) at = put(at, before !== null && (before.kind & kinds[name]) !== 0)
  at = put(at, before ? Math.min((letters[start] ?? 0) - (letters[before.end] ?? 0), 60) : 60)
  at = put(at, before ? Math.min((sentences[start] ?? 0) - (sentences[before.end] ?? 0), 6) : 6)
  for (const name of telling) at = put(at, after !== null && (after.kind & kinds[name]) !== 0)
  at = put(at, after ? Math.min((letters[after.start] ?? 0) - (letters[end] ?? 0), 60) : 60)
  return put(at, after ? Math.min((sentences[after.start] ?? 0) - (sentences[end] ?? 0), 6) : 6)
}

function writeRivals({ candidates, masked }: Message, own: number, from: number): number {
  const { code, shape, start } = candidates[own] as Candidate
  let count = 0
  let alike = 0
  let alikeBefore = 0
  let longer = 0
  let shorter = 0
  let rank = 0
  let twins = 0
  for (const other of candidates) {
    if (other.start === start && other.code === code) continue
    if (other.code.toLowerCase() === code.toLowerCase()) {
      twins++
      continue
    }
    count++
    if (other.start < start) rank++
    if (other.code.length > code.length) longer++
    else if (other.code.length < code.length) shorter++
    else if (other.shape === shape) {
      alike++
      if (other.start < start) alikeBefore++
    }
  }
  let at = put(from, count === 0)
  at = put(at, count)
  at = put(at, alike)
  at = put(at, alikeBefore)
  at = put(at, longer)
  at = put(at, shorter)
  at = put(at, rank)
  at = put(at, twins)
  return put(at, neighbours(masked, candidates, own))
}

/** What the rules say, and how far the candidate is ahead of all others by them. */
function writeRules(
  { candidates }: Message,
  own: number,
  parts: readonly ScoreParts[],
  from: number,
): number {
  const { isQuantity, isPoor, label, use, shape, position, refusal, age, value, total } = parts[
    own
  ] as ScoreParts
  let rival = -9
  const code = candidates[own]?.code.toLowerCase()
  for (let i = 0; i < parts.length; i++) {
    const points = parts[i]?.total ?? -9
    if (points > rival && candidates[i]?.code.toLowerCase() !== code) rival = points
  }
  let at = put(from, isQuantity)
  at = put(at, isPoor)
  for (const points of [label, use, shape, position, refusal, age, value, total]) {
    at = put(at, points)
  }
  return put(at, Math.max(-9, Math.min(9, total - rival)))
}

/** Numbers alike on either side with nothing between them: recovery codes make such lists. */
function neighbours(masked: string, candidates: readonly Candidate[], own: number): number {
  const { code, shape } = candidates[own] as Candidate
  let count = 0
  for (const step of [-1, 1]) {
    let last = candidates[own] as Candidate
    for (let i = own + step; count < 9; i += step) {
      const next = candidates[i]
      if (!next || next.shape !== shape || next.code.length !== code.length) break
      const from = step < 0 ? next.end : last.end
      const to = step < 0 ? last.start : next.start
      if (to - from > 12 || /\p{L}/u.test(masked.slice(from, to))) break
      last = next
      count++
    }
  }
  return count
}

function wholeOf(message: Message): number[] {
  const { text, masked, hits, isTimed, isEmail, hasSubject, layout } = message
  const { letters } = layout
  let covers = 0
  for (let i = masked.indexOf(cover); i >= 0 && covers < 9; i = masked.indexOf(cover, i)) {
    covers++
    while (masked[i] === cover) i++
  }
  let told = 0
  let known = 0
  for (const { kind, start, end } of hits) {
    told |= kind
    known += (letters[end] ?? 0) - (letters[start] ?? 0)
  }
  const letterCount = letters[masked.length] ?? 0
  return [
    covers,
    Number(isTimed),
    Number(isEmail),
    Number(hasSubject),
    Number(text.includes('://') || text.includes('www.')),
    Number(text.includes('%')),
    Number((told & (kinds.code | kinds.use | kinds.auth)) !== 0),
    scriptOf(masked),
    Math.min(letterCount, 400),
    letterCount === 0 ? 1 : Math.min(1, known / letterCount),
    ...said.map((name) => Number((told & kinds[name]) !== 0)),
  ]
}

/** 0: Latin alone; 1: Cyrillic, Greek and their like; 2: right to left; 3: Indic; 4: East Asian. */
function scriptOf(text: string): number {
  const counts = [0, 0, 0, 0, 0]
  for (let i = 0; i < text.length && i < 400; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x370) continue
    const script = unit < 0x590 ? 1 : unit < 0x780 ? 2 : unit < 0xe00 ? 3 : unit >= 0xe000 ? -1 : 4
    if (script > 0) counts[script] = (counts[script] ?? 0) + 1
  }
  let best = 0
  for (let script = 1; script < 5; script++) {
    if ((counts[script] ?? 0) > Math.max(8, counts[best] ?? 0)) best = script
  }
  return best
}
