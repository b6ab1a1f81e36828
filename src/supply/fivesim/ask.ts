// Asking a 5sim platform for a number, and finding out what became of an ask.
import { formatAmount } from '../../core/money.ts'
import { lookUpIn } from '../adoption.ts'
import { after, done, lineOf, passageHeaders, reading, unknown } from '../answers.ts'
import { objectOf } from '../bodies.ts'
import type { Settings } from '../supplier.ts'
import type { Ask, AskVerdict, HttpAnswer, LookUp, LookUpVerdict, Talk } from '../upstream.ts'
import { listOrders, orderIn } from './order.ts'
import { requestFor } from './request.ts'
import { refusalIn, saidIn } from './words.ts'

/** 5sim itself knows no keys of asks; a Numlet that speaks its protocol does. */
export const isKeyed = (settings: Settings): boolean => settings.profile === 'numlet'

/** Buys a number. */
export function ask(settings: Settings, wanted: Ask): Talk<AskVerdict> {
  const { product, maxPrice, requestKey, passage, again } = wanted
  const operator = product.operator ?? 'any'
  const parts =
    again === null
      ? ['user', 'buy', 'activation', product.country, operator, product.service]
      : ['user', 'reuse', product.service, again.phone.replace('+', '')]
  // It reads a highest price for any operator only.
  const hasMaxPrice = maxPrice !== null && operator === 'any' && again === null
  return {
    request: requestFor(
      settings,
      parts,
      {
        // So that it can be bought again.
        ...(again === null ? { reuse: '1' } : {}),
        ...(hasMaxPrice ? { maxPrice: formatAmount(maxPrice, 0) } : {}),
      },
      {
        ...passageHeaders(passage),
        ...(isKeyed(settings) ? { 'idempotency-key': requestKey } : {}),
      },
    ),
    read: reading((answer) => done(readAsk(answer, isKeyed(settings)))),
  }
}

/** What the answer to an ask means.
 * @param isOfNumlet whether the platform is a Numlet */
export function readAsk(answer: HttpAnswer, isOfNumlet = false): AskVerdict {
  const said = saidIn(answer)
  const order = orderIn(said.json)
  // @NOTE 5sim refuses requests with this status; a Numlet also says so when it lost its database, perhaps
  // after the purchase
  if (isOfNumlet && answer.status === 503) return unknown('the platform was not available')
  if (order === null) {
    const isBought = 'id' in objectOf(said.json)
    if (isBought) return { ...unknown('the order cannot be read'), isBought: true }
    return refusalIn(answer, said) ?? unknown('an answer that the protocol does not have')
  }
  if (order.phone === null)
    return { ...unknown('an order without a number'), ref: order.ref, isBought: true }
  const { ref, phone, product, cost, endsAt } = order
  const operator = lineOf(product.operator, 100)
  return {
    kind: 'number',
    ref,
    phone,
    operator,
    cost,
    currency: null,
    endsAt,
    cancelAfter: null,
  }
}

/** Finds out what became of an ask: a Numlet is asked again while the order waits; else the list tells. */
export function lookUp(
  settings: Settings,
  { ask: wanted, mayAskAgain }: LookUp,
): Talk<LookUpVerdict> {
  const inList = lookUpIn(listOrders(settings))
  if (!isKeyed(settings) || !mayAskAgain) return inList
  return after<AskVerdict, LookUpVerdict>(ask(settings, wanted), (verdict) => {
    if (verdict.kind !== 'no') return done(verdict)
    const isAnswer = ['empty', 'price', 'name', 'dry'].includes(verdict.class)
    return done(isAnswer ? verdict : unknown('the ask could not be repeated', verdict.retryAfterS))
  })
}
