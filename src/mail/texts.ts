// Mails as they are sent: the words of a language (words/), with the facts of a letter, as text and HTML.
import type { Language } from '../core/people/language.ts'
import type { Letter } from '../core/people/letters.ts'
import { isNotice } from '../core/people/notices.ts'
import { english } from './words/english.ts'
import { indonesian } from './words/indonesian.ts'
import { fill, type Words } from './words/words.ts'

export type MailText = { readonly subject: string; readonly text: string; readonly html: string }

/** Where the mail comes from. */
type Platform = { readonly name: string }

const wordsIn = { en: english, id: indonesian } as const satisfies Record<Language, Words>

/** The mail of a letter, in the language of whoever gets it. */
export function mailOf({ text, language, url, facts }: Letter, platform: Platform): MailText {
  const words = wordsIn[language]
  // The time of a notice is read by people; elsewhere it is for comparing with a log.
  const at = isNotice(text) ? timeIn(words, facts.at) : facts.at
  const put = fill(words, { ...facts, at: at ?? null, platform: platform.name })
  const { subject, before, link, after } = words.mails[text]
  const plain = [...before.map(put), url, ...after.map(put), `-- \n${platform.name}`]
  return {
    subject: put(subject),
    text: `${plain.join('\n\n')}\n`,
    html: [
      `<!doctype html><html lang="${language}">`,
      '<body style="font:16px/1.5 system-ui,sans-serif;max-width:34em">',
      ...before.map((one) => paragraph(put(one))),
      `<p><a href="${escaped(url)}">${escaped(link)}</a></p>`,
      ...after.map((one) => paragraph(put(one))),
      `<p style="color:#666">${escaped(platform.name)}</p></body></html>`,
    ].join('\n'),
  }
}

/** A time as people read it. */
const timeIn = ({ tag }: Words, at: string | null | undefined) =>
  at
    ? new Intl.DateTimeFormat(tag, {
        ...{ dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' },
      }).format(new Date(at))
    : null

const paragraph = (text: string) => `<p>${escaped(text).replaceAll('\n', '<br>')}</p>`

const escaped = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
