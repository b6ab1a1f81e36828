// Numbers of payments that are over: "Charged 18.20, auth code 771204", "Balance 204.77. Approval 662014".
import type { Candidate } from './candidate.ts'
import { kinds } from './keyword-index.ts'
import { cover } from './mask.ts'
import { purposeOf } from './purpose.ts'
import { isTaken, type Message } from './relation.ts'

/** What the approval of a payment is called, in the languages that write it on the slip. */
const approvalNames = [
  ...['aut[ho]', 'avtor', 'otori[sz]', 'авт', 'ауториз', 'одобр', 'genehmig', 'godk', 'goedk'],
  ...['approv', 'έγκρισ', 'ավտոր', 'ავტორ', 'אישור', 'تفويض', 'موافقة', 'अनुमोदन', 'อนุมัติ'],
  ...['승인', '授权', '授權', '承認'],
]
const approvalName = new RegExp(approvalNames.join('|'), 'i')

const amountBehind = new RegExp(`^[^\\n.!?]{0,12}?[:.]? ?[${cover}\\d]`)

/** "Balance 1204.55": the money has moved, and nothing is left to be confirmed. */
export function isSettled({ hits, masked }: Message): boolean {
  return hits.some(
    ({ kind, end }) =>
      (kind & kinds.settled) !== 0 && amountBehind.test(masked.slice(end, end + 20)),
  )
}

/**
 * What speaks against the numbers of a slip of a payment that is over. Beside a balance alone, only what is
 * called an approval is of the slip.
 */
export function receiptCost(message: Message, candidate: Candidate): number {
  const { hits, isTimed, masked } = message
  if (isTimed || !masked.includes(cover)) return 0
  // "Receipt 77120" is the number of one, and says nothing of the payment.
  const isOver = hits.some((hit) => {
    if ((hit.kind & kinds.done) === 0) return false
    return approvalName.test(masked.slice(hit.start, hit.end)) || !isTaken(message, hit, '')
  })
  if ((!isOver && !isSettled(message)) || purposeOf(message, candidate) > 0) return 0
  let labels = 0
  let cost = -1.5
  for (const { kind, start, end } of hits) {
    if (kind & (kinds.warn | kinds.fresh | kinds.use)) return 0
    if ((kind & kinds.code) === 0) continue
    labels++
    if (approvalName.test(masked.slice(Math.max(0, start - 14), end + 14))) cost = -4
    else if (kind & kinds.strong) return 0
  }
  if (cost === -4) return cost
  if (!isOver) return 0
  return labels === 0 ? -4 : cost
}
