// Candidates that nobody would take for the code: amounts, what is dialled, remains of a telephone.
import type { Candidate } from './candidate.ts'
import { kinds } from './keyword-index.ts'
import { classOf, letterClass } from './letters.ts'
import { cover } from './mask.ts'
import { isOwnLine, type Message } from './relation.ts'

/** The end of an amount, or of what was covered as one; "thousand" may stand behind it. */
const amountAhead = new RegExp(`[\\d${cover}] ?(?:\\p{L}{2,8} )?$`, 'u')

/** The candidates that are worth a choice. */
export function plausibleCandidates(message: Message): readonly Candidate[] {
  const { candidates } = message
  const isLong = candidates.some(({ code }) => code.length >= 5)
  return candidates.filter((candidate) => {
    if (isQuantity(message, candidate) || isDialled(message, candidate)) return false
    const isPiece =
      candidate.code.length === 3 ||
      (isServiceNumber(message, candidate) &&
        !isOwnLine(message.masked, candidate.start, candidate.end))
    return !(isLong && isPiece && candidate.shape !== 'letters')
  })
}

/** "00000000": a form that nobody has filled in. */
function isBlank(code: string): boolean {
  return code.length >= 5 && /^0+$/.test(code)
}

const yearLike = /^(?:1[34]|19|20|25)\d\d$/
const dayAndMonth =
  /(?<!\d)[0-3]?\d\.? (?:de |di )?\p{L}[\p{L}\p{M}]{2,12}\.?,? (?:de |del |พ.ศ. )?$/u
const yearWords = [
  'years? jahr año ano anno année an год рік року рок годину jaar år rok roku roka év vuosi vuonna',
  'yıl yılı tahun năm година години',
]
const yearBehind = new RegExp(
  `^ ?(?:г\\.|р\\.|${yearWords.join(' ').replaceAll(' ', '|')})(?![\\p{L}])`,
  'iu',
)
const yearNames = [
  'tax_year fiscal_year steuerjahr geschäftsjahr ejercicio exercice exercício anno année año ano rok',
  'năm tahun سنة عام سال שנת',
]
const yearAhead = new RegExp(
  `(?:^|[^\\p{L}])(?:${yearNames.join(' ').replaceAll(' ', '|').replaceAll('_', ' ')})[ :]$`,
  'iu',
)

/** "23 Ordibehesht 1405", "за 2025 рік": the year of a date, or one that is called so. */
function isYear({ masked }: Message, { start, end, code, shape }: Candidate): boolean {
  if (shape !== 'digits' || !yearLike.test(code)) return false
  // "© 2026": neither words before it nor behind it, as in most footers.
  const isNamed =
    classOf[masked.charCodeAt(end + (masked[end] === ' ' ? 1 : 0))] !== letterClass.none
  if (isNamed && yearBehind.test(masked.slice(end, end + 10))) return true
  const last = masked.charCodeAt(start - 2)
  if (last !== 0x2e && last !== 0x2c && classOf[last] === letterClass.none) return false
  const ahead = masked.slice(Math.max(0, start - 28), start)
  return dayAndMonth.test(ahead) || yearAhead.test(ahead)
}

/** "33 55", "1500 604", "0200 5501": short numbers to be dialled are written in such groups. */
function isServiceNumber({ masked }: Message, { start, end }: Candidate): boolean {
  const written = masked.slice(start, end)
  return /^(?:\d\d[ .]\d\d|\d{3}(?: \d{3}){2}|(?:0\d{2,3}|1[5-9]\d\d|[89]00)[ -]\d{3,4})$/.test(
    written,
  )
}

/** "Call 16520", "hotline: 1900 5501": behind the word for calling, and no word for a code between. */
function isDialled({ hits, layout, masked }: Message, candidate: Candidate): boolean {
  const { start, code, shape } = candidate
  if (shape === 'letters' || (code.length >= 6 && shape === 'digits')) return false
  const { letters, sentences } = layout
  const said = kinds.code | kinds.use | kinds.auth | kinds.call
  const last = hits.findLast(({ end, kind }) => end <= start && (kind & said) !== 0)
  if (!last || (last.kind & kinds.call) === 0 || last.kind & (kinds.use | kinds.code)) return false
  if (sentences[last.end] !== sentences[start]) return false
  if (/[:;]\s.*\d/.test(masked.slice(last.end, start))) return false
  return (letters[start] ?? 0) - (letters[last.end] ?? 0) <= 14
}

/** An amount beside a unit or a currency, a time if it is short; a year, a form left empty. */
export function isQuantity(message: Message, candidate: Candidate): boolean {
  const { hits, masked } = message
  const { start, end, code, shape } = candidate
  if (isBlank(code) || isYear(message, candidate)) return true
  if (shape === 'letters' || shape === 'spoken' || shape === 'spaced') return false
  for (const hit of hits) {
    if ((hit.kind & (kinds.time | kinds.unit | kinds.money)) === 0) continue
    if (hit.start < end && hit.end > start) return (hit.kind & kinds.money) !== 0
    const isShort = code.length <= 3
    if ((hit.kind & (kinds.unit | kinds.money)) === 0 && !isShort) continue
    if (hit.start >= end && hit.start - end <= 1 && masked[end] !== '\n') return true
    const isMoneyBefore = (hit.kind & kinds.money) !== 0 || isShort
    // "450 som: 382061": the currency has its amount already.
    if (amountAhead.test(masked.slice(Math.max(0, hit.start - 12), hit.start))) continue
    if (isMoneyBefore && start >= hit.end && /^[ .:]{0,2}$/.test(masked.slice(hit.end, start)))
      return true
  }
  return false
}
