// A word for a code that belongs to another word is no label: "promo code", "code postal".
import { type Hit, kinds } from './keyword-index.ts'

const touching = /^[ '-]?$/
/** No pattern below allows more between two words. */
const maxGap = 12
/** "Namba yako ya kuingia": a short word or two between a number and what it does. */
const leading = /^(?:['-]|(?: [\p{L}\p{M}]{1,4}){0,2} ?)$/u
const joining =
  /^ ?(?:de|do|da|di|del|der|des|du|na|za|zur|för|til|ng|no|of|la|los|las|de la|ya|wa|لل|на|за|до|для|από)? ?$/iu

/** "Number", in the languages where "verification number" is how a code is called. */
const numberNames = [
  'number no$ no\\. числ номер нумар čísl čisl numer broj број štev nummer númer numar număr numero número',
  'numri nº szám αριθμ ნომერ համար numara raqam nömr nomor nombor số so дугаар рақам нөмір',
  'رقم شماره نمبر מספר 번호 番号 号码 號碼 नंबर नम्बर संख्या अंक নম্বর நம்பர் எண் సంఖ్య నంబర్ ನಂಬರ್ നമ്പർ',
  'عدد ตัวเลข цифр лічб ciffer siffer ziffer zahl cifr liczb skait nombre chiffre getal sayı raqam',
  'หมายเลข เลข លេខ ເລກ နံပါတ် ቁጥር nambari namba nambala lamba inombolo nimero',
]
const numberName = new RegExp(`^(?:${numberNames.join(' ').replaceAll(' ', '|')})`, 'iu')
/** Reservations are confirmed with a number of their own. */
const isLatinConfirm = /^(?:conf|best|bekr)/i

/** Turns labels of other things into words for those things. */
export function relabel(text: string, hits: Hit[]): void {
  // Where there is a word for a code, a number that is called no more than that is another one.
  const isUnnamed = !hits.some(({ kind }) => kind & kinds.code)
  for (let i = 0; isUnnamed && i < hits.length; i++) {
    const hit = hits[i] as Hit
    if (isNumberFor(text, hits, i)) hit.kind = (hit.kind & ~(kinds.ref | kinds.unit)) | kinds.code
  }
  const isGuarded = hits.some(({ kind }) => kind & (kinds.warn | kinds.time | kinds.use))
  for (let i = 0; i + 1 < hits.length; i++) {
    const first = hits[i] as Hit
    const second = hits[i + 1] as Hit
    if (second.start - first.end > maxGap) continue
    if (isPlainCode(first) && isOther(second)) {
      const gap = text.slice(first.end, second.start)
      // "Kod pocztowy 20-551": an adjective makes one name of the two.
      if (gap === ' ' || (joining.test(gap) && !isNumbered(text, second))) toOther(first)
    } else if (isOther(first) && isPlainCode(second)) {
      if (touching.test(text.slice(first.end, second.start))) toOther(second)
    } else if (isGuarded && leading.test(text.slice(first.end, second.start))) {
      if (isNumberOf(text, first, second)) first.kind |= kinds.code
      else if (isNumberOf(text, second, first)) second.kind |= kinds.code
      else continue
      second.kind &= ~kinds.ref
      first.kind &= ~kinds.ref
    }
  }
}

/** "Prihlasovacie číslo", "số xác nhận": a number, and what it does. */
function isNumberOf(text: string, act: Hit, number: Hit): boolean {
  if ((act.kind & kinds.auth) === 0 || (act.kind & (kinds.other | kinds.call)) !== 0) return false
  if ((number.kind & kinds.ref) === 0) return false
  if (!numberName.test(text.slice(number.start, number.end))) return false
  return !isLatinConfirm.test(text.slice(act.start, act.end))
}

/** "19583 is the number to verify your wallet": the number, a bare word for one, and what it is for. */
function isNumberFor(text: string, hits: readonly Hit[], at: number): boolean {
  const hit = hits[at] as Hit
  if ((hit.kind & (kinds.ref | kinds.unit)) === 0 || hit.kind & owners) return false
  // Most words have no number before them, and are not looked at any further.
  if (!isDigitWithin(text, hit.start - 16, hit.start)) return false
  if (!numberBehind.test(text.slice(Math.max(0, hit.start - 24), hit.start))) return false
  if (!numberName.test(text.slice(hit.start, hit.end))) return false
  const act = hits.find(({ kind }, i) => i > at && (kind & telling) !== 0)
  if (!act || (act.kind & (kinds.auth | kinds.use)) === 0 || act.kind & owners) return false
  if (/^\D{0,3}\d/.test(text.slice(act.end, act.end + 4))) return false
  return onlyWords.test(text.slice(hit.end, act.start))
}

const numberBehind = /\d{4}["'»”)]?[ -](?:\p{L}{1,6} ){0,2}$/u
const onlyWords = /^[\p{L}\p{M}' -]{0,32}$/u
/** Words that have numbers of their own. */
const owners = kinds.other | kinds.call | kinds.thing
/** Kinds of words that say what a number is. */
const telling = owners | kinds.code | kinds.ref | kinds.use | kinds.auth | kinds.money | kinds.not

function isDigitWithin(text: string, from: number, to: number): boolean {
  for (let at = Math.max(0, from); at < to; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0x30 && unit <= 0x39) return true
  }
  return false
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
