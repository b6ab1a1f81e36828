// One order at a handler_api platform: its state, its latest message, and how it ended.
import { createHash } from 'node:crypto'
import { done, exactJsonOf, lineOf, reading, refOf, unknown } from '../answers.ts'
import { objectOf, textOf } from '../bodies.ts'
import { costOf } from '../decimals.ts'
import type { Settings } from '../supplier.ts'
import type {
  HttpAnswer,
  KnownSms,
  OrderReading,
  Sent,
  Step,
  Talk,
  UpstreamMessage,
  UpstreamOrder,
  UpstreamState,
} from '../upstream.ts'
import { stateNumbered } from './list.ts'
import { profileOf } from './profile.ts'
import { isRental, readRentalOrder } from './rent.ts'
import { requestFor } from './request.ts'
import { refusalOfAny, saidIn } from './words.ts'

/** Reads an order. A code is followed by a request for the text, where the platform has one; an order that is
 * not found by a look into the history, where it has that. */
export const readOrder = (settings: Settings, ref: string): Talk<OrderReading> =>
  isRental(ref) ? readRentalOrder(settings, ref) : readActivation(settings, ref)

const readActivation = (settings: Settings, ref: string): Talk<OrderReading> => ({
  request: requestFor(settings, 'getStatus', { id: ref }),
  read: reading((answer): Step<OrderReading> => {
    const found = readStatus(answer, ref)
    const profile = profileOf(settings)
    if (found.kind === 'silent' && profile.hasHistory)
      return { next: inHistory(settings, ref, answer.at) }
    const isCode = found.kind === 'order' && found.order.state === 'code'
    return isCode && profile.text ? { next: withText(settings, found.order) } : done(found)
  }),
})

const unknownOrders = ['NO_ACTIVATION', 'WRONG_ACTIVATION_ID', 'NOT_FOUND']
/** The rest of these is the code of before: no news. */
const waits = ['STATUS_WAIT_CODE', 'STATUS_WAIT_RETRY', 'STATUS_WAIT_RESEND']

/** What an answer to getStatus means. */
export function readStatus(answer: HttpAnswer, ref: string): OrderReading {
  const said = saidIn(answer)
  if (waits.includes(said.word)) return seen(ref, 'waiting')
  if (said.word === 'STATUS_OK' && said.rest !== '') return seen(ref, 'code', said.rest)
  if (said.word === 'STATUS_CANCEL') return seen(ref, 'refunded')
  if (unknownOrders.includes(said.word)) return { kind: 'silent' }
  return refusalOfAny(answer, said) ?? unknown('an answer that the protocol does not have')
}

const seen = (ref: string, state: UpstreamState, code?: string): OrderReading => ({
  kind: 'order',
  order: {
    ref,
    state,
    phone: null,
    product: {},
    requestKey: null,
    sms: code === undefined ? [] : [{ ref: null, code, text: null, sender: null, at: null }],
    hasAllSms: false,
    cost: null,
    endsAt: null,
  },
})

/** The order with the text of its latest message; as it was if there is no text, or one of another code. */
const withText = (settings: Settings, order: UpstreamOrder): Talk<OrderReading> => ({
  request: requestFor(settings, profileOf(settings).text ?? 'getFullSms', { id: order.ref }),
  read: (sent: Sent) => {
    const text = sent.kind === 'answered' ? textIn(sent.answer, order.sms[0]?.code ?? '') : null
    return done({
      kind: 'order',
      order: { ...order, sms: order.sms.map((one) => ({ ...one, text })) },
    })
  },
})

/** The text of getStatusV2 or getFullSms, if it is that of the code. */
export function textIn(answer: HttpAnswer, code: string): string | null {
  const said = saidIn(answer)
  if (said.word === 'FULL_SMS') return holds(said.rest, code) ? lineOf(said.rest) : null
  const { sms, data } = objectOf(said.json)
  const message = objectOf(sms ?? data)
  const text = lineOf(message.text)
  return textOf(message.code) === code || holds(text ?? '', code) ? text : null
}

/** Between two requests another message may come. Codes are shown without their separators. */
const holds = (text: string, code: string) => {
  const plain = (some: string) => some.replace(/[^\p{L}\p{N}]/gu, '')
  return plain(text).includes(plain(code))
}

const pageSize = 100
const maxPages = 5
/** An order ends within hours of its beginning; that of a rental is read before it ends. */
const historyS = 3 * 86_400

/** What the history says of an order that getStatus does not know. */
function inHistory(settings: Settings, ref: string, at: Date, page = 0): Talk<OrderReading> {
  const end = Math.floor(at.getTime() / 1000)
  const window = {
    start: String(end - historyS),
    end: String(end),
    offset: String(page * pageSize),
    limit: String(pageSize),
    size: String(pageSize),
  }
  return {
    request: requestFor(settings, 'getHistory', window),
    // @NOTE without a readable history the order stays what it was: not found, which proves nothing
    read: (sent) => {
      const json = sent.kind === 'answered' ? saidIn(sent.answer).json : undefined
      const entries = [json, objectOf(json).data].find(Array.isArray) ?? []
      const found = entries.map(objectOf).find((one) => refOf(one.id) === ref)
      if (found !== undefined) return done(ended(ref, found))
      const isLast = entries.length < pageSize || page + 1 >= maxPages
      return isLast ? done({ kind: 'silent' }) : { next: inHistory(settings, ref, at, page + 1) }
    },
  }
}

function ended(ref: string, entry: Readonly<Record<string, unknown>>): OrderReading {
  const state = stateNumbered(entry.status)
  if (state === undefined) return { kind: 'silent' }
  const texts = typeof entry.sms === 'string' ? exactJsonOf(entry.sms) : entry.sms
  const sms = (Array.isArray(texts) ? texts : []).flatMap((one) => {
    const text = lineOf(one)
    return text === null ? [] : [{ ref: null, code: null, text, sender: null, at: null }]
  })
  const cost = costOf(textOf(entry.cost))
  const rest = { phone: null, product: {}, requestKey: null, hasAllSms: true, endsAt: null }
  return { kind: 'order', order: { ref, state, sms, cost, ...rest } }
}

/** The family has no ids of messages. One is made of the order, of how many resends were acknowledged before
 * the poll, and of the code, or of the text where there is none: the same code twice in a row is one
 * message. */
export function messagesOf(order: UpstreamOrder, known: KnownSms): readonly UpstreamMessage[] {
  if (isRental(order.ref))
    return order.sms.map((one) => ({ ...one, ref: `${order.ref}:${one.ref}` }))
  const fresh = order.hasAllSms ? order.sms.slice(known.count) : order.sms
  return fresh.map((one) => ({
    ...one,
    ref: [order.ref, known.resendEpoch, hashOf(one.code ?? one.text ?? '')].join(':'),
  }))
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 22)
