// The declared type of a part, and the type that it is read as.
import { type Entity, fieldValue, fieldValues } from './header.ts'
import { guessBorder, type Parts, splitParts } from './multipart.ts'
import { parseParametrised } from './parameters.ts'
import { isRealEncoding } from './transfer.ts'

export type ContentType = {
  /** Lower case, with a slash; null if the header has no usable type. */
  readonly type: string | null
  readonly charset: string | null
  readonly parameters: ReadonlyMap<string, string>
}

const noParameters: ReadonlyMap<string, string> = new Map()
const mainTypes =
  /^(?:text|multipart|message|application|image|audio|video|font|model|chemical|x-[\w-]+)\//

/** HTML by any of its names, with whatever stands for the slash: `text;html`, `text/x-html`, `xhtml`. */
const htmlName = new RegExp(
  [
    `^[\\s"'<]*(?:(?:x-)?(?:text|application)\\s*[/;:,.\\\\ -]+\\s*)?`,
    `(?:x-)?(?:vnd\\.[\\w.]{1,40}\\.)?x?html?[45]?(?:\\+xml|\\/(?:text|plain))?(?=[\\s"';:,(>]|$)`,
  ].join(''),
  'i',
)

/** A field that names no type. */
const charsetAlone = /^\s*charset\s*=\s*["']?([\w.:-]{1,40})/i

/** All declared types: some emails have two, and only one of them fits. */
export function contentTypesOf({ fields }: Entity): ContentType[] {
  return fieldValues(fields, 'content-type').map((value) => {
    const { value: written, parameters } = parseParametrised(value)
    const charset = parameters.get('charset') || charsetAlone.exec(value)?.[1] || null
    const type = htmlName.test(value.slice(0, 200)) ? 'text/html' : completed(written)
    return { type, charset, parameters }
  })
}

/** Accepts `plain`. A text of an unknown kind may be anything. */
function completed(written: string): string | null {
  if (/^(?:plain|text\/(?:ascii|text|txt|plaintext))$/.test(written)) return 'text/plain'
  if (/^text\/(?:x-)?unknown$/.test(written)) return null
  if (/^multipart\/?$/.test(written)) return 'multipart/mixed'
  return mainTypes.test(written) && !written.endsWith('/') ? written : null
}

export type Multipart = { readonly type: string; readonly parts: Parts }

/** The parts of a multipart body, recognised by its header or its content. */
export function multipartOf(types: readonly ContentType[], body: string): Multipart | null {
  const announced = types.filter(({ type }) => type?.startsWith('multipart/'))
  for (const { type, parameters } of announced) {
    const parts = splitParts(body, parameters.get('boundary')?.trimEnd() ?? '')
    if (parts && type) return { type, parts }
  }
  // No type, or a multipart whose boundary does not occur: the body may show the boundary.
  const isUntold = types.every(({ type }) => type === null)
  if (announced.length === 0 && !isUntold) return null
  const border = guessBorder(body, isUntold)
  const parts = border === null ? null : splitParts(body, border)
  if (!parts || announced.length > 0)
    return parts && { type: announced[0]?.type ?? 'multipart/mixed', parts }
  // Nothing says that this is a multipart: the text outside its parts belongs to the body, too.
  const outside = parts.outside.trim() === '' ? [] : [`\n${parts.outside}`]
  return { type: 'multipart/mixed', parts: { parts: [...parts.parts, ...outside], outside: '' } }
}

/** Types that say nothing about what a readable text is. */
const vague =
  /^application\/(?:octet-?stream|binary|unknown|x-unknown|text|xml|force-download|x-download)$|^text\/xml$/

/** Endings of file names whose content is shown. Others say nothing that the content does not say, too. */
const typesByEnding: Readonly<Record<string, string>> = {
  htm: 'text/html',
  html: 'text/html',
  shtml: 'text/html',
  xht: 'text/html',
  xhtml: 'text/html',
  ics: 'text/calendar',
  ifb: 'text/calendar',
  vcs: 'text/calendar',
}

/** The type by a file's name, where the declared types say nothing; null if the name says nothing, either. */
export function typeByName(types: readonly ContentType[], name: string): string | null {
  if (types.some(({ type }) => type !== null && !vague.test(type))) return null
  const ending = /\.([a-z]{3,5})$/i.exec(name)?.[1]?.toLowerCase() ?? ''
  return typesByEnding[ending] ?? null
}

/** The type of a body that is not a multipart. */
export function leafType(types: readonly ContentType[], text: () => string): ContentType {
  const usable = types.filter(({ type }) => type !== null && !type.startsWith('multipart/'))
  const html = usable.find(({ type }) => type === 'text/html')
  if (html && usable.length > 1 && /<[a-z!/][^<>]{0,200}>/i.test(text().slice(0, 2_000)))
    return html
  const [first] = usable
  if (first && !(vague.test(first.type ?? '') && beginsAsHtml(text()))) return first
  const { charset = null, parameters = noParameters } = first ?? types[0] ?? {}
  return { type: isHtmlBody(text()) ? 'text/html' : 'text/plain', charset, parameters }
}

const preamble = new RegExp(
  [
    /^(?:\u00ef\u00bb\u00bf)?\s*(?:<\?xml[^<>]{0,200}\?>\s*)?/.source,
    /(?:<!--(?:[^-]|-(?!->)){0,2000}-->\s*)?/.source,
  ].join(''),
)
const pageTags = 'html|head|body|table|div|p|center|span|style|meta|title|font|h[1-6]|section'
const opening = new RegExp(`^<(?:!doctype\\s+html|(?:${pageTags})(?:\\s[^<>]{0,500})?/?>)`, 'i')
const textTags = 'html|body|table|tr|td|div|p|br|b|i|strong|em|span|a|font|h[1-6]|center'
const someTag = new RegExp(`</?(?:${textTags})(?:\\s[^<>]{0,500})?/?>`, 'gi')

const beginsAsHtml = (sample: string) => opening.test(sample.replace(preamble, ''))

/** A body without a usable type: HTML if it begins like it, or has tags of which one is closed. */
function isHtmlBody(sample: string): boolean {
  if (beginsAsHtml(sample)) return true
  const tags = sample.match(someTag) ?? []
  return tags.length >= 3 && tags.some((tag) => tag.startsWith('</'))
}

/** The encoding of a part; if there are several, the one that has an effect. */
export function encodingOf({ fields }: Entity): string {
  const values = fieldValues(fields, 'content-transfer-encoding')
  return values.find(isRealEncoding) ?? values[0] ?? ''
}

export type Disposition = { readonly isAttachment: boolean; readonly name: string }

/** Whether a part is shown, and its file name. */
export function dispositionOf({ fields }: Entity, type: ContentType | undefined): Disposition {
  const { value, parameters } = parseParametrised(fieldValue(fields, 'content-disposition'))
  const name = parameters.get('filename') || type?.parameters.get('name') || ''
  return {
    isAttachment: value === 'attachment',
    name: name.replace(/\s+/g, ' ').trim().slice(0, 200),
  }
}
