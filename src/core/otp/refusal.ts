// What speaks against a candidate: a word for another thing that has this number for its own.
import { type Candidate, isByTurns } from './candidate.ts'
import { type Hit, kinds } from './keyword-index.ts'
import { cover } from './mask.ts'
import {
  isFor,
  isMeans,
  isTaken,
  labelBetween,
  labelledBefore,
  type Message,
  numbersBetween,
  strongBefore,
} from './relation.ts'

/** "Text PIN to 58204": whatever word is sent, the number is where it goes. */
const sentTo =
  /(?:^| )(?:to|al|au|an|на|na|para|naar|til|till|ke|ila|إلى|la|pe|σε|στο) (?:no\.? )?$/i

const amountBehind = new RegExp(`^[^\\n.!?]{0,12}?[:.]? ?[${cover}\\d]`)
const smallNumber = /^[ .#:]{0,2}\d{1,2} ?[:,)-] ?$/

/** "It will come from 60155": who sends, not what is sent. */
const sentFrom = /(?:^| )(?:from|von|fra|från|lähettäjältä|od|от|від|desde|dari) (?:no\.? )?$/i

/** A real message gives its number two or three times; more are not looked at. */
const maxTwins = 3

/** How firmly a candidate is bound to a word for a code, or to "enter" right beside it. */
type Tie = { readonly label: number; readonly isUsed: boolean }

/** What speaks against it: a word for another thing that has this number for its own. */
export function refusal(
  message: Message,
  candidate: Candidate,
  label: number,
  use: number,
): number {
  if (isTicket(message, candidate) || isItem(message, candidate)) return -4
  const { start } = candidate
  if (sentFrom.test(message.masked.slice(Math.max(0, start - 16), start))) return -4
  let worst = refusalHere(message, candidate, label, use)
  if (isErrand(message, candidate)) worst -= label < 1 ? 1 : 2.2
  if (label >= 3.5) return worst
  // "Order 4471 confirmed ... 4471": what was told once is known wherever it stands.
  const twins = message.candidates.filter(
    (other) => other !== candidate && other.code === candidate.code,
  )
  for (const other of twins.slice(0, maxTwins)) {
    const told = refusalHere(message, other, 0, 0)
    if (told <= -3.6 && told < worst) worst = told
  }
  if (use < 2.1 && isSettled(message)) worst -= 2
  return worst
}

/** "[#391472]": the number of a ticket, unless a word for a code stands right before it. */
function isTicket({ hits, masked }: Message, { start }: Candidate): boolean {
  if (masked[start - 1] !== '#') return false
  return !hits.some(({ kind, end }) => kind & kinds.code && end <= start && start - end <= 4)
}

/** "Box 2207, PIN 6385": the second item of a list belongs to what the first one is of. */
function isItem(message: Message, { start }: Candidate): boolean {
  const { hits, layout, masked } = message
  const label = hits.findLast(({ end }) => end <= start)
  if (!label || (label.kind & kinds.code) === 0 || (label.kind & kinds.strong) !== 0) return false
  if (
    start - label.end > 3 ||
    !/\d, $/.test(masked.slice(Math.max(0, label.start - 3), label.start))
  )
    return false
  return hits.some(
    (hit) =>
      (hit.kind & kinds.other) !== 0 &&
      hit.end <= label.start &&
      layout.sentences[hit.end] === layout.sentences[label.start],
  )
}

/** "Your parcel is on its way. Tell the driver 4418": no talk of a code, of logging in, of money. */
function isErrand(message: Message, { start, code }: Candidate): boolean {
  const { hits, masked } = message
  const meant = kinds.strong | kinds.auth | kinds.warn | kinds.time | kinds.fresh | kinds.old
  if (masked.includes(cover) || hits.some(({ kind }) => kind & meant)) return false
  return hits.some(
    (hit) =>
      (hit.kind & kinds.other) !== 0 &&
      hit.end <= start &&
      !isTaken(message, hit, code) &&
      !isSender(message, hit),
  )
}

function refusalHere(message: Message, candidate: Candidate, label: number, use: number): number {
  const isUsed = use >= 2.1
  const refused = kinds.other | kinds.call | (isMeans(message, candidate) ? 0 : kinds.ref)
  const tie = { label: isUsed ? Math.max(label, use + 0.8) : label, isUsed }
  let worst = 0
  for (const hit of message.hits) {
    if (hit.kind & kinds.ends && isTail(message, hit, candidate)) return -5
    if ((hit.kind & refused) === 0) continue
    if (isKeyedIn(message, hit) || (label >= 3 && isSender(message, hit))) continue
    const cost =
      hit.end <= candidate.start
        ? refusalBefore(message, hit, candidate, tie)
        : use >= 1.2 && !isWordlike(candidate) && (hit.kind & kinds.call) === 0
          ? 0
          : refusalAfter(message, hit, candidate, label)
    if (cost < worst) worst = cost
  }
  if (label < 3.5 && isWordlike(candidate) && message.hits.some(({ kind }) => kind & kinds.other)) {
    worst -= isByTurns(candidate.code) ? 0.6 : 1.5
  }
  return worst
}

/** "Ending in 4471", "4471 ile biten": the number is the end of a longer one. */
function isTail({ masked, layout }: Message, hit: Hit, { start, end }: Candidate): boolean {
  if (hit.end <= start) {
    const apart = (layout.letters[start] ?? 0) - (layout.letters[hit.end] ?? 0)
    return apart <= 2 && start - hit.end <= 5
  }
  const gap = hit.start >= end && hit.start - end <= 8 ? masked.slice(end, hit.start) : null
  return gap !== null && /^[ '"*-]*(?:-\p{Ll}{1,4} )?$/u.test(gap)
}

/** "Dial" in many languages is "key in" as well, and what for tells which. */
function isKeyedIn({ hits, layout }: Message, { kind, start }: Hit): boolean {
  if ((kind & kinds.call) === 0 || (kind & kinds.use) === 0) return false
  const sentence = layout.sentences[start]
  return hits.some(
    (other) => (other.kind & kinds.auth) !== 0 && layout.sentences[other.start] === sentence,
  )
}

/** "Ticketworld: 4410 is your code": the name of who writes, which may be made of any word. */
function isSender({ masked }: Message, { start, end }: Hit): boolean {
  if (start > 24 || /[:\n\d]/.test(masked.slice(0, start))) return false
  return /^[^:\]】\d\n]{0,20}(?:: |\]|】)/.test(masked.slice(end, end + 24))
}

function isWordlike({ shape }: Candidate): boolean {
  return shape === 'mixed' || shape === 'letters'
}

/** "Balance 1204.55": the money has moved, and nothing is left to be confirmed. */
function isSettled({ hits, masked }: Message): boolean {
  return hits.some(
    ({ kind, end }) =>
      (kind & kinds.settled) !== 0 && amountBehind.test(masked.slice(end, end + 20)),
  )
}

/** "Order", and in the next line its number. */
function isHeading({ masked, layout }: Message, { start, end }: Hit, candidate: number): boolean {
  const { letters } = layout
  const lineStart = masked.lastIndexOf('\n', start) + 1
  return (
    letters[candidate] === letters[end] &&
    (letters[start] ?? 0) - (letters[lineStart] ?? 0) <= 4 &&
    /^[ :.#]*\n[ #]*$/.test(masked.slice(end, candidate))
  )
}

/** "Purchase 45.90": the word has its number already, covered as money or as a date. */
function isServed({ masked, layout }: Message, { start, end }: Hit, candidate: number): boolean {
  const isBehind = masked.slice(end, Math.min(end + 5, candidate)).includes(cover)
  const { letters, sentences } = layout
  const isApart = letters[candidate] !== letters[end] || sentences[candidate] !== sentences[end]
  const isAhead = masked.slice(Math.max(0, start - 3), start).includes(cover)
  // "Password no. 3: 330618": a number too small to be a code.
  if (smallNumber.test(masked.slice(end, candidate))) return true
  if (!isApart) return isAhead && /^ ?:/.test(masked.slice(end, candidate))
  return isBehind || isAhead
}

function refusalBefore(
  message: Message,
  hit: Hit,
  { start, code }: Candidate,
  { label, isUsed }: Tie,
): number {
  const { letters, sentences } = message.layout
  const apart = (letters[start] ?? 0) - (letters[hit.end] ?? 0)
  const ends = (sentences[start] ?? 0) - (sentences[hit.end] ?? 0)
  const isClose = apart <= 4 && start - hit.end <= 10
  if (ends > 0 && !isClose) return 0
  if (ends > 0 && message.masked.slice(hit.end, start).includes('\n')) {
    return isHeading(message, hit, start) ? -3.6 : 0
  }
  const isCall = (hit.kind & kinds.call) !== 0
  const isSentTo = isCall && sentTo.test(message.masked.slice(Math.max(0, start - 8), start))
  if (!isSentTo && labelBetween(message, hit.end, start, kinds.code | kinds.use)) return 0
  if (isSentTo && ends === 0) return -4
  if (numbersBetween(message, hit.end, start, code) > 0) return 0
  if (isServed(message, hit, start)) return 0
  const isOnly = message.candidates.every((other) => other.code === code || other.code.length < 4)
  const isSole = isOnly && label >= 2.5 && !isCall
  const isListed = message.masked.slice(hit.end, start).includes(',')
  if (apart === 0 && isClose)
    return isListed && label >= 2.5 ? -1 : toldCost(message, hit, { isSole, isUsed })
  // "The code for your account is 482913": the account has a code before it and a link after it.
  const isLabelled = !isCall && (label >= 2.8 || (label >= 2 && labelledBefore(message, hit)))
  const base = isClose ? 3.6 : Math.max(2.6 - apart * 0.08, 0.4)
  return isLabelled ? -base * 0.35 : -base
}

/** What stands right behind another word is its number, unless the code was announced before. */
function toldCost(
  message: Message,
  hit: Hit,
  { isSole, isUsed }: { readonly isSole: boolean; readonly isUsed: boolean },
): number {
  if (!isSole) return -4
  if (isUsed) return (hit.kind & kinds.other) === 0 ? -0.4 : -0.9
  // "Payment 291855 with-the-code confirm": in the word order of some languages.
  if ((hit.kind & kinds.other) === 0 && isFor(message, hit.end)) return -1.5
  return strongBefore(message, hit) ? -1.5 : -4
}

function refusalAfter(message: Message, hit: Hit, { end, code }: Candidate, label: number): number {
  if ((hit.kind & kinds.call) !== 0) {
    // "3188 i arayın": where the verb comes last, it comes right behind what is dialled.
    const gap =
      hit.start >= end && hit.start - end <= 12 ? message.masked.slice(end, hit.start) : '.'
    return label < 4 && /^ ?'?-?\p{L}{0,4} ?$/u.test(gap) ? -2.5 : 0
  }
  const { letters, sentences } = message.layout
  if ((sentences[hit.start] ?? 0) !== (sentences[end] ?? 0)) return 0
  const apart = (letters[hit.start] ?? 0) - (letters[end] ?? 0)
  if (apart > 14 || numbersBetween(message, end, hit.start, code) > 0) return 0
  // "Valid until 12:14": the word has its own number.
  if (message.masked.slice(hit.end, hit.end + 2).includes(cover)) return 0
  if (isTaken(message, hit, code)) return 0
  const hasLabel = message.hits.some(
    (other) =>
      (other.kind & kinds.code) !== 0 &&
      message.layout.sentences[other.start] === message.layout.sentences[hit.start],
  )
  return hasLabel ? 0 : -2.2
}
