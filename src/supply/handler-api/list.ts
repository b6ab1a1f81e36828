// The open orders at a handler_api platform, page by page.
import { lineOf, no, phoneOf, refOf, timeOf, unknown } from '../answers.ts'
import { type Json, objectOf, textOf } from '../bodies.ts'
import { costOf } from '../decimals.ts'
import { type Book, listFrom } from '../pages.ts'
import type { Settings } from '../supplier.ts'
import type {
  HttpAnswer,
  ListReading,
  No,
  Talk,
  Unknown,
  UpstreamOrder,
  UpstreamSms,
  UpstreamState,
} from '../upstream.ts'
import { profileOf } from './profile.ts'
import { requestFor } from './request.ts'
import { refusalOfAny, saidIn } from './words.ts'

const pageSize = 100

/** @returns null if the platform has no list */
export const listOrders = (settings: Settings): Talk<ListReading> | null =>
  profileOf(settings).hasList ? listFrom(bookOf(settings), 0) : null

const bookOf = (settings: Settings): Book<number> => ({
  request: (start) =>
    requestFor(settings, 'getActiveActivations', {
      start: String(start),
      limit: String(pageSize),
    }),
  page(answer, start) {
    const entries = entriesIn(answer)
    if ('kind' in entries) return entries
    const orders = entries.flatMap((one) => orderIn(objectOf(one)) ?? [])
    const isLast = entries.length < pageSize
    return {
      ...{ orders, isReadable: orders.length === entries.length },
      next: isLast ? null : start + pageSize,
    }
  },
})

/** The entries of a page, also such as cannot be read; what went wrong, if it is none. */
function entriesIn(answer: HttpAnswer): readonly unknown[] | No | Unknown {
  const said = saidIn(answer)
  if (said.word === 'NO_ACTIVATIONS') return []
  const refusal = refusalOfAny(answer, said)
  if (refusal !== null) return refusal.class === 'busy' ? refusal : no('key', refusal.retryAfterS)
  const { activeActivations, data } = objectOf(said.json)
  return [activeActivations, data].find(Array.isArray) ?? unknown('an answer that is no list')
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
