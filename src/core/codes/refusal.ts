// What speaks against a candidate: a word for another thing that has this number for its own.
import { type Candidate, isByTurns, isWordlike } from './candidate.ts'
import { type Hit, kinds } from './keyword-index.ts'
import { cover } from './mask.ts'
import { isAfterGoal, purposeOf } from './purpose.ts'
import { isSettled, receiptCost } from './receipts.ts'
import {
  isEntering,
  isFor,
  isMeans,
  isObject,
  isPlainlyEntered,
  isTaken,
  isWarner,
  labelBetween,
  labelledBefore,
  type Message,
  numbersBetween,
  strongBefore,
} from './relation.ts'
import { isExample, isStatus } from './talked-of.ts'
import { isSeated, thingCost } from './things.ts'

/** "Text PIN to 58204": whatever word is sent, the number is where it goes. */
const sentTo =
  /(?:^| )(?:to|al|au|an|на|na|para|naar|til|till|ke|ila|إلى|la|pe|σε|στο) (?:no\.? )?$/i
/** "Write PLAY to 7010" */
const keyword = /(?:^| )\p{Lu}{2,} \p{L}{1,4} $/u

const smallNumber = /^[ .#:]{0,2}\d{1,2} ?[:,)-] ?$/

/** "It will come from 60155": who sends, not what is sent. */
const senders = 'from|von|fra|från|lähettäjältä|od|от|від|desde|dari'
const either = 'or|oder|eller|tai|lub|nebo|ili|или|або|atau|ou|o'
const sentFrom = new RegExp(
  `(?:^| )(?:${senders}) (?:\\p{L}{2,12} (?:${either}) )?(?:no\\.? )?$`,
  'iu',
)
const texts = 'sms|texts?|messages?|mensajes?|mensage(?:m|ns)|messaggio|messaggi|смс|wiadomości'
/** "SMS du 36111": whom it comes from, in languages whose "from" is an "of" as well. */
const textFrom = new RegExp(
  `(?:^| )(?:${texts}) (?:du|del?|do|da[li]?|с|із|з|z) (?:номера |numeru |n[uú]mero )?$`,
  'iu',
)
/** And where "from" stands behind the number. */
const fromBehind = /^ ?(?:から|에서|번에서)/u

/** A number that stands right behind the word it belongs to. */
const ownNumber = new RegExp(
  `^[^\\p{L}\\d]{0,3}(?:\\p{L}{1,3}[. ]{1,2}|[^\\x20-\\x7e]{1,4})?[\\d${cover}]`,
  'u',
)

/** "bigfox97": nobody is sent such a code, unless a word for one leads right to it. */
const userName = /^\p{L}?\p{Ll}{3,}\d{1,4}$/u

/** A real message gives its number two or three times; more are not looked at. */
const maxTwins = 3

/** "60055から": who sends, in languages that say so behind the number. */
function isSentFrom({ masked }: Message, { end }: Candidate): boolean {
  return masked.charCodeAt(end + 1) > 0x3000 && fromBehind.test(masked.slice(end, end + 4))
}

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
  if (label < 4 && isWordlike(candidate) && userName.test(candidate.code)) return -4
  const { start } = candidate
  if (isExample(message, candidate) || isStatus(message, candidate)) return -4
  if (isSeated(message) || isSentFrom(message, candidate)) return -4
  if (message.masked[start - 1] === ' ') {
    const ahead = message.masked.slice(Math.max(0, start - 26), start)
    if (sentFrom.test(ahead) || textFrom.test(ahead)) return -4
    if (label < 2 && sentTo.test(ahead) && keyword.test(ahead)) return -4
  }
  let worst = refusalHere(message, candidate, label, use) + receiptCost(message, candidate)
  worst += thingCost(message, candidate)
  if (isErrand(message, candidate) && !isGoalOf(message, candidate)) worst -= label < 1 ? 1 : 2.2
  if (use >= 2.1 && worst > -3.6 && isPlainlyEntered(message, candidate))
    worst = Math.max(worst, -0.4)
  if (label >= 3.5) return worst
  // "Order 4471 confirmed ... 4471": what was told once is known wherever it stands.
  const twins = message.candidates.filter(
    (other) => other !== candidate && other.code === candidate.code,
  )
  for (const other of twins.slice(0, maxTwins)) {
    const told = refusalHere(message, other, 0, 0)
    if (told <= -3.6 && told < worst) worst = told
  }
  if (use < 2.1 && isSettled(message) && !isEntering(message, start)) worst -= 2
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
  // "E-recepta, kod 4417", "Recepta: kod 4417": a thing, and its code.
  const isPlain = !hits.some(({ kind }) => kind & kinds.warn)
  const thing = label && hits.findLast(({ end }) => end <= label.start)
  if (
    thing &&
    thing.kind & kinds.other &&
    (label.kind & (kinds.strong | kinds.code)) === kinds.code
  ) {
    const gap = masked.slice(thing.end, label.start)
    if (start - label.end <= 2 && (gap === ', ' || (gap === ': ' && isPlain))) return true
  }
  if (!label || (label.kind & kinds.code) === 0 || (label.kind & kinds.strong) !== 0) return false
  if (start - label.end <= 3 && isListedItem(message, label)) return true
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

/** "Order 208417, pick-up at the shop, password 5531": of nothing else is talked but of the thing. */
function isListedItem(message: Message, label: Hit): boolean {
  const { hits, layout, masked } = message
  const meant = kinds.auth | kinds.warn | kinds.time | kinds.use | kinds.strong
  if (hits.some(({ kind }) => kind & meant)) return false
  const { sentences } = layout
  return hits.some((hit) => {
    if ((hit.kind & kinds.other) === 0 || hit.end > label.start) return false
    if (sentences[hit.end] !== sentences[label.start]) return false
    const between = masked.slice(hit.end, label.start)
    return !between.includes(':') && ownNumber.test(between)
  })
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
  // Nobody spells out the number of an order or of an account.
  const isSpelt = candidate.shape === 'spoken' && candidate.code.length >= 5
  const refused = kinds.call | (isSpelt ? 0 : kinds.other | kinds.ref)
  let isMeant: boolean | null = null
  let isGoal: boolean | null = null
  let isTool: boolean | null = null
  const tie = {
    label: isUsed ? Math.max(label, use + 0.8) : label,
    isUsed,
    isObject: isObject(message, candidate),
  }
  let worst = 0
  for (const hit of message.hits) {
    if (hit.kind & kinds.ends && isTail(message, hit, candidate)) return -5
    if ((hit.kind & refused) === 0) continue
    if ((hit.kind & (kinds.other | kinds.call)) === 0) {
      // What a payment is confirmed with is no number of the payment's.
      isMeant ??= isMeans(message, candidate) || purposeOf(message, candidate) > 0
      if (isMeant) continue
    }
    // "With 5518 you change the address of your parcel": what is done with it stands behind it.
    if ((hit.kind & kinds.call) === 0 && hit.start >= candidate.end) {
      isTool ??= isMeans(message, candidate)
      if (isTool) continue
    }
    if (isWarner(message, hit, candidate)) continue
    if (hit.end <= candidate.start && tie.isObject) {
      isGoal ??= isAfterGoal(message, candidate)
      if (isGoal) continue
    }
    if (isKeyedIn(message, hit, candidate) || (label >= 3 && isSender(message, hit))) continue
    const cost =
      hit.end <= candidate.start
        ? refusalBefore(message, hit, candidate, tie)
        : use >= (hit.kind & kinds.call ? 2.1 : 1.2) && !isSayable(candidate)
          ? 0
          : refusalAfter(message, hit, candidate, label)
    if (cost < worst) worst = cost
  }
  if (label < 3.5 && isWordlike(candidate) && message.hits.some(({ kind }) => kind & kinds.other)) {
    worst -= isByTurns(candidate.code) ? 0.6 : 1.5
  }
  return worst
}

/** The verb for entering stands behind the number, and what it is entered for before. */
function isGoalOf(message: Message, candidate: Candidate): boolean {
  return isObject(message, candidate) && isAfterGoal(message, candidate)
}

/** A word, with digits or without: one that is made by turns of both is said by nobody. */
function isSayable(candidate: Candidate): boolean {
  return isWordlike(candidate) && !isByTurns(candidate.code)
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
function isKeyedIn(message: Message, hit: Hit, candidate: Candidate): boolean {
  if (isRepliedWith(message, hit, candidate)) return true
  const { hits, layout } = message
  const { kind, start } = hit
  if ((kind & kinds.call) === 0 || (kind & kinds.use) === 0) return false
  const sentence = layout.sentences[start]
  return hits.some(
    (other) => (other.kind & kinds.auth) !== 0 && layout.sentences[other.start] === sentence,
  )
}

/** "Reply in the app with 57204": what is written back is no number that is dialled. */
function isRepliedWith({ hits, layout }: Message, call: Hit, { start }: Candidate): boolean {
  if ((call.kind & kinds.call) === 0 || call.end > start) return false
  const { sentences } = layout
  return hits.some(({ kind, end, start: from }) => {
    if ((kind & kinds.by) === 0 || end > start || start - end > 1 || from < call.end) return false
    return sentences[call.end] === sentences[start]
  })
}

/** "Ticketworld: 4410 is your code": the name of who writes, which may be made of any word. */
function isSender({ masked }: Message, { start, end }: Hit): boolean {
  if (start > 24 || /[:\n\d]/.test(masked.slice(0, start))) return false
  return /^[^:\]】\d\n]{0,20}(?:: |\]|】)/.test(masked.slice(end, end + 24))
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
function isServed(message: Message, { start, end }: Hit, candidate: number): boolean {
  const { masked, layout } = message
  const isBehind = masked.slice(end, Math.min(end + 5, candidate)).includes(cover)
  const { letters, sentences } = layout
  const isApart = letters[candidate] !== letters[end] || sentences[candidate] !== sentences[end]
  const before = masked.slice(Math.max(0, start - 6), start)
  // "Over 2025 year: 208451": in the word order of some languages.
  const isAhead = before.slice(-3).includes(cover) || /(?<!\d)(?:19|20)\d\d $/.test(before)
  // "Password no. 3: 330618": a number too small to be a code.
  if (smallNumber.test(masked.slice(end, candidate))) return true
  if (!isApart) {
    const gap = masked.slice(end, candidate)
    if (isAhead && !before.includes(cover)) return true
    // "Release of payment 204.40: 604 177": what is released has its amount.
    return (
      (isAhead && /^ ?:/.test(gap)) ||
      (isBehind && / ?: $/.test(gap) && (isFor(message, end) || labelledBefore(message, { start })))
    )
  }
  return isBehind || isAhead
}

function refusalBefore(
  message: Message,
  hit: Hit,
  candidate: Candidate,
  { label, isUsed }: Tie,
): number {
  const { start, code } = candidate
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
  if ((hit.kind & kinds.other) === 0 && isApproval(message, hit, start)) return 0
  if (isAnnounced(message, hit, start)) return label >= 3 ? -0.4 : -1
  const isOnly = message.candidates.every(
    (other) =>
      other.code === code || other.code.length < 4 || sentences[other.start] !== sentences[start],
  )
  const isSole = isOnly && label >= 2.5 && !isCall
  const isListed = message.masked.slice(hit.end, start).includes(',')
  if (apart === 0 && isClose)
    return isListed && label >= 2.5 ? -1 : toldCost(message, hit, { isSole, isUsed })
  // "The code for your account is 482913": the account has a code before it and a link after it.
  const isLabelled = !isCall && (label >= 2.8 || (label >= 2 && labelledBefore(message, hit)))
  const base = isClose ? 3.6 : Math.max(2.6 - apart * 0.08, 0.4)
  const isElse =
    !isClose && !isCall && (hit.kind & kinds.other) === 0 && isObject(message, candidate)
  return isLabelled || isElse ? -base * 0.35 : -base
}

/** "Code to confirm your order: 417902": a word for a code, what it is for, and a colon behind the thing. */
function isAnnounced(
  { hits, layout, masked }: Message,
  { start, end }: Hit,
  number: number,
): boolean {
  if (!/^["'»”)]? ?: ?$/.test(masked.slice(end, number))) return false
  const { letters, sentences } = layout
  const isSame = (at: number) => sentences[at] === sentences[start]
  const act = hits.findLast(
    (hit) => hit.kind & (kinds.auth | kinds.use) && hit.end <= start && isSame(hit.start),
  )
  if (!act || (letters[start] ?? 0) - (letters[act.end] ?? 0) > 12) return false
  return hits.some((hit) => hit.kind & kinds.code && hit.end <= start && isSame(hit.start))
}

/** "Payment verification 417902", and what warns: the nearer of the two words counts. */
function isApproval({ hits }: Message, { end }: Hit, start: number): boolean {
  if (!hits.some(({ kind }) => kind & (kinds.warn | kinds.time))) return false
  return hits.some(
    (hit) =>
      (hit.kind & kinds.auth) !== 0 &&
      (hit.kind & (kinds.ref | kinds.other)) === 0 &&
      hit.start >= end &&
      hit.end <= start &&
      start - hit.end <= 2,
  )
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
    return label < 4 && code.length < 6 && /^ ?'?-?\p{L}{0,4} ?$/u.test(gap) ? -2.5 : 0
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
