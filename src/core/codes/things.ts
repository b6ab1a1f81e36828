// Codes that are not one-time codes: of a door, a locker, a card, a SIM, a meeting, a program that ended.
import type { Candidate } from './candidate.ts'
import { type Hit, kinds } from './keyword-index.ts'
import { isTaken, type Message, numbersBetween } from './relation.ts'

/** At most this many letters away, a word in another sentence still says what the number belongs to. */
const maxApart = 60

/** "Entra con il codice ... dalla porta laterale": they also mean going into a building. */
const goingIn =
  /^(?:entr|enter|acce|ingre|вход|войт|вхід|увійт|ulaz|улаз|vstup|wej|belép|intr|giriş|zutritt|toegang)/iu

/** Words for logging in and for a new code: in their sentence a number is a one-time code, door or not. */
const asked = kinds.auth | kinds.fresh

/** "Gate code: 4410#", "The PIN of your new card is 2207": the code stays with the thing. */
export function thingCost(message: Message, candidate: Candidate): number {
  const { hits } = message
  if (isOfNetwork(message)) return -4
  if (!hits.some(({ kind }) => kind & kinds.thing)) return 0
  if (hits.some((hit) => isLogin(message, hit, candidate))) return 0
  const isStrong = hits.some(({ kind }) => kind & kinds.strong)
  let cost = 0
  for (const hit of hits) {
    if ((hit.kind & kinds.thing) === 0 || isElsewhere(message, hit, candidate)) continue
    const near = distance(message, hit, candidate)
    if (near.ends === 0) cost = Math.min(cost, isStrong ? -2 : -4)
    else if (near.ends <= 1 && near.letters <= maxApart && !isStrong) cost = Math.min(cost, -2.2)
  }
  return cost
}

/** What speaks of logging in, or of a word that lasts for a while. */
const login = kinds.warn | kinds.strong | kinds.auth | kinds.use | kinds.fresh | kinds.time
const network =
  /(?<![a-z])(?:wi-?fi|wlan)(?![a-z])|вай-?фай|와이파이|واي ?فاي|וויי?[- ]?פיי|无线网/iu

/** "Guest wifi: Meadow, password 88204417": it stays as it is, other than the code of one who logs in. */
function isOfNetwork({ hits, masked }: Message): boolean {
  return !hits.some(({ kind }) => kind & login) && network.test(masked)
}

/** "Code 4410 (backup code 5519 stays valid)": the thing has another number. */
function isElsewhere(message: Message, hit: Hit, { start, code }: Candidate): boolean {
  if (hit.end <= start) return numbersBetween(message, hit.end, start, code) > 0
  return isTaken(message, hit, code)
}

/** True for a word for logging in within the number's sentence, and for a warning anywhere. */
function isLogin(message: Message, hit: Hit, candidate: Candidate): boolean {
  if (hit.kind & kinds.thing) return false
  if (hit.kind & kinds.warn) return true
  if ((hit.kind & asked) === 0 || hit.kind & kinds.code) return false
  if (goingIn.test(message.masked.slice(hit.start, hit.start + 8))) return false
  return distance(message, hit, candidate).ends === 0
}

function distance(
  { layout }: Message,
  hit: Hit,
  { start, end }: Candidate,
): { readonly ends: number; readonly letters: number } {
  const { letters, sentences } = layout
  const [from, to] = hit.end <= start ? [hit.end, start] : [end, hit.start]
  return {
    ends: (sentences[to] ?? 0) - (sentences[from] ?? 0),
    letters: (letters[to] ?? 0) - (letters[from] ?? 0),
  }
}

/** Rows and seats, with what they are numbered by: words of tickets in many languages. */
const rows = [
  ...[
    'row',
    'reihe',
    'rang',
    'rangée',
    'fila',
    'rij',
    'rad',
    'række',
    'rekke',
    'rivi',
    'rząd',
    'řada',
  ],
  ...['rad', 'sor', 'rând', 'ряд', 'ред', 'red', 'sıra', 'σειρά', 'eilė', 'rinda', 'rida', 'baris'],
  ...['hàng', 'שורה', 'صف', 'الصف', 'ردیف', 'पंक्ति', 'แถว'],
]
const seats = [
  ...[
    'seats?',
    'platz',
    'sitz',
    'place',
    'asiento',
    'butaca',
    'assento',
    'lugar',
    'posto',
    'stoel',
  ],
  ...['plats', 'plads', 'sete', 'plass', 'paikka', 'miejsce', 'sedadlo', 'sjedalo', 'ülés', 'szék'],
  ...[
    'loc',
    'место',
    'місце',
    'място',
    'седиште',
    'koltuk',
    'θέση',
    'vieta',
    'koht',
    'kursi',
    'ghế',
  ],
  ...['מושב', 'מקום', 'المقعد', 'مقعد', 'صندلی', 'सीट', 'ที่นั่ง'],
]
const anyOf = (words: readonly string[]) =>
  `(?<!\\p{L})(?:${words.join('|')})\\W{1,3}\\d{1,3}(?!\\d)`
const row = new RegExp(anyOf(rows), 'iu')
const seat = new RegExp(anyOf(seats), 'iu')
/** "14排8座", "14列8番", "14열 8번" */
const rowAndSeat = /\d{1,3} ?(?:排|列|열) ?\d{1,3} ?(?:座|番|号|號|번|좌석)/u

/** "Row 14, seat 8. Entry code 551820": the code of a ticket, unless the message speaks of logging in. */
export function isSeated({ hits, masked }: Message): boolean {
  let isOf = false
  for (const { kind, start } of hits) {
    if (kind & (kinds.warn | kinds.use)) return false
    const isAuth = kind & kinds.auth && (kind & kinds.code) === 0
    if (isAuth && !goingIn.test(masked.slice(start, start + 8))) return false
    if (kind & (kinds.other | kinds.ref | kinds.thing)) isOf = true
  }
  return isOf && (rowAndSeat.test(masked) || (seat.test(masked) && row.test(masked)))
}
