// The language that a client asks for: RFC 9110, 12.5.4.
import { type Language, languageNamed } from '../core/people/language.ts'

/** More are not looked at. */
const maxRanges = 20

/** The preferred language of those that have texts; null if none of them is wanted. */
export function acceptedLanguage(header: string | undefined): Language | null {
  const ranges = (header ?? '').split(',', maxRanges).map((range) => {
    const [tag = '', ...parameters] = range.split(';').map((part) => part.trim())
    const weight = parameters.find((one) => /^q=/i.test(one))?.slice(2)
    return { language: languageNamed(tag), weight: weight === undefined ? 1 : Number(weight) }
  })
  const [best] = ranges
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .filter(({ language }) => language !== undefined)
  return best?.language ?? null
}
