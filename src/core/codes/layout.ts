// How many letters and how many sentence ends stand before each place of a message.
import { headChars, tailChars } from './fold.ts'
import { classOf, letterClass } from './letters.ts'
import { cover } from './mask.ts'

/** Folding ends at the cap; a subject may stand before it. */
const maxLayoutChars = (headChars + tailChars) * 2

export type Layout = {
  /** Letters before a place; an unspaced letter counts for two, as its words are half as long. */
  readonly letters: Uint16Array
  readonly sentences: Uint16Array
}

// One message is looked at from start to end before the next: the arrays can be used again.
const letters = new Uint16Array(maxLayoutChars + 2)
const sentences = new Uint16Array(maxLayoutChars + 2)

/** Measures a text. The result holds until the next text is measured. */
export function layOut(masked: string): Layout {
  let letterCount = 0
  let sentenceCount = 0
  const size = Math.min(masked.length, maxLayoutChars)
  for (let i = 0; i < size; i++) {
    letters[i] = letterCount
    sentences[i] = sentenceCount
    const unit = masked.charCodeAt(i)
    const kind = classOf[unit]
    if (kind === letterClass.spaced) letterCount++
    else if (kind === letterClass.unspaced) letterCount += 2
    else if (endsSentence(masked, i, unit)) sentenceCount++
  }
  letters[size] = letterCount
  sentences[size] = sentenceCount
  return { letters, sentences }
}

function endsSentence(text: string, at: number, unit: number): boolean {
  switch (unit) {
    case 0x0a: // line end
    case 0x21: // !
    case 0x3f: // ?
    case 0x3b: // ;
    case 0x61f: // Arabic question mark
    case 0x61b: // Arabic semicolon
    case 0x964: // danda
    case 0x965:
    case 0x3002: // ideographic full stop
    case 0x1362: // Ethiopic full stop
    case 0xf0d: // Tibetan shad
    case 0x104b: // Myanmar section
    case 0x17d4: // Khmer khan
    case 0x589: // Armenian full stop
      return true
    case 0x3a: // Armenian full stops are often typed as a colon
      return /^ [\u0531-\u0556]/.test(text.slice(at + 1, at + 3))
    case 0x2e: {
      const next = text[at + 1]
      return next === undefined || next === ' ' || next === '\n' || next === cover || next >= 'A'
    }
    default:
      return false
  }
}
