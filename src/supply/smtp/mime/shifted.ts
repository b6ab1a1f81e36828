// East Asian 7-bit charsets, which shift between ASCII and another set: RFC 1843, RFC 1557, RFC 1922.

type Shifted = 'hz-gb-2312' | 'iso-2022-kr' | 'iso-2022-cn'

const escapeByte = 0x1b
const shiftOut = 0x0e
const shiftIn = 0x0f
const tilde = 0x7e
const newline = 0x0a

/** The same text in the 8-bit form that decoders support. */
export function shiftedBytes(bytes: Buffer, name: Shifted): { bytes: Buffer; charset: string } {
  if (name === 'hz-gb-2312') return { bytes: unshiftHz(bytes), charset: 'gb18030' }
  return { bytes: unshift(bytes), charset: name === 'iso-2022-kr' ? 'euc-kr' : 'gb18030' }
}

/** `~{` begins two-byte letters, `~}` ends them, `~~` is a tilde, and a `~` at the end continues the line. */
function unshiftHz(bytes: Buffer): Buffer {
  const out = Buffer.alloc(bytes.length)
  let size = 0
  let isWide = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    const next = bytes[at + 1]
    if (byte === tilde && (next === 0x7b || next === 0x7d)) {
      isWide = next === 0x7b
      at++
    } else if (byte === tilde && !isWide && (next === tilde || next === newline)) {
      if (next === tilde) out[size++] = tilde
      at++
    } else {
      if (byte === newline) isWide = false
      out[size++] = isWide && byte > 0x20 ? byte | 0x80 : byte
    }
  }
  return out.subarray(0, size)
}

/** Escape sequences name the set, shift out begins it, shift in or the end of the line ends it. */
function unshift(bytes: Buffer): Buffer {
  const out = Buffer.alloc(bytes.length)
  let size = 0
  let isWide = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte === escapeByte && bytes[at + 1] === 0x24) {
      at += 3
    } else if (byte === shiftOut || byte === shiftIn) {
      isWide = byte === shiftOut
    } else {
      if (byte === newline) isWide = false
      out[size++] = isWide && byte > 0x20 ? byte | 0x80 : byte
    }
  }
  return out.subarray(0, size)
}

const escapeMark = '\u001b'
const toAscii = `${escapeMark}(B`
/** Newer and larger sets, whose common letters are in the same places. */
const newerSets = ['@', 'B', 'D', 'O', 'Q'].map((set) => `${escapeMark}$(${set}`)
/** Letters whose escape bytes were removed on the way. */
const bareLetters = /\$[@B]((?:[!-~]{2}){1,150}?)\([BJ]/g
const maxRepaired = 512 * 1024

/** ISO-2022-JP as the decoder expects it. */
export function japaneseBytes(bytes: Buffer): Buffer {
  let text = bytes.toString('latin1')
  if (!text.includes(escapeMark) && bytes.length <= maxRepaired)
    text = text.replace(bareLetters, `${escapeMark}$B$1${toAscii}`)
  if (!text.includes(escapeMark)) return bytes
  for (const set of newerSets) text = text.replaceAll(set, () => `${escapeMark}$B`)
  // The decoder fails on a shift to ASCII that is followed by another one; joined words have some.
  const whole = text.split('\n').map(endedLine).join('\n')
  return Buffer.from(
    whole
      .replaceAll(`${toAscii}${escapeMark}`, escapeMark)
      .replaceAll(`${escapeMark}(J${escapeMark}`, escapeMark),
    'latin1',
  )
}

/** A line ends in ASCII, even if its last shift is missing. */
function endedLine(line: string): string {
  const last = line.lastIndexOf(escapeMark)
  if (last < 0 || line[last + 1] !== '$') return line
  return line.endsWith('\r') ? `${line.slice(0, -1)}${toAscii}\r` : `${line}${toAscii}`
}
