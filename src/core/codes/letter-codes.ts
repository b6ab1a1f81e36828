// Codes of letters alone. They look like any word, so only their place beside a label shows them.
import { type Candidate, isVowelless } from './candidate.ts'
import { type Hit, kinds } from './keyword-index.ts'
import { capitalsIn } from './letters.ts'

const capitals = /(?<![\p{Lu}\p{Ll}\p{N}'@#-])\p{Lu}{4,10}(?![\p{Lu}\p{Ll}\p{N}'-])/gu
const quotesBefore = /["'«“「『【[(*<]\s?$/
const linkAfterLabel =
  /^[^\n.!?]{0,3}?(?:[:=>]|["'«「『【[(*]| (?:is|ist|est|es|é|è|e|är|er|jest|to|je|este|adalah|ay|là|la|on|היא|הוא|هو|هي) |是|为|為|は|\n| - )[ \n:"'«「『【[(*-]{0,4}$/u
const copulaBefore =
  /(?:^|[^\p{L}])(?:is|ist|lautet|luidt|lyder|brzmi|zní|znie|glasi|est|es|é|è|är|er|jest|to|je|este|adalah|ialah|yw|ni|ay|waa|dia|là|la|on|ass|är|είναι|е|є|это|ir|yra|është|da|ndi|ke|wu|ñu|mak|mooy|nye|adi|hi|je|estas|jẹ|bụ|ne|ce|hè|asht|is|са|ya)[ :]{1,2}["'«“「]?$/u
const wordsThenColon = /^(?: [\p{L}'-]{1,14}){1,4} ?: ?["'«“「]?$/u
/** No word of any language: five letters and more with hardly a vowel. */
const unsayable = /^(?!(?:.*[AEIOUYÄÖÜÅÉАЕЁИОУЫЭЮЯІЇЄΑΕΗΙΟΥΩ]){2})\p{Lu}{5,}$/u
const copulaAhead =
  /^["'»」』】\])*]? ?(?:is|ist|est|es|é|è|är|er|jest|to|je|este|adalah|là|la|on|est|-|:|是|为|為|は|が|—) ?/u
const lowerAfterColon = /^ ?(?:is )?[:=] ?\n?([a-z]{5,8})\s*(?:\n|$)/

/**
 * Letters that no word begins with, or has side by side: a Q without its U, four consonants, "HK" or "ZN" at
 * the head, "BRAXM".
 */
const consonant = '[BCDFGHJKLMNPQRSTVWXZ]'
const usualHeads =
  '[BCDFGKPSVZ]R|[BCFGKPSVZ]L|[DSTKZ]W|S[CHKMNPQTZ]|[CGKPRTWZ]H|[GKPZ]N|P[FST]|T[SZ]|C[ZS]|D[ZJ]|M[CNL]'
const oddLetters = new RegExp(
  `Q(?!U)|${consonant}{4}|[JQVX]${consonant}|[BCDFGKMPTWZ]J|^(?!${usualHeads})${consonant}{2}`,
)

/** "Type it there: ", "y", "daar dan": between the verb and what is typed. */
const fewWords = /^[-'’]?(?:[\p{L}'’]{0,8} ){1,4}["'«“]?$/u

type Place = { readonly start: number; readonly end: number }

/** Words of capitals, and of small letters after a colon, that stand where a code would. */
export function findLetterCodes(masked: string, hits: readonly Hit[]): Candidate[] {
  const labels = hits.filter((hit) => (hit.kind & kinds.code) !== 0)
  const isTold = hits.some(({ kind }) => kind & (kinds.code | kinds.use | kinds.auth))
  if (!isTold) return []
  const found: Candidate[] = []
  let isShown: boolean | null = null
  const words = capitalsIn(masked).longest > 3 ? masked.matchAll(capitals) : []
  for (const match of words) {
    const place = { start: match.index, end: match.index + match[0].length }
    isShown ??= !isShouted(masked)
    if (found.length >= 8 || !isShown) break
    if (overlaps(hits, place)) continue
    const isSure = isVowelless(match[0]) || isTyped(hits, masked, place)
    if (!isSure && !isLinked(masked, labels, place)) continue
    found.push({ ...place, code: match[0], shape: 'letters' })
  }
  for (const label of labels) {
    const match = lowerAfterColon.exec(masked.slice(label.end, label.end + 24))
    if (!match?.[1]) continue
    const start = label.end + match[0].indexOf(match[1])
    const place = { start, end: start + match[1].length }
    if (!overlaps(hits, place)) found.push({ ...place, code: match[1], shape: 'letters' })
  }
  return found
}

/** In a message all of capitals a word of capitals says nothing. */
function isShouted(text: string): boolean {
  let upper = 0
  let lower = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 65 && unit <= 90) upper++
    else if (unit >= 97 && unit <= 122) lower++
  }
  return upper > 30 && lower < upper / 2
}

function overlaps(hits: readonly Hit[], { start, end }: Place): boolean {
  return hits.some((hit) => hit.start < end && hit.end > start)
}

/** "Saisissez QWPLMN": the verb touches what is no word of any language. */
function isTyped(hits: readonly Hit[], text: string, { start, end }: Place): boolean {
  const letters = text.slice(start, end)
  const isOdd = oddLetters.test(letters)
  if (!isOdd && !unsayable.test(letters)) return false
  return hits.some((hit) => {
    if ((hit.kind & kinds.use) === 0) return false
    const gap = hit.end <= start ? text.slice(hit.end, start) : text.slice(end, hit.start)
    if (hit.start < end && hit.end > start) return false
    return gap.length <= 2 || (isOdd && hit.end <= start && fewWords.test(gap))
  })
}

function isLinked(text: string, labels: readonly Hit[], { start, end }: Place): boolean {
  const after = text.slice(end, end + 12)
  for (const label of labels) {
    if (label.end <= start && start - label.end <= 40) {
      if (copulaBefore.test(text.slice(label.end, start))) return true
    }
    if (label.end <= start && start - label.end <= 32) {
      const gap = text.slice(label.end, start)
      if (linkAfterLabel.test(gap) || wordsThenColon.test(gap)) return true
      if (quotesBefore.test(gap)) return true
      if (gap === ' ' && unsayable.test(text.slice(start, end))) return true
    }
    if (label.start >= end && label.start - end <= 40) {
      const isFirst = /(?:^|[\n.:\]】] ?)["'«「『【[(*]?$/.test(
        text.slice(Math.max(0, start - 3), start),
      )
      if (isFirst && copulaAhead.test(after) && !/^ ?:/.test(after)) return true
    }
  }
  return false
}
