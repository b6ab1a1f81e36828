// From a mail's bytes to what is kept of it. Runs in a child process (reader-child.ts), after its lines and
// borders were counted (limits.ts): it is written by strangers.
import { maxHtmlLength } from '../../core/messages/store.ts'
import { allText } from '../../core/otp/html.ts'
import { BadMail } from './bad-mail.ts'
import { harmlessHtml } from './harmless-html.ts'
import { shownSender } from './mime/address.ts'
import { contentTypesOf } from './mime/content-type.ts'
import { decodeWords } from './mime/encoded-words.ts'
import { type Entity, fieldValue, splitEntity } from './mime/header.ts'
import { asMarkup, isBlank, type Piece, type Reading, readParts } from './mime/reader.ts'
import { repeatKey } from './mime/repeat.ts'

export { BadMail } from './bad-mail.ts'

export type ParsedMail = {
  /** The same for every repeat of a mail, and for no other mail. */
  readonly ref: string
  /** As it stands in the mail's From; empty where there is none. */
  readonly from: string
  readonly subject: string
  /** Never empty: where nothing could be read, it says so. */
  readonly text: string
  /** Harmless, or null where the mail has no markup. */
  readonly html: string | null
  /** What a reader of the markup sees, or null where there is none. */
  readonly htmlText: string | null
  /** False where nothing of the mail could be read. */
  readonly isReadable: boolean
}

const maxTextRead = 100_000
const maxHtmlRead = 300_000

/**
 * Reads a mail as a lenient mail program does.
 * @throws BadMail
 */
export async function parseMail(raw: Uint8Array): Promise<ParsedMail> {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  const mail = splitEntity(withLineFeeds(bytes.toString('latin1')))
  // A body of bytes is no mail that lost its header.
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

/** Mails of old machines end their lines with a carriage return alone. */
function withLineFeeds(source: string): string {
  const first = source.indexOf('\r')
  const isBare = first >= 0 && source[first + 1] !== '\n' && first < source.indexOf('\n')
  return isBare || !source.includes('\n') ? source.replace(/\r(?!\n)/g, '\n') : source
}

/** The parts for people; without them what is spare; without those whatever can be found. */
function shownPieces({ pieces, outside }: Reading): Piece[] {
  const shown = pieces.map(trimmed).filter((piece) => !isBlank(piece.text))
  const main = shown.filter((piece) => !piece.isSpare)
  if (main.length > 0) return main
  if (shown.length > 0) return shown
  const hidden = pieces.map((piece) => trimmed({ ...piece, text: allText(piece.html ?? '') }))
  const found = hidden.filter((piece) => !isBlank(piece.text))
  if (found.length > 0) return found.map((piece) => ({ ...piece, htmlText: piece.text }))
  return isBlank(outside) ? [] : [{ text: outside, html: null, htmlText: null, isSpare: true }]
}

const trimmed = (piece: Piece): Piece => ({ ...piece, text: piece.text.trim() })

function markupOf(pieces: readonly Piece[]): Pick<ParsedMail, 'html' | 'htmlText'> {
  if (!pieces.some(({ html }) => html !== null)) return { html: null, htmlText: null }
  const htmlText = pieces.map((piece) => piece.htmlText ?? piece.text).join('\n\n')
  return {
    html: keptMarkup(pieces.map(asMarkup).join('\n')),
    htmlText: htmlText.slice(0, maxTextRead),
  }
}

/** Images within the markup are long, and are not shown. */
const inlineData = /(["'])data:[^"']*\1/gi

/** None where it would be cut: half a tag is no markup. */
function keptMarkup(markup: string): string | null {
  const html = harmlessHtml(markup.replace(inlineData, '""').slice(0, maxHtmlRead))
  return html.length > 0 && html.length <= maxHtmlLength ? html : null
}

/** Stands in place of a text. */
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
