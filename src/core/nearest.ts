// Suggestions for typing errors: the known words nearest to an unknown one.
import { distance } from 'fastest-levenshtein'

/** Words that differ in a larger share of their letters are not considered a typing error. */
const maxShare = 0.34
const maxShown = 3
const maxLength = 60

/** The known words nearest to a word, the best first, 3 at most. Case is ignored. */
export function nearest(word: string, known: Iterable<string>): string[] {
  const lettersOf = ({ length }: { length: number }) =>
    Math.max(Math.min(word.length, maxLength), length)
  if (word === '') return []
  return byFarness(word, known)
    .filter((one) => one.far <= Math.max(1, lettersOf(one) * maxShare))
    .slice(0, maxShown)
    .map(({ one }) => one)
}

/** A list of so many words is shown whole if none of them is near. */
const maxWhole = 10

/** Words that would be accepted, and the sentence that offers them. */
type Alternatives = { readonly alternatives: string[]; readonly hint: string }

/** What to offer in place of an unknown word, the nearest first: near words, or all if there are few. */
export function alternativesTo(word: string, known: readonly string[]): Alternatives {
  const whole = nearest(word, known)
  const near = whole.length > 0 ? whole : nearestByStart(word, known)
  if (near.length > 0) return { alternatives: near, hint: didYouMean(near) }
  return fewOf(known.length > maxWhole ? [] : byFarness(word, known).map(({ one }) => one))
}

/** The whole of a short list; nothing of a long one. Codes of two letters are all near to each other. */
export function fewOf(known: readonly string[]): Alternatives {
  if (known.length === 0 || known.length > maxWhole) return { alternatives: [], hint: '' }
  return { alternatives: [...known], hint: ` Choose one of ${known.join(', ')}.` }
}

const byFarness = (word: string, known: Iterable<string>) => {
  const wanted = word.toLowerCase().slice(0, maxLength)
  return [...known]
    .map((one) => ({ one, far: farness(wanted, one.toLowerCase()), length: one.length }))
    .sort((a, b) => a.far - b.far || (a.one < b.one ? -1 : 1))
}

/** The names whose first words are near: `USA 5GB / 30 days` for `USA 6GB`. */
function nearestByStart(word: string, known: readonly string[]): string[] {
  const starts = known.flatMap((one) =>
    [...one.matchAll(/[^\p{L}\p{N}]+/gu)].map(({ index }) => ({ one, start: one.slice(0, index) })),
  )
  const near = new Set(
    nearest(
      word,
      starts.map(({ start }) => start),
    ),
  )
  const names = starts.filter(({ start }) => near.has(start)).map(({ one }) => one)
  return [...new Set(names)].slice(0, maxShown)
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
