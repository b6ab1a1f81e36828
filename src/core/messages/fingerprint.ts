// Decides whether two text messages are the same message, whatever their gateways' ids. No I/O.
import { createHash } from 'node:crypto'

/** Two messages with the same fingerprint within this time are one message. */
export const repeatWindowS = 10

/**
 * A hash of number, sender and text. Changes that gateways make in transit are ignored: white space,
 * compatibility forms of characters (such as full-width digits), and the case of the sender. The case of the
 * text counts, because codes can be case-sensitive.
 */
export function fingerprintOf(message: { phone: string; sender: string; text: string }): bigint {
  const { phone, sender, text } = message
  return createHash('sha256')
    .update([phone, plain(sender).toLowerCase(), plain(text)].join('\u0000'))
    .digest()
    .readBigInt64BE()
}

const plain = (text: string) => text.normalize('NFKC').replace(/\s+/gu, ' ').trim()
