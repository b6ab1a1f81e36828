// Fields with parameters, such as Content-Type: RFC 2045 and RFC 2231, and what senders really write.
import { decodeCharset } from './charset.ts'
import { decodeWords } from './encoded-words.ts'

export type Parametrised = {
  /** Lower case: `text/html`, `attachment`. */
  readonly value: string
  /** By lower-case name, joined and decoded. */
  readonly parameters: ReadonlyMap<string, string>
}

type Segment = { readonly index: number; readonly isEncoded: boolean; readonly value: string }

const maxLength = 8_000
const maxParameters = 100

const valueForm = /^\s*([\w!#$&.+^-]*)\s*(?:\/\s*([\w!#$&.+^-]*))?/
/** A name, its equals sign (some senders write a colon), and the beginning of its value. */
const nameForm = /[;,\s:]*([^\s=;:,"']{1,80})\s*[=:]\s*/y
/** The end of a value without a semicolon: another parameter begins. */
const nextName = /\s[\w*.-]{1,40}\s*=/

/** Parses `value; name=value; ...`, with or without semicolons, quotes and comments. */
export function parseParametrised(raw: string): Parametrised {
  const field = withoutComments(raw.slice(0, maxLength))
  const [whole = '', type = '', subtype] = valueForm.exec(field) ?? []
  const segments = new Map<string, Segment[]>()
  let at = whole.length
  for (let count = 0; count < maxParameters && at < field.length; count++) {
    nameForm.lastIndex = at
    const name = nameForm.exec(field)?.[1]
    if (name === undefined) {
      const next = field.indexOf(';', at)
      if (next < 0) break
      at = next + 1
      continue
    }
    const { value, end } = valueAt(field, nameForm.lastIndex)
    at = end
    addSegment(segments, name.toLowerCase(), value)
  }
  const parameters = new Map([...segments].map(([name, parts]) => [name, joined(parts)]))
  const value = subtype === undefined ? type : `${type}/${subtype}`
  return { value: value.toLowerCase(), parameters }
}

function withoutComments(field: string): string {
  if (!field.includes('(')) return field
  let out = ''
  let depth = 0
  let isQuoted = false
  for (let i = 0; i < field.length; i++) {
    const char = field[i] as string
    if (char === '"' && depth === 0) isQuoted = !isQuoted
    if (!isQuoted && char === '(') depth++
    if (depth === 0) out += char
    if (!isQuoted && char === ')' && depth > 0) depth--
  }
  // An unclosed bracket is ordinary text.
  return depth > 0 ? field : out
}

function valueAt(field: string, start: number): { readonly value: string; readonly end: number } {
  const quote = field[start]
  if (quote === '"' || quote === "'") {
    const end = closingQuote(field, start + 1, quote)
    // A language in single quotes follows a charset; sometimes only one of the two is present.
    const isWhole = quote === '"' || /^[;,\s]?$/.test(field.charAt(end + 1))
    if (end >= 0 && isWhole) return { value: unescaped(field.slice(start + 1, end)), end: end + 1 }
  }
  const stop = field.indexOf(';', start)
  let end = stop < 0 ? field.length : stop
  const another = nextName.exec(field.slice(start, end))
  if (another) end = start + another.index
  return {
    value: field
      .slice(start, end)
      .trim()
      .replace(/^(?:"|'(?!'))|["']$/g, ''),
    end,
  }
}

function closingQuote(field: string, from: number, quote: string): number {
  for (let i = from; i < field.length; i++) {
    if (field[i] === '\\') i++
    else if (field[i] === quote) return i
  }
  return -1
}

const unescaped = (text: string) => text.replace(/\\(["\\])/g, '$1')

/** `name*1*`: the second segment of `name`, encoded. */
const segmentForm = /^([^*]+)(?:\*(\d{1,3}))?(\*?)$/

function addSegment(segments: Map<string, Segment[]>, name: string, value: string) {
  const [, base = name, number, star] = segmentForm.exec(name) ?? []
  const parts = segments.get(base) ?? []
  const index = number === undefined ? -1 : Number(number)
  const segment = { index, isEncoded: star === '*', value }
  if (!parts.some((one) => one.index === index && one.isEncoded === segment.isEncoded))
    parts.push(segment)
  segments.set(base, parts)
}

function joined(parts: readonly Segment[]): string {
  const whole = parts.find(({ index, isEncoded }) => index < 0 && isEncoded)
  if (whole) return extended([whole])
  const numbered = parts.filter(({ index }) => index >= 0).sort((a, b) => a.index - b.index)
  return numbered.length > 0 ? extended(numbered) : decodeWords(parts[0]?.value ?? '')
}

const charsetForm = /^([\w.:-]*)'[^']*'/

/** Joins the bytes of all segments first: a letter may be split between two. */
function extended(parts: readonly Segment[]): string {
  const first = parts[0]
  const charset = first?.isEncoded ? charsetForm.exec(first.value) : null
  const bytes = parts.map(({ value, isEncoded }, i) => {
    const text = i === 0 && charset ? value.slice(charset[0].length) : value
    return isEncoded ? percentDecoded(text) : text
  })
  if (!parts.some(({ isEncoded }) => isEncoded)) return decodeWords(bytes.join(''))
  return decodeCharset(Buffer.from(bytes.join(''), 'latin1'), charset?.[1] || null)
}

const percentDecoded = (text: string) =>
  text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
