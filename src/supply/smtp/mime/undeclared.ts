// Recognises quoted-printable and base64 in a body whose header does not say so, or says something else.
import { base64Bytes, isCleanText } from './base64.ts'
import { quotedBytes } from './transfer.ts'

/** Decodes a body that plainly is quoted-printable or base64. @returns null if it may be anything else */
export function undeclared(body: string): Buffer | null {
  return isPlainlyQuoted(body) ? quotedBytes(body) : undeclaredBase64(body)
}

const base64Lines = /^\s*(?:[a-z0-9+/]{4,}\r?\n)*[a-z0-9+/]{4,}={0,2}\s*$/i
/** Shorter ones may be a key or an id. */
const minBase64 = 24

/** Decodes a body that is nothing but the base64 of words. @returns null if it may be anything else */
export function undeclaredBase64(body: string): Buffer | null {
  if (body.length > maxLength || body.length < minBase64 || !base64Lines.test(body)) return null
  const letters = body.replace(/\s+/g, '')
  if (letters.length < minBase64 || letters.length % 4 !== 0) return null
  const bytes = base64Bytes(letters)
  return isCleanText(bytes) && /\S[ \n]\S/.test(bytes.toString('latin1')) ? bytes : null
}

/** Longer bodies are files. */
const maxLength = 512 * 1024
/** Lines of quoted-printable have 76 characters at most (RFC 2045, 6.7); some programs count wrongly. */
const tooLong = /[^\n]{80}/
/** An equals sign that encodes nothing: quoted-printable has none. */
const stray = /=(?![0-9a-f]{2}|[ \t]*(?:\r?\n|$))/i
/** Encoded digits and letters, which need no encoding: `size=42`. Only an F is encoded, in `From `. */
const needless = /=(?:3[0-9]|[46][1-9a-f]|[57][0-9a])(?<!\n=46)/i

/** Letters of several bytes, encoded attributes, encoded line breaks: no other text has them. */
const certain = new RegExp(
  [
    '=(?:c[2-9a-f]|d[0-9a-f]|e[0-9a-f]=[89ab][0-9a-f]|f[0-4](?:=[89ab][0-9a-f]){2})=[89ab][0-9a-f]',
    '=3d["\']|=0d=0a',
  ].join('|'),
  'i',
)
/** A number that goes on in the next line. */
const splitNumber = /(?:^|[\s>:(])\d{1,8}=[ \t]*\r?\n\d/m
/** A list to be filled in. */
const list = /^\d{1,8}=[ \t]*\r?\n\d{1,8}=[ \t]*\r?$/m
const softBreak = /[^=\s][ \t]?=[ \t]*\r?\n(?=[^\s=])/
/** What encoders write besides soft breaks: equals signs, and blanks before a line break. */
const quoted = /=3D|=20[ \t]*(?:\r?\n|$)/
const highByte = /=[89A-F][0-9A-F]/
/** A line of words that was broken because it was full. The last word is no URL and no base64. */
const fullLine = /^(?=[^\n]{72,75}=[ \t]*\r?$)[^\n]* [^\s:/?&=]{0,16}=[ \t]*\r?$/gm

function isPlainlyQuoted(body: string): boolean {
  if (body.length > maxLength || !body.includes('=')) return false
  if (/[^\t\n\f\r -~]/.test(body)) return false
  if (tooLong.test(body) || stray.test(body) || needless.test(body)) return false
  if (certain.test(body) || (splitNumber.test(body) && !list.test(body))) return true
  if (!softBreak.test(body)) return false
  return quoted.test(body) || (body.match(fullLine) ?? []).length >= (highByte.test(body) ? 1 : 2)
}
