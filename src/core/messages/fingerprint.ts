// What makes two text messages the same message, whatever ids their gateways gave them. No I/O in this file.
import { createHash } from 'node:crypto'

/** Two messages with one fingerprint within this time are one message. */
export const repeatWindowS = 10

/**
 * A hash of number, sender and text. Differences that gateways make on the way do not count: white space,
 * compatibility forms of characters (full-width digits, for one), and the case of the sender. The case of the
 * text counts, for codes may differ by it.
 */
export function fingerprintOf(message: { phone: string; sender: string; text: string }): bigint {
  const { phone, sender, text } = message
  return createHash('sha256')
    .update([phone, plain(sender).toLowerCase(), plain(text)].join('\u0000'))
    .digest()
    .readBigInt64BE()
}

const plain = (text: string) => text.normalize('NFKC').replace(/\s+/gu, ' ').trim()
