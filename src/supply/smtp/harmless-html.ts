// Sanitises markup from strangers: nothing in it runs, loads, asks for input or covers a page.
import { decodeHTMLAttribute } from 'entities'
import sanitizeHtml, { type IOptions } from 'sanitize-html'

const tags = [
  ...['p', 'br', 'hr', 'div', 'span', 'center', 'blockquote', 'pre', 'code', 'address'],
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'dl', 'dt', 'dd'],
  ...['table', 'caption', 'thead', 'tbody', 'tfoot', 'tr', 'td', 'th', 'font'],
  ...[
    'a',
    'b',
    'strong',
    'i',
    'em',
    'u',
    's',
    'del',
    'strike',
    'small',
    'big',
    'sub',
    'sup',
    'mark',
    'abbr',
  ],
]

const colour = [/^#[0-9a-f]{3,8}$/i, /^[a-z]{3,30}$/i, /^rgba?\([\d\s,.%]{1,40}\)$/i]
const size = [/^-?\d{1,4}(?:\.\d{1,3})?(?:px|em|rem|pt|%)?$/i, /^auto$/i]
const sizes = [
  /^(?:-?\d{1,4}(?:\.\d{1,3})?(?:px|em|rem|pt|%)?|auto)(?:\s+(?:\d{1,4}(?:px|em|rem|pt|%)?|auto)){0,3}$/i,
]
const word = [/^[a-z-]{1,30}$/i]

/** How elements stand among others: without it, words that are apart would touch each other. */
const display = [
  /^(?:none|block|inline|inline-block|list-item|(?:inline-)?(?:table|flex|grid)|table-(?:cell|row))$/i,
]

/** Allowed styles and values: none that contain a URL, none that move elements. */
const styles = {
  color: colour,
  background: colour,
  'background-color': colour,
  'border-color': colour,
  'border-radius': sizes,
  display,
  'flex-direction': [/^(?:row|column)$/i],
  'font-family': [/^[\w\s,'"-]{1,200}$/],
  'font-size': size,
  'font-style': word,
  'font-weight': [/^(?:[a-z]{4,7}|[1-9]00)$/i],
  'letter-spacing': size,
  'line-height': size,
  margin: sizes,
  padding: sizes,
  width: size,
  'max-width': size,
  height: size,
  'text-align': word,
  'text-decoration': word,
  'text-transform': word,
  'vertical-align': word,
}

/** Elements that are removed together with their text. */
const hidden = /display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all/i

const linkSchemes = ['http:', 'https:', 'mailto:', 'tel:']

const options: IOptions = {
  allowedTags: tags,
  allowedAttributes: {
    a: ['href', 'title', 'target', 'rel'],
    td: ['colspan', 'rowspan', 'align', 'valign', 'width', 'bgcolor'],
    th: ['colspan', 'rowspan', 'align', 'valign', 'width', 'bgcolor'],
    table: ['align', 'width', 'bgcolor', 'border', 'cellpadding', 'cellspacing'],
    font: ['color', 'size'],
    '*': ['style', 'dir', 'lang', 'align', 'hidden'],
  },
  // `harmlessStyle` has removed what is not allowed.
  parseStyleAttributes: false,
  allowedSchemes: linkSchemes.map((scheme) => scheme.slice(0, -1)),
  allowProtocolRelative: false,
  nonTextTags: [
    'script',
    'style',
    'textarea',
    'option',
    'noscript',
    'title',
    'svg',
    'math',
    'template',
    'iframe',
  ],
  nestingLimit: 60,
  // Hidden elements are removed with their content.
  exclusiveFilter: (frame) => 'hidden' in frame.attribs,
  transformTags: {
    '*': (tagName, attribs) => {
      if ('hidden' in attribs || hidden.test(attribs.style ?? ''))
        return { tagName, attribs: { hidden: 'hidden' } }
      const { style, ...others } = attribs
      if (style === undefined) return { tagName, attribs }
      const kept = harmlessStyle(style)
      return { tagName, attribs: kept ? { ...attribs, style: kept } : others }
    },
    // The target of a link does not learn where it was shown.
    a: (tagName, { href, ...attribs }) => ({
      tagName,
      attribs: {
        ...attribs,
        ...absolute(href),
        target: '_blank',
        rel: 'noopener noreferrer nofollow',
      },
    }),
    img: (_name, attributes) => ({ tagName: 'span', attribs: {}, text: attributes.alt ?? '' }),
  },
}

const styleOptions: IOptions = {
  allowedTags: ['span'],
  allowedAttributes: { span: ['style'] },
  allowedStyles: { '*': styles },
}
/** Most cells of a table have the same style, and to parse it costs as much as the rest of an element. */
const knownStyles = new Map<string, string>()
const maxKnownStyles = 500
const maxKnownLength = 500

/** The allowed declarations of a style attribute; an empty string if there are none. */
function harmlessStyle(style: string): string {
  const known = knownStyles.get(style)
  if (known !== undefined) return known
  // The names of the allowed properties are in lower case.
  const quoted = style.toLowerCase().replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  const span = sanitizeHtml(`<span style="${quoted}"></span>`, styleOptions)
  const kept = decodeHTMLAttribute(/ style="([^"]*)"/.exec(span)?.[1] ?? '')
  if (knownStyles.size >= maxKnownStyles) knownStyles.clear()
  if (style.length <= maxKnownLength) knownStyles.set(style, kept)
  return kept
}

/** A link as a browser understands it; null if it leads into the page that shows the email. */
function absolute(href: string | undefined): { readonly href?: string } {
  // Without a base, relative links are not URLs: "/x", "//x", "\\\\x", "?x", "#x".
  const url = URL.parse(href ?? '')
  return url && linkSchemes.includes(url.protocol) ? { href: url.href } : {}
}

/** Images are replaced by their alternative text: loading them would tell the sender who reads when and
 * where. */
export const harmlessHtml = (html: string): string => sanitizeHtml(html, options).trim()
