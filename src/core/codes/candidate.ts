// What in a message could be a code: runs of digits, groups, letters with digits, letters alone.
import { cover } from './mask.ts'

export type Shape = 'digits' | 'grouped' | 'spaced' | 'spoken' | 'mixed' | 'letters'

export type Candidate = {
  readonly start: number
  readonly end: number
  /** As a person would type it. */
  readonly code: string
  readonly shape: Shape
}

/** Messages with more numbers than this are lists, and lists hold no code. */
export const maxCandidates = 30

type Run = { readonly start: number; readonly end: number }

const separator = /^(?: ?[-·_|~] ?|[.,/*]| ?[.,/] | {1,3}|\n)$/
const letterGroups = /^[A-Z0-9]{2,5}(?:-[A-Z0-9]{2,5}){1,3}$/i
const spacedUnits = /(?<![A-Za-z0-9])[A-Za-z0-9](?: [A-Za-z0-9]){3,9}(?![A-Za-z0-9])/g

/** "K7M2QX": letters and digits by turns are made by no shop and no airline. */
export function isByTurns(code: string): boolean {
  return /[A-Za-z]\d+[A-Za-z]+\d|\d[A-Za-z]+\d+[A-Za-z]/.test(code)
}

const promotionLike = /^(?=(?:.*[AEIOUY]){2})(?!.*[^AEIOUY\d]{4})[A-Z]{4,}\d{1,4}$/
/** A word that can be said, and a number: how much it takes off, or a year. */
const reductionLike = /^(?=.*[AEIOUY])(?!.*[^AEIOUY\d]{3})[A-Z]{4,}\d{1,4}$/

/** "DELIVER5": a word and a small number are what shops make of a promotion. */
export function isPromotion(code: string): boolean {
  return promotionLike.test(code) || reductionLike.test(code) || /^[A-Z]\d{3}$/.test(code)
}

/** "HBRTQZ": capitals that make no word of any language. */
export function isVowelless(code: string): boolean {
  return /^(?!.*[AEIOUYÄÖÜÅÉАЕЁИОУЫЭЮЯІЇЄΑΕΗΙΟΥΩ])\p{Lu}{6,}$/u.test(code)
}

/** Codes of digits have four to eight of them: within these bounds a length tells no code from another. */
export function hasUsualLength({ code }: Candidate): boolean {
  return code.length >= 4 && code.length <= 8
}

/** Written in letters, perhaps with digits among them. */
export function isWordlike({ shape }: Candidate): boolean {
  return shape === 'mixed' || shape === 'letters'
}

/** Everything with a digit in it that could be a code, in order. */
export function findCandidates(masked: string): Candidate[] {
  const found: Candidate[] = []
  const runs: Run[] = []
  const { isDashed, isSpaced } = addWords(found, masked, runs)
  addDigits(found, masked, runs)
  if (isDashed) addLetterGroups(found, masked)
  if (isSpaced) addSpacedLetters(found, masked)
  if (found.length < 2) return found
  return found
    .filter((one) => !isInner(found, one))
    .sort((a, b) => a.start - b.start || b.end - a.end)
    .slice(0, maxCandidates)
}

/** Finds words with a digit; tells whether two words touch a dash, or single letters stand a blank apart. */
function addWords(found: Candidate[], masked: string, runs: Run[]) {
  let isDashed = false
  let isSpaced = false
  let singles = 0
  for (let at = 0, last = -1; at < masked.length; at++) {
    let seen = 0
    const start = at
    for (let unit = unitClass(masked, at); unit !== 0; unit = unitClass(masked, at)) {
      seen |= unit
      at++
    }
    if (seen === 0) continue
    const gap = start === last + 1 ? masked.charCodeAt(last) : 0
    if (gap === 0x2d) isDashed = true
    singles = at - start > 1 ? 0 : gap === 0x20 ? singles + 1 : 1
    if (singles >= minSpaced) isSpaced = true
    last = at
    if ((seen & digitUnit) === 0 || found.length + runs.length > maxCandidates * 2) continue
    const run = { start, end: at }
    if (seen === digitUnit) runs.push(run)
    else addMixed(found, masked, masked.slice(start, at), run, runs)
  }
  return { isDashed, isSpaced }
}

const letterUnit = 1
const digitUnit = 2
/** So many letters and digits, each a blank apart, may be a code. */
const minSpaced = 4

/** A letter or a digit of ASCII; zero for all else. */
function unitClass(text: string, at: number): number {
  const unit = text.charCodeAt(at)
  if (unit >= 0x30 && unit <= 0x39) return digitUnit
  return (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a ? letterUnit : 0
}

/** "6 0 9 3" in "L V 6 0 9 3". */
function isInner(found: readonly Candidate[], { start, end, shape }: Candidate): boolean {
  if (shape !== 'spaced') return false
  return found.some((other) => other.shape === 'mixed' && other.start <= start && other.end >= end)
}

/** Letters and digits in one word; digits with a word grown onto them count as digits. */
function addMixed(found: Candidate[], masked: string, word: string, run: Run, runs: Run[]): void {
  const glued = /^([A-Za-z]{2,})(\d{4,8})([a-z]{2,6})?$/.exec(word)
  if (glued?.[1] && glued[2] && (isLabelled(glued[1]) || leading.test(glued[1]))) {
    const start = run.start + glued[1].length
    runs.push({ start, end: start + glued[2].length })
    return
  }
  const suffixed = /^(\d{4,8})([a-z]{1,6})$/.exec(word)
  if (
    suffixed?.[1] &&
    suffixed[1].length >= 4 &&
    ((suffixed[2]?.length ?? 0) > 1 || suffixed[1].length === 6)
  ) {
    runs.push({ start: run.start, end: run.start + suffixed[1].length })
    return
  }
  if (word.length < 4 || word.length > 12) return
  if (isJoined(masked, run)) return
  found.push({ ...run, code: word, shape: 'mixed' })
}

/** "is441092": a word for "is" or "with", and the blank behind it is missing. */
const leads =
  'is ist est es er to je jest adalah ialah la ni este estas yra with mit con com avec med met z'
const leading = new RegExp(`^(?:${leads.replaceAll(' ', '|')}|use|enter|type|usa|ingresa|digite)$`)

function isLabelled(letters: string): boolean {
  return /(?:code|kode?|otp|pin|tan|codigo|codice|parol|sifre|token|fb)$/i.test(letters)
}

/** A dash and more letters or digits around: part of something longer, looked at elsewhere. */
function isJoined(masked: string, run: Run): boolean {
  const dashAfter = masked[run.end] === '-' && /[A-Za-z0-9]/.test(masked[run.end + 1] ?? '')
  const dashBefore =
    masked[run.start - 1] === '-' && /[A-Za-z0-9]/.test(masked[run.start - 2] ?? '')
  return dashAfter || dashBefore
}

function addDigits(found: Candidate[], masked: string, runs: Run[]): void {
  let at = 0
  while (at < runs.length) {
    const series = seriesFrom(masked, runs, at)
    if (!addSeries(found, masked, series)) for (const run of series) addRun(found, masked, run)
    at += series.length
  }
}

/** Runs of digits that stand one separator apart, the same one throughout. */
function seriesFrom(masked: string, runs: Run[], at: number): Run[] {
  const first = runs[at] as Run
  const series = [first]
  let kind: string | null = null
  for (let last = first, i = at + 1; i < runs.length; i++) {
    const next = runs[i] as Run
    if (next.start - last.end > 3) break
    const between = masked.slice(last.end, next.start)
    if (!separator.test(between)) break
    // "1. 8841-2207": the first number only counts.
    if (last === first && /^[.)] $/.test(between) && last.end - last.start <= 2) break
    const trimmed = between.trim() || between[0] || ''
    const isSingle = next.end - next.start === 1 && last.end - last.start === 1
    if (kind !== null && trimmed !== kind && !(isSingle && /^ ?- ?$| |\n/.test(between))) break
    kind = trimmed
    series.push(next)
    last = next
  }
  return series
}

/** True when the series was dealt with as a whole: taken as one code or refused as a telephone. */
function addSeries(found: Candidate[], masked: string, series: Run[]): boolean {
  if (series.length < 2) return false
  const sizes = series.map(({ start, end }) => end - start)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const first = series[0] as Run
  const last = series[series.length - 1] as Run
  const between = masked.slice(first.end, (series[1] as Run).start)
  // "SF-4410-92" is one code, looked at with its letters.
  if (masked[first.start - 1] === '-' && /[A-Z]/.test(masked[first.start - 2] ?? '')) return true
  const isLine = /^\n{0,2}$/.test((masked[first.start - 1] ?? '') + (masked[last.end] ?? ''))
  const isClosed = /^(?:$|[.,;)\n!"?]| \()/.test(masked.slice(last.end, last.end + 2))
  const shape =
    seriesShape(sizes, total, between, isClosed) ?? (isLine ? lineShape(total, between) : null)
  if (shape === null) return total >= 9 && series.length >= 3 && Math.max(...sizes) <= 5
  const code = series.map(({ start, end }) => masked.slice(start, end)).join('')
  found.push({ start: first.start, end: last.end, code, shape })
  return true
}

function seriesShape(
  sizes: number[],
  total: number,
  between: string,
  isClosed: boolean,
): 'spaced' | 'grouped' | null {
  if (sizes.every((size) => size === 1)) return total >= 4 && total <= 10 ? 'spaced' : null
  if (total < 4 || total > 9 || between.includes('\n') || between === ', ' || between === '. ') {
    return null
  }
  const isEven = sizes.every((size) => size === sizes[0])
  const isTight = /^[-·_~]$/.test(between)
  if (isEven && (sizes[0] ?? 0) >= 2 && (sizes[0] ?? 0) <= 4) return 'grouped'
  if (sizes.length === 2 && sizes.every((size) => size >= (isTight ? 2 : 3) && size <= 4)) {
    return 'grouped'
  }
  // "318064-77": with a dash between, neither part is a code of its own.
  if (sizes.length === 2 && between === '-' && sizes.every((size) => size >= 2)) return 'grouped'
  // "6041 77", and no word behind that the pair could be a number of.
  if (total === 6 && sizes.length === 2 && between === ' ' && isClosed) {
    return sizes.every((size) => size >= 2) ? 'grouped' : null
  }
  // "554 120 9": groups alike, and what is left over.
  const rest = sizes[sizes.length - 1] ?? 0
  const isFull = sizes.slice(0, -1).every((size) => size === sizes[0]) && (sizes[0] ?? 0) >= 2
  if (sizes.length >= 3 && between === ' ' && isFull && rest < (sizes[0] ?? 0)) return 'grouped'
  return null
}

/** A line of nothing but groups: however uneven, they are one number. */
function lineShape(total: number, between: string): 'grouped' | null {
  return between === ' ' && total >= 4 && total <= 8 ? 'grouped' : null
}

function addRun(found: Candidate[], masked: string, { start, end }: Run): void {
  const size = end - start
  if (size < 3 || size > 10) return
  const before = masked[start - 1] ?? ' '
  const after = masked[end] ?? ' '
  // "604К177": letters of another script among the digits.
  if (/^\p{Lu}\d/u.test(masked.slice(end, end + 2))) return
  if (/\d\p{Lu}$/u.test(masked.slice(Math.max(0, start - 2), start))) return
  // "plv-8841-xq": the middle of something longer.
  if (before === '-' && after === '-' && /[a-z]/.test(masked[start - 2] ?? '')) {
    if (/[a-z]/.test(masked[end + 1] ?? '')) return
  }
  if (before === cover || (after === cover && /[-/]/.test(before))) return
  // "u-551203": some languages grow a small prefix onto a number; a capital makes it an identifier.
  const isTagged = before === '-' && isLabelled(masked.slice(Math.max(0, start - 9), start - 1))
  if (/[-/]/.test(before) && /[A-Z0-9]/.test(masked[start - 2] ?? '') && !isTagged) return
  if (after === '-' && /^\d{0,4}[A-Z]/.test(masked.slice(end + 1, end + 6)) && !isTagged) return
  // "sam_2207" is a name, "code_2207" is not.
  if (before === '_' && /[A-Za-z]$/.test(masked.slice(0, start - 1))) {
    if (!isLabelled(masked.slice(Math.max(0, start - 9), start - 1))) return
  }
  if (/[/]/.test(after) && /[A-Za-z0-9]/.test(masked[end + 1] ?? '')) return
  if (size <= 3 && /[.,]/.test(after) && /\d/.test(masked[end + 1] ?? '')) return
  if (/[.,]/.test(before) && /\d/.test(masked[start - 2] ?? '')) return
  // "LNT 395", alone in its line: too short to be a code without its letters.
  const letters =
    size === 3 ? /(?:^|\n) ?([A-Z]{3} )$/.exec(masked.slice(Math.max(0, start - 6), start)) : null
  if (letters?.[1] && /^ ?(?:\n|$)/.test(masked.slice(end, end + 2))) {
    const code = letters[1].trim() + masked.slice(start, end)
    found.push({ start: start - letters[1].length, end, code, shape: 'mixed' })
    return
  }
  found.push({ start, end, code: masked.slice(start, end), shape: 'digits' })
}

/** "A1B2-C3D4", "RKJ-YP6", "FB-48213". */
function addLetterGroups(found: Candidate[], masked: string): void {
  for (const match of masked.matchAll(
    /(?<![A-Za-z0-9-])[A-Za-z0-9]{1,8}(?:-[A-Za-z0-9]{2,8}){1,3}(?![A-Za-z0-9-])/g,
  )) {
    const word = match[0]
    // "4471-re": the ending that a language grows onto a number.
    if (/^[\d-]+$/.test(word) || /^(?:\d{3,10}-[a-z]{1,5}|[a-z]{1,4}-\d{4,8})$/.test(word)) continue
    const place = { start: match.index, end: match.index + word.length }
    // "R-331904": the initial of who writes, as in "G-331904".
    const prefixed = /^(?:G-(?=\d{4})|[A-Z]-(?=\d{5}))(\d{4,8})$/.exec(word)
    if (prefixed?.[1]) {
      found.push({ ...place, code: prefixed[1], shape: 'digits' })
    } else if (letterGroups.test(word) && (word === word.toUpperCase() || /\d/.test(word))) {
      const shape = /\d/.test(word) ? 'mixed' : 'letters'
      found.push({ ...place, code: word.replaceAll('-', ''), shape })
    }
  }
}

/** "a u 8 k u f": single letters and digits, a space apart. */
function addSpacedLetters(found: Candidate[], masked: string): void {
  for (const match of masked.matchAll(spacedUnits)) {
    const code = match[0].replaceAll(' ', '')
    // A word of one letter before or after spaced digits is no part of them.
    if (/^[a-z]?\d+[a-z]?$/.test(code)) continue
    if (code.length === 4 && !/^[A-Z]{4}$/.test(code)) continue
    const isPlain = /\d/.test(code) || code === code.toUpperCase()
    if (!isPlain) continue
    const shape = /\d/.test(code) ? 'mixed' : 'letters'
    found.push({ start: match.index, end: match.index + match[0].length, code, shape })
  }
}
