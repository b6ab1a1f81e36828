// From an HTML mail to the text that its reader sees, in one pass.
import { decodeHTML } from 'entities/decode'
import { attributesOf, type MarkupReader, readMarkup } from './markup.ts'
import { type Place, type Ruled, StyleSheet } from './sheet.ts'
import { struckOut } from './struck.ts'
import { colourOf, type Display, parseImportant, parseStyle, type Style } from './style.ts'
import { type Break, breaks, VisibleText } from './visible-text.ts'

/** Longer texts are cut. */
const maxText = 100_000
/** Ten times as many as large mails have; the rest is not read. */
const maxTags = 50_000

const tagNames = [
  'html|head|body|div|p|br|table|tbody|tr|td|th|span|a|b|i|u|em|strong|style|meta|h[1-6]',
  'center|font|li|ul|ol|img|code|pre|section|hr|title',
].join('|')
const looksLikeHtml = new RegExp(`</?(?:${tagNames})\\b[^<>]{0,300}>`, 'i')

const words = (text: string) => new Set(text.split(' '))
const blocks = words(
  [
    'p div br tr table tbody thead tfoot caption ul ol li dl dt dd h1 h2 h3 h4 h5 h6 hr section article',
    'header footer main nav aside address figure figcaption form fieldset legend center blockquote pre',
    'xmp listing title body html details summary option optgroup dialog',
  ].join(' '),
)
const boxes = words('button select textarea input marquee')
/** Texts of drawings have their own places, too. */
const cells = words('td th sup sub img text')
/** What is within is not shown. */
const unseen = words(
  'template noscript desc metadata defs datalist audio video canvas rp title script style meter progress',
)
const single = words('br hr img meta link input col area base embed source track wbr param')
const struck = words('s strike del')
const preformatted = words('pre xmp listing textarea plaintext')
const tableParts = words('td th tr tbody thead tfoot caption')

/** True when a text carries markup that must be read away. */
export function isHtml(text: string): boolean {
  return text.includes('<') && looksLikeHtml.test(text.slice(0, 20_000))
}

/** The visible text of an HTML mail: hidden parts out, words and lines ended where a browser ends them. */
export function htmlToText(html: string): string {
  const page = new Page()
  readMarkup(html, page)
  return page.toString()
}

/** All text of a mail's markup, whether it would be seen or not. */
export function allText(html: string): string {
  const out = new VisibleText()
  readMarkup(html, {
    text: (raw) => out.write(decodeHTML(raw)),
    open: (name) => out.break(blocks.has(name) ? breaks.line : breaks.none),
    close: (name) => out.break(blocks.has(name) ? breaks.line : breaks.none),
    css: () => {},
    isDone: () => out.length > maxText,
  })
  return (
    out.toString() ||
    withoutCode(html)
      .replace(/<[^<>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim()
  )
}

/** Markup without its style sheets and scripts. One without an end may have swallowed a text, and stays. */
function withoutCode(html: string): string {
  const opening = /<(style|script)\b/gi
  const closings: Readonly<Record<string, RegExp>> = {
    style: /<\/style\b/gi,
    script: /<\/script\b/gi,
  }
  let rest = ''
  for (let at = 0; ; ) {
    opening.lastIndex = at
    const open = opening.exec(html)
    const closing = closings[open?.[1]?.toLowerCase() ?? '']
    if (closing) closing.lastIndex = opening.lastIndex
    const close = closing?.exec(html)
    if (!open || !close) return rest + html.slice(at)
    rest += html.slice(at, open.index)
    at = close.index
  }
}

type Frame = {
  readonly name: string
  readonly classes: readonly string[]
  readonly id: string | null
  readonly isFirst: boolean
  hasChild: boolean
  readonly parent: Frame | null
  readonly edge: Break
  readonly isUnseen: boolean
  readonly isInvisible: boolean
  readonly isSizeless: boolean
  readonly isPreformatted: boolean
  readonly isRow: boolean
  /** As in a style. Nothing is behind the letters until something says so. */
  readonly colour: string
  readonly ground: string
  readonly casing: Style['casing']
  readonly isStruck: boolean
  /** What is within an element in reverse is not turned around once more. */
  readonly isReversed: boolean
  /** Where the text in reverse begins; -1 if that is no edge of it. */
  readonly reversedFrom: number
}

const root: Frame = {
  name: '',
  classes: [],
  id: null,
  isFirst: true,
  hasChild: false,
  parent: null,
  edge: breaks.none,
  isUnseen: false,
  isInvisible: false,
  isSizeless: false,
  isPreformatted: false,
  isRow: false,
  colour: 'other',
  ground: 'other',
  casing: 'none',
  isStruck: false,
  isReversed: false,
  reversedFrom: -1,
}

/** Elements that are looked at for the one that a tag closes. */
const maxSearch = 100
/** And for all tags of a page together: it has about ten of them for each tag. */
const maxSearches = 10_000_000
/** Elements within elements; browsers stop at 512, too. */
const maxDepth = 512
const noAttributes: ReadonlyMap<string, string> = new Map()
const telling = /style|class|hidden|\bid\b|alt|dir|value|type|color|background|open/i

/** Elements that end others of their kind, up to the element that holds both. */
const implied: Readonly<
  Record<string, readonly [ended: ReadonlySet<string>, holder: ReadonlySet<string>]>
> = {
  td: [words('td th'), words('tr table')],
  th: [words('td th'), words('tr table')],
  tr: [words('tr'), words('table')],
  li: [words('li'), words('ul ol td th')],
  dt: [words('dt dd'), words('dl td th')],
  dd: [words('dt dd'), words('dl td th')],
  option: [words('option'), words('select')],
  body: [words('head'), words('html')],
}
const paragraph = words('p')
const holders = words('table td th div section article li blockquote body')
const cellHolders = words('table')
const otherHolders = words('table td th')
const noHolders: ReadonlySet<string> = new Set()

class Page implements MarkupReader {
  readonly #out = new VisibleText()
  readonly #sheet = new StyleSheet()
  /** How many elements of each name are open. */
  readonly #open = new Map<string, number>()
  #top = root
  #depth = 0
  /** Elements that were looked at so far. */
  #searches = 0
  #tags = 0

  text(raw: string): void {
    const { isUnseen, isInvisible, isSizeless, isPreformatted, casing } = this.#top
    if (isUnseen || isInvisible || isSizeless || isClear(this.#top)) return
    const plain = cased(decoded(raw), casing)
    const text = this.#top.isStruck ? struckOut(plain) : plain
    if (isPreformatted) this.#out.writeAsIs(text.replace(/\r\n?/g, '\n'))
    else this.#out.write(text)
  }

  open(name: string, raw: string): void {
    this.#tags++
    const [ended, holder] = implied[name] ?? []
    if (ended && holder) this.#popTo(this.#find(ended, holder))
    else if (this.#open.get('p') && blocks.has(name) && name !== 'br')
      this.#popTo(this.#find(paragraph, holders))
    if (this.#depth >= maxDepth) {
      this.#out.break(edgeOf(name, displayOf(name), false))
      return
    }
    const attributes = raw !== '' && telling.test(raw) ? attributesOf(raw) : noAttributes
    const frame = this.#frameOf(name, attributes)
    this.#break(frame)
    this.#push(frame)
    this.#write(frame, 'before')
    const shown = shownValue(name, attributes)
    if (shown !== '') this.text(shown)
    if (single.has(name)) this.#popTo(frame)
  }

  close(name: string): void {
    if (name === 'br' || name === 'p') this.#out.break(breaks.line)
    // What stands behind the end of the page is shown all the same.
    if (name === 'body' || name === 'html') return
    if (!this.#open.get(name)) return
    const holder = tableParts.has(name) ? cellHolders : name === 'table' ? noHolders : otherHolders
    const found = this.#find(name, holder)
    // A block within is not closed by the end of what it stands in: `<b><p>...</b>...</p>`.
    const isWhole = blocks.has(name) || cells.has(name) || unseen.has(name)
    if (found && (isWhole || !this.#hasBlockAbove(found))) this.#popTo(found)
  }

  css(source: string): void {
    this.#sheet.add(source)
  }

  isDone(): boolean {
    return this.#out.length > maxText || this.#tags > maxTags
  }

  toString(): string {
    return this.#out.toString()
  }

  #find(names: string | ReadonlySet<string>, holder: ReadonlySet<string>): Frame | null {
    let frame: Frame | null = this.#top
    for (let steps = 0; frame?.parent && steps < maxSearch; steps++) {
      if (++this.#searches > maxSearches) return null
      const isIt = typeof names === 'string' ? names === frame.name : names.has(frame.name)
      if (isIt) return frame
      if (holder.has(frame.name)) return null
      frame = frame.parent
    }
    return null
  }

  #hasBlockAbove(below: Frame): boolean {
    for (let frame: Frame | null = this.#top; frame && frame !== below; frame = frame.parent)
      if (blocks.has(frame.name)) return true
    return false
  }

  #popTo(last: Frame | null) {
    if (last === null) return
    for (let frame: Frame | null = this.#top; frame?.parent; frame = frame.parent) {
      this.#write(frame, 'after')
      if (frame.reversedFrom >= 0) this.#out.reverse(frame.reversedFrom)
      this.#break(frame)
      this.#open.set(frame.name, (this.#open.get(frame.name) ?? 0) - 1)
      this.#top = frame.parent
      this.#depth--
      if (frame === last) return
    }
  }

  #push(frame: Frame) {
    this.#top = frame
    this.#depth++
    this.#open.set(frame.name, (this.#open.get(frame.name) ?? 0) + 1)
  }

  /** What a style sheet writes at the edge of an element. */
  #write(frame: Frame, place: Place) {
    const content = this.#sheet.contentOf(frame, place)
    if (content !== '') this.text(content)
  }

  #break(frame: Frame) {
    if (!frame.isUnseen) this.#out.break(frame.edge)
  }

  #frameOf(name: string, attributes: ReadonlyMap<string, string>): Frame {
    const parent = this.#top
    const classes = attributes.get('class')?.split(/\s+/, 20).filter(Boolean) ?? noClasses
    const id = attributes.get('id') || null
    const isFirst = !parent.hasChild
    parent.hasChild = true
    const ruled = this.#sheet.styleOf({ name, classes, id, isFirst, parent })
    const style = styleFrom(decoded(attributes.get('style') ?? ''), ruled)
    const display = style.display ?? displayOf(name)
    const isPage = name === 'body' || name === 'html'
    const isHidden =
      display === 'none' ||
      style.isUnseen === true ||
      attributes.has('hidden') ||
      (name === 'dialog' && !attributes.has('open'))
    const isReversed =
      parent.isReversed ||
      style.isReversed === true ||
      (name === 'bdo' && /rtl/i.test(attributes.get('dir') ?? ''))
    return {
      name,
      classes,
      id,
      isFirst,
      hasChild: false,
      parent,
      edge: parent.isRow ? breaks.blank : edgeOf(name, display, style.isApart === true),
      isUnseen: parent.isUnseen || unseen.has(name) || (isHidden && !isPage),
      isInvisible: style.isInvisible ?? parent.isInvisible,
      isSizeless: style.isSizeless ?? parent.isSizeless,
      isPreformatted: style.isPreformatted ?? (preformatted.has(name) || parent.isPreformatted),
      isRow: style.isRow ?? false,
      colour: style.colour ?? attributeColour(attributes.get('color')) ?? parent.colour,
      ground: groundOf(style, attributes) ?? parent.ground,
      casing: style.casing ?? parent.casing,
      isStruck: parent.isStruck || style.isStruck === true || struck.has(name),
      isReversed,
      reversedFrom: isReversed && !parent.isReversed ? this.#out.mark : -1,
    }
  }
}

const noStyle: Style = {}

const decoded = (text: string) => (text.includes('&') ? decodeHTML(text) : text)

function cased(text: string, casing: Style['casing']): string {
  if (casing === 'upper') return text.toUpperCase()
  return casing === 'lower' ? text.toLowerCase() : text
}

/** An element's own style outdoes that of the sheets, except for what is important there. */
function styleFrom(own: string, ruled: Ruled | null): Style {
  const said = parseStyle(own)
  if (!ruled || !said) return said ?? ruled?.style ?? noStyle
  return { ...ruled.style, ...said, ...ruled.important, ...parseImportant(own) }
}

/** Letters without a colour, or of the colour that is behind them. */
function isClear({ colour, ground }: Frame): boolean {
  return colour === 'clear' || (colour === ground && colour !== 'other')
}

/** A ground without a colour shows the one behind it. */
function groundOf(style: Style, attributes: ReadonlyMap<string, string>): string | undefined {
  if (attributes.has('background')) return 'other'
  const ground = style.ground ?? attributeColour(attributes.get('bgcolor'))
  return ground === 'clear' ? undefined : ground
}

const attributeColour = (written: string | undefined) =>
  written === undefined ? undefined : colourOf(written.trim().toLowerCase())

const noClasses: readonly string[] = []

function displayOf(name: string): Display {
  if (blocks.has(name)) return 'block'
  if (cells.has(name)) return 'cell'
  return boxes.has(name) ? 'inline-block' : 'inline'
}

function edgeOf(name: string, display: Display, isApart: boolean): Break {
  if (name === 'br') return breaks.line
  if (display === 'block') return breaks.line
  if (display === 'cell' || (display === 'inline-block' && isApart)) return breaks.blank
  if (display === 'inline-block' || isApart) return breaks.box
  return name === 'a' ? breaks.edge : breaks.none
}

const withoutText = /^(?:hidden|checkbox|radio|password|image|file|color|range)$/i

/** The words for an image, and what a field is filled with. */
function shownValue(name: string, attributes: ReadonlyMap<string, string>): string {
  if (name === 'img') return attributes.get('alt') ?? ''
  const isField = name === 'input' && !withoutText.test(attributes.get('type') ?? 'text')
  return isField ? (attributes.get('value') ?? '') : ''
}
