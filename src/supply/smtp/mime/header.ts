// A header and what follows it, even if the two are not separated as RFC 5322 requires.
//
// Text is kept as received: one character for each byte (latin1). It is decoded later.

export type Field = {
  /** Lower case. */
  readonly name: string
  /** Unfolded, otherwise as received. */
  readonly value: string
}

export type Entity = {
  readonly fields: readonly Field[]
  readonly body: string
  /** The position of the body in the source. */
  readonly bodyAt: number
}

/** The maximum number of header lines that are read. */
const maxFields = 1_000
/** The maximum number of invalid lines before a field that shows that the header continues. */
const maxStrayLines = 4

const fieldForm = /^([!-9;-~]{1,100})[ \t]*:/
const knownNames = new RegExp(
  `^(?:${[
    '(?:x|list|resent|content|arc|dkim|received|authentication|thread|disposition|original)(?:-.*)?',
    '(?:ms|feedback)-.*',
    'from|to|cc|bcc|sender|reply-to|subject|date|message-id|in-reply-to|references|mime-version',
    'return-path|delivered-to|envelope-to|errors-to|importance|priority|precedence|user-agent',
    'auto-submitted|organi[sz]ation|comments|keywords|status|sensitivity|domainkey-signature',
  ].join('|')})$`,
)

/** Splits an email or a part into header and body. Without a plausible header everything is body. */
export function splitEntity(source: string): Entity {
  const start = beginning(source)
  const { found, end } = readFields(source, start)
  const lastKnown = found.findLastIndex((field) => knownNames.test(field.name))
  if (lastKnown < 0) return { fields: [], body: source, bodyAt: 0 }
  const body = source.slice(end)
  const fields = found.map(({ name, lines }) => ({ name, value: lines.join('').trim() }))
  const next = found[lastKnown + 1]
  // No blank line, and a first line of text that looks like a field: "Code: 482913".
  if (next && !next.name.includes('-') && body.trim() === '')
    return {
      fields: fields.slice(0, lastKnown + 1),
      body: source.slice(next.at),
      bodyAt: next.at,
    }
  return { fields, body, bodyAt: end }
}

/** The values of all fields with a name, in order. */
export const fieldValues = (fields: readonly Field[], name: string): string[] =>
  fields.filter((field) => field.name === name).map((field) => field.value)

/** The first value that is not empty, or an empty text. */
export const fieldValue = (fields: readonly Field[], name: string): string =>
  fieldValues(fields, name).find((value) => value !== '') ?? ''

type FoundField = { readonly name: string; readonly at: number; readonly lines: string[] }

/** The byte order mark of UTF-8, one character for each byte. */
const byteOrderMark = '\u00ef\u00bb\u00bf'

/** Skips a byte order mark, blank lines and the mailbox separator (`From someone ...`) before a header. */
function beginning(source: string): number {
  let at = source.startsWith(byteOrderMark) ? byteOrderMark.length : 0
  while (source.startsWith('\r\n', at) || source[at] === '\n') at += source[at] === '\n' ? 1 : 2
  if (/^>?From [^\n:]*\d\d:\d\d/.test(source.slice(at, at + 200))) at = lineAfter(source, at)
  const name = fieldForm.exec(source.slice(at, at + 120))?.[1]
  return name && knownNames.test(name.toLowerCase()) ? at : 0
}

function readFields(source: string, start: number) {
  const found: FoundField[] = []
  let at = start
  while (at < source.length && found.length < maxFields) {
    const next = lineAfter(source, at)
    const line = lineAt(source, at, next)
    if (line.trim() === '' && !goesOn(source, line, next)) return { found, end: next }
    const name = line.startsWith('--') ? undefined : fieldForm.exec(line)?.[1]
    const last = found.at(-1)
    if (name !== undefined)
      found.push({ name: name.toLowerCase(), at, lines: [line.slice(line.indexOf(':') + 1)] })
    else if (last && /^[ \t]/.test(line)) last.lines.push(line)
    else if (last && isStray(source, line, next)) last.lines.push(` ${line}`)
    else break
    at = next
  }
  return { found, end: Math.min(at, source.length) }
}

/** A line of only white space: it may interrupt a folded field. */
const goesOn = (source: string, line: string, next: number): boolean =>
  line !== '' && (fieldForm.test(source.slice(next, next + 120)) || isFolded(source, next))

const isFolded = (source: string, at: number): boolean =>
  (source[at] === ' ' || source[at] === '\t') && /^[ \t]+\S/.test(source.slice(at, at + 80))

/** A line inside a header that is not a field: known fields follow before the header ends. */
function isStray(source: string, line: string, next: number): boolean {
  if (line.startsWith('--')) return false
  for (let at = next, i = 0; i < maxStrayLines && at < source.length; i++) {
    const after = lineAfter(source, at)
    const follower = lineAt(source, at, after)
    if (follower.trim() === '' || follower.startsWith('--')) return false
    const name = fieldForm.exec(follower)?.[1]
    if (name && knownNames.test(name.toLowerCase())) return true
    at = after
  }
  return false
}

function lineAfter(source: string, at: number): number {
  const end = source.indexOf('\n', at)
  return end < 0 ? source.length : end + 1
}

function lineAt(source: string, at: number, next: number): string {
  let end = next
  if (source[end - 1] === '\n') end--
  if (end > at && source[end - 1] === '\r') end--
  return source.slice(at, end)
}
