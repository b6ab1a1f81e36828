// From a mail's bytes to what is kept of it. Runs in a child process (reader-child.ts), after its lines and
// borders were counted (limits.ts): it is written by strangers.
import PostalMime, { type Address } from 'postal-mime'
import { maxHtmlLength } from '../../core/messages/store.ts'
import { htmlToText } from '../../core/otp/html.ts'
import { harmlessHtml } from './harmless-html.ts'
import { repeatKey } from './mime/repeat.ts'

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

/** A mail that is not one, or one that was made to be a burden. It is refused for good. */
export class BadMail extends Error {
  override readonly name = 'BadMail'
}

const maxHeaderBytes = 256 * 1024
/** Multiparts in multiparts. */
const maxNesting = 20
/** Mails in mails. */
const maxEnclosed = 3
const maxTextRead = 100_000
const maxHtmlRead = 300_000

/** @throws BadMail */
export async function parseMail(raw: Uint8Array): Promise<ParsedMail> {
  const mail = await PostalMime.parse(raw, {
    maxNestingDepth: maxNesting,
    maxHeadersSize: maxHeaderBytes,
    maxRfc822NestingDepth: maxEnclosed,
  }).catch((error: unknown) => {
    throw new BadMail(error instanceof Error ? error.message : 'unreadable')
  })
  const markup = mail.html?.slice(0, maxHtmlRead)
  const htmlText = markup === undefined ? null : htmlToText(markup)
  const subject = (mail.subject ?? '').replace(/\s+/g, ' ').trim()
  const text = mail.text?.slice(0, maxTextRead).trim() || htmlText || subject
  return {
    ref: repeatKey({
      messageId: mail.messageId ?? null,
      date: mail.date ?? '',
      subject,
      body: bodyOf(raw),
      raw,
    }),
    from: mail.from ? shown(mail.from) : '',
    subject,
    text: (text || 'This mail has no text.').replace(/\r\n?/g, '\n'),
    html: markup === undefined ? null : keptMarkup(markup),
    htmlText,
    isReadable: text !== '',
  }
}

function bodyOf(raw: Uint8Array): Uint8Array {
  const end = Buffer.from(raw.buffer, raw.byteOffset, raw.length).indexOf('\r\n\r\n')
  return end < 0 ? raw : raw.subarray(end)
}

/** None where it would be cut: half a tag is no markup. */
function keptMarkup(markup: string): string | null {
  const html = harmlessHtml(markup)
  return html.length > 0 && html.length <= maxHtmlLength ? html : null
}

function shown({ name, address }: Address): string {
  if (!address) return name
  return name && name !== address ? `${name} <${address}>` : address
}
