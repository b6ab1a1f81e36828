// Text in a 7-bit alphabet: one character in each byte, or packed without gaps.
import { escapeCode, type Languages, tablesOf } from './gsm-tables.ts'

/**
 * Decodes text with one character of seven bits in each byte.
 * @NOTE a byte above 0x7F is no character of the alphabet. SMSCs that send one mean Latin-1.
 */
export function decodeSeptets(septets: Uint8Array, languages: Languages): string {
  const { main, extended } = tablesOf(languages)
  let text = ''
  for (let at = 0; at < septets.length; at++) {
    const code = septets[at] as number
    if (code > 0x7f) text += String.fromCharCode(code)
    else if (code !== escapeCode) text += main[code]
    else {
      const next = septets[at + 1]
      // Nothing follows, or another table that no standard has: a blank, as section 6.2.1 says.
      if (next === undefined || next === escapeCode) text += ' '
      // A character that the extension lacks is that of the main table.
      else text += extended[next] ?? main[next] ?? String.fromCharCode(next)
      at++
    }
  }
  return text
}

/**
 * Takes the characters out of bytes in which they are packed, the lowest bits first (section 6.1.2.1).
 * @param skippedBits bits at the start that only fill up a header to whole characters
 */
export function unpackSeptets(bytes: Uint8Array, skippedBits = 0): Uint8Array {
  const count = Math.floor((bytes.length * 8 - skippedBits) / 7)
  const septets = new Uint8Array(Math.max(count, 0))
  for (let i = 0; i < septets.length; i++) {
    const bit = skippedBits + i * 7
    const at = bit >> 3
    const pair = (bytes[at] as number) | ((bytes[at + 1] ?? 0) << 8)
    septets[i] = (pair >> (bit & 7)) & 0x7f
  }
  return isPadded(bytes, skippedBits, septets) ? septets.subarray(0, -1) : septets
}

/** Seven spare bits look like a character: it is 0, or a carriage return (section 6.1.2.3.1). */
function isPadded(bytes: Uint8Array, skippedBits: number, septets: Uint8Array): boolean {
  const isFull = (bytes.length * 8 - skippedBits) % 7 === 0
  return isFull && (septets.at(-1) === 0 || septets.at(-1) === 0x0d)
}
