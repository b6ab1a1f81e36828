// From an HTML mail to the text a reader sees. One pass, no regular expression over the markup.

/** What is read of a mail's markup: its style sheets come first and are long, its text is short. */
const markupHeadChars = 120_000
const markupTailChars = 20_000

const looksLikeHtml =
  /<\/?(?:html|head|body|div|p|br|table|tbody|tr|td|th|span|a|b|i|u|em|strong|style|meta|h[1-6]|center|font|li|ul|ol|img|code|pre|section|hr|title)\b[^<>]{0,300}>/i

const blocks = new Set(
  'p div br tr table tbody thead ul ol li h1 h2 h3 h4 h5 h6 hr section article header footer center blockquote pre title body html dl dt dd'.split(
    ' ',
  ),
)
const cells = new Set(['td', 'th'])
const unseen = new Set(['style', 'script', 'head', 'title', 'template', 'noscript', 'svg'])
const single = new Set(['br', 'hr', 'img', 'meta', 'link', 'input', 'col'])
const hiding =
  /display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|max-height\s*:\s*0|font-size\s*:\s*0(?![.\d]*[1-9])|opacity\s*:\s*0(?![.\d]*[1-9])|\bhidden(?:\s|>|=|$)/i

const entities: Readonly<Record<string, string>> = {
  nbsp: ' ',
  ensp: ' ',
  emsp: ' ',
  thinsp: ' ',
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  ndash: '–',
  mdash: '—',
  middot: '·',
  bull: '•',
  hellip: '…',
  laquo: '«',
  raquo: '»',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  zwnj: '',
  zwj: '',
  shy: '',
  lrm: '',
  rlm: '',
  copy: '©',
  euro: '€',
  pound: '£',
  colon: ':',
  num: '#',
}

/** True when a text carries markup that must be read away. */
export function isHtml(text: string): boolean {
  return text.includes('<') && looksLikeHtml.test(text.slice(0, 20_000))
}

/** The visible text of an HTML mail: hidden parts out, blocks on their own lines. */
export function htmlToText(source: string): string {
  const html = capMarkup(source)
  const lower = html.toLowerCase()
  const found: string[] = []
  // Elements that are never closed: looked for once, or ten thousand of them would cost a second.
  const unclosed = new Set<string>()
  let at = 0
  while (at < html.length) {
    const open = html.indexOf('<', at)
    if (open < 0) break
    found.push(textOf(html.slice(at, open)))
    if (lower.startsWith('<!--', open)) {
      const end = html.indexOf('-->', open)
      at = end < 0 ? html.length : end + 3
      continue
    }
    const close = html.indexOf('>', open)
    if (close < 0) {
      at = open
      break
    }
    const name = tagName(lower, open, close)
    if (name === '') {
      found.push('<')
      at = open + 1
      continue
    }
    found.push(breakFor(name))
    at = afterTag(lower, open, close, { name, unclosed })
  }
  // An unclosed bracket is text; whatever stands after it is read as it is.
  if (at < html.length) found.push(textOf(html.slice(at)))
  return found
    .join('')
    .replace(/ *\n[ \n]*/g, '\n')
    .trim()
}

function capMarkup(html: string): string {
  if (html.length <= markupHeadChars + markupTailChars) return html
  return `${html.slice(0, markupHeadChars)}\n${html.slice(-markupTailChars)}`
}

function tagName(lower: string, open: number, close: number): string {
  const from = lower[open + 1] === '/' ? open + 2 : open + 1
  let to = from
  while (to < close && to - from < 12 && isTagChar(lower.charCodeAt(to))) to++
  const first = lower.charCodeAt(from)
  if (lower[open + 1] === '!' || lower[open + 1] === '?') return 'doctype'
  return first >= 97 && first <= 122 ? lower.slice(from, to) : ''
}

function isTagChar(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 58)
}

function breakFor(name: string): string {
  if (blocks.has(name)) return '\n'
  return cells.has(name) ? ' ' : ''
}

type Tag = { readonly name: string; readonly unclosed: Set<string> }

function afterTag(lower: string, open: number, close: number, tag: Tag): number {
  const { name, unclosed } = tag
  const isOpening = lower[open + 1] !== '/' && lower[close - 1] !== '/' && !single.has(name)
  if (!isOpening) return close + 1
  const isHidden = unseen.has(name) || hiding.test(lower.slice(open, Math.min(close, open + 600)))
  if (!isHidden || name === 'body' || name === 'html' || unclosed.has(name)) return close + 1
  return afterElement(lower, close, tag)
}

/** The end of an element that is not shown, its inner elements of the same name counted. */
function afterElement(lower: string, close: number, { name, unclosed }: Tag): number {
  const end = `</${name}`
  const start = `<${name}`
  let depth = 1
  let at = close + 1
  for (let steps = 0; steps < 200; steps++) {
    const ending = lower.indexOf(end, at)
    if (ending < 0) {
      unclosed.add(name)
      return name === 'style' || name === 'script' ? lower.length : close + 1
    }
    const inner = unseen.has(name) ? -1 : lower.indexOf(start, at)
    if (inner >= 0 && inner < ending) {
      depth++
      at = inner + start.length
      continue
    }
    depth--
    at = ending + end.length
    if (depth === 0) {
      const closing = lower.indexOf('>', ending)
      return closing < 0 ? lower.length : closing + 1
    }
  }
  return at
}

function textOf(raw: string): string {
  const spaced = raw.replace(/\s+/g, ' ')
  if (!spaced.includes('&')) return spaced
  return spaced.replace(/&(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});/gi, (whole, name: string) =>
    entity(whole, name.toLowerCase()),
  )
}

function entity(whole: string, name: string): string {
  if (!name.startsWith('#')) return entities[name] ?? whole
  const point = name.startsWith('#x')
    ? Number.parseInt(name.slice(2), 16)
    : Number.parseInt(name.slice(1), 10)
  return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : ''
}
