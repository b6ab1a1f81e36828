// One plain form for what means the same: lines that were wrapped, marks around a number, capitals, footers.
import { findHits, kinds } from './keyword-index.ts'
import { capitalsIn, classOf, letterClass } from './letters.ts'

/** The text without footers, wrapped lines and marks around numbers. Linear in its length. */
export function plainText(text: string): string {
  return unmarked(unwrapped(withoutSignature(withoutFooter(text))))
}

/** "Reply STOP to opt out. Msg & data rates may apply.": what must be told, and says nothing. */
const told = [
  '(?:reply|text|txt|send|sms) ?(?:with )?["\']?(?:stop|help|end|quit|cancel|unsub(?:scribe)?)\\b["\']?' +
    '[^.!\\n]{0,60}',
  '(?:std\\.? |standard )?(?:msg|message)s?(?: ?(?:&|and) ?data)? (?:rates|charges)[^.!\\n]{0,30}',
  '(?:to )?(?:opt[- ]?out|unsubscribe),? ?(?:reply|text|txt|send)[^.!\\n]{0,30}',
]
const footer = new RegExp(`(?<=\\S)(?:[\\s.,]*\\b(?:${told.join('|')})[.!]?)+\\s*$`, 'i')
/** What each of them has, which is found sooner. */
const mayTell = /reply|te?xt|send|sms|rates|charges/i
/** A footer stands within so many characters of the end. */
const footerChars = 200

/** The text without what every message of its sender ends with, if anything else is in it. */
function withoutFooter(text: string): string {
  const from = Math.max(0, text.length - footerChars)
  const tail = text.slice(from)
  if (!mayTell.test(tail)) return text
  const at = tail.search(footer)
  if (at < 0 || from + at < 4) return text
  return text.slice(0, from + at) + (tail[at] === '.' ? '.' : '')
}

const word = "\\p{Lu}[\\p{L}\\p{N}&'.]{1,19}"
const signature = new RegExp(`(?:\\n{1,2}(?:-{1,2} ?\\n?)?| - )(${word}(?: ${word}){0,2})$`, 'u')

/** The text without the sender's name at its end, if that is made of no known words. */
function withoutSignature(text: string): string {
  const from = Math.max(0, text.length - 70)
  const tail = text.slice(from)
  const found = tail.includes('\n') || tail.includes(' - ') ? signature.exec(tail) : null
  if (!found?.[1] || /^\p{Lu}+$|\d/u.test(found[1]) || isSaying(found[1])) return text
  const rest = text.slice(0, from + found.index)
  return /\p{L}.*\d|\d.*\p{L}/su.test(rest) ? rest : text
}

/** Whether a word of it says more than who writes. Short ones stand in many names. */
function isSaying(name: string): boolean {
  return findHits(name).some(({ kind, size }) => size > 3 || (kind & ~kinds.digits) !== 0)
}

/** Lines are wrapped between these widths. */
const minWrap = 58
const maxWrap = 80

/** The text with lines joined where the next word did not fit. */
function unwrapped(text: string): string {
  if (text.length <= minWrap || !text.includes('\n')) return text
  const lines = text.split('\n')
  let result = lines[0] ?? ''
  for (let i = 1; i < lines.length; i++) {
    const [line = '', next = ''] = [lines[i - 1], lines[i]]
    result += (isWrapped(line, next) ? ' ' : '\n') + next
  }
  return result
}

function isWrapped(line: string, next: string): boolean {
  if (line.length > maxWrap || line.length < minWrap - 24 || next === '') return false
  const first = next.indexOf(' ')
  const size = first < 0 ? next.length : first
  return line.length + 1 + size > minWrap + 8 && /[\p{L}\p{N},]$/u.test(line)
}

/** A number between stars or quotes, which say no more than that it is one. */
const marks = /(?<![\p{L}\p{N}*"])(?:\*([^*\n"]{3,14})\*|"([^*\n"]{3,14})")(?![\p{L}\p{N}*"])/gu
const numberLike = /^(?=(?:.*\d){3})[A-Za-z\d]+(?:[ .-][A-Za-z\d]+){0,9}$/
/** "Code:441092", "Tarn:your code": the blank behind the colon is missing. */
const tightColon =
  /:(?<=(?:^|[\s\]】)"'(])[\p{L}\p{M}'-]{1,30}:)(?=\p{L}|\d{4,10}(?![\d.:/])|\d{3}[ -]\d)/gu

/** The text with marks around numbers left out, and a blank behind each colon. */
function unmarked(text: string): string {
  let plain = text
  if (plain.includes('*') || plain.includes('"')) {
    plain = plain.replace(marks, (all, starred?: string, quoted?: string) => {
      const inner = starred ?? quoted ?? ''
      return numberLike.test(inner) ? inner : all
    })
  }
  return plain.includes(':') ? plain.replace(tightColon, ': ') : plain
}

/** So many capitals, and hardly a small letter, are a line in capitals. */
const minCapitals = 12
/** No word of any language, and so perhaps a code. */
const consonants = /^(?:[BCDFGHJKLMNPQRSTVWXZ]{5,}|[БВГДЖЗКЛМНПРСТФХЦЧШЩ]{5,})$/
const capitalWords = /(?<![\p{L}\p{N}])\p{Lu}[\p{Lu}\p{M}]+(?![\p{L}\p{N}])/gu

/** Lines in capitals, or in title case, in small letters, one unit for one: capitals say nothing in them. */
export function calmed(text: string): string {
  const { count, longest } = capitalsIn(text)
  const shown = count > 4 && titled.test(text) ? text.replace(/[^\n]+/g, untitled) : text
  return longest > 1 && hasCapitals.test(shown) ? calmedLines(shown) : shown
}

/** Five words and more, each with a capital. */
const titled = /(?:\p{Lu}[\p{Ll}\p{M}']+[^\p{L}\n]{1,12}){4}\p{Lu}\p{Ll}/u
const smallStart = /(?<![\p{L}\p{N}\p{M}'’-])\p{Ll}/u

function untitled(line: string): string {
  if (!titled.test(line) || smallStart.test(line)) return line
  return line.replace(/(?<=[\p{L}\p{N},] )\p{Lu}(?=\p{Ll}|[^\p{L}\p{N}])/gu, (capital) => {
    const small = capital.toLowerCase()
    return small.length === capital.length ? small : capital
  })
}

function calmedLines(text: string): string {
  const lines = text.split('\n')
  const counts = lines.map(lettersOf)
  if (!counts.some(isShouted)) return text
  return lines
    .map((line, i) => {
      const count = counts[i] as Letters
      return isShouted(count) || count.lower === 0 ? calmedLine(line) : line
    })
    .join('\n')
}

const hasCapitals = /\p{Lu}{2}[^\p{Ll}]*\p{Lu}{2}/u

type Letters = { readonly upper: number; readonly lower: number }

function lettersOf(line: string): Letters {
  let upper = 0
  let lower = 0
  for (let i = 0; i < line.length; i++) {
    if (classOf[line.charCodeAt(i)] !== letterClass.spaced) continue
    const char = line[i] as string
    if (char !== char.toLowerCase()) upper++
    else if (char !== char.toUpperCase()) lower++
  }
  return { upper, lower }
}

function isShouted({ upper, lower }: Letters): boolean {
  return upper >= minCapitals && lower * 10 <= upper
}

function calmedLine(line: string): string {
  return line.replace(capitalWords, (found, at: number) => {
    if (consonants.test(found)) return found
    const small = found.replaceAll('İ', 'i').toLowerCase()
    if (small.length !== found.length) return found
    const isFirst = at === 0 || /[.!?\]】] ?$/.test(line.slice(Math.max(0, at - 2), at))
    return isFirst ? found.slice(0, 1) + small.slice(1) : small
  })
}
