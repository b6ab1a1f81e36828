// Invitations (RFC 5545): the text for people.
import { htmlToText } from '../../../core/codes/html.ts'
import { decodeCharset } from './charset.ts'
import { quotedBytes } from './transfer.ts'

const shown = ['SUMMARY', 'LOCATION', 'DESCRIPTION'] as const
/** The description as HTML: shown if there is no other. */
const alternative = 'X-ALT-DESC'
const property =
  /^(SUMMARY|LOCATION|DESCRIPTION|X-ALT-DESC)((?:;[^:;"]{0,200}(?:"[^"]{0,500}"[^:;"]{0,200})?)*):(.*)$/i

/** The summaries, places and descriptions of a calendar's entries, without duplicates. */
export function calendarText(text: string): string {
  const names = [...shown, alternative]
  const found = new Map<string, Set<string>>(names.map((name) => [name, new Set()]))
  for (const line of text
    .replace(/\n[ \t]/g, '')
    .replace(/=\n/g, '')
    .split('\n')) {
    const [, name, parameters = '', value = ''] = property.exec(line) ?? []
    if (name) found.get(name.toUpperCase())?.add(plainValue(value, parameters))
  }
  const page = [...(found.get(alternative) ?? [])].map(htmlToText)
  found.set(alternative, new Set(found.get('DESCRIPTION')?.size ? [] : page))
  return [...found.values()]
    .flatMap((values) => [...values])
    .join('\n')
    .trim()
}

function plainValue(value: string, parameters: string): string {
  const isQuoted = /ENCODING=QUOTED-PRINTABLE/i.test(parameters)
  const decoded = isQuoted ? decodeCharset(quotedBytes(value), null) : value
  return decoded
    .replace(/\\n/gi, '\n')
    .replace(/\\([,;\\])/g, '$1')
    .trim()
}
