// Finding the words of every language in a text at once: two tries over folded letters.
import { EdgeTable } from './edge-table.ts'
import { foldText } from './fold.ts'
import { languages } from './languages/all.ts'
import type { Language } from './languages/language.ts'
import { classOf, keyUnit, letterClass } from './letters.ts'

export const kinds = {
  code: 1,
  strong: 2,
  use: 4,
  auth: 8,
  other: 16,
  ref: 32,
  call: 64,
  old: 128,
  fresh: 256,
  time: 512,
  unit: 1024,
  money: 2048,
  warn: 4096,
  digits: 8192,
  by: 16384,
  gone: 32768,
  not: 65536,
  notAfter: 131072,
  ends: 262144,
  settled: 524288,
  small: 1048576,
  now: 2097152,
  done: 4194304,
} as const

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

export type Word = {
  kind: number
  spoken: Map<string, string> | null
  endsFree: boolean
  readonly isTouching: boolean
  /** The kinds it has in each language that knows it. */
  readonly meanings: Meaning[]
}

type Meaning = { readonly language: number; kind: number; endsFree: boolean }

const maxEndingChars = 24

/** Languages with less than this share of the strongest one's words are not the message's. */
const minShare = 0.4
/** Two letters are a word of some language or other: only the message's own is believed. */
const minTinyShare = 0.7
/** A word shorter than this means nothing outside its language: accents are gone, chance is large. */
const minForeignChars = 5

const letterIds = new Map<number, number>()
const idOf = new Uint16Array(65536)
const idBits = 4096
/** What a word of another language may still say: ages and amounts are too often chance. */
const foreignKinds =
  kinds.code | kinds.strong | kinds.use | kinds.auth | kinds.other | kinds.ref | kinds.call
const votes = new Float32Array(languages.length)
const words: (Word | undefined)[] = []
let nodes = 1
let atWordStart: EdgeTable
let anywhere: EdgeTable
let startTable: Int32Array | null = null
let anywhereTable: Int32Array

/** Builds the tries, once: some 0.3 s of CPU time, which programs that never look for a code do not spend. */
export function buildKeywordIndex(): void {
  if (startTable) return
  atWordStart = new EdgeTable()
  anywhere = new EdgeTable()
  languages.forEach(addLanguage)
  for (let unit = 0; unit < 65536; unit++) idOf[unit] = letterIds.get(keyUnit(unit)) ?? 0
  anywhereTable = denseFirst(anywhere)
  startTable = denseFirst(atWordStart)
}

/** Every word of every language in the text, in order, those inside a longer one left out. */
export function findHits(text: string): Hit[] {
  buildKeywordIndex()
  const hits: Hit[] = []
  let before: number = letterClass.none
  let covered = 0
  let telling = 0
  for (let i = 0; i < text.length && telling < maxHits; i++) {
    const unit = text.charCodeAt(i)
    const here = classOf[unit] ?? 0
    if (here >= letterClass.spaced) {
      const isStart =
        before !== letterClass.spaced || here !== letterClass.spaced || isAfterAnd(text, i)
      const hit = longest(text, i, isStart)
      if (hit && hit.end > covered) {
        const end = hit.word.endsFree ? wordEnd(text, hit.end) : hit.end
        covered = end
        hits.push({ ...hit, end })
        if (hit.kind !== kinds.small) telling++
      }
    }
    before = here
  }
  return heardIn(hits)
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

/** Keeps of each word what it means in the languages that the whole message speaks. */
function heardIn(hits: Hit[]): Hit[] {
  votes.fill(0)
  let most = 0
  for (const { size, word, isStem } of hits) {
    const letters = Math.min(size, 12) * (word.isTouching ? 2 : 1)
    const weight = letters * letters * (isStem && letters < 6 ? 0.5 : 1)
    for (const { language, endsFree } of word.meanings) {
      if (language === 0 || (isStem && !endsFree)) continue
      const vote = (votes[language] ?? 0) + weight
      votes[language] = vote
      if (vote > most) most = vote
    }
  }
  return hits.filter((hit) => {
    const enough = most * (isTiny(hit) ? minTinyShare : minShare)
    let kind = 0
    for (const meaning of hit.word.meanings) {
      if (hit.isStem && !meaning.endsFree) continue
      if (meaning.language === 0 || (votes[meaning.language] ?? 0) >= enough) kind |= meaning.kind
    }
    const isForeign = kind === 0
    if (isForeign && isLongEnough(hit)) kind = hit.word.kind & foreignKinds
    hit.kind = (kind & ~kinds.small) | (hit.word.kind & kinds.digits)
    return hit.kind !== 0
  })
}

function isTiny({ size, word }: Hit): boolean {
  return size <= 2 && !word.isTouching
}

function isLongEnough({ start, end, word, isStem }: Hit): boolean {
  return (end - start >= minForeignChars && !isStem) || (word.kind & kinds.strong) !== 0
}

function longest(text: string, from: number, isStart: boolean): Hit | null {
  const free = walk(text, from, anywhere, anywhereTable)
  const bound = isStart ? walk(text, from, atWordStart, startTable as Int32Array) : null
  if (!free) return bound
  if (!bound) return free
  if (free.end === bound.end) return bound.word.kind & kinds.code ? bound : free
  return free.end > bound.end ? free : bound
}

function walk(text: string, from: number, edges: EdgeTable, first: Int32Array): Hit | null {
  let node = first[idOf[text.charCodeAt(from)] ?? 0] ?? 0
  let best: Hit | null = null
  let at = from
  while (node !== 0) {
    at++
    const word = words[node]
    if (word && endsWell(text, at, word)) {
      best = {
        start: from,
        end: at,
        kind: word.kind,
        word,
        isStem: !endsWord(text, at),
        size: at - from,
      }
    }
    const id = at < text.length ? (idOf[text.charCodeAt(at)] ?? 0) : 0
    if (id === 0) break
    node = edges.get(node * idBits + id)
  }
  return best
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

function addLanguage(language: Language, index: number): void {
  for (const [name, kind] of Object.entries(kinds)) {
    const list = language[name as keyof typeof kinds]
    if (!list) continue
    if (name === 'digits') addDigits(language.id, index, list)
    else for (const word of list.split(',')) addWord(word.trim(), kind | impliedBy(name), index)
  }
}

function impliedBy(name: string): number {
  return name === 'strong' ? kinds.code : 0
}

function addDigits(id: string, index: number, list: string): void {
  list.split(',').forEach((names, value) => {
    for (const name of names.split('/')) {
      const word = addWord(name.trim(), kinds.digits, index)
      if (!word) continue
      word.spoken ??= new Map()
      word.spoken.set(id, String(value))
    }
  })
}

function addWord(written: string, kind: number, language: number): Word | null {
  const beginsFree = written.startsWith('*')
  const text = foldText(written.replace(/^\*|\*$/g, ''))
  if (text === '') return null
  const endsFree = written.endsWith('*') || isInflected(text)
  const touches = classOf[text.charCodeAt(0)] === letterClass.unspaced
  const edges = beginsFree || touches ? anywhere : atWordStart
  let node = 0
  for (let i = 0; i < text.length; i++) node = step(edges, node, letterId(text.charCodeAt(i)))
  const word = words[node] ?? {
    kind: 0,
    spoken: null,
    endsFree: false,
    isTouching: touches,
    meanings: [],
  }
  word.kind |= kind
  const meaning = word.meanings.find((known) => known.language === language)
  if (meaning) {
    meaning.kind |= kind
    meaning.endsFree ||= endsFree
  } else word.meanings.push({ language, kind, endsFree })
  word.endsFree ||= endsFree
  words[node] = word
  return word
}

/** Indic words take their cases as endings, and a list of them all would be long. */
function isInflected(text: string): boolean {
  const unit = text.charCodeAt(0)
  return unit >= 0x0900 && unit < 0x0e00 && text.length >= 4
}

function step(edges: EdgeTable, node: number, id: number): number {
  const key = node * idBits + id
  const known = edges.get(key)
  if (known !== 0) return known
  edges.set(key, nodes)
  return nodes++
}

function letterId(unit: number): number {
  const key = keyUnit(unit)
  let id = letterIds.get(key)
  if (id === undefined) {
    id = letterIds.size + 1
    letterIds.set(key, id)
  }
  return id
}

function denseFirst(edges: EdgeTable): Int32Array {
  const table = new Int32Array(letterIds.size + 1)
  for (let id = 1; id <= letterIds.size; id++) table[id] = edges.get(id)
  return table
}
