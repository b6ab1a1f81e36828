// Decodes bytes to text. A label is only a hint: senders name one charset and use another.
import { isAscii, isUtf8 } from 'node:buffer'
import iconv from 'iconv-lite'
import { decoderOf, isBuiltIn, toCharset } from './charset-names.ts'
import { guessCharset, guessJapanese } from './guess-charset.ts'
import { japaneseBytes, shiftedBytes } from './shifted.ts'
import { decodeUtf7 } from './utf7.ts'

/**
 * Decodes bytes. Valid UTF-8 with at least one multi-byte letter is UTF-8, whatever the label says; a
 * byte order mark takes precedence over any label.
 * @param label - null if the sender names none
 */
export function decodeCharset(bytes: Buffer, label: string | null): string {
  const named = label === null ? null : toCharset(label)
  return (
    byMark(bytes) ??
    wide(bytes, named) ??
    byShape(bytes, named) ??
    byLabel(bytes, named ?? guessCharset(bytes))
  ).replaceAll('\ufeff', '')
}

function byMark(bytes: Buffer): string | null {
  const [a, b, c, d] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) return bytes.toString('utf8')
  if (a === 0xff && b === 0xfe)
    return c === 0 && d === 0
      ? iconv.decode(bytes, 'utf-32le')
      : decoderOf('utf-16le').decode(bytes)
  if (a === 0xfe && b === 0xff) return decoderOf('utf-16be').decode(bytes)
  return null
}

/** UTF-16 and UTF-32 without a byte order mark, labelled or not: every other byte of ASCII letters is
 * zero. */
function wide(bytes: Buffer, named: string | null): string | null {
  const isNamed = named !== null && /^utf-(?:16|32)/.test(named)
  if (bytes.length < 4 || (!isNamed && !bytes.subarray(0, 400).includes(0))) return null
  const zeros = [0, 0, 0, 0]
  const seen = Math.min(bytes.length, 4_000)
  for (let i = 0; i < seen; i++) if (bytes[i] === 0) (zeros[i & 3] as number)++
  const [a, b, c, d] = zeros.map((count) => (count * 4) / seen) as [number, number, number, number]
  if (a > 0.8 && b > 0.8 && d < 0.3) return iconv.decode(bytes, 'utf-32be')
  if (c > 0.8 && d > 0.8 && a < 0.3) return iconv.decode(bytes, 'utf-32le')
  const [even, odd] = [a + c, b + d]
  if (even > 0.5 && odd < even / 4) return decoderOf('utf-16be').decode(bytes)
  if (odd > 0.5 && even < odd / 4) return decoderOf('utf-16le').decode(bytes)
  if (!isNamed || named.startsWith('utf-32')) return null
  // Labelled, but no pattern was found: if it is not UTF-8, trust the label.
  if (even + odd === 0 && isUtf8(bytes)) return bytes.toString('utf8')
  return decoderOf(even > odd || named === 'utf-16be' ? 'utf-16be' : 'utf-16le').decode(bytes)
}

/** Charsets that the bytes prove. */
function byShape(bytes: Buffer, named: string | null): string | null {
  if (isAscii(bytes)) {
    if (isHz(bytes, named)) return byLabel(bytes, 'hz-gb-2312')
    if (isShifted(named)) return null
    if (bytes.includes(0x1b)) {
      const escaped = byEscape(bytes)
      if (escaped) return byLabel(bytes, escaped)
    }
    return named === 'utf-7' ? null : bytes.toString('latin1')
  }
  return isUtf8(bytes) || isDamagedUtf8(bytes) ? bytes.toString('utf8') : null
}

/** Letters of several bytes for each damaged one: no other charset has so many that fit by chance. */
const lettersADamage = 4

/** UTF-8 that was cut within a letter, or has a stray byte in it, is still UTF-8. */
function isDamagedUtf8(bytes: Buffer): boolean {
  const { damaged, letters } = countUtf8(bytes.toString('utf8'))
  return damaged * lettersADamage <= letters
}

const hzLetters = /~\{(?:[!-w][!-~])+~\}/

/** HZ is often labelled as the set that it encodes, or not at all. */
const isHz = (bytes: Buffer, named: string | null) =>
  (named === null || named === 'gb18030') &&
  bytes.includes('~{') &&
  hzLetters.test(bytes.toString('latin1'))

const isShifted = (named: string | null) =>
  named !== null && (named.startsWith('iso-2022') || named === 'hz-gb-2312')

/** ISO 2022 without a label: recognised by its escape sequences. */
function byEscape(bytes: Buffer): string | null {
  if (bytes.includes('\u001b$)C')) return 'iso-2022-kr'
  if (bytes.includes('\u001b$)A')) return 'iso-2022-cn'
  if (bytes.includes('\u001b$B') || bytes.includes('\u001b$@')) return 'iso-2022-jp'
  return null
}

function byLabel(bytes: Buffer, name: string): string {
  if (name === 'utf-8') return mostlyUtf8(bytes)
  if (name === 'utf-7') return decodeUtf7(bytes)
  if (name === 'iso-2022-kr' || name === 'iso-2022-cn' || name === 'hz-gb-2312') {
    const { bytes: unshifted, charset } = shiftedBytes(bytes, name)
    return decoderOf(charset).decode(unshifted)
  }
  if (name === 'iso-2022-jp' && !bytes.includes(0x1b) && !isAscii(bytes))
    return decoderOf(guessJapanese(bytes)).decode(bytes)
  if (name === 'iso-2022-jp') return decoderOf(name).decode(japaneseBytes(bytes))
  return isBuiltIn(name) ? decoderOf(name).decode(bytes) : iconv.decode(bytes, name)
}

/** Truncated or damaged UTF-8 stays UTF-8; with more damage than letters it is something else. */
function mostlyUtf8(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  const { damaged, letters } = countUtf8(text)
  return damaged <= letters ? text : decoderOf(guessCharset(bytes)).decode(bytes)
}

/** How many letters of several bytes a text has, and how many that could not be read. */
function countUtf8(text: string) {
  const damaged = text.split('\ufffd').length - 1
  return { damaged, letters: text.replace(/[\p{ASCII}\ufffd]+/gu, '').length }
}
