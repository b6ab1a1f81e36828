// Whether a name is meant by what somebody types: its beginning, its initials (`wa`), its code (`us`).

const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

/** Words also begin at capitals: WhatsApp is `Whats App`. */
const wordsOfName = (name: string): string[] =>
  name
    .replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .map(plain)

export const wordsOf = (text: string): string[] =>
  plain(text)
    .split(/[\s,;/]+/)
    .filter(Boolean)

/** Whether each word that was typed begins a word of the name. */
export function wordsMatch(name: string, typed: string): boolean {
  const words = [...wordsOfName(name), ...plain(name).split(/[^\p{L}\p{N}]+/u)]
  return wordsOf(typed).every((part) => words.some((word) => word.startsWith(part)))
}

export type Named = { readonly name: string; readonly codes: readonly string[] }

/** How well a name fits what was typed: smaller is better, null is not at all. */
export function fit({ name, codes }: Named, typed: string): number | null {
  const wanted = plain(typed).trim()
  if (wanted === '') return null
  const whole = plain(name)
  const length = whole.length / 1_000
  if (whole === wanted || codes.some((code) => plain(code) === wanted)) return 0
  const initials = wordsOfName(name)
    .map(([first]) => first)
    .join('')
  if (initials.length > 1 && initials === wanted) return 1 + length
  if (whole.startsWith(wanted)) return 2 + length
  if (wordsMatch(name, typed)) return 3 + length
  if (wanted.length > 1 && whole[0] === wanted[0] && isInOrder(whole, wanted)) return 6 + length
  return null
}

/** Whether the letters come in this order, others between them: `tg` in Telegram. */
function isInOrder(whole: string, wanted: string): boolean {
  let from = 0
  for (const letter of wanted) {
    const at = whole.indexOf(letter, from)
    if (at < 0) return false
    from = at + 1
  }
  return true
}

export type Wish<S, C> = { readonly service: S | null; readonly country: C | null }

/** What the words of a search mean: a service, a country, or both, in any order.
 * @returns the best reading, or null if some word fits nothing */
export function readWish<S extends Named, C extends Named>(
  typed: string,
  services: readonly S[],
  countries: readonly C[],
): Wish<S, C> | null {
  const words = wordsOf(typed)
  let best: { wish: Wish<S, C>; score: number } | null = null
  const consider = (first: string, second: string) => {
    const service = bestFit(services, first)
    const country = bestFit(countries, second)
    if ((first !== '' && !service) || (second !== '' && !country)) return
    const score = (service?.score ?? 0) + (country?.score ?? 0)
    if (best === null || score < best.score)
      best = { wish: { service: service?.one ?? null, country: country?.one ?? null }, score }
  }
  for (let split = 0; split <= words.length && words.length > 0; split++) {
    const [head, tail] = [words.slice(0, split).join(' '), words.slice(split).join(' ')]
    consider(head, tail)
    consider(tail, head)
  }
  return (best as { wish: Wish<S, C> } | null)?.wish ?? null
}

function bestFit<T extends Named>(all: readonly T[], typed: string) {
  let best: { one: T; score: number } | null = null
  for (const one of typed === '' ? [] : all) {
    const score = fit(one, typed)
    if (score !== null && (best === null || score < best.score)) best = { one, score }
  }
  return best
}
