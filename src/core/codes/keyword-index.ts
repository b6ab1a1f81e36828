// Finding the words of every language in a text at once: two tries over folded letters.
import { classOf, keyOf, letterClass } from './letters.ts'
import { kinds, kindsOf, stemBit } from './word-kinds.ts'
import { wordTable } from './word-source.ts'
import { roots, type Word, WordTrie } from './word-table.ts'

export { kinds } from './word-kinds.ts'
export type { Word } from './word-table.ts'

/** A word found in the text: where it stands, its kinds as a bit set, its spoken digits. */
export type Hit = {
  readonly start: number
  readonly end: number
  kind: number
  readonly word: Word
  /** Only the beginning of the word in the text is in the list. */
  readonly isStem: boolean
  /** Letters found, without the ending of a stem. */
  readonly size: number
}

/** More hits than any real message has; a message of nothing but keywords gains nothing by more. */
const maxHits = 200

const maxEndingChars = 24
/** So many letters behind the beginning of a word with a capital make it another word, often a name. */
const minNameEnding = 4

/** Languages with less than this share of the strongest one's words are not the message's. */
const minShare = 0.4
/** Two letters are a word of some language or other: only the message's own is believed. */
const minTinyShare = 0.7
/** A word shorter than this means nothing outside its language: accents are gone, chance is large. */
const minForeignChars = 5

/** What a word of another language may still say: ages and amounts are too often chance. */
const foreignKinds =
  kinds.code | kinds.strong | kinds.use | kinds.auth | kinds.other | kinds.ref | kinds.call

let trie: WordTrie | null = null
/** The votes for the strongest language of each script. */
const most = new Float32Array(512)
let votes = new Float32Array(0)

/** Reads the words of all languages, once: programs that never look for a code do not. */
function buildKeywordIndex(): WordTrie {
  if (trie) return trie
  const table = wordTable()
  trie = new WordTrie(table)
  votes = new Float32Array(table.languages.length)
  return trie
}

/** Every word of every language in the text, in order, those inside a longer one left out. */
export function findHits(text: string): Hit[] {
  const words = buildKeywordIndex()
  const read = { text, letters: lettersOf(text) }
  const hits: Hit[] = []
  let before: number = letterClass.none
  let covered = 0
  let telling = 0
  for (let i = 0; i < text.length && telling < maxHits; i++) {
    const here = classOf[text.charCodeAt(i)] ?? 0
    if (here >= letterClass.spaced) {
      const isStart =
        before !== letterClass.spaced || here !== letterClass.spaced || isAfterAnd(text, i)
      const found = longest(words, read, i, isStart)
      if (found.word && found.end > covered) {
        const hit = hitOf(text, i, found.end, found.word)
        hits.push(hit)
        covered = hit.end
        if (hit.kind !== kinds.small) telling++
      }
    }
    before = here
  }
  return heardIn(text, hits)
}

function hitOf(text: string, start: number, end: number, word: Word): Hit {
  const isStem = !endsWord(text, end)
  const whole = word.endsFree ? wordEnd(text, end) : end
  return { start, end: whole, kind: word.kind, word, isStem, size: end - start }
}

let keys = new Uint16Array(16_384)

/** The text as it is compared. The result holds until the next text. */
function lettersOf(text: string): Uint16Array {
  if (text.length > keys.length) keys = new Uint16Array(text.length)
  for (let i = 0; i < text.length; i++) keys[i] = keyOf[text.charCodeAt(i)] ?? 0
  return keys
}

/** Arabic and Hebrew write "and" onto the word: what follows it begins a word as well. */
function isAfterAnd(text: string, at: number): boolean {
  const and = text.charCodeAt(at - 1)
  if (and !== 0x648 && and !== 0x5d5) return false
  return at < 2 || classOf[text.charCodeAt(at - 2)] !== letterClass.spaced
}

/** A stem stands for its whole word, up to the length that words have. */
function wordEnd(text: string, from: number): number {
  if (classOf[text.charCodeAt(from - 1)] !== letterClass.spaced) return from
  const last = Math.min(text.length, from + maxEndingChars)
  let end = from
  while (end < last && classOf[text.charCodeAt(end)] === letterClass.spaced) end++
  return end
}

/** Keeps of each word what it means in the languages of the message. Another script does not outvote them. */
function heardIn(text: string, hits: Hit[]): Hit[] {
  votes.fill(0)
  most.fill(0)
  let strongest = 0
  for (const hit of hits) {
    const { word, isStem } = hit
    if (isStem && isNameLike(text, hit)) continue
    const weight = weightOf(hit)
    const { languages, meanings } = word
    const script = scriptOf(text.charCodeAt(hit.start))
    for (let i = 0; i < languages.length; i++) {
      const language = languages[i] ?? 0
      if (language === 0 || (isStem && ((meanings[i] ?? 0) & stemBit) === 0)) continue
      const vote = (votes[language] ?? 0) + weight
      votes[language] = vote
      if (vote > (most[script] ?? 0)) most[script] = vote
      if (vote > strongest) strongest = vote
    }
  }
  return hits.filter((hit) => {
    const own = most[scriptOf(text.charCodeAt(hit.start))] ?? 0
    // "Brondal" in a text of another script is a name, and not a stem and its ending.
    if (hit.isStem && own < strongest && isNamed(text, hit)) return false
    hit.kind = heardKind(hit, own)
    return hit.kind !== 0
  })
}

/** How much a word counts for each language that has it. */
function weightOf({ size, word, isStem }: Hit): number {
  const letters = Math.min(size, 12) * (word.isTouching ? 2 : 1)
  return letters * letters * (isStem && letters < 6 ? 0.5 : 1)
}

function heardKind(hit: Hit, most: number): number {
  const { word, isStem } = hit
  const { languages, meanings } = word
  const enough = most * (isTiny(hit) ? minTinyShare : minShare)
  let kind = 0
  for (let i = 0; i < languages.length; i++) {
    const language = languages[i] ?? 0
    const meaning = meanings[i] ?? 0
    if (isStem && (meaning & stemBit) === 0) continue
    const vote = votes[language] ?? 0
    if (language !== 0 && vote < enough) continue
    // "Kase code 669766": in a language that no other word of the message is of, a thing is a name.
    const isAlone = language !== 0 && !word.isTouching && vote <= weightOf(hit)
    kind |= isAlone ? meaning & ~kinds.thing : meaning
  }
  kind = kindsOf(kind)
  const isForeign = kind === 0
  if (isForeign && isLongEnough(hit)) kind = word.kind & foreignKinds
  return (kind & ~kinds.small) | (word.kind & kinds.digits)
}

/** A number for each script. Those written together are one: Han and kana, Latin and its accents. */
function scriptOf(unit: number): number {
  if (unit < 0x250 || (unit >= 0x1e00 && unit < 0x1f00)) return 0
  if (classOf[unit] === letterClass.unspaced) return 1
  // Blocks of 128 units are one script each, but for Arabic and Ethiopic, which have several.
  return unit >= 0x600 && unit < 0x800 ? 2 : unit >> 8 === 0x13 ? 3 : unit >> 7
}

/** "Starbucks" begins as a word of some language does: it tells nothing of the message's. */
function isNameLike(text: string, { start, end, size }: Hit): boolean {
  const unit = text.charCodeAt(start)
  return unit >= 65 && unit <= 90 && end - start - size >= minNameEnding
}

function isNamed(text: string, { start, end, size }: Hit): boolean {
  const unit = text.charCodeAt(start)
  return unit >= 65 && unit <= 90 && end - start - size >= 2
}

function isTiny({ size, word }: Hit): boolean {
  return size <= 2 && !word.isTouching
}

function isLongEnough({ start, end, word, isStem }: Hit): boolean {
  return (end - start >= minForeignChars && !isStem) || (word.kind & kinds.strong) !== 0
}

/** What a walk found. One object for each trie is enough: it is read before the next walk. */
type Found = { end: number; word: Word | null }
const foundFree: Found = { end: 0, word: null }
const foundBound: Found = { end: 0, word: null }

type Read = { readonly text: string; readonly letters: Uint16Array }

function longest(words: WordTrie, read: Read, from: number, isStart: boolean): Found {
  const free = walk(words, read, from, roots.anywhere, foundFree)
  if (!isStart) return free
  const bound = walk(words, read, from, roots.wordStart, foundBound)
  if (!free.word) return bound
  if (!bound.word) return free
  if (free.end === bound.end) return bound.word.kind & kinds.code ? bound : free
  return free.end > bound.end ? free : bound
}

function walk(
  words: WordTrie,
  { text, letters }: Read,
  from: number,
  root: 0 | 1,
  found: Found,
): Found {
  found.word = null
  let node = words.begin(root, letters[from] ?? 0)
  for (let at = from + 1; node !== 0; at++) {
    const word = words.wordAt(node)
    if (word && endsWell(text, at, word)) {
      found.word = word
      found.end = at
    }
    node = at < text.length ? words.next(node, letters[at] ?? 0) : 0
  }
  return found
}

function endsWell(text: string, end: number, word: Word): boolean {
  return endsWord(text, end) || (word.endsFree && !isJoint(text, end))
}

/** "TicketBarn": a capital within a word begins another one, and both make a name. */
function isJoint(text: string, end: number): boolean {
  const before = text.charCodeAt(end - 1)
  const after = text.charCodeAt(end)
  return before >= 97 && before <= 122 && after >= 65 && after <= 90
}

function endsWord(text: string, end: number): boolean {
  if (end >= text.length) return true
  const next = classOf[text.charCodeAt(end)]
  return next !== letterClass.spaced || classOf[text.charCodeAt(end - 1)] === letterClass.unspaced
}
