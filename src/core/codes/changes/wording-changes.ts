// The same message with another sender, case, head or foot: nothing that changes which number is the code.
import { around, type Changed, rewritten, type Subject } from './subject.ts'

/** Letters with case. Georgian capitals are hardly ever typed. */
const cased = '[\\p{sc=Latin}\\p{sc=Cyrillic}\\p{sc=Greek}\\p{sc=Armenian}\\p{M}]+'
const casedWords = new RegExp(`${cased}(?:[’']${cased})*`, 'gu')
const hashChars = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789+/'

export function inCapitals(subject: Subject): Changed {
  return recased(subject, (word) => word.toLocaleUpperCase(localeOf(subject)))
}

export function inSmallLetters(subject: Subject): Changed {
  return recased(subject, (word) => word.toLocaleLowerCase(localeOf(subject)))
}

export function inTitleCase(subject: Subject): Changed {
  return recased(subject, (word) => {
    return word.slice(0, 1).toLocaleUpperCase(localeOf(subject)) + word.slice(1)
  })
}

function recased(subject: Subject, recase: (word: string) => string): Changed {
  // A code of letters alone that is not found would change with the text.
  const { message, places, text } = subject
  if (places.length === 0 && /\p{L}/u.test(message.expected ?? '')) return null
  const changed = around(subject, (part) => part.replace(casedWords, recase))
  return changed === text ? null : { text: changed }
}

/** Only Turkish and its neighbours have capitals of their own. */
function localeOf({ message: { lang } }: Subject): string {
  return lang === 'tr' || lang === 'az' ? lang : 'en'
}

/** Another name in place of the sender's. */
export function otherBrand({ text, head, name, isHtml, message }: Subject): Changed {
  if (head === null || isHtml || message.expected?.includes(head)) return null
  return { text: text.replaceAll(head, () => name) }
}

/** A mark or a name before everything else, where there is none yet. */
export function headedBy(head: (name: string) => string): (subject: Subject) => Changed {
  return ({ text, isHtml, head: has, name }) => {
    return isHtml || has !== null || text.startsWith('<') ? null : { text: head(name) + text }
  }
}

/** Something at the end that says nothing of the code. */
export function footedBy(foot: (name: string) => string): (subject: Subject) => Changed {
  return ({ text, isHtml, name }) => {
    // A hash of eleven characters and an address with a code end a message that programs read.
    if (/\n\/?[\w+/]{11}\s*$|#[A-Za-z0-9-]+\s*$/.test(text)) return null
    if (isHtml) return { text: `${text}<p>${foot(name).trim()}</p>` }
    // A bare number is a code because it stands alone.
    return /\p{L}/u.test(text) ? { text: text.trimEnd() + foot(name) } : null
  }
}

/** The hash by which a telephone hands a message to an app. */
export function hashed(subject: Subject): Changed {
  if (subject.message.channel !== 'sms') return null
  const { random } = subject
  const chars = Array.from({ length: 9 }, () => hashChars[random.below(hashChars.length)])
  return footedBy(() => `\nF${chars.join('')}q`)(subject)
}

/** The final full stop away, or there if it is missing. */
export function finalStop({ text, isHtml }: Subject): Changed {
  if (isHtml) return null
  const end = /[.。।]\s*$/
  return end.test(text) ? { text: text.replace(end, '') } : { text: `${text.trimEnd()}.` }
}

/** Replaces a mark wherever it stands around the code. */
export function repunctuated(pattern: RegExp, mark: string): (subject: Subject) => Changed {
  return (subject) => {
    if (subject.isHtml) return null
    const changed = around(subject, (part) => part.replace(pattern, mark))
    return changed === subject.text ? null : { text: changed }
  }
}

/** Puts the code between two marks. */
export function enclosed(before: string, after: string): (subject: Subject) => Changed {
  return ({ text, places, isHtml }) => {
    if (places.length === 0 || (isHtml && before.startsWith('<'))) return null
    if (places.some(({ start, end }) => /["'“”«»*<(_/=#-]/.test(sides(text, start, end))))
      return null
    return { text: rewritten(text, places, (written) => before + written + after) }
  }
}

function sides(text: string, start: number, end: number): string {
  return text.slice(Math.max(0, start - 1), start) + text.slice(end, end + 1)
}
