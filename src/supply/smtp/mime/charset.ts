// Decodes bytes to text. A label is only a hint: senders name one charset and use another.
import iconv from 'iconv-lite'
import { shiftedBytes } from './shifted.ts'

/** Labels without information. */
const empty = new Set([
  ...['unknown', 'xunknown', 'unknown8bit', '8bit', '7bit', 'binary', 'none', 'null', 'default'],
  ...['defaultcharset', 'ascii', 'usascii', 'us', 'ansi', 'text', 'auto'],
])
/** Names that the decoders do not know, reduced to letters and digits. */
const aliases: readonly (readonly [RegExp, string])[] = [
  [/utf8|^cp65001$/, 'utf-8'],
  [/^(?:x?|unicode11)utf7/, 'utf-7'],
  [/^utf16le|^cp1200$/, 'utf-16le'],
  [/^utf16be|^cp1201$/, 'utf-16be'],
  [/^utf16|^ucs2|^iso10646ucs2|^unicode$/, 'utf-16'],
  [/^(?:utf32|ucs4)/, 'utf-32'],
  [/^x?iso2022kr|^cp50225$/, 'iso-2022-kr'],
  [/^x?iso2022cn|^cp50227$/, 'iso-2022-cn'],
  [/^hz|^cp52936$/, 'hz-gb-2312'],
  [/^(?:x|cs)?iso2022jp|^cp5022\d$|^jis$/, 'iso-2022-jp'],
  [/gb18030|gb2312|gbk|euccn|^eucgb|^chinese$|^(?:cp|ms|windows)936$/, 'gb18030'],
  [/big5|^(?:cp|ms|windows)950$/, 'big5'],
  [/eucjp|^ujis$|^cp51932$/, 'euc-jp'],
  [/sjis|shiftjis|mskanji|^(?:cp|ms|windows)(?:932|31j)$/, 'shift_jis'],
  [/euckr|ksc5601|uhc|^(?:cp|ms|windows)949$|^korean$/, 'euc-kr'],
  [/^koi8(?:ru|u)$/, 'koi8-u'],
  [/^koi8r?$/, 'koi8-r'],
  [/^(?:x?mac|macintosh|macroman|xmacroman|cp10000)$/, 'macintosh'],
  [/^x?maccyrillic$/, 'x-mac-cyrillic'],
]
const windows = /^(?:x?cp|win|windows|ms|x?ansi)(125[0-8]|874)$/
const latin = /^iso8859(\d{1,2})/
const latinNumbers: Readonly<Record<string, string>> = {
  5: '9',
  6: '10',
  7: '13',
  8: '14',
  9: '15',
}

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
    byLabel(bytes, named ?? guess(bytes))
  ).replaceAll('\ufeff', '')
}

/** The name of a decoder for a label, or null if the label is unusable. */
export function toCharset(label: string): string | null {
  const name = label
    .trim()
    .toLowerCase()
    .replace(/^charset=/, '')
    .replace(/\*.*$/, '')
  const letters = name.replace(/[^a-z0-9]/g, '')
  if (letters === '' || empty.has(letters)) return null
  const known = aliases.find(([form]) => form.test(letters))?.[1]
  if (known) return known
  const page = windows.exec(letters)?.[1]
  if (page) return `windows-${page}`
  const part = latin.exec(letters)?.[1]
  if (part) return `iso-8859-${part}`
  const number = /^latin(\d?)$/.exec(letters)?.[1]
  if (number !== undefined) return `iso-8859-${latinNumbers[number] ?? (number || '1')}`
  if (isBuiltIn(name)) return name
  return iconv.encodingExists(name) ? name : null
}

function isBuiltIn(name: string): boolean {
  try {
    return new TextDecoder(name).encoding !== 'x-user-defined'
  } catch {
    // Not supported by the platform.
    return false
  }
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
  if (isPlain(bytes)) {
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

const isShifted = (named: string | null) =>
  named !== null && (named.startsWith('iso-2022') || named === 'hz-gb-2312')

/** ISO 2022 without a label: recognised by its escape sequences. */
function byEscape(bytes: Buffer): string | null {
  if (bytes.includes('\u001b$)C')) return 'iso-2022-kr'
  if (bytes.includes('\u001b$)A')) return 'iso-2022-cn'
  if (bytes.includes('\u001b$B') || bytes.includes('\u001b$@')) return 'iso-2022-jp'
  return null
}

const highByte = /[\u0080-\u00ff]/
const isPlain = (bytes: Buffer) => !highByte.test(bytes.toString('latin1'))

const strict = new TextDecoder('utf-8', { fatal: true })

function isUtf8(bytes: Buffer): boolean {
  try {
    strict.decode(bytes)
    return true
  } catch {
    // Not UTF-8: try the label next.
    return false
  }
}

function byLabel(bytes: Buffer, name: string): string {
  if (name === 'utf-8') return mostlyUtf8(bytes)
  if (name === 'iso-2022-kr' || name === 'iso-2022-cn' || name === 'hz-gb-2312') {
    const { bytes: unshifted, charset } = shiftedBytes(bytes, name)
    return decoderOf(charset).decode(unshifted)
  }
  if (name === 'iso-2022-jp' && !bytes.includes(0x1b) && !isPlain(bytes))
    return decoderOf(guessJapanese(bytes)).decode(bytes)
  if (name === 'iso-2022-jp') return decoderOf(name).decode(withoutIdleShifts(bytes))
  return isBuiltIn(name) ? decoderOf(name).decode(bytes) : iconv.decode(bytes, name)
}

/** The decoder fails on a shift to ASCII that is followed directly by another one; joined words have some. */
const withoutIdleShifts = (bytes: Buffer) =>
  Buffer.from(
    bytes
      .toString('latin1')
      .replaceAll('\u001b(B\u001b', '\u001b')
      .replaceAll('\u001b(J\u001b', '\u001b'),
    'latin1',
  )

/** Truncated or damaged UTF-8 stays UTF-8; with more damage than letters it is something else. */
function mostlyUtf8(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  const { damaged, letters } = countUtf8(text)
  return damaged <= letters ? text : decoderOf(guess(bytes)).decode(bytes)
}

/** How many letters of several bytes a text has, and how many that could not be read. */
function countUtf8(text: string) {
  const damaged = text.split('\ufffd').length - 1
  return { damaged, letters: text.replace(/[\p{ASCII}\ufffd]+/gu, '').length }
}

function guessJapanese(bytes: Buffer): string {
  const isClean = (name: string) => !decoderOf(name).decode(bytes).includes('\ufffd')
  return isClean('euc-jp') ? 'euc-jp' : 'shift_jis'
}

/** Bytes without a label: Cyrillic text has many high bytes, Western text has few. */
function guess(bytes: Buffer): string {
  let letters = 0
  let high = 0
  let [upperHalf, lowerHalf] = [0, 0]
  for (const byte of bytes.subarray(0, 4_000)) {
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

type Decoder = InstanceType<typeof TextDecoder>
const decoders = new Map<string, Decoder>()

function decoderOf(name: string): Decoder {
  let decoder = decoders.get(name)
  if (!decoder) {
    decoder = new TextDecoder(name)
    decoders.set(name, decoder)
  }
  return decoder
}
