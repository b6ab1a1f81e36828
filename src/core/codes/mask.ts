// Covering what cannot be a code: addresses, dates, times, money, telephones, cards, old mail.
import { beside, besideDigits, isCurrencyName, isMonth } from './digits-beside.ts'

/** Stands where something was covered. One unit for one, so that places in the text stay true. */
export const cover = '\ue000'

type Mask = {
  /** Cheap tests that spare most messages the expression: what the text must have, alone or beside digits. */
  readonly when?: string
  readonly beside?: number
  readonly pattern: RegExp
  readonly unless?: (found: string) => boolean
}

const masks: readonly Mask[] = [
  { when: '://', pattern: /\b[a-z][a-z0-9+.-]{1,15}:\/\/[!-~]+/gi },
  { when: 'www.', pattern: /\bwww\.[!-~]+/gi },
  { when: '@', pattern: /[\w.+-]{1,64}@[\w-]{1,60}(?:\.[\w-]{1,60}){1,4}/g },
  {
    beside: beside.dotLetter,
    pattern: /\b[a-z0-9-]{1,40}(?:\.[a-z0-9-]{1,40}){0,4}\.[a-z]{2,12}[/?][!-~]*/gi,
    unless: (found) => /^\d{3,}\.[A-Z]/.test(found),
  },
  {
    beside: beside.dotLetter,
    pattern:
      /\b[a-z0-9-]{1,40}(?:\.[a-z0-9-]{1,40}){0,3}\.(?:com|net|org|info|biz|io|co|cn|ru|de|fr|uk|ir|app|shop|example|test)\b/gi,
    unless: (found) => /^\d{3,}\.(?:De|Co|Fr|Test|Example|App|Info|Shop|Net)/.test(found),
  },
  { beside: beside.point, pattern: /(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.]*\d)/g },
  { beside: beside.point, pattern: /\bv(?:er(?:sion)?)?\.? ?\d{1,4}(?:\.\d{1,5}){1,3}/gi },
  {
    beside: beside.joint,
    pattern: /(?<![\d./-])\d{1,4}([-./]) ?\d{1,2}\1 ?\d{1,4}(?![\d]|[-/]\d)/g,
    unless: (found) => !isDate(found),
  },
  { beside: beside.slash, pattern: /(?<![\d/])[0-3]?\d\/[0-3]?\d(?![\d/])/g },
  {
    beside: beside.dash,
    pattern: /(?<![\d-])\d\d-\d\d(?![\d-])/g,
    unless: (found) => !isDate(`${found}-2000`),
  },
  { beside: beside.dash, pattern: /\b(?:19|20)\d\d-(?:0\d|1[0-2])-[0-3]\d(?:[T ][\d:]+Z?)?/g },
  {
    beside: beside.month,
    pattern: /\b\d{1,2}[- ./]{0,2}[a-z]{3,9}[-. ,]{0,2}(?:(?:19|20)\d\d|'?\d\d)?\b/gi,
    unless: (found) => !isMonth(lettersOf(found)),
  },
  {
    beside: beside.colon,
    pattern:
      /(?<![\d.,]|\d[.,]\d)\d{1,2}(?::| : )[0-5]\d(?:(?::| : )\d{2})?(?![\d:])(?: ?[ap]\.?m\b\.?)?/gi,
  },
  {
    beside: beside.point | beside.hour,
    pattern: /(?<!\d)\d{1,2}[.h][0-5]\d(?: ?(?:uhr|h|hrs|hod|ora|óra|[ap]m))\b/gi,
  },
  { beside: beside.hour, pattern: /(?<!\d)\d{1,2}(?: ?[hH] ?)[0-5]\d(?!\d)/g },
  {
    beside: beside.sign,
    pattern: /\d{1,4} ?(?:年|月|日|时|時|点|點|分|秒|년|월|일|시|분|초)(?!证|證|碼|码)/g,
  },
  { when: '%', pattern: /\d+(?:[.,]\d+)? ?%|% ?\d+(?:[.,]\d+)?/g },
  { beside: beside.moneyBefore, pattern: /\p{Sc} ?\d+(?:[.,' ]\d{3})*(?:[.,]\d{1,2})?(?!\d)/gu },
  {
    beside: beside.moneyAfter,
    pattern: /(?<![\d.,])\d+(?:[.,' ]\d{3})*(?:[.,]\d{1,2})? ?\p{Sc}/gu,
  },
  {
    beside: beside.currencyBefore,
    // "204,40 EUR: 604 177": that currency has its amount already.
    pattern: /\b(?<!\d ?(?=[a-z]{2,4}:))[a-z]{2,4}[.:]? ?\d+(?:[.,']\d+)*/gi,
    unless: (found) => !isCurrency(found),
  },
  {
    beside: beside.currencyAfter,
    pattern: /(?<![\d.,])\d+(?:[.,' ]\d{3})*(?:[.,]\d{1,2})? ?[a-z]{2,4}\b/gi,
    unless: (found) => !isCurrency(found),
  },
  {
    beside: beside.point,
    pattern: /(?<![\d.,])\d+(?:[.,]\d{3})*[.,]\d{2}(?![\d]|[.,]\d)/g,
    unless: (found) => !/[.,]/.test(found),
  },
  { beside: beside.point, pattern: /(?<![\d.,])\d{1,3}(?:[.,]\d{3}){2,}(?!\d)/g },
  { beside: beside.point, pattern: /(?<![\d.,])\d{1,2}[.,]\d{3}(?![\d]|[.,]\d)/g },
  { beside: beside.plusBefore, pattern: /\+ ?\d(?:[ .()-]{0,2}\d){6,14}/g },
  { beside: beside.bracketBefore, pattern: /\(\d{2,5}\) ?\d{2,4}(?:[ .-]?\d{2,4}){1,3}(?!\d)/g },
  {
    beside: beside.dash,
    pattern: /(?<![\d-])1?[- ]?8(?:00|33|44|55|66|77|88)-(?:\d{3}-\d{4}|\d{3}-\d{2}-\d{2})(?!\d)/g,
  },
  { beside: beside.starBefore, pattern: /(?<![\d])\*\d{2,4}(?:\*\d+)*#/g },
  { beside: beside.starAfter, pattern: /\d{1,6}[*xX·]{2,}[*xX· ]*\d{0,6}/g },
  {
    beside: beside.coverBefore,
    pattern: /(?:(?<![A-Z])[xX]{2,}|[*·]{2,}|\b[xX]|\.{3})[- ]?\d{2,5}(?![\d*])/g,
    unless: (found) => /^[xX.]/.test(found) && /^(?:x\d{5}|\.{3}\d{5})/i.test(found),
  },
  { beside: beside.starAfter, pattern: /\d{3,}\*\d{3,}/g },
  { beside: beside.starBefore, pattern: /(?<=\p{L}\.? )\*\d{3,4}(?![\d*]|[ -]?\d+\*)/gu },
  {
    beside: beside.capitalBefore,
    pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b/g,
  },
  { when: '〒', beside: beside.dash, pattern: /〒 ?\d{3}-\d{4}/g },
  { when: 'CVE-', beside: beside.dash, pattern: /CVE-\d{4}-\d{4,7}/g },
  // "To 3188" in Japanese: a number that is called or written to.
  { when: 'へ', pattern: /(?<![\d-])\d{3,6}(?=へ)/g },
  { when: '#', pattern: /#[a-z]{2,20}\b/gi },
]

const oldMail =
  /^(?:-{2,} ?(?:original|forwarded|weitergeleitete|ursprüngliche|mensaje|message|исходное|пересылаемое)\b.*|on .{5,120} wrote:|am .{5,120} schrieb.*:|le .{5,120} a écrit ?:|el .{5,120} escribió:|il .{5,120} ha scritto:|.{5,120} (?:написал|пише|написала|пишет).{0,60}:|_{10,})$/im

/** The text with everything covered that cannot be a code, of the same length. */
export function maskText(text: string): string {
  let masked = coverOldMail(text)
  let bits = besideDigits(masked)
  if ((bits & beside.digit) === 0) return masked
  for (const { when, beside: needed, pattern, unless } of masks) {
    if (needed !== undefined && (bits & needed) === 0) continue
    if (when !== undefined && !masked.includes(when)) continue
    const before = masked
    masked = masked.replace(pattern, (found) =>
      unless?.(found) ? found : cover.repeat(found.length),
    )
    if (masked !== before) bits = besideDigits(masked)
  }
  return masked
}

/** Quoted lines and what stands below "On … wrote:", unless the message is nothing else. */
function coverOldMail(text: string): string {
  const cut = text.length > 40 && text.includes('\n') ? text.search(oldMail) : -1
  const kept = cut > 10 && /\d/.test(text.slice(0, cut)) ? cut : text.length
  const ahead = text.slice(0, kept) + cover.repeat(text.length - kept)
  if (!ahead.includes('\n>')) return ahead
  // ">> 441092 <<" is no quotation.
  return ahead.replace(/\n>(?![^\n]{0,40}<)[^\n]*/g, (line) => `\n${cover.repeat(line.length - 1)}`)
}

function lettersOf(found: string): string {
  return found.replace(/[^a-z]/gi, '')
}

function isCurrency(found: string): boolean {
  return isCurrencyName(lettersOf(found)) && !/try|mad|cop|pen|Try|Mad|Cop|Pen/.test(found)
}

function isDate(found: string): boolean {
  const [a = 0, b = 0, c = 0] = found.split(/[-./] ?/).map(Number)
  const longYear = (year: number) => year >= 1300 && year <= 2600
  const yearFirst = longYear(a) && b >= 1 && b <= 12 && c >= 1 && c <= 31
  const isDay = a >= 1 && b >= 1 && ((a <= 31 && b <= 12) || (a <= 12 && b <= 31))
  return yearFirst || (isDay && (longYear(c) || (c <= 99 && /\D\d{2}$/.test(found))))
}
