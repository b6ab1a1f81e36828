// The languages of mails, and which one a person reads.

export const languages = ['en', 'id'] as const
export type Language = (typeof languages)[number]

/** The language of a tag such as `id-ID`; undefined if there are no texts in it. */
export const languageNamed = (tag: string | null | undefined): Language | undefined =>
  languages.find((one) => one === tag?.split('-', 1)[0]?.toLowerCase())

/** The first language that has texts; English if none has. */
export function firstLanguage(tags: readonly (string | null | undefined)[]): Language {
  for (const tag of tags) {
    const found = languageNamed(tag)
    if (found) return found
  }
  return 'en'
}
