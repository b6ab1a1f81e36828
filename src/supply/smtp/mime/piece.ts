// What is shown of one part of an email.
import { asSeen } from '../../../core/codes/direction.ts'
import { allText, htmlToText } from '../../../core/codes/html.ts'
import { decodeCharset } from './charset.ts'

/** Content to show: plain text, or markup with its visible text. */
export type Piece = {
  readonly text: string
  readonly html: string | null
  /** The visible text of the markup. */
  readonly htmlText: string | null
  /** True for content that is shown only if there is nothing else: attached texts, invitations, notices. */
  readonly isSpare: boolean
}

/** The maximum bytes of plain text that are read, and the maximum characters that are kept. */
const maxBytesRead = 512 * 1024
export const maxTextRead = 100_000

const visible = /(?!\u034f)[^\s\p{C}\u115f\u1160\u2800\u3164\ufffc]/u

/** Only white space, zero-width characters, places of pictures and the like. */
export const isBlank = (text: string): boolean => !visible.test(text)

export const piece = (text: string, isSpare = false): Piece => ({
  text,
  html: null,
  htmlText: null,
  isSpare,
})

/** Markup, with the text that is seen of it. */
export function htmlPiece(source: string): Piece {
  const html = withoutCdata(source)
  const text = htmlToText(html).slice(0, maxTextRead)
  return { text, html, htmlText: text, isSpare: false }
}

/**
 * Markup with the inside of its CDATA sections in place of these.
 *
 * @NOTE browsers show it in XHTML only. In HTML a section is a comment that ends at the next bracket, so that
 * a text in one would be cut off or lost.
 */
function withoutCdata(source: string): string {
  const [before = '', ...sections] = source.split(/<!\[CDATA\[/i)
  return before + sections.map((section) => section.replace(']]>', '')).join('')
}

const charsetIn = [
  /^\s*<\?xml[^>]{0,200}encoding\s*=\s*["']([\w:.-]{1,40})/i,
  /<meta[^>]{0,300}charset\s*=\s*["']?\s*([\w:.-]{1,40})/i,
]

/** The charset in the markup counts if the header names none. */
export function htmlSource(bytes: Buffer, charset: string | null): string {
  const head = bytes.subarray(0, 4_096).toString('latin1')
  const meta = charsetIn.map((form) => form.exec(head)?.[1]).find(Boolean) ?? null
  const isVague = charset === null || /^(?:us-)?ascii$|unknown/i.test(charset)
  // A declaration of UTF-16 that could be read as ASCII is wrong.
  const label = isVague ? (meta && !/utf-?16/i.test(meta) ? meta : charset) : charset
  return decodeCharset(bytes, label)
}

export const plainText = (bytes: Buffer, charset: string | null): string =>
  asSeen(decodeCharset(bytes.subarray(0, maxBytesRead), charset).replace(/\r\n?/g, '\n'))

/** Plain text as markup. */
export const asMarkup = ({ html, text }: Pick<Piece, 'html' | 'text'>): string =>
  html ?? `<div>${escaped(text).replaceAll('\n', '<br>')}</div>`

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

export const trimmed = (piece: Piece): Piece => ({ ...piece, text: piece.text.trim() })

/** What is shown of an email whose parts show nothing: hidden text, or else the text outside its parts. */
export function lastResort(pieces: readonly Piece[], outside: string): Piece[] {
  const hidden = pieces.map((piece) => trimmed({ ...piece, text: allText(piece.html ?? '') }))
  const found = hidden.filter((piece) => !isBlank(piece.text))
  if (found.length > 0) return found.map((piece) => ({ ...piece, htmlText: piece.text }))
  return outsidePieces(outside)
}

export const outsidePieces = (outside: string): Piece[] =>
  isBlank(outside) ? [] : [piece(outside.trim(), true)]
