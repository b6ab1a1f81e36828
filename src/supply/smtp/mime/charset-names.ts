// The names of charsets, as senders write them, and the decoders for them.
import iconv from 'iconv-lite'

/** Labels without information. */
const empty = new Set([
  ...['unknown', 'xunknown', 'unknown8bit', '8bit', '7bit', 'binary', 'none', 'null', 'default'],
  ...['defaultcharset', 'ascii', 'usascii', 'us', 'ansi', 'text', 'auto'],
])
/** Names that the decoders do not know, reduced to letters and digits. */
const aliases: readonly (readonly [RegExp, string])[] = [
  [/utf8|^cp65001$/, 'utf-8'],
  [/^(?:x?|unicode11)utf7/, 'utf-7'],
  [/^utf16le|^cp1200$/, 'utf-16le'],
  [/^utf16be|^cp1201$/, 'utf-16be'],
  [/^utf16|^ucs2|^iso10646ucs2|^unicode$/, 'utf-16'],
  [/^(?:utf32|ucs4)/, 'utf-32'],
  [/^x?iso2022kr|^cp50225$/, 'iso-2022-kr'],
  [/^x?iso2022cn|^cp50227$/, 'iso-2022-cn'],
  [/^(?:cs)?hz|^cp52936$/, 'hz-gb-2312'],
  [/^(?:x|cs)?iso2022jp|^cp5022\d$|^jis$/, 'iso-2022-jp'],
  [/gb18030|gb2312|gbk|euccn|^eucgb|^chinese$|chinesesimp|^x?(?:cp|ms|windows)936$/, 'gb18030'],
  [/big5|chinesetrad|^x?(?:cp|ms|windows)950$/, 'big5'],
  [/eucjp|^ujis$|^cp51932$/, 'euc-jp'],
  [/sjis|shiftjis|mskanji|macjapan|^x?(?:cp|ms|windows)(?:932|31j)$/, 'shift_jis'],
  [/euckr|ksc5601|uhc|mackorean|^x?(?:cp|ms|windows)949$|^korean$/, 'euc-kr'],
  [/^koi8(?:ru|u)$/, 'koi8-u'],
  [/^koi8r?$/, 'koi8-r'],
  [/^(?:x?mac|macintosh|macroman|xmacroman|cp10000)$/, 'macintosh'],
  [/^x?maccyrillic$/, 'x-mac-cyrillic'],
  [/^x?mac(?:ce|centraleurope|centraleurroman|centeuro)$|^cp10029$/, 'maccenteuro'],
  [/^x?macgreek$|^cp10006$/, 'macgreek'],
  [/^x?macturkish$|^cp10081$/, 'macturkish'],
  [/^x?mac(?:iceland|icelandic)$|^cp10079$/, 'maciceland'],
  [/^x?maccroatian$|^cp10082$/, 'maccroatian'],
  [/^x?mac(?:romania|romanian)$|^cp10010$/, 'macromania'],
]
const windows = /^x?(?:cp|win|windows|ms|ansi)(125[0-8]|874)$/
const latin = /^iso8859(\d{1,2})/
const latinNumbers: Readonly<Record<string, string>> = {
  5: '9',
  6: '10',
  7: '13',
  8: '14',
  9: '15',
}

/** Labels that were looked up: an RTF document names its code page at every change of font. */
const known = new Map<string, string | null>()
const maxKnown = 200

/** The name of a decoder for a label, or null if the label is unusable. */
export function toCharset(label: string): string | null {
  let charset = known.get(label)
  if (charset === undefined) {
    charset = lookedUp(label)
    if (known.size >= maxKnown) known.clear()
    known.set(label, charset)
  }
  return charset
}

function lookedUp(label: string): string | null {
  const name = label
    .trim()
    .toLowerCase()
    .replace(/^charset=/, '')
    // A language, or a second name.
    .replace(/[*,].*$/, '')
    // The year in the registered name: ISO_8859-1:1987.
    .replace(/:\d{4}$/, '')
  const letters = name.replace(/[^a-z0-9]/g, '')
  if (letters === '' || empty.has(letters)) return null
  const alias = aliases.find(([form]) => form.test(letters))?.[1]
  if (alias) return alias
  const page = windows.exec(letters)?.[1]
  if (page) return `windows-${page}`
  const part = latin.exec(letters)?.[1]
  if (part) return `iso-8859-${part}`
  const number = /^latin(\d?)$/.exec(letters)?.[1]
  if (number !== undefined) return `iso-8859-${latinNumbers[number] ?? (number || '1')}`
  if (isBuiltIn(name)) return name
  return iconv.encodingExists(name) ? name : null
}

/** Whether the platform decodes it. */
export function isBuiltIn(name: string): boolean {
  try {
    return new TextDecoder(name).encoding !== 'x-user-defined'
  } catch {
    // Not supported by the platform.
    return false
  }
}

type Decoder = InstanceType<typeof TextDecoder>
const decoders = new Map<string, Decoder>()

/** A decoder of the platform. It may be used again and again. */
export function decoderOf(name: string): Decoder {
  let decoder = decoders.get(name)
  if (!decoder) {
    decoder = new TextDecoder(name)
    decoders.set(name, decoder)
  }
  return decoder
}
