// Rentals at a handler_api platform: a call of its own for each thing, all answers in JSON, and ids that may
// be those of activations as well. So our reference of a rental begins with a word.
import { createHash } from 'node:crypto'
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
import { type Json, objectOf, textOf } from '../bodies.ts'
import { costOf } from '../decimals.ts'
import type { Settings } from '../supplier.ts'
import type {
  Ask,
  AskVerdict,
  CommandVerb,
  CommandVerdict,
  HttpAnswer,
  LookUp,
  LookUpVerdict,
  OrderReading,
  Step,
  Talk,
  UpstreamOrder,
  UpstreamSms,
  UpstreamState,
} from '../upstream.ts'
import { profileOf } from './profile.ts'
import { requestFor } from './request.ts'
import { endOf } from './times.ts'
import { refusalIn, refusalOfAny, saidIn } from './words.ts'

const hourS = 3_600
const prefix = 'rent:'

export const isRental = (ref: string) => ref.startsWith(prefix)
const idOf = (ref: string) => ref.slice(prefix.length)

/** Rents a number. */
export function askForRental(settings: Settings, wanted: Ask): Talk<AskVerdict> {
  const { product, maxPrice, requestKey, passage } = wanted
  const { isKeyed, maxPrice: name } = profileOf(settings)
  const parameters = {
    ...{ service: product.service, country: product.country, operator: product.operator },
    rent_time: String((product.durationS ?? 0) / hourS),
    orderId: isKeyed ? requestKey : null,
    ...(name && maxPrice !== null ? { [name]: formatAmount(maxPrice, 0) } : {}),
  }
  return {
    request: requestFor(settings, 'getRentNumber', parameters, passageHeaders(passage)),
    read: reading((answer) => done(readRental(answer))),
  }
}

function readRental(answer: HttpAnswer): AskVerdict {
  const said = saidIn(answer)
  const fields = objectOf(said.json)
  const phone = objectOf(fields.phone)
  const [id, number] = [refOf(phone.id), phoneOf(phone.number)]
  if (id !== null && number !== null)
    return {
      ...{ kind: 'number', ref: `${prefix}${id}`, phone: number },
      ...{ operator: lineOf(fields.activationOperator, 100), currency: null, cancelAfter: null },
      cost: costOf(textOf(fields.activationCost)) ?? costOf(answer.headers['x-price'] ?? null),
      endsAt: endOf(answer, fields.activationTime, fields.activationEndTime),
    }
  const refusal = refusalIn(answer, said)
  if (refusal !== null) return refusal
  if (said.word === 'ORDER_ALREADY_EXISTS' || fields.status === 'success')
    return { ...unknown('it was rented before'), isBought: true }
  return unknown('an answer that the protocol does not have')
}

/** Finds out what became of an ask: repeated with its key while the order waits, else, and if it was rented,
 * in the list of rentals, where that shows our keys. */
export function lookUpRental(
  settings: Settings,
  { ask: wanted, mayAskAgain }: LookUp,
): Talk<LookUpVerdict> {
  const list = rentalsFrom(settings, [])
  if (!profileOf(settings).isKeyed || !mayAskAgain) return list
  return after<AskVerdict, LookUpVerdict>(askForRental(settings, wanted), (verdict) => {
    if (verdict.kind === 'number') return done(verdict)
    if (verdict.kind === 'unknown') return verdict.isBought ? { next: list } : done(verdict)
    if (verdict.class === 'dry') return { next: list }
    const isAnswer = ['empty', 'price', 'name'].includes(verdict.class)
    return done(isAnswer ? verdict : unknown('the ask could not be repeated', verdict.retryAfterS))
  })
}

const pageSize = 100
const maxPages = 10

function rentalsFrom(
  settings: Settings,
  before: readonly UpstreamOrder[],
  page = 1,
): Talk<LookUpVerdict> {
  const window = { length: String(pageSize), page: String(page) }
  return {
    request: requestFor(settings, 'getRentList', window),
    read: (sent): Step<LookUpVerdict> => {
      if (sent.kind !== 'answered') return done(unknown('the list could not be read'))
      const said = saidIn(sent.answer)
      const { status, values } = objectOf(said.json)
      const isList = status === 'success' || said.word === 'NO_NUMBERS'
      if (!isList) return done(unknown('the list could not be read'))
      const entries = Object.values(objectOf(values))
      const orders = [...before, ...entries.flatMap((one) => listed(objectOf(one)))]
      const isEnd = entries.length < pageSize
      if (!isEnd && page < maxPages) return { next: rentalsFrom(settings, orders, page + 1) }
      const isComplete = isEnd && orders.every(({ requestKey }) => requestKey !== null)
      return done({ kind: 'listed', list: { orders, isComplete } })
    },
  }
}

function listed({ id, phone, orderId }: Json): readonly UpstreamOrder[] {
  const ref = refOf(id)
  if (ref === null) return []
  const order = orderOf(`${prefix}${ref}`, 'waiting', [])
  return [{ ...order, phone: phoneOf(phone), requestKey: lineOf(orderId, 100) }]
}

const orderOf = (
  ref: string,
  state: UpstreamState,
  sms: readonly UpstreamSms[],
): UpstreamOrder => ({
  ...{ ref, state, sms, hasAllSms: true, phone: null, product: {}, requestKey: null },
  ...{ cost: null, endsAt: null },
})

const states: Readonly<Record<string, UpstreamState>> = {
  STATUS_WAIT_CODE: 'waiting',
  STATUS_FINISH: 'charged',
  STATUS_CANCEL: 'refunded',
}
const unknownRentals = ['NO_ID_RENT', 'INVALID_PHONE', 'NO_ACTIVATION', 'NOT_FOUND']

/** Reads the newest messages of a rental, or what has become of it. */
export const readRentalOrder = (settings: Settings, ref: string): Talk<OrderReading> => ({
  request: requestFor(settings, 'getRentStatus', {
    ...{ id: idOf(ref), page: '1', size: String(pageSize) },
  }),
  read: reading((answer) => done(readStatus(answer, ref))),
})

function readStatus(answer: HttpAnswer, ref: string): OrderReading {
  const said = saidIn(answer)
  const { status, values } = objectOf(said.json)
  if (status === 'success') {
    // The newest comes first.
    const sms = Object.values(objectOf(values)).map((one) => smsIn(objectOf(one)))
    return { kind: 'order', order: orderOf(ref, 'code', sms.toReversed()) }
  }
  const state = Object.hasOwn(states, said.word) ? states[said.word] : undefined
  if (state !== undefined) return { kind: 'order', order: orderOf(ref, state, []) }
  if (unknownRentals.includes(said.word) || said.word === 'STATUS_REVOKE') return { kind: 'silent' }
  return refusalOfAny(answer, said) ?? unknown('an answer that the protocol does not have')
}

/** A message has no id: the same text at the same second is one. */
function smsIn({ phoneFrom, text, date }: Json): UpstreamSms {
  const own = `${textOf(date) ?? ''} ${textOf(phoneFrom) ?? ''} ${textOf(text) ?? ''}`
  const hash = createHash('sha256').update(own).digest('base64url').slice(0, 22)
  return { ref: hash, text: lineOf(text), code: null, sender: lineOf(phoneFrom, 100), at: null }
}

const steps: Readonly<Partial<Record<CommandVerb, string>>> = { finish: '1', cancel: '2', ban: '2' }

/** Ends a rental, or gives it back. Whatever is no plain yes is followed by reading it. */
export function commandRental(
  settings: Settings,
  { ref, verb }: { readonly ref: string; readonly verb: CommandVerb },
): Talk<CommandVerdict> {
  const state = mapped(readRentalOrder(settings, ref), (found) => ({
    kind: 'state' as const,
    reading: found,
  }))
  const step = steps[verb]
  if (step === undefined) return state
  return {
    request: requestFor(settings, 'setRentStatus', { id: idOf(ref), status: step }),
    read: reading((answer): Step<CommandVerdict> => {
      const said = saidIn(answer)
      if (objectOf(said.json).status === 'success') return done({ kind: 'done' })
      const refusal = refusalOfAny(answer, said)
      return refusal === null ? { next: state } : done(refusal)
    }),
  }
}
