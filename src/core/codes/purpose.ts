// What a number is for: "118-552 to approve", "819 220 за покупка", "ödəniş üçün 819 220".
import { type Candidate, hasUsualLength } from './candidate.ts'
import { kinds } from './keyword-index.ts'
import { cover } from './mask.ts'
import { isHeadline, type Message } from './relation.ts'

const is = 'is|ist|est|es|é|è|är|er|jest|to|je|este|on|είναι|е|є|это|—|-'
const prepositions = [
  'to for in_order_to so_you_can so_that_you_can',
  'um zum zur für om om_te voor för för_att for_å for_at til fyrir pour pour_la',
  'para para_la per per_la pentru pentru_a para_que чтобы для за для_того_чтобы щоб каб дзеля',
  'za na do pro aby da dla по untuk bagi upang para_sa για kwa kwa_ajili_ya để để_xác_nhận de',
  'برای ل لـ לצורך כדי per_a por',
]
const preposition = prepositions.join(' ').replaceAll(' ', '|').replaceAll('_', ' ')
/** Right behind the number, "is" perhaps before it. */
const leadsOn = new RegExp(`^["'»”)\\]]? ?,? ?(?:(?:${is}) )?(?:${preposition}) `, 'iu')
const postpositions = [
  'için üçün uchun үчін үшін үчүн өчен ucin ýerine के_लिए हेतु ਲਈ માટે साठी জন্য لیے کے_لیے',
  'కోసం ಗಾಗಿ വേണ്ടി க்காக համար ために ため 위해 위한 ለ',
  // Not words of their own: "to do" it, as the end of a verb.
  'செய்ய ရန် には',
]
const comesBehind = new RegExp(
  `(?:${postpositions.join(' ').replaceAll(' ', '|').replaceAll('_', ' ')})[,:՝]? ?$`,
  'iu',
)

/** "Cove Clinics: 1903 to view your result": at the head, some verb and "your" or the like behind it. */
function isLoneErrand(message: Message, candidate: Candidate, from: number): boolean {
  const { masked, serious } = message
  if (!hasUsualLength(candidate) || /00$/.test(candidate.code)) return false
  if (serious.some(({ start }) => start < candidate.start)) return false
  if (!/^\p{L}{2,}(?: \p{L}+){1,}/u.test(masked.slice(from, from + 40))) return false
  return /\b(?:to|um|pour|para|per|чтобы|щоб|за да|aby|pentru a|om|för att|for å|for at)\b/iu.test(
    masked.slice(candidate.end, from + 40),
  )
}

/** "Masa sifariş etmək üçün 5518 daxil edin": what it is for stands right before the number. */
export function isAfterGoal({ masked, layout }: Message, { start }: Candidate): boolean {
  if (comesBehind.test(masked.slice(Math.max(0, start - 16), start))) return true
  const goal = masked.lastIndexOf('برای ', start)
  return goal >= 0 && layout.sentences[goal] === layout.sentences[start]
}

/** How firmly a number is bound to what it is for; as "enter" would bind it, or not at all. */
export function purposeOf(message: Message, candidate: Candidate): number {
  const known = message.purposes.get(candidate)
  if (known !== undefined) return known
  const purpose = readPurpose(message, candidate)
  message.purposes.set(candidate, purpose)
  return purpose
}

function readPurpose(message: Message, candidate: Candidate): number {
  const { masked, hits, layout } = message
  const { start, end, code, shape } = candidate
  if (shape === 'letters' || code.length < 4) return 0
  const { sentences } = layout
  const lead = leadsOn.exec(masked.slice(end, end + 24))?.[0]
  if (lead !== undefined) {
    const from = end + lead.length
    const isSame = (at: number) => sentences[at] === sentences[end]
    const act = hits.find((hit) => hit.start >= from && (hit.kind & ~kinds.digits) !== 0)
    if (act && act.kind & kinds.auth && act.start - from <= 12 && isSame(act.start)) return 1.9
    if (!isHeadline(masked, start)) return 0
    if (isLoneErrand(message, candidate, from)) return 1.9
    const amount = masked.slice(from, from + 48).indexOf(cover)
    return amount >= 0 && isSame(from + amount) ? 1.9 : 0
  }
  // "884 120 (account recovery)"
  const aside = /^ \(([^)\n]{4,40})\)/.exec(masked.slice(end, end + 44))?.[1]
  if (aside !== undefined) {
    const isAct = hits.some((hit) => {
      return hit.kind & kinds.auth && hit.start > end && hit.end <= end + 2 + aside.length
    })
    if (isAct) return 1.9
  }
  if (!hasUsualLength(candidate)) return 0
  if (!comesBehind.test(masked.slice(Math.max(0, start - 16), start))) return 0
  const amount = masked.lastIndexOf(cover, start)
  if (amount >= 0 && sentences[amount] === sentences[start]) return 1.9
  return hits.some(({ kind, end: at }) => kind & kinds.money && at <= start) ? 1.9 : 0
}
