// Binary messages: their content and their header are written in hexadecimal digits.
import type { InboundMessage } from '../supplier.ts'

/** The content as text; null if it is none. */
export function binaryText(hex: string): string | null {
  const bytes = bytesOf(hex)
  if (bytes === null) return null
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return /[^\P{Cc}\t\n\r]/u.test(text) ? null : text
  } catch {
    return null
  }
}

/** The lengths of a reference in the two elements that say which part this is (3GPP TS 23.040). */
const referenceBytes: Readonly<Record<number, number>> = { 0: 1, 8: 2 }

/** The part that a user data header names, if it is one of several. */
export function partIn(hex: string): InboundMessage['part'] {
  const bytes = bytesOf(hex)
  if (bytes === null) return undefined
  for (let at = 1; at + 2 <= bytes.length; at += 2 + (bytes[at + 1] as number)) {
    const length = referenceBytes[bytes[at] as number]
    const element = bytes.subarray(at + 2, at + 2 + (bytes[at + 1] as number))
    if (length === undefined || element.length !== length + 2) continue
    const [total, number] = [element[length] as number, element[length + 1] as number]
    if (total < 2 || number < 1 || number > total) return undefined
    return { reference: element.subarray(0, length).toString('hex'), total, number }
  }
  return undefined
}

const bytesOf = (hex: string): Buffer | null =>
  /^(?:[0-9a-f]{2})+$/i.test(hex) ? Buffer.from(hex, 'hex') : null
