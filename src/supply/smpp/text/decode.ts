// Turns the bytes of a message into text.
import type { Alphabet } from './coding.ts'
import { decodeSeptets, unpackSeptets } from './gsm.ts'
import type { Header } from './header.ts'

/** @param content with its header. @returns null if it is no text. Half a character at either end, of one
 * that two parts share, stays as it is. */
export function decodeContent(content: Buffer, alphabet: Alphabet, header: Header): string | null {
  const body = content.subarray(header.bytes)
  switch (alphabet) {
    case 'gsm7':
      return decodeSeptets(body, header.languages)
    case 'gsm7-packed':
      return decodeSeptets(unpackSeptets(body, fillBits(header)), header.languages)
    case 'ascii':
    case 'latin1':
      return body.toString('latin1')
    case 'utf-8':
      return body.toString('utf8')
    case 'utf-16':
      return decodeUtf16(body)
    case 'binary':
      return header.hasPorts ? null : decodeBinary(body)
    case 'japanese':
      return new TextDecoder(body.includes(0x1b) ? 'iso-2022-jp' : 'shift_jis').decode(body)
    default:
      return new TextDecoder(alphabet).decode(body)
  }
}

/** A packed text begins at a whole character after its header. */
const fillBits = ({ bytes }: Header) => (bytes === 0 ? 0 : (7 - ((bytes * 8) % 7)) % 7)

/** Big-endian, unless a mark says otherwise. A single byte at the end is no character. */
function decodeUtf16(body: Buffer): string {
  const even = body.subarray(0, body.length - (body.length % 2))
  const mark = even.length >= 2 ? even.readUInt16BE(0) : 0
  if (mark === 0xfffe) return even.subarray(2).toString('utf16le')
  const rest = mark === 0xfeff ? even.subarray(2) : even
  return Buffer.from(rest).swap16().toString('utf16le')
}

/** Bytes of a program are no text; a text that came as bytes is UTF-8. */
function decodeBinary(body: Buffer): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    return /[^\P{Cc}\t\n\r]/u.test(text) ? null : text
  } catch {
    return null
  }
}
