// Codes written in words or in numerals of their own: "four eight two one", "四八二一".
import type { Candidate } from './candidate.ts'
import { type Hit, kinds } from './keyword-index.ts'

const minSpoken = 4
const maxSpoken = 10
const hasUnspaced = /[\u3007-\ud7a3]/
const hanDigits = '〇一二三四五六七八九'
const han = '[〇零一二三四五六七八九幺两兩壹贰叁肆伍陆柒捌玖貳參陸]'
const hanRun = new RegExp(`${han}([ ,、·-]{0,2})${han}(?:\\1${han}){2,8}`, 'g')
const hangulRun =
  /(?<![가-힣])[영공일이삼사오육륙칠팔구](?:[ ,·-]{0,2}[영공일이삼사오육륙칠팔구]){3,9}/g
const hangulDigits = '영일이삼사오육칠팔구'
const repeats: Readonly<Record<string, number>> = { double: 2, triple: 3, treble: 3 }

type Run = {
  readonly start: number
  readonly end: number
  readonly digits: Map<string, string>
  /** What stands between the words; a run keeps to one. */
  readonly separator: string | null
}

/** Runs of spoken digits that one language can read from end to end. */
export function findSpoken(text: string, hits: readonly Hit[]): Candidate[] {
  const found: Candidate[] = []
  let run: Run | null = null
  for (const hit of hits) {
    if ((hit.kind & kinds.digits) === 0 || !hit.word.spoken) continue
    const joined: Run | null = run && grow(text, run, hit)
    if (!joined && run) close(found, run)
    run = joined ?? startOf(text, hit)
  }
  if (run) close(found, run)
  if (hasUnspaced.test(text)) {
    addNumerals(found, text, hanRun, hanValue)
    addNumerals(found, text, hangulRun, hangulValue)
  }
  return found
}

function startOf(text: string, hit: Hit): Run {
  const times = repeatBefore(text, hit.start)
  const digits = new Map<string, string>()
  for (const [language, digit] of hit.word.spoken ?? []) digits.set(language, digit.repeat(times))
  return { start: hit.start, end: hit.end, digits, separator: null }
}

function grow(text: string, run: Run, hit: Hit): Run | null {
  const gap = text.slice(run.end, hit.start)
  const times = repeatBefore(text, hit.start)
  const words = times > 1 ? gap.replace(/(?:double|triple|treble) $/i, '') : gap
  const separator = words.trim() || words[0] || ''
  if (words.length > 5 || !/^[\s,.·|/*-]*$/.test(words)) return null
  // "seven seven four, zero one eight": a comma between groups is a pause.
  const isPause = /^[ ,]$/.test(separator) && /^[ ,]$/.test(run.separator ?? ' ')
  if (run.separator !== null && run.separator !== separator && !isPause) return null
  const digits = new Map<string, string>()
  for (const [language, digit] of hit.word.spoken ?? []) {
    const read = run.digits.get(language)
    if (read !== undefined) digits.set(language, read + digit.repeat(times))
  }
  return digits.size > 0 ? { start: run.start, end: hit.end, digits, separator } : null
}

function repeatBefore(text: string, start: number): number {
  // Most words end otherwise.
  if (text.charCodeAt(start - 1) !== 0x20 || (text.charCodeAt(start - 2) | 0x20) !== 0x65) return 1
  const word = /(double|triple|treble) $/i.exec(text.slice(Math.max(0, start - 8), start))
  return repeats[word?.[1]?.toLowerCase() ?? ''] ?? 1
}

function close(found: Candidate[], { start, end, digits }: Run): void {
  const read = new Set(digits.values())
  const [code] = read
  // Two languages that read the same words as different digits leave a guess: none is made.
  if (read.size !== 1 || code === undefined) return
  if (code.length < minSpoken || code.length > maxSpoken) return
  found.push({ start, end, code, shape: 'spoken' })
}

function addNumerals(
  found: Candidate[],
  text: string,
  pattern: RegExp,
  digitOf: (char: string) => string,
): void {
  for (const match of text.matchAll(pattern)) {
    const code = [...match[0]].map(digitOf).join('')
    found.push({ start: match.index, end: match.index + match[0].length, code, shape: 'spoken' })
  }
}

function hanValue(char: string): string {
  if (char === '零') return '0'
  const formal = Math.max('_壹贰叁肆伍陆柒捌玖'.indexOf(char), '__貳參__陸'.indexOf(char))
  if (formal > 0) return String(formal)
  if (char === '幺') return '1'
  if (char === '两' || char === '兩') return '2'
  const value = hanDigits.indexOf(char)
  return value < 0 ? '' : String(value)
}

function hangulValue(char: string): string {
  if (char === '공') return '0'
  if (char === '륙') return '6'
  const value = hangulDigits.indexOf(char)
  return value < 0 ? '' : String(value)
}
