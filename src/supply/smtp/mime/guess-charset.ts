// Guesses the charset of bytes without a label, by the places of their high bytes.
import { decoderOf } from './charset-names.ts'

/** Bytes that are looked at. */
const sampled = 4_000

/** The charset of a text whose label is missing or useless: the most likely one that fits. */
export function guessCharset(bytes: Buffer): string {
  const sample = withoutCutLetter(bytes.subarray(0, sampled), bytes.length > sampled)
  return guessEastAsian(sample) ?? guessAlphabet(sample)
}

function withoutCutLetter(sample: Buffer, isCut: boolean): Buffer {
  let end = sample.length
  while (isCut && end > 0 && (sample[end - 1] ?? 0) >= 0x80) end--
  return end > 0 ? sample.subarray(0, end) : sample
}

/** A text that is said to be Japanese. */
export function guessJapanese(bytes: Buffer): string {
  const isClean = (name: string) => !decoderOf(name).decode(bytes).includes('\ufffd')
  return isClean('euc-jp') ? 'euc-jp' : 'shift_jis'
}

/** Fewer letters prove nothing. */
const minLetters = 3

function guessEastAsian(bytes: Buffer): string | null {
  const runs = bytes.toString('latin1').match(/[\u00a1-\u00fe]+/g) ?? []
  const isPaired = runs.every((run) => run.length % 2 === 0) && !/[\x80-\xa0]/.test(latin(bytes))
  const pairs = runs.join('').match(/../gs) ?? []
  if (isPaired && pairs.length >= minLetters) return guessPairs(pairs)
  const japanese = letterRuns(bytes, 'shift_jis')
  if (/[\u3041-\u30fc]{2}/.test(japanese)) return 'shift_jis'
  const chinese = letterRuns(bytes, 'big5')
  return chinese.length >= minLetters && isCommonBig5(bytes) ? 'big5' : null
}

const latin = (bytes: Buffer) => bytes.toString('latin1')

/** Letters of two high bytes each: the sets differ in the rows that their common letters are in. */
function guessPairs(pairs: readonly string[]): string | null {
  const share = (from: number, to: number, at = 0) =>
    pairs.filter((pair) => pair.charCodeAt(at) >= from && pair.charCodeAt(at) <= to).length /
    pairs.length
  // Alphabets have all their letters in the upper rows.
  if (share(0xa1, 0xbf, 1) < 0.1) return null
  if (share(0xa4, 0xa5) >= 0.25) return 'euc-jp'
  if (share(0xb0, 0xc8) >= 0.95) return 'euc-kr'
  return share(0xb0, 0xf7) + share(0xa1, 0xa3) >= 0.95 && share(0xb0, 0xd7) >= 0.7
    ? 'gb18030'
    : null
}

/** The East Asian letters of a text that stand beside others; empty if the bytes do not fit. */
function letterRuns(bytes: Buffer, name: string): string {
  const text = decoderOf(name).decode(bytes)
  // The last letter may be cut off.
  if (text.slice(0, -1).includes('\ufffd') || /[\u0080-\u00ff\ue000-\uf8ff]/.test(text)) return ''
  const all = text.match(/[\u3041-\u30fc\u4e00-\u9fff\uff66-\uff9f]/g) ?? []
  const runs = text.match(/[\u3041-\u30fc\u4e00-\u9fff]{2,}/g) ?? []
  const letters = runs.join('')
  return letters.length * 5 >= all.length * 4 ? letters : ''
}

/** Common letters of Big5 are in the rows A4 to C6, and punctuation is in A1. */
function isCommonBig5(bytes: Buffer): boolean {
  const pairs = latin(bytes).match(/[\u0081-\u00fe][\u0040-\u007e\u00a1-\u00fe]/g) ?? []
  const common = pairs.filter((pair) => pair >= '\u00a1' && pair < '\u00c7')
  return common.length * 10 >= pairs.length * 8
}

/** Cyrillic text has many high bytes, Western text has few. */
function guessAlphabet(bytes: Buffer): string {
  let letters = 0
  let high = 0
  let [upperHalf, lowerHalf] = [0, 0]
  for (const byte of bytes) {
    if (byte >= 0xe0) upperHalf++
    else if (byte >= 0xc0) lowerHalf++
    if (byte >= 0x80) high++
    else if ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) letters++
  }
  const isDense = high > 4 && high > letters && (upperHalf + lowerHalf) * 20 >= high * 19
  if (!isDense) return 'windows-1252'
  // Most letters are lower-case: they are in the upper half of one charset, and in the lower half of the
  // other.
  return upperHalf > lowerHalf ? 'windows-1251' : 'koi8-r'
}
