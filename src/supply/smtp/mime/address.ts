// The From of an email, as people see it.
import { decodeWords } from './encoded-words.ts'

const maxLength = 2_000

/** `Name <address>`, the address alone, or, if there is none, the raw value. */
export function shownSender(raw: string, charset: string | null): string {
  const field = raw.slice(0, maxLength).trim()
  const found = splitAddress(field) ?? splitAddress(decodeWords(field, charset))
  if (!found) return decodeWords(field, charset)
  const name = unquoted(decodeWords(found.name, charset))
  return name && name !== found.address ? `${name} <${found.address}>` : found.address
}

type Parts = { readonly name: string; readonly address: string }

const bare = /^([^\s<>@,;()"]{1,200}@[^\s<>@,;()"]{1,250})/
const bareAnywhere = /([^\s<>@,;:()"]{1,200}@[^\s<>@,;:()"]{1,250})/

function splitAddress(field: string): Parts | null {
  const open = outsideQuotes(field, '<')
  if (open >= 0) {
    const close = field.indexOf('>', open)
    const inner = field.slice(open + 1, close < 0 ? undefined : close).trim()
    const address = bareAnywhere.exec(inner)?.[1] ?? inner.replace(/\s+/g, '')
    // A group or a list: the name is what follows the last comma or colon before it.
    if (address) return { name: field.slice(0, open).trim(), address }
  }
  const address = bare.exec(field)?.[1]
  if (!address) {
    const inside = bareAnywhere.exec(field)
    return inside?.[1] && !field.includes('=?') ? { name: '', address: inside[1] } : null
  }
  const comment = /^\s*\(([^)]{1,300})\)/.exec(field.slice(address.length))
  return { name: comment?.[1] ?? '', address }
}

function outsideQuotes(field: string, char: string): number {
  let isQuoted = false
  for (let i = 0; i < field.length; i++) {
    if (field[i] === '\\') i++
    else if (field[i] === '"') isQuoted = !isQuoted
    else if (field[i] === char && !isQuoted) return i
  }
  // An unclosed quote is ordinary text.
  return isQuoted ? field.lastIndexOf(char) : -1
}

const unquoted = (name: string) =>
  name
    .replace(/^"|"$/g, '')
    .replace(/^'|'$/g, '')
    .replace(/\\(["\\])/g, '$1')
    .replace(/^\(|\)$/g, '')
    .trim()
