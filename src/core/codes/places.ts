// Where a code is written in a message, in whatever digits and groups.
import { foldText } from './fold.ts'

export type Place = { readonly start: number; readonly end: number }

/** What may stand between the digits of a code that is written in groups. */
const joint = '[ ·._~|*\\n\\u200b-]{0,3}'

/** Where the code is written, in whatever digits and groups. */
export function placesOf(text: string, code: string): Place[] {
  const chars = [...code].map((char) => char.replace(/[^\p{L}\p{N}]/u, '\\$&'))
  const pattern = new RegExp(`(?<![A-Za-z0-9])${chars.join(joint)}(?![A-Za-z0-9])`, 'giu')
  return Array.from(unitwise(text).matchAll(pattern), (match) => {
    return { start: match.index, end: match.index + match[0].length }
  })
}

/** Folded with every unit in its place. */
function unitwise(text: string): string {
  return text.replace(/[^\0-\x7f]/g, (unit) => {
    const folded = foldText(unit)
    return folded.length === 1 ? folded : folded === '' ? '\u200b' : unit
  })
}
