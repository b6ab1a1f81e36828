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

/** All declared types: some emails have two, and only one of them fits. */
export function contentTypesOf({ fields }: Entity): ContentType[] {
  return fieldValues(fields, 'content-type').map((value) => {
    const { value: written, parameters } = parseParametrised(value)
    const charset = parameters.get('charset') || null
    return { type: completed(written), charset, parameters }
  })
}

/** Accepts `text`, `plain`, `html` and `text/`. */
function completed(written: string): string | null {
  if (/^(?:text\/?|plain|text\/(?:ascii|text|txt|plaintext|unknown))$/.test(written))
    return 'text/plain'
  if (/^(?:html|htm|text\/htm|text\/xhtml|application\/xhtml\+xml)$/.test(written))
    return 'text/html'
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

/** The type of a body that is not a multipart. */
export function leafType(types: readonly ContentType[], text: () => string): ContentType {
  const usable = types.filter(({ type }) => type !== null && !type.startsWith('multipart/'))
  const isHtml = () =>
    /^\s*(?:<!doctype html|<html[\s>]|<body[\s>]|<table[\s>]|<div[\s>])/i.test(text())
  const html = usable.find(({ type }) => type === 'text/html')
  if (html && usable.length > 1 && /<[a-z!/][^<>]{0,200}>/i.test(text().slice(0, 2_000)))
    return html
  const [first] = usable
  if (first) return first
  const { charset = null, parameters = noParameters } = types[0] ?? {}
  return { type: isHtml() ? 'text/html' : 'text/plain', charset, parameters }
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
