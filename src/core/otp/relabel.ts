// A word for a code that belongs to another word is no label: "promo code", "code postal".
import { type Hit, kinds } from './keyword-index.ts'

const touching = /^[ '-]?$/
const joining =
  /^ ?(?:de|do|da|di|del|der|des|du|na|za|zur|för|til|ng|no|of|la|los|las|de la|ya|wa|لل|на|за|до|для|από)? ?$/iu

/** Turns labels of other things into words for those things. */
export function relabel(text: string, hits: Hit[]): void {
  for (let i = 0; i + 1 < hits.length; i++) {
    const first = hits[i] as Hit
    const second = hits[i + 1] as Hit
    if (isPlainCode(first) && isOther(second)) {
      const gap = text.slice(first.end, second.start)
      // "Kod pocztowy 20-551": an adjective makes one name of the two.
      if (gap === ' ' || (joining.test(gap) && !isNumbered(text, second))) toOther(first)
    } else if (isOther(first) && isPlainCode(second)) {
      if (touching.test(text.slice(first.end, second.start))) toOther(second)
    }
  }
}

function isPlainCode({ kind }: Hit): boolean {
  return (kind & kinds.code) !== 0 && (kind & kinds.strong) === 0
}

function isOther({ kind }: Hit): boolean {
  return (kind & kinds.other) !== 0 && (kind & kinds.code) === 0
}

/** "The code for order 55123": the order has its own number, the code another one. */
function isNumbered(text: string, { end }: Hit): boolean {
  return /^[ :#]{0,3}\d/.test(text.slice(end, end + 4))
}

function toOther(hit: Hit): void {
  hit.kind = (hit.kind & ~(kinds.code | kinds.auth)) | kinds.other
}
