// Finding the words of every language in a text at once: two tries over folded letters.
import { foldText } from './fold.ts'
import { languages } from './languages/all.ts'
import type { Language } from './languages/language.ts'

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
} as const

/** A word found in the text: where it stands, its kinds as a bit set, its spoken digits. */
export type Hit = {
  readonly start: number
  readonly end: number
  kind: number
  readonly spoken: Spoken | null
}

/** Language to digit, for a word that is a digit in one language or several. */
export type Spoken = ReadonlyMap<string, string>

export const letterClass = { none: 0, digit: 1, spaced: 2, unspaced: 3 } as const

/** More hits than any real message has; a message of nothing but keywords gains nothing by more. */
const maxHits = 300

type Word = { kind: number; spoken: Map<string, string> | null; endsFree: boolean; whole: boolean }

/** Class of every UTF-16 unit: does a word go on here, and do words of its script touch? */
export const classOf = buildClasses()
const keyOf = buildKeys()
const letterIds = new Map<number, number>()
const idOf = new Uint16Array(65536)
const idBits = 4096
const atWordStart = new Map<number, number>()
const anywhere = new Map<number, number>()
const words: (Word | undefined)[] = []
let nodes = 1
for (const language of languages) addLanguage(language)
for (let unit = 0; unit < 65536; unit++) idOf[unit] = letterIds.get(keyOf[unit] ?? 0) ?? 0
const startTable = denseFirst(atWordStart)
const anywhereTable = denseFirst(anywhere)

/** Every word of every language in the text, in order, those inside a longer one left out. */
export function findHits(text: string): Hit[] {
  const hits: Hit[] = []
  let before: number = letterClass.none
  let covered = 0
  for (let i = 0; i < text.length && hits.length < maxHits; i++) {
    const unit = text.charCodeAt(i)
    const here = classOf[unit] ?? 0
    if (here >= letterClass.spaced) {
      const isStart = before !== letterClass.spaced || here !== letterClass.spaced
      const hit = longest(text, i, isStart)
      if (hit && hit.end > covered) {
        covered = hit.end
        hits.push(hit)
      }
    }
    before = here
  }
  return hits
}

/** The lower-case letter without its accents that a unit is compared as. */
export function keyUnit(unit: number): number {
  return keyOf[unit] ?? unit
}

function longest(text: string, from: number, isStart: boolean): Hit | null {
  const free = walk(text, from, anywhere, anywhereTable)
  const bound = isStart ? walk(text, from, atWordStart, startTable) : null
  if (!free) return bound
  if (!bound) return free
  if (free.end === bound.end) return { ...bound, kind: bound.kind | free.kind }
  return free.end > bound.end ? free : bound
}

function walk(
  text: string,
  from: number,
  edges: Map<number, number>,
  first: Int32Array,
): Hit | null {
  let node = first[idOf[text.charCodeAt(from)] ?? 0] ?? 0
  let best: Hit | null = null
  let at = from
  while (node !== 0) {
    at++
    const word = words[node]
    if (word && endsWell(text, at, word)) {
      best = { start: from, end: at, kind: word.kind, spoken: word.spoken }
    }
    const id = at < text.length ? (idOf[text.charCodeAt(at)] ?? 0) : 0
    if (id === 0) break
    node = edges.get(node * idBits + id) ?? 0
  }
  return best
}

function endsWell(text: string, end: number, word: Word): boolean {
  if (word.endsFree || end >= text.length) return true
  const next = classOf[text.charCodeAt(end)]
  return next !== letterClass.spaced || classOf[text.charCodeAt(end - 1)] === letterClass.unspaced
}

function addLanguage(language: Language): void {
  for (const [name, kind] of Object.entries(kinds)) {
    const list = language[name as keyof typeof kinds]
    if (!list) continue
    if (name === 'digits') addDigits(language.id, list)
    else for (const word of list.split(',')) addWord(word.trim(), kind | impliedBy(name))
  }
}

function impliedBy(name: string): number {
  return name === 'strong' ? kinds.code : 0
}

function addDigits(id: string, list: string): void {
  list.split(',').forEach((names, value) => {
    for (const name of names.split('/')) {
      const word = addWord(name.trim(), kinds.digits)
      if (!word) continue
      word.spoken ??= new Map()
      word.spoken.set(id, String(value))
    }
  })
}

function addWord(written: string, kind: number): Word | null {
  const beginsFree = written.startsWith('*')
  const endsFree = written.endsWith('*')
  const text = foldText(written.replace(/^\*|\*$/g, ''))
  if (text === '') return null
  const touches = classOf[text.charCodeAt(0)] === letterClass.unspaced
  const edges = beginsFree || touches ? anywhere : atWordStart
  let node = 0
  for (let i = 0; i < text.length; i++) node = step(edges, node, letterId(text.charCodeAt(i)))
  const word = words[node] ?? { kind: 0, spoken: null, endsFree: false, whole: true }
  word.kind |= kind
  word.endsFree ||= endsFree
  words[node] = word
  return word
}

function step(edges: Map<number, number>, node: number, id: number): number {
  const key = node * idBits + id
  const known = edges.get(key)
  if (known !== undefined) return known
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

function denseFirst(edges: Map<number, number>): Int32Array {
  const table = new Int32Array(letterIds.size + 1)
  for (let id = 1; id <= letterIds.size; id++) table[id] = edges.get(id) ?? 0
  return table
}

function buildClasses(): Uint8Array {
  const table = new Uint8Array(65536)
  const letter = /[\p{L}\p{M}]/u
  const touching =
    /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}\p{sc=Tibt}]/u
  for (let unit = 48; unit < 65536; unit++) {
    if (unit <= 57) table[unit] = letterClass.digit
    else if (unit >= 0xd800 && unit <= 0xdfff) table[unit] = letterClass.spaced
    else {
      const char = String.fromCharCode(unit)
      if (letter.test(char)) {
        table[unit] = touching.test(char) ? letterClass.unspaced : letterClass.spaced
      }
    }
  }
  return table
}

function buildKeys(): Uint16Array {
  const table = new Uint16Array(65536)
  for (let unit = 0; unit < 65536; unit++) table[unit] = unit
  // Only scripts with case or with accents that writers of short messages leave out.
  const hasForms = /[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Armenian}\p{sc=Georgian}]/u
  for (let unit = 65; unit < 0x2e00; unit++) {
    const char = String.fromCharCode(unit)
    if (hasForms.test(char)) {
      table[unit] = char.toLowerCase().normalize('NFD').toLowerCase().charCodeAt(0)
    }
  }
  const alike: readonly (readonly [string, string])[] = [
    [' ', '\n-_'],
    ['i', 'ıİ'],
    ['l', 'łŁ'],
    ['d', 'đĐðÐɗƊ'],
    ['k', 'ƙƘ'],
    ['b', 'ɓƁ'],
    ['o', 'øØœŒ'],
    ['a', 'æÆ'],
    ['s', 'ßẞ'],
    ['h', 'ħĦ'],
    ['t', 'ŧŦ'],
    ['σ', 'ς'],
    ['ی', 'يىئې'],
    ['ک', 'كڪ'],
    ['ا', 'أإآٱ'],
    ['ه', 'ةھہە'],
    ['و', 'ؤ'],
  ]
  for (const [key, others] of alike) {
    for (const other of others) table[other.charCodeAt(0)] = key.charCodeAt(0)
  }
  return table
}
