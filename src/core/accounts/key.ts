// The format of an API key: `nl`, 24 random letters and digits, and a checksum of 6. 32 characters in all.
import { hash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const form = /^nl[0-9A-Za-z]{30}$/
const randomLength = 24
const checksumLength = 6

/** A new key with 142 bits of entropy. The caller shows it once and stores only its hash. */
export function newKey(): string {
  const body = `nl${randomText(randomLength)}`
  return body + checksumOf(body)
}

/** Whether a text has the form of a key. Catches typing errors before any lookup. */
export function isKey(text: string): boolean {
  return (
    form.test(text) && checksumOf(text.slice(0, -checksumLength)) === text.slice(-checksumLength)
  )
}

/** The stored form of a key: SHA-256, 32 bytes. Keys are long and random, so no salt is needed. */
export const hashOf = (secret: string): Buffer => hash('sha256', secret, 'buffer')

/** The start of a key, by which its owner recognises it in a list. */
export const hintOf = (key: string): string => key.slice(0, 6)

/** Random letters and digits with a uniform distribution. */
export function randomText(length: number): string {
  let text = ''
  while (text.length < length)
    for (const byte of randomBytes(length * 2)) {
      // @NOTE 248 = 4 * 62: bytes above it would favour the first letters
      if (byte < 248 && text.length < length) text += alphabet[byte % 62]
    }
  return text
}

function checksumOf(body: string): string {
  let rest = crc32(body)
  let text = ''
  for (let i = 0; i < checksumLength; i++) {
    text = alphabet[rest % 62] + text
    rest = Math.floor(rest / 62)
  }
  return text
}
