// Transfer encodings (RFC 2045, section 6, and uuencode), decoded leniently.
import { base64Body, base64Bytes, isBase64 } from './base64.ts'

const blank = 0x20
const tab = 0x09
const lineFeed = 0x0a
const carriageReturn = 0x0d
const equals = 0x3d

/** Decodes a body by its Content-Transfer-Encoding. A body with an unknown one is not decoded. */
export function decodeTransfer(body: string, encoding: string): Buffer {
  const name = encoding.toLowerCase().replace(/[^a-z0-9]/g, '')
  if (name.includes('base64')) {
    const encoded = quotedInBase64.test(body) ? quotedBytes(body).toString('latin1') : body
    if (isBase64(encoded)) return base64Body(encoded)
  }
  if (name.includes('quoted') || name === 'qp') return quotedBytes(body)
  if (name.startsWith('uu') || name.startsWith('xuu')) {
    const block = findUuencoded(body)
    if (block) return block.bytes
  }
  return Buffer.from(body, 'latin1')
}

/** Base64 that was encoded once more, as quoted-printable. */
const quotedInBase64 = /[a-z0-9+/]=(?:20|3D|3D=3D|0D=0A)[ \t]*\r?(?:\n|$)/i

export const isRealEncoding = (encoding: string): boolean =>
  /quoted|base-?64|uue?ncode|uue/i.test(encoding)

/** Quoted-printable: white space at line ends is padding, also after a soft break (RFC 2045, 6.7). */
export function quotedBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(text.length)
  let size = 0
  let kept = 0
  for (let at = 0; at < text.length; ) {
    const unit = text.charCodeAt(at)
    if (unit === lineFeed || (unit === carriageReturn && text.charCodeAt(at + 1) === lineFeed)) {
      size = kept
      if (unit === carriageReturn) bytes[size++] = text.charCodeAt(at++)
      bytes[size++] = lineFeed
      at++
    } else if (unit === equals) {
      const value = hexAt(text, at + 1)
      const next = value < 0 ? softBreak(text, at + 1) : at + 3
      if (value >= 0) bytes[size++] = value
      else if (next < 0) bytes[size++] = equals
      at = next < 0 ? at + 1 : next
    } else {
      bytes[size++] = unit
      at++
      if (unit === blank || unit === tab) continue
    }
    kept = size
  }
  return bytes.subarray(0, kept)
}

function hexAt(text: string, at: number): number {
  const high = hexValue(text.charCodeAt(at))
  const low = hexValue(text.charCodeAt(at + 1))
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

function hexValue(unit: number): number {
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30
  const letter = unit | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

/** Where the line after a soft break begins, or -1 if it is not a soft break. */
function softBreak(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) === blank || text.charCodeAt(at) === tab) at++
  if (at >= text.length) return at
  // Some relays write two carriage returns.
  let end = at
  while (text.charCodeAt(end) === carriageReturn) end++
  if (text.charCodeAt(end) === lineFeed) return end + 1
  return end > at ? at + 1 : -1
}

export type Uuencoded = {
  readonly name: string
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}

const uuBegin = /^begin(-base64)? [0-7]{3,4} ([^\r\n]{0,200})\r?\n/gm
/** Texts have lines that begin like a file, too: what follows must be encoded, or the end. */
const uuLine = /(?:[!-M][ -`]{2,85}|[ `]?)(?:\r?\n|$)/y
const uuEnd = /^(?:end|====)[ \t\r]*(?:\n|$)/m

/** The first uuencoded file in a text, from its `begin` to its `end`. */
export function findUuencoded(text: string): Uuencoded | null {
  const begin = firstBegin(text)
  if (!begin) return null
  const from = endOf(begin)
  const close = uuEnd.exec(text.slice(from))
  const to = close ? from + close.index : text.length
  const end = close ? to + close[0].length : text.length
  const inner = text.slice(from, to)
  const bytes = begin[1] ? base64Bytes(inner) : uuBytes(inner)
  return { name: begin[2]?.trim() ?? '', bytes, start: begin.index, end }
}

function firstBegin(text: string): RegExpExecArray | undefined {
  for (const one of text.matchAll(uuBegin)) if (one[1] || isUuLine(text, endOf(one))) return one
  return undefined
}

const endOf = ({ index, 0: whole }: RegExpExecArray) => index + whole.length

function isUuLine(text: string, at: number): boolean {
  uuLine.lastIndex = at
  return uuLine.test(text)
}

function uuBytes(text: string): Buffer {
  const bytes = Buffer.alloc(text.length)
  let size = 0
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline
    const length = (text.charCodeAt(at) - 0x20) & 0x3f
    const start = size
    for (let i = at + 1; size - start < length && i < end; i += 4) {
      const [a, b, c, d] = [0, 1, 2, 3].map((k) =>
        i + k < end ? (text.charCodeAt(i + k) - 0x20) & 0x3f : 0,
      ) as [number, number, number, number]
      bytes[size++] = (a << 2) | (b >> 4)
      bytes[size++] = ((b << 4) | (c >> 2)) & 0xff
      bytes[size++] = ((c << 6) | d) & 0xff
    }
    size = Math.min(size, start + length)
    at = end + 1
  }
  return bytes.subarray(0, size)
}
