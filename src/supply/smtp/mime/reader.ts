// Walks an email's parts and collects what is shown to people.
import { BadMail } from '../bad-mail.ts'
import { shownSender } from './address.ts'
import { calendarText } from './calendar.ts'
import { decodeCharset } from './charset.ts'
import {
  type ContentType,
  contentTypesOf,
  dispositionOf,
  encodingOf,
  leafType,
  multipartOf,
  typeByName,
} from './content-type.ts'
import { decodeWords } from './encoded-words.ts'
import { enrichedText, richText } from './enriched.ts'
import { unflow } from './flowed.ts'
import { type Entity, fieldValue, splitEntity } from './header.ts'
import { type InlineFile, withoutFiles } from './inline-files.ts'
import { rtfPieces, tnefPieces } from './outlook.ts'
import { isEncryptedPgp, isPgpVersion, withoutPgpSignature } from './pgp.ts'
import {
  asMarkup,
  htmlPiece,
  htmlSource,
  isBlank,
  lastResort,
  maxTextRead,
  type Piece,
  piece,
  plainText,
} from './piece.ts'
import { isRtf } from './rtf.ts'
import { signedContent } from './signed.ts'
import { isTnef } from './tnef.ts'
import { decodeTransfer, isRealEncoding } from './transfer.ts'
import { undeclared, undeclaredBase64 } from './undeclared.ts'

export type Reading = {
  readonly pieces: readonly Piece[]
  /** Files that are not shown, by name. */
  readonly attachments: readonly string[]
  /** Text outside all parts. */
  readonly outside: string
  readonly isEncrypted: boolean
}

/** The maximum depth of nested multiparts. */
const maxNesting = 20
/** The maximum depth of nested emails; deeper ones are not parsed. */
const maxEnclosed = 10
const maxParts = 2_000
const maxAttachments = 50

type Place = {
  readonly nesting: number
  readonly enclosed: number
  readonly defaultType: string | null
}

type Gathered = {
  parts: number
  attachments: string[]
  outside: string[]
  isEncrypted: boolean
}

/** @throws BadMail if it has too many parts or too many levels */
export function readParts(mail: Entity): Reading {
  const gathered: Gathered = { parts: 0, attachments: [], outside: [], isEncrypted: false }
  const place = { nesting: 0, enclosed: 0, defaultType: null }
  const pieces = readEntity(mail, place, gathered)
  const { attachments, outside, isEncrypted } = gathered
  return { pieces, attachments, outside: outside.join('\n').trim(), isEncrypted }
}

function readEntity(entity: Entity, place: Place, gathered: Gathered): Piece[] {
  if (++gathered.parts > maxParts) throw new BadMail('it has too many parts')
  const given = contentTypesOf(entity)
  const types = given.length === 0 && place.defaultType ? [typeNamed(place.defaultType)] : given
  const encoding = encodingOf(entity)
  const multipart =
    multipartOf(types, entity.body) ?? (isRealEncoding(encoding) ? encoded(types, entity) : null)
  if (!multipart) return readLeaf(entity, types, place, gathered)
  if (place.nesting >= maxNesting) throw new BadMail('it has too many levels of parts')
  gathered.outside.push(withoutNotice(multipart.parts.outside))
  if (multipart.type === 'multipart/encrypted') gathered.isEncrypted = true
  const isDigest = multipart.type === 'multipart/digest'
  const defaultType = isDigest ? 'message/rfc822' : null
  const inner = { ...place, nesting: place.nesting + 1, defaultType }
  const children = multipart.parts.parts
    .filter((part) => part.trim() !== '')
    .map((part) => readEntity(isDigest ? digested(part) : splitEntity(part), inner, gathered))
  return combined(multipart.type, children)
}

const maxNotice = 500

/** The text outside the parts; most programs write there that the email is in MIME format. */
function withoutNotice(outside: string): string {
  if (isBlank(outside)) return ''
  return plainText(Buffer.from(outside, 'latin1'), null)
    .split(/\n[ \t]*\n/)
    .filter((text) => text.length > maxNotice || !/\bMIME\b/.test(text))
    .join('\n\n')
}

/** Parts of a digest are emails, mostly without a part header before the email's header. */
function digested(part: string): Entity {
  const entity = splitEntity(part)
  const isPart = !/^\r?\n/.test(part) && fieldValue(entity.fields, 'content-type') !== ''
  return isPart ? entity : { fields: [], body: part.trimStart(), bodyAt: 0 }
}

/** A multipart must not be encoded as a whole, but some are. */
function encoded(types: readonly ContentType[], entity: Entity) {
  if (!types.some(({ type }) => type?.startsWith('multipart/'))) return null
  return multipartOf(types, decodeTransfer(entity.body, encodingOf(entity)).toString('latin1'))
}

const typeNamed = (type: string): ContentType => ({ type, charset: null, parameters: new Map() })

function combined(type: string, children: readonly Piece[][]): Piece[] {
  if (type === 'multipart/alternative') return chosen(children)
  // In a report the first part is for people.
  const isSpared = type === 'multipart/report'
  return children.flatMap((pieces, i) => (isSpared && i > 0 ? pieces.map(spared) : pieces))
}

const spared = (piece: Piece): Piece => ({ ...piece, isSpare: true })

/** Of alternatives: the first plain text with content, and the last markup with content. */
function chosen(children: readonly Piece[][]): Piece[] {
  const main = children.map((pieces) => pieces.filter(({ isSpare }) => !isSpare))
  const isShown = (pieces: readonly Piece[]) => pieces.some(({ text }) => !isBlank(text))
  const hasMarkup = (pieces: readonly Piece[]) => pieces.some(({ html }) => html !== null)
  const plain = main.find((pieces) => isShown(pieces) && !hasMarkup(pieces))
  const marked = main.findLast((pieces) => isShown(pieces) && hasMarkup(pieces))
  const rest = children.flat().filter(({ isSpare }) => isSpare)
  if (!plain || !marked) return [...(plain ?? marked ?? main.flat()), ...rest]
  const htmlText = textOf(marked)
  const text = isNotice(textOf(plain)) ? htmlText : textOf(plain)
  const html = marked.map(asMarkup).join('\n')
  return [{ text, html, htmlText, isSpare: false }, ...rest]
}

const maxNoticeOfHtml = 600

/** A text that says no more than that the program should show HTML, in any language. */
const isNotice = (text: string): boolean =>
  text.length <= maxNoticeOfHtml &&
  /\bHTML\b/i.test(text.replace(/\S+:\/\/\S+/g, '')) &&
  !/\d{3}/.test(text.replace(/\S+:\/\/\S+/g, ''))

const textOf = (pieces: readonly Piece[]) => pieces.map(({ text }) => text).join('\n\n')

function readLeaf(
  entity: Entity,
  types: readonly ContentType[],
  place: Place,
  gathered: Gathered,
): Piece[] {
  const decoded = decodeTransfer(entity.body, encodingOf(entity))
  const sample = () => decoded.subarray(0, 4_000).toString('latin1')
  const type = leafType(types, sample)
  const { isAttachment, name } = dispositionOf(entity, types[0])
  const isMail = /\.eml$/i.test(name) && splitEntity(sample()).fields.length > 0
  const isText = () => looksLikeText(decoded.subarray(0, 2_000))
  const byName = typeByName(types, name)
  const known = byName !== null && isText() ? byName : null
  const named = isMail ? 'message/rfc822' : (known ?? type.type ?? 'text/plain')
  const kind = isRtf(decoded) ? 'text/rtf' : named
  if (/^message\/(?:rfc822|global|news)$/.test(kind) && place.enclosed < maxEnclosed) {
    const pieces = readEnclosed(decoded.toString('latin1'), place, gathered)
    return isAttachment ? pieces.map(spared) : pieces
  }
  const signed = /pkcs7-mime|octet-stream/.test(kind) ? signedContent(decoded) : null
  if (signed) return readSigned(signed.toString('latin1'), place, gathered)
  const isLeftAsIs = decoded.length === entity.body.length
  const again = isLeftAsIs ? undeclared(entity.body) : undeclaredBase64(decoded.toString('latin1'))
  const bytes = again ?? decoded
  const pieces = isShowable(kind, bytes) ? textPieces(kind, type, bytes, gathered) : []
  if (pieces.length === 0 || isAttachment) addAttachment(gathered, { name, kind, bytes })
  if (pieces.length === 0 && isEncryption(kind, type)) gathered.isEncrypted = true
  const isSide =
    known !== null || !/^text\/(?:plain|html|enriched|richtext|markdown|x-markdown)$/.test(kind)
  return isAttachment || (isSide && place.nesting > 0) ? pieces.map(spared) : pieces
}

/** S/MIME whose content was not found: encrypted, unless it says that it is something else. */
const isEncryption = (kind: string, { parameters }: ContentType): boolean =>
  kind === 'application/pgp-encrypted' ||
  (/^application\/(?:x-)?pkcs7-mime$/.test(kind) &&
    !/^(?:signed|certs|compressed)/i.test(parameters.get('smime-type') ?? ''))

function addAttachment(
  { attachments }: Gathered,
  { name, kind, bytes }: { name: string; kind: string; bytes: Buffer },
) {
  if (bytes.length === 0 || attachments.length >= maxAttachments) return
  const size =
    bytes.length < 1_000 ? `${bytes.length} bytes` : `${Math.round(bytes.length / 1_000)} kB`
  attachments.push(`${name || kind}, ${size}`)
}

/** The email inside a signature. */
function readSigned(source: string, place: Place, gathered: Gathered): Piece[] {
  if (place.nesting >= maxNesting) throw new BadMail('it has too many levels of parts')
  return readEntity(splitEntity(source), { ...place, nesting: place.nesting + 1 }, gathered)
}

/** An email inside an email: the header lines for people, then its text. */
function readEnclosed(source: string, place: Place, gathered: Gathered): Piece[] {
  const mail = splitEntity(source)
  const inner = { nesting: place.nesting + 1, enclosed: place.enclosed + 1, defaultType: null }
  if (inner.nesting > maxNesting) throw new BadMail('it has too many levels of parts')
  const before = gathered.outside.length
  const read = readEntity(mail, inner, gathered)
  const isShown = read.some(({ text }) => !isBlank(text))
  const pieces = isShown ? read : lastResort(read, gathered.outside.splice(before).join('\n'))
  const from = fieldValue(mail.fields, 'from')
  const lines = [
    ['From', from && shownSender(from, null)],
    ['Date', decodeWords(fieldValue(mail.fields, 'date'))],
    ['Subject', decodeWords(fieldValue(mail.fields, 'subject'))],
  ].flatMap(([label, value]) => (value ? [`${label}: ${value}`] : []))
  if (lines.length === 0) return pieces
  const isSpare = pieces.every((piece) => piece.isSpare)
  return [piece(lines.join('\n'), isSpare), ...pieces]
}

/** Texts of any kind, and files that contain text whatever their type. */
function isShowable(kind: string, bytes: Buffer): boolean {
  if (isTnef(bytes)) return true
  if (kind.startsWith('text/') || kind.startsWith('message/')) return !/css|javascript/.test(kind)
  if (/^(?:image|audio|video|font|model)\//.test(kind)) return false
  const isPgpControl = kind === 'application/pgp-encrypted'
  if (isPgpControl && isPgpVersion(bytes.subarray(0, 200).toString('latin1'))) return false
  if (!isPgpControl && /pgp-|pkcs7|signature|ms-tnef|javascript|mac-binhex/.test(kind)) return false
  return looksLikeText(bytes.subarray(0, 2_000))
}

function looksLikeText(bytes: Buffer): boolean {
  if (bytes.length === 0 || bytes.subarray(0, 5).toString('latin1') === '%PDF-') return false
  const text = decodeCharset(bytes, null)
  const odd = text.replace(/[\n\r\t\f]|[^\p{C}\ufffd]/gu, '').length
  return odd * 50 <= text.length
}

function textPieces(kind: string, type: ContentType, bytes: Buffer, gathered: Gathered): Piece[] {
  if (isTnef(bytes)) return tnefPieces(bytes)
  if (kind === 'text/rtf' && isRtf(bytes)) return rtfPieces(bytes)
  if (kind === 'text/html' || kind === 'text/x-amp-html') {
    const page = htmlPiece(htmlSource(bytes, type.charset))
    return [kind === 'text/x-amp-html' ? spared(page) : page]
  }
  const armoured = plainText(bytes, type.charset)
  if (isEncryptedPgp(armoured)) {
    gathered.isEncrypted = true
    return []
  }
  const text = withoutPgpSignature(armoured)
  if (kind === 'text/enriched') return [piece(enrichedText(text))]
  if (kind === 'text/richtext') return [piece(richText(text))]
  if (calendarTypes.test(kind)) return [piece(calendarText(text) || noCalendar(text), true)]
  if (kind !== 'text/plain') return [piece(text)]
  const { parameters } = type
  const isFlowed = parameters.get('format')?.toLowerCase() === 'flowed'
  const whole = isFlowed ? unflow(text, parameters.get('delsp')?.toLowerCase() === 'yes') : text
  const { shown, files } = withoutFiles(whole)
  for (const file of files) addAttachment(gathered, file)
  return [piece(shown.slice(0, maxTextRead).trim()), ...files.flatMap(attachedText)]
}

function attachedText({ bytes, isDecoded }: InlineFile): Piece[] {
  return isDecoded && looksLikeText(bytes.subarray(0, 2_000))
    ? [piece(plainText(bytes, null), true)]
    : []
}

const calendarTypes = /^(?:text\/(?:x-v)?calendar|application\/ics)$/

/** A text that is only said to be a calendar. One that says nothing to a person stays empty. */
const noCalendar = (text: string) => (/^\s*BEGIN:VCALENDAR/i.test(text) ? '' : text)
