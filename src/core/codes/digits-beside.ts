// What stands beside the digits of a text, in one cheap pass: most expressions have nothing to find, and are
// told so here.

/** Bits of what a text has beside its digits. */
export const beside = {
  /** A point and a letter: "example.com". It needs no digit. */
  dotLetter: 1,
  digit: 1 << 1,
  /** Behind a digit: "1.2", "1-2", "1/2", also with a blank before the second digit. */
  joint: 1 << 2,
  slash: 1 << 3,
  dash: 1 << 4,
  /** "1.2", "1,2" */
  point: 1 << 5,
  /** "12:", "12 :" */
  colon: 1 << 6,
  /** "12h", "12 h" */
  hour: 1 << 7,
  /** A sign beyond Latin, as in "12年". */
  sign: 1 << 8,
  moneyAfter: 1 << 9,
  moneyBefore: 1 << 10,
  /** "12 march", "12.mar": letters that begin a month, behind one or two digits. */
  month: 1 << 11,
  /** "12 eur", "eur 12" */
  currencyAfter: 1 << 12,
  currencyBefore: 1 << 13,
  /** "12*", "12x", and "*12" */
  starAfter: 1 << 14,
  starBefore: 1 << 15,
  plusBefore: 1 << 16,
  bracketBefore: 1 << 17,
  /** "xx12", "**12", "...12" */
  coverBefore: 1 << 18,
  capitalBefore: 1 << 19,
} as const

const months = new Set(
  [
    'jan feb mar apr may mai maj jun jul aug ago sep set oct okt out nov dec dez dic ene abr fev avr',
    'mei ott gen mag giu lug',
  ]
    .join(' ')
    .split(' '),
)
const currencies = new Set(
  [
    'usd eur gbp inr rs rub uah pln czk huf ron bgn try tl kzt uzs azn gel amd sar aed qar kwd bhd',
    'omr egp jod ils nis irr irt pkr bdt lkr npr mmk thb vnd idr rp myr rm sgd php cny rmb jpy krw',
    'twd ntd hkd aud cad nzd zar ngn kes ksh tzs tsh ugx ush ghs xof xaf fcfa cfa mad dzd tnd etb rwf',
    'sek nok dkk isk chf brl mxn ars clp cop pen btc eth usdt',
  ]
    .join(' ')
    .split(' '),
)

/** Whether letters begin as a month does. */
export const isMonth = (letters: string): boolean => months.has(letters.slice(0, 3).toLowerCase())

/** Whether letters are the name of a currency. */
export const isCurrencyName = (letters: string): boolean => currencies.has(letters.toLowerCase())

const unit = (char: string) => char.charCodeAt(0)
const [dot, comma, colon, dash, slash] = [unit('.'), unit(','), unit(':'), unit('-'), unit('/')]
const [blank, star, middleDot, plus, bracket] = [
  unit(' '),
  unit('*'),
  unit('·'),
  unit('+'),
  unit('('),
]

/** The bits of all that stands beside the digits of a text. */
export function besideDigits(text: string): number {
  let bits = 0
  for (let at = 0; at < text.length; at++) {
    const here = text.charCodeAt(at)
    if (here === dot && isLetter(text.charCodeAt(at + 1))) bits |= beside.dotLetter
    if (!isDigit(here)) continue
    let end = at + 1
    while (isDigit(text.charCodeAt(end))) end++
    bits |= beside.digit | bitsBefore(text, at) | bitsAfter(text, end) | monthBit(text, at, end)
    at = end - 1
  }
  return bits
}

function bitsAfter(text: string, end: number): number {
  const next = text.charCodeAt(end)
  const second = text.charCodeAt(end + 1)
  let bits = 0
  if (next === dot || next === dash || next === slash) {
    if (isDigit(second) || (second === blank && isDigit(text.charCodeAt(end + 2))))
      bits |= beside.joint
    if (next === dash) bits |= beside.dash
    if (next === slash) bits |= beside.slash
  }
  if ((next === dot || next === comma) && isDigit(second)) bits |= beside.point
  const from = next === blank ? end + 1 : end
  const mark = next === blank ? second : next
  if (mark === colon) return bits | beside.colon
  if ((mark | 0x20) === 0x68) bits |= beside.hour
  if (mark >= 0x2000) bits |= beside.sign
  if (isMoney(mark)) bits |= beside.moneyAfter
  if (isMaskMark(next)) bits |= beside.starAfter
  if (!isLetter(mark)) return bits
  let to = from + 1
  while (to < from + 5 && isLetter(text.charCodeAt(to))) to++
  const isWord = to >= from + 2 && to <= from + 4 && !isWordUnit(text.charCodeAt(to))
  return isWord && isCurrencyName(text.slice(from, to)) ? bits | beside.currencyAfter : bits
}

function monthBit(text: string, start: number, end: number): number {
  if (end - start > 2 || isWordUnit(text.charCodeAt(start - 1))) return 0
  let from = end
  while (from < end + 2 && isDateMark(text.charCodeAt(from))) from++
  return isLetter(text.charCodeAt(from)) && isMonth(text.slice(from, from + 3)) ? beside.month : 0
}

function bitsBefore(text: string, start: number): number {
  const last = text.charCodeAt(start - 1)
  let bits = 0
  if (last === star) bits |= beside.starBefore
  else if (last === bracket) bits |= beside.bracketBefore
  else if (last >= 65 && last <= 90) bits |= beside.capitalBefore
  let at = last === blank || last === dash ? start - 2 : start - 1
  const mark = text.charCodeAt(at)
  if (isMaskMark(mark) || (mark === dot && text.charCodeAt(at - 1) === dot))
    bits |= beside.coverBefore
  if (mark === plus) bits |= beside.plusBefore
  if (isMoney(mark)) bits |= beside.moneyBefore
  if (last === dash) return bits
  if (mark === dot || mark === colon) at--
  const to = at + 1
  while (to - at <= 4 && isLetter(text.charCodeAt(at))) at--
  const isWord = to - at >= 3 && to - at <= 5 && !isWordUnit(text.charCodeAt(at))
  return isWord && isCurrencyName(text.slice(at + 1, to)) ? bits | beside.currencyBefore : bits
}

// Beyond the ends of a text a unit is NaN, and none of these.
const isDigit = (here: number) => here >= 0x30 && here <= 0x39
const isLetter = (here: number) => (here | 0x20) >= 0x61 && (here | 0x20) <= 0x7a
/** As `\w`. */
const isWordUnit = (here: number) => isDigit(here) || isLetter(here) || here === 0x5f
const isMaskMark = (here: number) => here === star || (here | 0x20) === 0x78 || here === middleDot
const isDateMark = (here: number) =>
  here === dash || here === blank || here === dot || here === slash

/** Signs of money (general category Sc), and a little more: halves of pairs. */
function isMoney(here: number): boolean {
  if (here < 0x80) return here === 0x24
  if (here < 0x20a0) return here <= 0xa5 || moneySigns.has(here)
  return here <= 0x20cf || (here >= 0xd800 && here <= 0xdfff) || here >= 0xfdfc || here === 0xa838
}

const moneySigns = new Set([
  0x58f, 0x60b, 0x7fe, 0x7ff, 0x9f2, 0x9f3, 0x9fb, 0xaf1, 0xbf9, 0xe3f, 0x17db,
])
