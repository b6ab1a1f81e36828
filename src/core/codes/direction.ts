// Marks that turn the direction of letters (Unicode Bidirectional Algorithm, UAX 9).

/** From a right-to-left override to its end, or to the end of the line. */
const overridden = /\u202e([^\u202c\n]*)\u202c?/g

/** A text whose letters stand in the order in which they are seen: some senders write them in reverse. */
export function asSeen(text: string): string {
  if (!text.includes('\u202e')) return text
  return text.replace(overridden, (_, inner: string) =>
    [...inner.replace(/\u202e/g, '')].reverse().join(''),
  )
}
