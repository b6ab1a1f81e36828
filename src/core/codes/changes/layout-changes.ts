// The same message with other lines, blanks and markup: what a reader sees stays the same.
import { around, type Changed, rewritten, type Subject } from './subject.ts'

/** Lines end where mail programs end them. */
const wrapAt = 70

/** Every line end twice. */
export function spread({ text, isHtml }: Subject): Changed {
  return isHtml || !text.includes('\n') ? null : { text: text.replace(/\n+/g, '\n\n') }
}

/** No blank lines. */
export function tightened({ text, isHtml }: Subject): Changed {
  return isHtml || !text.includes('\n\n') ? null : { text: text.replace(/\n{2,}/g, '\n') }
}

/** One line, where each line is a sentence of its own or leads on with a colon. */
export function joined({ text, isHtml }: Subject): Changed {
  if (isHtml || !text.includes('\n') || /[^.!?:;,。！？：，\n]\n/.test(text)) return null
  return { text: text.replace(/\n+/g, ' ') }
}

/** Each sentence in a line of its own. */
export function sentenceLines({ text, isHtml }: Subject): Changed {
  if (isHtml) return null
  const changed = text.replace(/(?<=\p{L}{3}[.!?]) (?=\p{Lu})/gu, '\n')
  return changed === text ? null : { text: changed }
}

/** Lines as telephones of Windows and mail servers end them. */
export function carriageReturns({ text, isHtml }: Subject): Changed {
  return isHtml || !text.includes('\n') ? null : { text: text.replaceAll('\n', '\r\n') }
}

/** Lines of at most so many characters, broken at blanks but never inside the code. */
export function wrapped({ text, isHtml, places }: Subject): Changed {
  if (isHtml || text.length <= wrapAt) return null
  const whole = rewritten(text, places, (written) => written.replaceAll(' ', '\u0000'))
  let column = 0
  const words = whole.split(/(?<=[ \n])/)
  let changed = ''
  for (const word of words) {
    if (column > 0 && column + word.trimEnd().length > wrapAt) {
      changed = `${changed.replace(/ $/, '')}\n`
      column = 0
    }
    changed += word
    column = word.endsWith('\n') ? 0 : column + word.length
  }
  const result = changed.replaceAll('\u0000', ' ')
  return result === text ? null : { text: result }
}

/** As markup, made by `wrap` of the lines and by `show` of the code. */
export function marked(
  wrap: (lines: readonly string[]) => string,
  show: (code: string) => string = (code) => code,
): (subject: Subject) => Changed {
  return (subject) => {
    const { text, places, isHtml } = subject
    if (isHtml) return null
    if (show('12') !== '12' && !isShowable(subject)) return null
    // The ends of the code, in two characters that no message has, while the text is escaped.
    const noted = rewritten(text, places, (written) => `\ue001${written}\ue002`)
    const escaped = noted
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replace(/\ue001([^\ue002]*)\ue002/g, (_, written: string) => show(written))
    return { text: wrap(escaped.split('\n')) }
  }
}

/** The digits of the code stand once and by themselves: nobody marks the middle of an address. */
function isShowable({ text, places }: Subject): boolean {
  const [place, ...more] = places
  if (!place || more.length > 0 || !/^\d+$/.test(text.slice(place.start, place.end))) return false
  return /^(?:[\s:]|$)/.test(text.slice(place.start - 1, place.start)) || place.start === 0
}

/** Each character in an element of its own. */
export function each(before: string, after: string): (code: string) => string {
  return (code) => [...code].map((char) => before + char + after).join('')
}

/** A mark that shows nothing between all characters of the code and of the words around it. */
export function strewn(mark: string): (subject: Subject) => Changed {
  return ({ text, isHtml, message }) => {
    if (isHtml || /[@#/]/.test(text) || /\p{M}/u.test(text)) return null
    return { text: [...text].join(mark), expected: message.expected ?? undefined }
  }
}

/** A mark at the head, or around the code, that shows nothing. */
export function markedBy(before: string, after: string): (subject: Subject) => Changed {
  return ({ text, places }) => {
    if (places.length === 0) return { text: before + text }
    return { text: rewritten(text, places, (written) => before + written + after) }
  }
}

/** Replaces a character wherever it stands, the code's own left alone. */
export function replaced(pattern: RegExp, by: string): (subject: Subject) => Changed {
  return (subject) => {
    if (subject.isHtml) return null
    const changed = around(subject, (part) => part.replace(pattern, by))
    return changed === subject.text ? null : { text: changed }
  }
}
