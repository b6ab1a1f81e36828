// Suggestions for typing errors: the known words nearest to an unknown one.
import { distance } from 'fastest-levenshtein'

/** Words that differ in a larger share of their letters are not considered a typing error. */
const maxShare = 0.34
const maxShown = 3
const maxLength = 60

/** The known words nearest to a word, the best first, 3 at most. Case is ignored. */
export function nearest(word: string, known: Iterable<string>): string[] {
  const wanted = word.toLowerCase().slice(0, maxLength)
  if (wanted === '') return []
  return [...known]
    .map((one) => ({ one, far: farness(wanted, one.toLowerCase()), length: one.length }))
    .filter(({ far, length }) => far <= Math.max(1, Math.max(wanted.length, length) * maxShare))
    .sort((a, b) => a.far - b.far || (a.one < b.one ? -1 : 1))
    .slice(0, maxShown)
    .map(({ one }) => one)
}

/** A word that is a prefix of the other is near. */
function farness(wanted: string, known: string): number {
  const isBeginning = known.startsWith(wanted) || wanted.startsWith(known)
  return isBeginning && Math.min(wanted.length, known.length) > 2 ? 1 : distance(wanted, known)
}

/** `There is no service whatsap. Did you mean whatsapp?` */
export function unknownOf(kind: string, word: string, known: Iterable<string>): string {
  return `There is no ${kind} ${word}.${meant(word, known)}`
}

/** ` Did you mean whatsapp?`, or an empty text if nothing is near. */
export function meant(word: string, known: Iterable<string>): string {
  return didYouMean(nearest(word, known))
}

/** The same for words that were already found. */
export const didYouMean = (words: readonly string[]): string =>
  words.length === 0 ? '' : ` Did you mean ${words.join(' or ')}?`
