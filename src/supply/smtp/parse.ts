// Parses an email's bytes into what is stored. Runs in a child process (reader-child.ts), after its lines and
// boundaries were counted (limits.ts): it is untrusted input.

import { maxHtmlLength } from '../../core/messages/store.ts'
import { BadMail } from './bad-mail.ts'
import { harmlessHtml } from './harmless-html.ts'
import { shownSender } from './mime/address.ts'
import { contentTypesOf } from './mime/content-type.ts'
import { decodeWords } from './mime/encoded-words.ts'
import { type Entity, fieldValue, splitEntity } from './mime/header.ts'
import { asMarkup, isBlank, lastResort, outsidePieces, type Piece, trimmed } from './mime/piece.ts'
import { type Reading, readParts } from './mime/reader.ts'
import { repeatKey } from './mime/repeat.ts'

export { BadMail } from './bad-mail.ts'

export type ParsedMail = {
  /** The same for every repeat of an email, and for no other email. */
  readonly ref: string
  /** The email's From; empty if there is none. */
  readonly from: string
  readonly subject: string
  /** Never empty: if nothing could be read, it says so. */
  readonly text: string
  /** Sanitised, or null if the email has no markup. */
  readonly html: string | null
  /** The visible text of the markup, or null if there is none. */
  readonly htmlText: string | null
  /** False if nothing of the email could be read. */
  readonly isReadable: boolean
}

const maxTextRead = 100_000
const maxHtmlRead = 300_000

/**
 * Reads an email as a lenient email program does.
 * @throws BadMail
 */
export async function parseMail(raw: Uint8Array): Promise<ParsedMail> {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const mail = splitEntity(withLineFeeds(bytes.toString('latin1')))
  // A binary body is not an email without a header.
  if (mail.fields.length === 0 && raw.includes(0)) throw new BadMail('it has no header')
  const charset = contentTypesOf(mail)[0]?.charset ?? null
  const subject = decodeWords(fieldValue(mail.fields, 'subject'), charset)
  const reading = readParts(mail)
  const pieces = shownPieces(reading)
  if (pieces.length === 0 && mail.fields.length === 0) throw new BadMail('it has no header')
  const isMissing = reading.attachments.length > 0 || reading.isEncrypted
  const text = pieces.map((piece) => piece.text).join('\n\n') || (isMissing ? '' : subject)
  return {
    ref: refOf(mail, raw),
    from: shownSender(fieldValue(mail.fields, 'from'), charset),
    subject,
    text: text === '' ? notice(reading) : text.slice(0, maxTextRead),
    ...markupOf(pieces),
    isReadable: text !== '',
  }
}

/** Emails of old machines end their lines with a carriage return alone; some relays write two of them. */
function withLineFeeds(source: string): string {
  if (/^[^\r\n]*\r\r\n/.test(source)) return source.replace(/\r\r\n/g, '\n')
  const first = source.indexOf('\r')
  const isBare = first >= 0 && source[first + 1] !== '\n' && first < source.indexOf('\n')
  return isBare || !source.includes('\n') ? source.replace(/\r(?!\n)/g, '\n') : source
}

/** The parts for people; if there are none, the fallback content; if there is none, any text. */
function shownPieces({ pieces, outside }: Reading): Piece[] {
  const shown = pieces.map(trimmed).filter((piece) => !isBlank(piece.text))
  const main = shown.filter((piece) => !piece.isSpare)
  if (main.length > 0) return main
  return shown.length > 0 ? [...shown, ...outsidePieces(outside)] : lastResort(pieces, outside)
}

function markupOf(pieces: readonly Piece[]): Pick<ParsedMail, 'html' | 'htmlText'> {
  if (!pieces.some(({ html }) => html !== null)) return { html: null, htmlText: null }
  const htmlText = pieces.map((piece) => piece.htmlText ?? piece.text).join('\n\n')
  return {
    html: keptMarkup(pieces.map(asMarkup).join('\n')),
    htmlText: htmlText.slice(0, maxTextRead),
  }
}

/** Inline images are long, and are not shown. */
const inlineData = /(["'])data:[^"']*\1/gi

/** Null if it would have to be cut: markup with half a tag is invalid. */
function keptMarkup(markup: string): string | null {
  const html = harmlessHtml(markup.replace(inlineData, '""').slice(0, maxHtmlRead))
  return html.length > 0 && html.length <= maxHtmlLength ? html : null
}

/** Replaces a missing text. */
function notice({ attachments, isEncrypted }: Reading): string {
  if (isEncrypted) return 'This mail is encrypted.'
  if (attachments.length === 0) return 'This mail has no text.'
  return `This mail has no text. Attachments: ${attachments.join('; ')}.`
}

function refOf(mail: Entity, raw: Uint8Array): string {
  return repeatKey({
    messageId: fieldValue(mail.fields, 'message-id') || null,
    date: fieldValue(mail.fields, 'date'),
    subject: fieldValue(mail.fields, 'subject'),
    body: raw.subarray(mail.bodyAt),
    raw,
  })
}
