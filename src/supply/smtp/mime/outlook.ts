// What Outlook sends instead of text and HTML: RTF, and `winmail.dat`.
import { htmlPiece, htmlSource, isBlank, type Piece, piece, plainText } from './piece.ts'
import { readRtf } from './rtf.ts'
import { tnefBody } from './tnef.ts'

/** The text of an RTF document, or the HTML that it was made of; nothing if it has none. */
export const rtfPieces = (bytes: Buffer): Piece[] => ofRtf(bytes.toString('latin1'))

function ofRtf(rtf: string): Piece[] {
  const { source, isHtml } = readRtf(rtf)
  const shown = isHtml ? htmlPiece(source) : piece(source)
  return isBlank(shown.text) ? [] : [shown]
}

/** The body in a `winmail.dat`: its HTML with its plain text, or one of them, or its RTF. */
export function tnefPieces(bytes: Buffer): Piece[] {
  const body = tnefBody(bytes)
  if (!body) return []
  const text = body.text ? plainText(body.text, body.charset) : ''
  const marked = body.html
    ? [htmlPiece(htmlSource(body.html, body.charset))]
    : ofRtf(body.rtf ?? '')
  if (isBlank(text)) return marked.filter((one) => !isBlank(one.text))
  return [{ ...(marked.find(({ html }) => html !== null) ?? piece('')), text }]
}
