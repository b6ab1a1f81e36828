// Every link in a message, and what stands at its place.
import { decodeHTML, decodeHTMLAttribute } from 'entities/decode'
import { attributesOf, readMarkup } from './markup.ts'

export type PlacedLink = {
  readonly url: string
  /** What the reader sees in its place; null if that is the address itself. */
  readonly text: string | null
  /** The end of the text before it. */
  readonly before: string
  readonly isButton: boolean
}

const maxText = 100_000
const maxPlaced = 300
const maxUrlLength = 2_000
const maxShown = 200
const beforeChars = 100

/** Up to a blank, a quotation mark or a letter that addresses do not have: "https://example.com/a登录". */
const rest = '[/?#][!#-&(-;=?-Z\\[\\]_a-z~]{0,2000}'
const schemeUrl = new RegExp(
  `(?<![a-z])https?:\\/\\/[\\d.:\\p{sc=Latin}\\p{sc=Cyrillic}\\p{sc=Greek}-]{3,253}(?:${rest})?`,
  'giu',
)
/** "example.com/a": without its scheme, as messages save characters. */
const bareUrl = new RegExp(
  `(?<![\\w@./:=&?%-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.){1,4}[a-z]{2,24}${rest}`,
  'giu',
)
/** Points and brackets behind an address belong to the sentence. */
const afterUrl = /[.,;:!?…*_~]+$/

/** The addresses that a text shows, in order. */
export function urlsOf(text: string): readonly PlacedLink[] {
  const read = text.slice(0, maxText)
  const found: PlacedLink[] = []
  const places: { readonly at: number; readonly shown: string; readonly scheme: string }[] = []
  for (const match of read.matchAll(schemeUrl))
    places.push({ at: match.index, shown: match[0], scheme: '' })
  for (const match of read.matchAll(bareUrl))
    places.push({ at: match.index, shown: match[0], scheme: 'https://' })
  places.sort((a, b) => a.at - b.at)
  for (const { at, shown, scheme } of places) {
    if (found.length >= maxPlaced) break
    const url = webUrl(scheme + withoutEnd(shown))
    if (url === null) continue
    const before = read.slice(Math.max(0, at - beforeChars), at)
    found.push({ url, text: null, before, isButton: false })
  }
  return found
}

/** The links of a mail's markup that have a text or an image, in order. */
export function anchorsOf(html: string): readonly PlacedLink[] {
  const found: PlacedLink[] = []
  let before = ''
  let open: { readonly url: string; readonly isButton: boolean; text: string } | null = null
  const close = () => {
    if (open) {
      const text = open.text.replace(/\s+/g, ' ').trim()
      if (text !== '') found.push({ ...open, text: shownText(text, open.url), before })
      before = lastOf(`${before} ${text}`)
    }
    open = null
  }
  let read = 0
  readMarkup(html, {
    text(raw) {
      const text = raw.includes('&') ? decodeHTML(raw) : raw
      read += text.length
      if (open) open.text = (open.text + text).slice(0, maxShown)
      else before = lastOf(before + text)
    },
    open(name, raw) {
      if (name === 'a') {
        close()
        const attributes = attributesOf(raw)
        const url = webUrl(decodeHTMLAttribute(attributes.get('href') ?? '').trim())
        if (url !== null) open = { url, isButton: looksLikeButton(attributes), text: '' }
      } else if (open && name === 'img')
        open.text += ` ${decodeHTMLAttribute(attributesOf(raw).get('alt') ?? '')} `
      else if (open) open.text += ' '
      else if (name !== 'b' && name !== 'span' && name !== 'strong') before += ' '
    },
    close(name) {
      if (name === 'a') close()
    },
    css() {},
    isDone: () => found.length >= maxPlaced || read > maxText,
  })
  close()
  return found
}

const lastOf = (text: string) => text.replace(/\s+/g, ' ').slice(-beforeChars)

/** Null if it is the address itself, perhaps without its scheme or cut short. */
function shownText(text: string, url: string): string | null {
  const plain = (address: string) =>
    address.replace(/^https?:\/\/(?:www\.)?|\/$|(?:\.{3}|…)$/gi, '').toLowerCase()
  return plain(url).startsWith(plain(text)) ? null : text
}

function looksLikeButton(attributes: ReadonlyMap<string, string>): boolean {
  const style = attributes.get('style') ?? ''
  const marks = `${attributes.get('class') ?? ''} ${attributes.get('role') ?? ''}`
  return /background|padding/i.test(style) || /\b(?:btn|button|cta)/i.test(marks)
}

/** Without what follows the address in its sentence. A bracket stays if it was opened within. */
function withoutEnd(shown: string): string {
  let url = shown.replace(afterUrl, '')
  for (const [opening, closing] of ['()', '[]'] as const) {
    while (url.endsWith(closing as string) && countOf(url, closing) > countOf(url, opening))
      url = url.slice(0, -1).replace(afterUrl, '')
  }
  return url
}

const countOf = (text: string, mark: string | undefined) => text.split(mark ?? '').length - 1

/** The address as a browser understands it; null if it is none of the web. */
function webUrl(address: string): string | null {
  if (address.length > maxUrlLength || !/^https?:\/\//i.test(address)) return null
  const url = URL.parse(address)
  if (url === null || !url.hostname.includes('.') || url.username !== '') return null
  return url.href
}
