// The document of a mail's frame: its markup without addresses, under a policy that lets nothing in or out.
import sheet from './mail-frame.css?url'

/**
 * The policy of our pages holds inside the frame, too, and allows no style in an attribute. What makes most
 * of a mail's look is kept as old attributes instead: where text stands, its colour, and what is behind it.
 */
const presented: readonly (readonly [
  property: string,
  write: (at: HTMLElement, value: string) => void,
])[] = [
  ['text-align', (at, value) => at.setAttribute('align', value)],
  ['background-color', (at, value) => paint(at, value)],
  ['background', (at, value) => paint(at, value)],
  ['color', (at, value) => wrap(at, 'font', value)],
  ['font-weight', (at, value) => /^(?:bold|bolder|[6-9]00)$/.test(value) && wrap(at, 'b')],
  ['font-style', (at, value) => value === 'italic' && wrap(at, 'i')],
  ['text-decoration', (at, value) => value === 'underline' && wrap(at, 'u')],
  ['font-size', (at, value) => enlarge(at, value)],
]

/** What has no place in a mail that is only read. The server leaves it out, too. */
const forbidden =
  'script, style, link, meta, base, title, iframe, frame, frameset, object, embed, svg, math, template, ' +
  'noscript, img, picture, source, video, audio, track, form, input, button, select, textarea, option'

/** What may stay at an element: how it stands and looks, never an address. */
const attributes: ReadonlySet<string> = new Set([
  ...['align', 'valign', 'bgcolor', 'color', 'size', 'width', 'height', 'border', 'dir', 'lang'],
  ...['colspan', 'rowspan', 'cellpadding', 'cellspacing', 'title', 'hidden'],
])

/** A mail's markup as the whole document of a frame. The server has cleaned it; this does not rely on it. */
export function mailDocument(html: string): string {
  const body = new DOMParser().parseFromString(quieted(html), 'text/html').body
  for (const element of body.querySelectorAll(forbidden)) element.remove()
  for (const element of body.querySelectorAll<HTMLElement>('*')) {
    present(element)
    // Nothing in the frame leads anywhere: the links of a mail are listed beside it.
    for (const { name } of [...element.attributes])
      if (!attributes.has(name)) element.removeAttribute(name)
  }
  const styles = new URL(sheet, location.href).href
  const policy = `default-src 'none'; style-src ${styles}; base-uri 'none'; form-action 'none'`
  return [
    '<!doctype html><html><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<link rel="stylesheet" href="${styles}">`,
    `</head><body>${body.innerHTML}</body></html>`,
  ].join('')
}

/** What a reader of markup would report to the policy at once is renamed before it is read. */
const quieted = (html: string): string =>
  html
    .replace(/<(?:base|link|meta)\b[^>]*>/gi, '')
    .replace(/<(\/?)(?:style|script)\b[^>]*>/gi, '<$1template>')
    .replace(/<[a-z][^<>]*>/gi, (tag) =>
      tag.replace(/([\s/"'])(style|on[a-z]+)\s*=/gi, '$1data-$2='),
    )

function present(element: HTMLElement) {
  const style = element.dataset.style
  if (style === undefined) return
  delete element.dataset.style
  const values = new Map(
    style.split(';').map((one) => {
      const [name = '', value = ''] = one.split(/:(.*)/s)
      return [name.trim().toLowerCase(), value.trim().toLowerCase()] as const
    }),
  )
  for (const [property, write] of presented) {
    const value = values.get(property)
    if (value) write(element, value)
  }
}

const inTable = /^(?:TABLE|THEAD|TBODY|TFOOT|TR|TD|TH)$/
/** Elements that hold text themselves: what is in a table or a list must stay its child. */
const holdsText =
  /^(?:P|DIV|SPAN|TD|TH|A|B|STRONG|I|EM|H[1-6]|LI|CENTER|BLOCKQUOTE|FONT|CODE|SMALL|BIG)$/

function paint(element: HTMLElement, colour: string) {
  const hex = hexOf(colour)
  if (hex && inTable.test(element.tagName)) element.setAttribute('bgcolor', hex)
}

function wrap(element: HTMLElement, tag: 'b' | 'i' | 'u' | 'font', colour?: string) {
  const hex = colour === undefined ? null : hexOf(colour)
  if (!holdsText.test(element.tagName) || (colour !== undefined && hex === null)) return
  const around = document.createElement(tag)
  if (hex) around.setAttribute('color', hex)
  around.append(...element.childNodes)
  element.append(around)
}

const largePx = 20
const largestPx = 28

/** Codes in mails are often large: that much of their size is kept. */
function enlarge(element: HTMLElement, size: string) {
  const px = Number(/^([\d.]+)px$/.exec(size)?.[1] ?? 0)
  if (px < largePx || !holdsText.test(element.tagName)) return
  const around = document.createElement('font')
  around.setAttribute('size', px >= largestPx ? '6' : '5')
  around.append(...element.childNodes)
  element.append(around)
}

/** Colours as old attributes know them: names, and six digits. */
function hexOf(colour: string): string | null {
  if (/^[a-z]{3,30}$/.test(colour)) return colour === 'transparent' ? null : colour
  if (/^#[0-9a-f]{6}$/.test(colour)) return colour
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/.exec(colour)
  if (short)
    return `#${short
      .slice(1)
      .map((digit) => digit + digit)
      .join('')}`
  const parts = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.exec(colour)
  if (!parts) return null
  const two = (value: string) => Math.min(255, Number(value)).toString(16).padStart(2, '0')
  return `#${parts.slice(1).map(two).join('')}`
}
