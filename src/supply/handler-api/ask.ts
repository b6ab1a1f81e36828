// Asking a handler_api platform for a number, and finding out what became of an ask.
import { currencies } from '../../core/catalog/data/load.ts'
import { formatAmount } from '../../core/money.ts'
import {
  after,
  done,
  lineOf,
  mapped,
  passageHeaders,
  phoneOf,
  reading,
  refOf,
  unknown,
} from '../answers.ts'
import { objectOf, textOf } from '../bodies.ts'
import { costOf } from '../decimals.ts'
import type { Settings } from '../supplier.ts'
import type {
  Ask,
  AskVerdict,
  HttpAnswer,
  ListReading,
  LookUp,
  LookUpVerdict,
  Step,
  Talk,
  Unknown,
  UpstreamNumber,
} from '../upstream.ts'
import { listOrders } from './list.ts'
import { profileOf } from './profile.ts'
import { askForRental, lookUpRental } from './rent.ts'
import { requestFor } from './request.ts'
import { endOf } from './times.ts'
import { refusalIn, type Said, saidIn } from './words.ts'

const currencyNumbers = new Map(currencies.map((one) => [one.code, one.numeric]))
const currencyCodes = new Map(
  currencies.filter((one) => one.numeric !== '').map((one) => [Number(one.numeric), one.code]),
)

/** The currency as the family writes it, for platforms that want to be told. */
export const currencyParameter = (settings: Settings): string | null =>
  profileOf(settings).sendsCurrency ? (currencyNumbers.get(settings.currency ?? '') ?? null) : null

const maxExceptions = 20

/** Buys a number. */
export function ask(settings: Settings, wanted: Ask): Talk<AskVerdict> {
  const profile = profileOf(settings)
  const { product, maxPrice, exceptPrefixes, requestKey, passage, again } = wanted
  if (product.durationS !== undefined) return askForRental(settings, wanted)
  const key = { orderId: profile.isKeyed ? requestKey : null }
  if (again !== null && profile.again !== null) {
    const name = profile.again === 'reactivate' ? 'id' : 'activationId'
    return {
      request: requestFor(
        settings,
        profile.again,
        { [name]: again.ref, ...key },
        passageHeaders(passage),
      ),
      read: reading((answer) => done(readAsk(answer))),
    }
  }
  // What the family does not take is compared with the number when it comes.
  const exceptions = exceptPrefixes
    .filter((one) => /^\d{1,9}$/.test(one))
    .slice(0, maxExceptions)
    .join(',')
  const parameters = {
    service: product.service,
    country: product.country,
    operator: product.operator,
    ...key,
    ...(profile.maxPrice && maxPrice !== null
      ? { [profile.maxPrice]: formatAmount(maxPrice, 0) }
      : {}),
    phoneException: profile.hasPrefixes && exceptions !== '' ? exceptions : null,
    currency: currencyParameter(settings),
  }
  return {
    request: requestFor(settings, profile.ask, parameters, passageHeaders(passage)),
    read: reading((answer) => done(readAsk(answer))),
  }
}

/** What the answer to an ask means. */
export function readAsk(answer: HttpAnswer): AskVerdict {
  const said = saidIn(answer)
  const number = numberIn(answer, said)
  if (number !== null) return { kind: 'number', ...number }
  const refusal = refusalIn(answer, said)
  if (refusal !== null) return refusal
  if (said.word === 'ORDER_ALREADY_EXISTS')
    return { ...unknown('it was bought before'), isBought: true }
  const isBought = said.word === 'ACCESS_NUMBER' || 'activationId' in objectOf(said.json)
  if (isBought) return { ...unknown('the number cannot be read'), isBought: true }
  return unknown('an answer that the protocol does not have')
}

function numberIn(answer: HttpAnswer, { word, rest, json }: Said): UpstreamNumber | null {
  const price = costOf(answer.headers['x-price'] ?? null)
  if (word === 'ACCESS_NUMBER') {
    const [id, digits] = rest.split(':')
    const ref = refOf(id)
    const phone = phoneOf(digits)
    if (ref === null || phone === null) return null
    const untold = { operator: null, currency: null, endsAt: null, cancelAfter: null }
    return { ref, phone, cost: price, ...untold }
  }
  const fields = objectOf(json)
  const ref = refOf(fields.activationId)
  const phone = phoneOf(fields.phoneNumber)
  if (ref === null || phone === null) return null
  return {
    ref,
    phone,
    operator: lineOf(fields.activationOperator, 100),
    cost: costOf(textOf(fields.activationCost)) ?? price,
    currency: currencyOf(fields.currency),
    endsAt: endOf(answer, fields.activationTime, fields.activationEndTime),
    cancelAfter: null,
  }
}

/** Currencies are numbers of ISO 4217; some platforms write the letters. */
function currencyOf(value: unknown): string | null {
  const text = textOf(value) ?? ''
  if (/^[A-Z]{3}$/.test(text)) return text
  return /^\d{1,3}$/.test(text) ? (currencyCodes.get(Number(text)) ?? null) : null
}

/** Finds out what became of an ask. While the order waits, a keyed platform is asked again; once it is over,
 * or where repeating would buy again, the list alone tells.
 * @returns null if the platform has neither */
export function lookUp(
  settings: Settings,
  { ask: wanted, mayAskAgain }: LookUp,
): Talk<LookUpVerdict> | null {
  if (wanted.product.durationS !== undefined)
    return lookUpRental(settings, { ask: wanted, mayAskAgain })
  const inList = inTheList(settings, wanted.requestKey)
  if (!profileOf(settings).isKeyed || !mayAskAgain) return inList
  const orList = (otherwise: Unknown): Step<LookUpVerdict> =>
    inList === null ? done(otherwise) : { next: inList }
  return after<AskVerdict, LookUpVerdict>(ask(settings, wanted), (verdict) => {
    if (verdict.kind === 'number') return done(verdict)
    if (verdict.kind === 'unknown') return verdict.isBought ? orList(verdict) : done(verdict)
    // @NOTE no money says nothing of the first ask: it may have been the one that emptied the account
    if (verdict.class === 'dry') return orList(unknown('the account there is empty'))
    const isAnswer = ['empty', 'price', 'name'].includes(verdict.class)
    return done(isAnswer ? verdict : unknown('the ask could not be repeated', verdict.retryAfterS))
  })
}

function inTheList(settings: Settings, requestKey: string): Talk<LookUpVerdict> | null {
  const list = listOrders(settings)
  return list && mapped(list, (found) => ofKey(found, requestKey))
}

function ofKey(found: ListReading, requestKey: string): LookUpVerdict {
  if (found.kind === 'unknown') return found
  if (found.kind === 'no') return unknown('the list could not be read', found.retryAfterS)
  const own = found.list.orders.find((one) => one.requestKey === requestKey)
  if (own === undefined || own.phone === null) return { kind: 'listed', list: found.list }
  const { ref, phone, cost, endsAt, product } = own
  const untold = { currency: null, cancelAfter: null }
  return { kind: 'number', ref, phone, operator: product.operator ?? null, cost, endsAt, ...untold }
}
