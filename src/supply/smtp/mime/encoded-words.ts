// Header texts: encoded words (RFC 2047), well-formed or not, and raw bytes in any charset.
import { asSeen } from '../../../core/codes/direction.ts'
import { base64Bytes, isCleanText } from './base64.ts'
import { decodeCharset } from './charset.ts'
import { quotedBytes } from './transfer.ts'

const maxLength = 20_000
/** `=?charset*language?B?`; some senders omit the charset. */
const opening = /=\?([^\s?*]{0,60})(?:\*[^\s?]{0,40})?\? ?([BbQq]) ?\?/y

type Word = { readonly charset: string; readonly bytes: string; readonly end: number }

/**
 * Decodes a field's text.
 * @param charset - the charset of the email's body, for bytes outside encoded words
 */
export function decodeWords(raw: string, charset: string | null = null): string {
  const field = raw.slice(0, maxLength)
  if (!field.includes('=?')) return oneLine(decodeRaw(field, charset))
  let text = ''
  let held: { charset: string; bytes: string } | null = null
  let at = 0
  const release = () => {
    if (held) text += decodeCharset(Buffer.from(held.bytes, 'latin1'), held.charset || null)
    held = null
  }
  while (at < field.length) {
    const start = field.indexOf('=?', at)
    const word = start < 0 ? null : wordAt(field, start)
    const between = field.slice(at, start < 0 ? field.length : word ? start : start + 2)
    // White space between two encoded words is not part of the text; letters may be split between them.
    const isOnlyBlank = held !== null && word !== null && between.trim() === ''
    if (!isOnlyBlank) {
      release()
      text += decodeRaw(between, charset)
    }
    if (start < 0) break
    at = word?.end ?? start + 2
    if (!word) continue
    const last: { charset: string; bytes: string } | null = held
    if (last && last.charset.toLowerCase() !== word.charset.toLowerCase()) release()
    held = { charset: word.charset, bytes: (held ?? { bytes: '' }).bytes + word.bytes }
  }
  release()
  return oneLine(text)
}

function wordAt(field: string, start: number): Word | null {
  opening.lastIndex = start
  const match = opening.exec(field)
  if (!match) return null
  const [, charset = '', encoding = ''] = match
  const from = opening.lastIndex
  const { to, end } = endOf(field, from, encoding.toUpperCase() === 'B')
  const inner = field.slice(from, to)
  const bytes =
    encoding.toUpperCase() === 'B'
      ? base64Of(inner)
      : quotedBytes(inner.replace(/[_ ]/g, '=20').replace(/=$/, '=3D'))
  return { charset, bytes: bytes.toString('latin1'), end }
}

/** Some programs write plain text where they promise base64. */
function base64Of(inner: string): Buffer {
  const bytes = base64Bytes(inner)
  const isPlain = /[a-z]+ [a-z]+/i.test(inner) && !isCleanText(bytes)
  return isPlain ? Buffer.from(inner, 'latin1') : bytes
}

/** Where a word's text ends and where the word ends; its `?=` may be missing. */
function endOf(field: string, from: number, isBase64: boolean) {
  const close = field.indexOf('?=', from)
  const next = field.indexOf('=?', from)
  const isNextInside = next >= 0 && next < close && opensAt(field, next)
  if (close >= 0 && !isNextInside) return { to: close, end: close + 2 }
  const stop = isNextInside ? next : field.length
  const rest = field.slice(from, stop)
  const length = isBase64
    ? (/^[A-Za-z0-9+/=\s]*/.exec(rest)?.[0].trimEnd().length ?? 0)
    : rest.trimEnd().replace(/\?$/, '').length
  return { to: from + length, end: from + (rest[length] === '?' ? length + 1 : length) }
}

function opensAt(field: string, at: number): boolean {
  opening.lastIndex = at
  return opening.test(field)
}

const decodeRaw = (text: string, charset: string | null) =>
  /^[\t\n\r\x20-\x7e]*$/.test(text) ? text : decodeCharset(Buffer.from(text, 'latin1'), charset)

const oneLine = (text: string) => asSeen(text.replace(/\s+/g, ' ').trim())
