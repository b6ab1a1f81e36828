// The open orders at a handler_api platform, page by page.
import { done, lineOf, no, phoneOf, reading, refOf, timeOf, unknown } from '../answers.ts'
import { type Json, objectOf, textOf } from '../bodies.ts'
import { costOf } from '../decimals.ts'
import type { Settings } from '../supplier.ts'
import type {
  HttpAnswer,
  ListReading,
  Step,
  Talk,
  UpstreamOrder,
  UpstreamSms,
  UpstreamState,
} from '../upstream.ts'
import { profileOf } from './profile.ts'
import { requestFor } from './request.ts'
import { refusalOfAny, saidIn } from './words.ts'

const pageSize = 100
/** Five thousand open orders; whoever has more polls them one by one. */
const maxPages = 50

/** @returns null if the platform has no list */
export const listOrders = (settings: Settings): Talk<ListReading> | null =>
  profileOf(settings).hasList ? pageFrom(settings, nothing) : null

/** What has been read so far. */
type ReadSoFar = {
  readonly orders: ReadonlyMap<string, UpstreamOrder>
  readonly pages: number
  /** Whether every entry could be read. */
  readonly isReadable: boolean
}

const nothing: ReadSoFar = { orders: new Map(), pages: 0, isReadable: true }

function pageFrom(settings: Settings, before: ReadSoFar): Talk<ListReading> {
  const window = { start: String(before.pages * pageSize), limit: String(pageSize) }
  return {
    request: requestFor(settings, 'getActiveActivations', window),
    read: reading((answer): Step<ListReading> => {
      const found = pageIn(answer)
      if ('kind' in found) return done(found)
      const orders = new Map(before.orders)
      for (const order of found.orders) orders.set(order.ref, order)
      const pages = before.pages + 1
      const isReadable = before.isReadable && found.orders.length === found.count
      const isEnd = found.count < pageSize
      // @NOTE some platforms ignore the window and send the same page for ever
      const isNew = orders.size > before.orders.size
      if (!isEnd && isNew && pages < maxPages)
        return { next: pageFrom(settings, { orders, pages, isReadable }) }
      const list = { orders: [...orders.values()], isComplete: isEnd && isReadable }
      return done({ kind: 'list', list })
    }),
  }
}

type Page = { readonly orders: readonly UpstreamOrder[]; readonly count: number }

/** A page of the list, and how many entries it has, also such as cannot be read. */
function pageIn(answer: HttpAnswer): Page | Exclude<ListReading, { kind: 'list' }> {
  const said = saidIn(answer)
  if (said.word === 'NO_ACTIVATIONS') return { orders: [], count: 0 }
  const refusal = refusalOfAny(answer, said)
  if (refusal !== null) return refusal.class === 'busy' ? refusal : no('key', refusal.retryAfterS)
  const { activeActivations, data } = objectOf(said.json)
  const entries = [activeActivations, data].find(Array.isArray)
  if (entries === undefined) return unknown('an answer that is no list')
  return { orders: entries.flatMap((one) => orderIn(objectOf(one)) ?? []), count: entries.length }
}

/** The family's numbers for states; others are new ones of a platform, and mean that the order goes on. */
const states: Readonly<Record<string, UpstreamState>> = {
  '2': 'code',
  '3': 'waiting',
  '4': 'waiting',
  '6': 'charged',
  '8': 'refunded',
  '10': 'refunded',
}

export const stateNumbered = (value: unknown): UpstreamState | undefined => {
  const text = textOf(value) ?? ''
  return Object.hasOwn(states, text) ? states[text] : undefined
}

function orderIn(entry: Json): UpstreamOrder | null {
  const ref = refOf(entry.activationId ?? entry.id)
  if (ref === null) return null
  const { sms, hasAllSms } = smsIn(entry)
  return {
    ref,
    phone: phoneOf(entry.phoneNumber ?? entry.phone),
    product: {
      service: textOf(entry.serviceCode ?? entry.service) ?? '',
      country: textOf(entry.countryCode ?? entry.country) ?? '',
    },
    requestKey: lineOf(entry.orderId, 100),
    state: stateNumbered(entry.activationStatus) ?? (sms.length > 0 ? 'code' : 'waiting'),
    sms,
    hasAllSms,
    cost: costOf(textOf(entry.activationCost)),
    endsAt: timeOf(entry.activationEndTime),
  }
}

/** A list of codes has those of all messages; a text has the latest. The text of several messages is one line
 * that cannot be taken apart. */
function smsIn({ smsCode, smsText }: Json): Pick<UpstreamOrder, 'sms' | 'hasAllSms'> {
  const codes = (Array.isArray(smsCode) ? smsCode : [smsCode]).flatMap(
    (one) => lineOf(one, 100) ?? [],
  )
  const texts = Array.isArray(smsText) ? smsText : [smsText]
  const text = texts.length === 1 ? withoutBrackets(lineOf(texts[0])) : null
  if (codes.length === 0)
    return { sms: text === null ? [] : [smsOf(null, text)], hasAllSms: text === null }
  const sms = codes.map((code) => smsOf(code, codes.length === 1 ? text : null))
  return { sms, hasAllSms: Array.isArray(smsCode) }
}

const smsOf = (code: string | null, text: string | null): UpstreamSms => ({
  ref: null,
  code,
  text,
  sender: null,
  at: null,
})

const withoutBrackets = (text: string | null): string | null =>
  text === null ? null : lineOf(text.replace(/^\[(.*)\]$/s, '$1'))
