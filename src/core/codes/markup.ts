// HTML as a row of texts and tags, in one pass, read as browsers read it: whatever is broken means something.

export type MarkupReader = {
  text(raw: string): void
  open(name: string, attributes: string): void
  close(name: string): void
  /** The inside of a style sheet. */
  css(source: string): void
  /** True when enough was read. */
  isDone(): boolean
}

/** Elements whose inside is no markup, up to their closing tag. */
const rawElements = new Set([
  'script',
  'style',
  'title',
  'textarea',
  'xmp',
  'iframe',
  'noembed',
  'noframes',
])
/** Of these the inside is shown. */
const shownRaw = new Set(['textarea', 'xmp'])

const lessThan = 0x3c
const greaterThan = 0x3e
const doubleQuote = 0x22
const singleQuote = 0x27
const equals = 0x3d
const slash = 0x2f

/** Reads markup from its beginning to its end. */
export function readMarkup(html: string, reader: MarkupReader): void {
  const source = new Source(html)
  let at = 0
  while (at < html.length && !reader.isDone()) {
    const open = html.indexOf('<', at)
    if (open < 0) break
    if (open > at) reader.text(html.slice(at, open))
    at = source.readTag(open, reader)
  }
  if (at < html.length) reader.text(html.slice(at))
}

class Source {
  readonly #html: string
  /** Marks that were looked for to the end and are not there any more. */
  readonly #missing = new Set<string>()

  constructor(html: string) {
    this.#html = html
  }

  /** @returns where to go on */
  readTag(open: number, reader: MarkupReader): number {
    const html = this.#html
    const second = html.charCodeAt(open + 1)
    const isClosing = second === slash
    const from = isClosing ? open + 2 : open + 1
    if (!isLetter(html.charCodeAt(from))) return this.#readOther(open, isClosing, reader)
    let to = from + 1
    while (isNameUnit(html.charCodeAt(to))) to++
    const end = this.#endOfTag(to)
    // A tag that never ends is text.
    if (end < 0) {
      reader.text(html.slice(open))
      return html.length
    }
    const name = html.slice(from, to).toLowerCase()
    if (isClosing) reader.close(name)
    else reader.open(name, html.slice(to, end))
    return !isClosing && rawElements.has(name) ? this.#readRaw(name, end + 1, reader) : end + 1
  }

  /** Comments, declarations, and a bracket that begins nothing. */
  #readOther(open: number, isClosing: boolean, reader: MarkupReader): number {
    const html = this.#html
    const second = html[open + 1]
    if (html.startsWith('<!--', open)) {
      const empty = /^<!--(-?>)/.exec(html.slice(open, open + 6))
      if (empty) return open + empty[0].length
      const end = this.#find('-->', open + 4)
      return end < 0 ? html.length : end + 3
    }
    if (isClosing || second === '!' || second === '?') {
      const end = this.#find('>', open + 2)
      if (end >= 0) return end + 1
    }
    // No tag begins with two of them.
    let to = open + 1
    while (html.charCodeAt(to) === lessThan && html.charCodeAt(to + 1) === lessThan) to++
    reader.text(html.slice(open, to))
    return to
  }

  /** The bracket that ends a tag; those in quoted values do not. */
  #endOfTag(from: number): number {
    const html = this.#html
    let last = 0
    for (let at = from; at < html.length; at++) {
      const unit = html.charCodeAt(at)
      if (unit === greaterThan) return at
      if ((unit === doubleQuote || unit === singleQuote) && last === equals) {
        const close = this.#find(unit === doubleQuote ? '"' : "'", at + 1)
        if (close >= 0) at = close
      }
      if (unit === lessThan && last === lessThan) return -1
      if (unit > 0x20) last = unit
    }
    return -1
  }

  #readRaw(name: string, from: number, reader: MarkupReader): number {
    const closing = `</${name}`
    const end = this.#missing.has(closing) ? -1 : indexOfTag(this.#html, closing, from)
    if (end < 0) {
      this.#missing.add(closing)
      reader.close(name)
      return name === 'style' || name === 'script' ? this.#html.length : from
    }
    const inside = this.#html.slice(from, end)
    if (name === 'style') reader.css(inside)
    else if (shownRaw.has(name)) reader.text(inside)
    return end
  }

  #find(mark: string, from: number): number {
    if (this.#missing.has(mark)) return -1
    const at = this.#html.indexOf(mark, from)
    if (at < 0) this.#missing.add(mark)
    return at
  }
}

const closingTags = new Map(
  [...rawElements].map((name) => [`</${name}`, new RegExp(`</${name}`, 'gi')]),
)

function indexOfTag(html: string, closing: string, from: number): number {
  const form = closingTags.get(closing)
  if (!form) return -1
  form.lastIndex = from
  return form.exec(html)?.index ?? -1
}

const isLetter = (unit: number) => (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a

/** Everything but blanks, a slash and the bracket. */
const isNameUnit = (unit: number) => unit > 0x20 && unit !== slash && unit !== greaterThan

const attributeForm = /([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g

/** Mails repeat a few tags in all of their cells. */
const known = new Map<string, ReadonlyMap<string, string>>()
const maxKnown = 500
const maxKnownChars = 300

/** The attributes of a tag, by name in small letters; of two alike the first counts. */
export function attributesOf(raw: string): ReadonlyMap<string, string> {
  const before = known.get(raw)
  if (before !== undefined) return before
  const attributes = readAttributes(raw)
  if (known.size >= maxKnown) known.clear()
  if (raw.length <= maxKnownChars) known.set(raw, attributes)
  return attributes
}

function readAttributes(raw: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  for (const [, name = '', double, single, bare] of raw.matchAll(attributeForm)) {
    const key = name.toLowerCase()
    if (!attributes.has(key)) attributes.set(key, double ?? single ?? bare ?? '')
  }
  return attributes
}
