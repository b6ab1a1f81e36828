// Asking another Numlet for a number, and finding out what became of an ask.
import { formatAmount } from '../../core/money.ts'
import {
  after,
  done,
  jsonIn,
  mapped,
  passageHeaders,
  reading,
  retryAfterOf,
  unknown,
} from '../answers.ts'
import { objectOf, textOf } from '../bodies.ts'
import type { Settings } from '../supplier.ts'
import type { Ask, AskVerdict, HttpAnswer, LookUp, LookUpVerdict, Step, Talk } from '../upstream.ts'
import { type NumletOrder, orderIn, pageIn } from './order.ts'
import { problemIn, refusalIn, requestFor } from './request.ts'

/** Buys a number. It does not wait while the other Numlet asks others: its order is polled then. */
export const ask = (settings: Settings, wanted: Ask): Talk<AskVerdict> =>
  asking(settings, wanted, true)

/** @param saysWait whether it says that it does not wait, which a Numlet of before refuses to read */
const asking = (settings: Settings, wanted: Ask, saysWait: boolean): Talk<AskVerdict> => ({
  request: requestFor(settings, 'POST', {
    ...(wanted.again === null ? anyNumber(wanted, saysWait) : sameNumber(wanted, wanted.again.ref)),
    headers: { 'idempotency-key': wanted.requestKey, ...passageHeaders(wanted.passage) },
  }),
  read: reading((answer): Step<AskVerdict> => {
    if (saysWait && isWaitRefused(answer)) return { next: asking(settings, wanted, false) }
    return done(readAsk(answer))
  }),
})

const anyNumber = (wanted: Ask, saysWait: boolean) => ({
  path: ['orders'],
  query: saysWait ? { wait: '0' } : {},
  body: bodyOf(wanted),
})

const sameNumber = ({ requestKey }: Ask, ref: string) => ({
  path: ['orders', ref, 'repeat'],
  body: { reference: requestKey },
})

const bodyOf = ({ product, maxPrice, requestKey }: Ask) => ({
  ...(product.durationS === undefined
    ? { kind: 'activation' }
    : { kind: 'rental', duration: product.durationS }),
  service: product.service,
  country: product.country,
  ...(product.operator === null ? {} : { operator: product.operator }),
  ...(product.pool === null ? {} : { pool: product.pool }),
  ...(maxPrice === null ? {} : { max_price: formatAmount(maxPrice, 0) }),
  reference: requestKey,
})

/** Nothing was bought: the request was refused before it was read. */
function isWaitRefused({ status, body }: HttpAnswer): boolean {
  const { code, errors } = objectOf(jsonIn(body))
  const pointers = (Array.isArray(errors) ? errors : []).map((one) => objectOf(one).pointer)
  return (
    status === 422 && code === 'invalid_request' && pointers.some((one) => textOf(one) === 'wait')
  )
}

/** What the answer to an ask means. */
export function readAsk(answer: HttpAnswer): AskVerdict {
  const order = [200, 201, 202].includes(answer.status) ? orderIn(jsonIn(answer.body)) : null
  if (order !== null) return verdictOf(order)
  const code = problemIn(answer)
  if (code === 'idempotency_running') return unknown('the first request is still running')
  return refusalIn(answer) ?? unknown('an answer that is no order')
}

/** What an order says of the ask that made it. */
function verdictOf(order: NumletOrder): AskVerdict {
  const { ref, phone, cost, currency, endsAt, cancelAfter, product, state } = order
  if (phone !== null) {
    const operator = product.operator ?? null
    return { kind: 'number', ref, phone, operator, cost, currency, endsAt, cancelAfter }
  }
  // It asked others, and none of them had a number.
  if (state === 'refunded') return { kind: 'no', class: 'empty' }
  return { ...unknown('it is still asking others'), ref }
}

/** Finds out what became of an ask: while the order waits it is repeated, which never buys twice; once it is
 * over, the order with our reference tells. An answer that was kept is repeated as it was: an order that was
 * still asking others is read. */
export function lookUp(
  settings: Settings,
  { ask: wanted, mayAskAgain }: LookUp,
): Talk<LookUpVerdict> {
  if (!mayAskAgain) return byReference(settings, wanted.requestKey)
  return after<AskVerdict, LookUpVerdict>(ask(settings, wanted), (verdict) => {
    if (verdict.kind === 'unknown' && verdict.ref !== undefined)
      return { next: byId(settings, verdict.ref) }
    if (verdict.kind !== 'no') return done(verdict)
    const isAnswer = ['empty', 'price', 'name', 'dry'].includes(verdict.class)
    return done(isAnswer ? verdict : unknown('the ask could not be repeated', verdict.retryAfterS))
  })
}

/** Whether nothing could be sent this time says nothing of the ask. */
const unlessUnreached = (talk: Talk<LookUpVerdict>): Talk<LookUpVerdict> =>
  mapped(talk, (found) =>
    found.kind === 'no' && found.class === 'unreached' ? unknown('it cannot be reached') : found,
  )

const byId = (settings: Settings, ref: string): Talk<LookUpVerdict> =>
  unlessUnreached({
    request: requestFor(settings, 'GET', { path: ['orders', ref] }),
    read: reading((answer): Step<LookUpVerdict> => {
      const order = answer.status === 200 ? orderIn(jsonIn(answer.body)) : null
      if (order !== null) return done(verdictOf(order))
      return done(unknown('the order could not be read', retryAfterOf(answer)))
    }),
  })

const byReference = (settings: Settings, requestKey: string): Talk<LookUpVerdict> =>
  unlessUnreached({
    request: requestFor(settings, 'GET', { path: ['orders'], query: { reference: requestKey } }),
    read: reading((answer): Step<LookUpVerdict> => {
      const found = pageIn(answer)
      if ('kind' in found)
        return done(
          found.kind === 'no' ? unknown('the list could not be read', found.retryAfterS) : found,
        )
      const own = found.orders.find((one) => one.requestKey === requestKey)
      if (own !== undefined) return done(verdictOf({ ...own, currency: null, cancelAfter: null }))
      const isComplete = found.next === null && found.isReadable
      return done({ kind: 'listed', list: { orders: [], isComplete } })
    }),
  })
