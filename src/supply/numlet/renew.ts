// Renewing a rental at another Numlet: with a key, which never renews twice; or looking at its end.
import { formatAmount } from '../../core/money.ts'
import { done, jsonIn, reading, retryAfterOf, unknown } from '../answers.ts'
import type { Settings } from '../supplier.ts'
import type { HttpAnswer, Renewal, RenewalVerdict, Talk } from '../upstream.ts'
import { orderIn } from './order.ts'
import { refusalIn, requestFor } from './request.ts'

/** Answers may be kept for a while: an end that is later by less is that of before. */
const leastMs = 60_000

export const renew = (settings: Settings, renewal: Renewal): Talk<RenewalVerdict> => ({
  request: renewal.mayAsk
    ? requestFor(settings, 'POST', {
        path: ['orders', renewal.ref, 'renew'],
        headers: { 'idempotency-key': renewal.requestKey },
        body: { max_price: formatAmount(renewal.maxPrice, 0) },
      })
    : requestFor(settings, 'GET', { path: ['orders', renewal.ref] }),
  read: reading((answer) => done(readRenewal(answer, renewal))),
})

/** What the answer to a renewal means, or a look at the rental. */
export function readRenewal(answer: HttpAnswer, { endsAt, mayAsk }: Renewal): RenewalVerdict {
  const order = answer.status === 200 ? orderIn(jsonIn(answer.body)) : null
  const end = order?.endsAt ?? null
  if (end !== null && end.getTime() >= endsAt.getTime() + leastMs)
    return { kind: 'renewed', endsAt: end }
  if (order !== null) return mayAsk ? unknown('it ends as before') : { kind: 'no', class: 'absent' }
  const refusal = refusalIn(answer)
  if (refusal !== null && mayAsk) return refusal
  return unknown('an answer that is no rental', retryAfterOf(answer))
}
