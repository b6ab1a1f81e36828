// Old and new: an expired code is none, and of two the new one is meant.
import { type Candidate, hasUsualLength } from './candidate.ts'
import { type Hit, kinds } from './keyword-index.ts'
import { labelBetween, type Message } from './relation.ts'

/** More than a firm label and all else that can be said for a number. */
const oldCost = 4.2

const bothAges = kinds.old | kinds.fresh

const pastCopula =
  /(?:^| )(?:was|war|era|était|był[oa]?|byl[oa]?|был[ао]?|був|беше|oli|ήταν)[: ]{1,2}$/i

/** What words for old and new say of a candidate. */
export function ageScore(message: Message, candidate: Candidate): number {
  let score = 0
  let replaced: Candidate | null = null
  let isCalledOld = false
  for (const hit of message.hits) {
    if (hit.kind & kinds.gone) {
      const before = lastBefore(message, hit)
      const after = firstAfter(message, hit)
      if (before && after) {
        if (before === candidate) score -= oldCost
        if (after === candidate) score += 1.4
        continue
      }
    }
    const denied = message.serious.length > 1 ? deniedBy(message, hit) : undefined
    if (denied === candidate) score -= oldCost
    else if (denied) replaced = denied
    const outgoing = outgoingAfter(message, hit)
    const isOld = outgoing !== null || isOfOld(message, hit)
    if (!isOld && (hit.kind & (kinds.fresh | kinds.now)) === 0) continue
    const nearest = outgoing ?? nearestCandidate(message, hit)
    if (!nearest) continue
    const isNow = !isOld && (hit.kind & kinds.fresh) === 0
    if (isNow && !message.candidates.some((old) => isOutdone(message, old, nearest, hit))) continue
    if (!isOld && isOutdone(message, candidate, nearest, hit)) score -= 3
    const isThis = nearest.start === candidate.start && nearest.end === candidate.end
    if (isOld && !isThis) replaced = nearest
    if (isThis) score += isOld ? -oldCost : 0.8
    if (isThis && isOld) isCalledOld = true
  }
  if (hasPassed(message, candidate)) score -= oldCost
  // "Code 4410 was used on a new device": the new thing is another.
  if (isCalledOld) return Math.max(Math.min(score, -oldCost), -5)
  score += rivalScore(message, candidate)
  if (replaced && score >= 0) score += heirScore(message, candidate, replaced)
  // "Postal code 20-551 is now 20-552": what is new of another thing is no code either.
  return Math.max(score > 0 && isOfOthers(message.hits) ? 0 : score, -5)
}

/** "441092 replaces the old code 118220": the word is said of both, and the old one follows. */
function outgoingAfter(message: Message, hit: Hit): Candidate | null {
  if ((hit.kind & bothAges) !== bothAges) return null
  const before = lastBefore(message, hit)
  const after = firstAfter(message, hit)
  return before && after && isHeir(after, before) ? after : null
}

/** A word for replacing is the new one's, unless the old one follows. */
function isOfOld(message: Message, hit: Hit): boolean {
  if ((hit.kind & bothAges) !== kinds.old || isInstead(message, hit)) return false
  return !isOfAnotherCode(message, hit) && !isYetToEnd(message, hit)
}

/** "Code 610827, the code before it has expired": of the code that is spoken of, no number is told. */
function isOfAnotherCode({ hits, masked, candidates }: Message, { start, end }: Hit): boolean {
  const beside = (at: Hit) => {
    if ((at.kind & kinds.code) === 0) return false
    const gap = at.start >= end ? masked.slice(end, at.start) : masked.slice(at.end, start)
    return gap.length <= 2 && !/[^ \p{L}]/u.test(gap)
  }
  const label = hits.find(beside)
  if (!label) return false
  const before = candidates.findLast((one) => one.end <= Math.min(start, label.start))
  if (!before || candidates.some((one) => one.start >= Math.max(end, label.end))) return false
  const gap = masked.slice(before.end, Math.min(start, label.start))
  const isTold = hits.some((one) => {
    return one.kind & kinds.code && one.end <= before.start && before.start - one.end <= 12
  })
  return isTold && /^[^\n]{0,3}[,;،、]/.test(gap)
}

/** "After 10 minutes it is void": it is still to come. */
function isYetToEnd({ hits, masked }: Message, { start }: Hit): boolean {
  return hits.some(({ kind, end, start: from }) => {
    if ((kind & kinds.time) === 0 || end > start || start - end > 8) return false
    return (
      /\d{1,2} ?$/.test(masked.slice(Math.max(0, from - 4), from)) ||
      /^ ?\d{1,2}(?!\d)/.test(masked.slice(end, end + 4))
    )
  })
}

/** "ใช้ 208417 แทน": behind the number to be used, and no number follows, it means "instead". */
function isInstead(message: Message, hit: Hit): boolean {
  if (!hit.word.isTouching || message.candidates.length < 2) return false
  const before = lastBefore(message, hit)
  if (!before || hit.start - before.end > 1 || firstAfter(message, hit)) return false
  return isEntered(message, before)
}

/** "The code was 552901. This one, 704183 ...": it was, and another made like it follows. */
function hasPassed({ candidates, masked }: Message, candidate: Candidate): boolean {
  const { start } = candidate
  if (!pastCopula.test(masked.slice(Math.max(0, start - 8), start))) return false
  return candidates.some((other) => other.start > start && isHeir(other, candidate))
}

/** What it says for a number that another one, made like it, is called old. */
function heirScore(message: Message, candidate: Candidate, replaced: Candidate): number {
  if (!isHeir(candidate, replaced)) return 0.3
  // "Card 5519 is blocked. Call 800 551902": of two lengths, the one behind a word of its own is no heir.
  const [from, to] = [replaced.end, candidate.start]
  if (!isSameLength(candidate, replaced) && labelBetween(message, from, to, kinds.call)) return 0.3
  return candidate.code.length >= 5 ? 1.9 : 1.3
}

/** "Code 4410 <unknown words>, the new one is 8160": what is called new tells the old. */
function isOutdone(message: Message, candidate: Candidate, fresh: Candidate, hit: Hit): boolean {
  if (!isHeir(fresh, candidate) || candidate.start > fresh.start) return false
  const from = Math.min(hit.end, fresh.end)
  const to = Math.max(hit.start, fresh.start)
  if (from < candidate.start) return false
  return !labelBetween(message, from, to, kinds.other | kinds.ref | kinds.call | kinds.money)
}

function isOfOthers(hits: readonly Hit[]): boolean {
  if (hits.some(({ kind }) => kind & (kinds.code | kinds.use | kinds.auth))) return false
  // "Do not use": a verb in it as well.
  if (hits.some(({ kind, size }) => kind & kinds.not && size >= 8)) return false
  return hits.some(({ kind }) => kind & (kinds.other | kinds.ref))
}

/** "Code 440921 <unknown word>, enter 318807": of two alike the one to be entered is meant. */
function rivalScore(message: Message, candidate: Candidate): number {
  const rivals = message.candidates.filter((other) => isHeir(candidate, other))
  if (rivals.length !== 1 || candidate.code.length < 4) return 0
  const rival = rivals[0] as Candidate
  const isUsed = isEntered(message, candidate)
  if (isUsed === isEntered(message, rival)) return 0
  // Of two lengths, only the one that follows replaces the other.
  const [entered, other] = isUsed ? [candidate, rival] : [rival, candidate]
  if (!isSameLength(entered, other) && entered.start < other.start) return 0
  if (isUsed) return rival.start < candidate.start ? 1 : 0.3
  return candidate.start < rival.start ? -3 : -1.5
}

/** "Enter" or its like stands right beside the number, before it or behind it. */
function isEntered({ hits, layout, masked }: Message, { start, end }: Candidate): boolean {
  const { letters, sentences } = layout
  return hits.some((hit) => {
    if ((hit.kind & kinds.use) === 0 || (hit.kind & kinds.not) !== 0) return false
    const from = hit.end <= start ? hit.end : end
    const to = hit.end <= start ? start : hit.start
    if (to < from || sentences[from] !== sentences[to]) return false
    return (letters[to] ?? 0) - (letters[from] ?? 0) <= 4 && !/[,;፣\d]/.test(masked.slice(from, to))
  })
}

/** Two numbers made alike: what is said of the old one was said of a code. Its length may have changed. */
function isHeir(candidate: Candidate, old: Candidate): boolean {
  if (candidate.code === old.code) return false
  if (!isSameLength(candidate, old)) return isPlainCode(candidate) && isPlainCode(old)
  return /^\d+$/.test(candidate.code) === /^\d+$/.test(old.code)
}

function isSameLength(candidate: Candidate, old: Candidate): boolean {
  return candidate.code.length === old.code.length
}

/** As many digits as codes have, in one run. */
function isPlainCode(candidate: Candidate): boolean {
  return candidate.shape === 'digits' && hasUsualLength(candidate)
}

/** "Not 1234", "do not use the 1234 of before": before the number or behind it as the language has it. */
function deniedBy(message: Message, hit: Hit): Candidate | undefined {
  const { candidates, masked } = message
  const isNot = (hit.kind & kinds.not) !== 0
  const isPhrase = isNot && masked.slice(hit.start, hit.end).includes(' ')
  if (isPhrase || (hit.kind & kinds.use && isForbidden(message, hit))) {
    const next = firstAfter(message, hit)
    const gap = next ? masked.slice(hit.end, next.start) : '.'
    return gap.length <= 16 && /^[^,;:.\d]*$/.test(gap) ? next : undefined
  }
  if (!isNot && (hit.kind & kinds.notAfter) === 0) return undefined
  return candidates.find((candidate) => {
    const isBehind = isNot && candidate.start >= hit.end
    const gap = isBehind
      ? masked.slice(hit.end, candidate.start)
      : masked.slice(candidate.end, hit.start)
    if (!isBehind && ((hit.kind & kinds.notAfter) === 0 || candidate.end > hit.start)) return false
    return gap.length <= 3 && /^[ "'«“「(]*$/.test(gap)
  })
}

/** "Do not any more use": the verb has a negation or a warning right before it. */
function isForbidden({ hits, masked }: Message, verb: Hit): boolean {
  return hits.some(
    ({ kind, end }) =>
      (kind & (kinds.not | kinds.warn)) !== 0 &&
      end <= verb.start &&
      verb.start - end <= 8 &&
      /^[\p{L} ]*$/u.test(masked.slice(end, verb.start)),
  )
}

function lastBefore({ candidates, layout }: Message, { start }: Hit): Candidate | undefined {
  const { sentences } = layout
  return candidates.findLast(
    (candidate) => candidate.end <= start && sentences[candidate.end] === sentences[start],
  )
}

function firstAfter({ candidates, layout }: Message, { end }: Hit): Candidate | undefined {
  const { sentences } = layout
  return candidates.find(
    (candidate) => candidate.start >= end && sentences[candidate.start] === sentences[end],
  )
}

/** The candidate in the sentence of a hit that is fewest letters from it. */
function nearestCandidate({ candidates, layout, masked }: Message, hit: Hit): Candidate | null {
  const { letters, sentences } = layout
  let nearest: Candidate | null = null
  let least = 60
  for (const candidate of candidates) {
    const isBefore = hit.end <= candidate.start
    const from = isBefore ? hit.end : candidate.end
    const to = isBefore ? candidate.start : hit.start
    if (to < from || (sentences[from] ?? 0) !== (sentences[to] ?? 0)) continue
    // "441092 (the old one was 118220)": what stands in brackets is said of what is in them.
    const ends = hit.kind & kinds.old ? /[,፣(]/ : /[,፣]/
    const comma = ends.test(masked.slice(from, to)) ? 10 : 0
    const apart = (letters[to] ?? 0) - (letters[from] ?? 0) + comma
    // "8160 replaces 4410": as near to the one as to the other, and the later one is meant.
    if (apart <= least) {
      least = apart
      nearest = candidate
    }
  }
  return nearest
}
