// Converts RTF to text, or back to the HTML that Outlook made it of. Bounded: one pass, limited depth.
import { decodeCharset } from './charset.ts'

export type Rtf = { readonly source: string; readonly isHtml: boolean }

const maxLength = 512 * 1024
const maxOut = 400_000
const maxDepth = 500

export const isRtf = (bytes: Buffer): boolean => /^\s*\{\\rtf/.test(bytes.toString('latin1', 0, 20))

const token =
  /\\([a-z]{1,32})(-?\d{1,9})? ?|\\'([0-9a-f]{2})|\\([^a-z])|([{}])|[\r\n]+|[^\\{}\r\n]+|\\/giy

/** Groups that hold no text of the document. */
const hidden = new RegExp(
  [
    '^(?:fonttbl|colortbl|stylesheet|info|pict|object|objdata|header[lrf]?|footer[lrf]?|listtable',
    'listoverridetable|revtbl|rsidtbl|generator|themedata|colorschememapping|datastore|xmlnstbl',
    'filetbl|fldinst|bkmkstart|bkmkend|atnid|atnauthor|annotation|mhtmltag|latentstyles)$',
  ].join('|'),
)
const written: Readonly<Record<string, string>> = {
  ...{ par: '\n', line: '\n', row: '\n', sect: '\n', page: '\n', tab: '\t', cell: '\t' },
  ...{ emdash: '—', endash: '–', bullet: '•', emspace: ' ', enspace: ' ' },
  ...{ lquote: '‘', rquote: '’', ldblquote: '“', rdblquote: '”' },
}
const signs: Readonly<Record<string, string>> = {
  ...{ '~': '\u00a0', _: '-', '\\': '\\', '{': '{', '}': '}', '\n': '\n', '\r': '\n' },
}
/** Code pages by the charset of a font. */
const pages: Readonly<Record<number, number>> = {
  ...{ 128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 177: 1255, 178: 1256 },
  ...{ 186: 1257, 204: 1251, 222: 874, 238: 1250 },
}

type State = {
  readonly isHidden: boolean
  /** Letters that are not to be seen. */
  readonly isInvisible: boolean
  /** In a group that lists the fonts. */
  readonly isFonts: boolean
  /** Between marks for what stands in RTF only. */
  readonly isRtfOnly: boolean
  readonly font: number
  /** How many characters stand for a Unicode character in programs that do not know it. */
  readonly spare: number
}

/** Reads RTF, one character for each byte. */
export function readRtf(source: string): Rtf {
  const reader = new RtfReader()
  const text = source.slice(0, maxLength)
  token.lastIndex = 0
  for (let match = token.exec(text); match && !reader.isDone; match = token.exec(text)) {
    const [whole, word, number, hex, sign, brace] = match
    if (word !== undefined) {
      const value = number === undefined ? null : Number(number)
      reader.control(word.toLowerCase(), value)
      if (word === 'bin' && value !== null && value > 0) token.lastIndex += value
    } else if (hex !== undefined) reader.bytes(String.fromCharCode(Number.parseInt(hex, 16)), true)
    else if (sign !== undefined) reader.sign(sign)
    else if (brace !== undefined) reader.group(brace === '{')
    else if (!/^[\r\n]/.test(whole)) reader.bytes(whole, false)
  }
  return { source: reader.toString(), isHtml: reader.isHtml }
}

class RtfReader {
  isHtml = false
  readonly #out: string[] = []
  #length = 0
  /** Text that is not decoded yet, and its code page. */
  #bytes = ''
  #bytesPage = 1252
  #page = 1252
  readonly #fonts = new Map<number, number>()
  readonly #states: State[] = []
  #state: State = {
    ...{ isHidden: false, isInvisible: false, isFonts: false, isRtfOnly: false },
    ...{ font: -1, spare: 1 },
  }
  /** Characters to skip after a Unicode character. */
  #skip = 0
  #isStarred = false

  get isDone(): boolean {
    return this.#length + this.#bytes.length > maxOut
  }

  group(opens: boolean): void {
    this.#skip = 0
    if (opens && this.#states.length < maxDepth) this.#states.push(this.#state)
    else if (!opens) this.#state = this.#states.pop() ?? this.#state
  }

  sign(sign: string): void {
    if (sign === '*') this.#isStarred = true
    else this.#write(signs[sign] ?? '')
  }

  /** Text in the code page of its font. */
  bytes(text: string, isOne: boolean): void {
    this.#isStarred = false
    const rest = isOne && this.#skip > 0 ? '' : text.slice(this.#skip)
    this.#skip = Math.max(0, this.#skip - text.length)
    if (this.#isSilent || rest === '') return
    const page = this.#fonts.get(this.#state.font) || this.#page
    if (page !== this.#bytesPage) this.#flush()
    this.#bytesPage = page
    this.#bytes += rest
  }

  control(word: string, value: number | null): void {
    const isStarred = this.#isStarred
    this.#isStarred = false
    if (hidden.test(word) || (isStarred && word !== 'htmltag'))
      this.#set({ isHidden: true, isFonts: word === 'fonttbl' })
    else if (word === 'fromhtml') this.isHtml = true
    else if (word === 'htmlrtf') this.#set({ isRtfOnly: value !== 0 })
    else if (word === 'v') this.#set({ isInvisible: value !== 0 })
    else if (word === 'plain') this.#set({ isInvisible: false })
    else if (word === 'ansicpg' && value !== null) this.#page = value
    else if (word === 'f' && value !== null) this.#set({ font: value })
    else if (word === 'fcharset' && this.#state.isFonts)
      this.#fonts.set(this.#state.font, pages[value ?? 0] ?? 0)
    else if (word === 'uc') this.#set({ spare: Math.min(value ?? 1, 10) })
    else if (word === 'u' && value !== null) this.#unicode(value)
    else if (written[word] !== undefined) this.#write(written[word])
  }

  toString(): string {
    this.#flush()
    return this.#out.join('').trim()
  }

  get #isSilent(): boolean {
    const { isHidden, isInvisible, isRtfOnly } = this.#state
    return isHidden || isInvisible || (this.isHtml && isRtfOnly)
  }

  #set(change: Partial<State>) {
    this.#state = { ...this.#state, ...change }
  }

  #unicode(value: number) {
    this.#write(String.fromCharCode(value & 0xffff))
    this.#skip = this.#state.spare
  }

  #write(text: string) {
    if (this.#isSilent) return
    this.#flush()
    this.#out.push(text)
    this.#length += text.length
  }

  #flush() {
    if (this.#bytes === '') return
    const text = decodeCharset(Buffer.from(this.#bytes, 'latin1'), `cp${this.#bytesPage}`)
    this.#bytes = ''
    this.#out.push(text)
    this.#length += text.length
  }
}
