// Orders of 5sim: what they say, and how they are read and ended.
import { done, lineOf, mapped, phoneOf, reading, refOf, timeOf, unknown } from '../answers.ts'
import { objectOf, textOf } from '../bodies.ts'
import { costOf } from '../decimals.ts'
import { type Book, listFrom } from '../pages.ts'
import type { Settings } from '../supplier.ts'
import type {
  CommandVerb,
  CommandVerdict,
  HttpAnswer,
  ListReading,
  No,
  OrderReading,
  Step,
  Talk,
  Unknown,
  UpstreamMessage,
  UpstreamOrder,
  UpstreamSms,
  UpstreamState,
} from '../upstream.ts'
import { requestFor } from './request.ts'
import { refusalOfAny, saidIn } from './words.ts'

/** An order as 5sim shows it; null if it is none. */
export function orderIn(json: unknown): (UpstreamOrder & { readonly status: string }) | null {
  const fields = objectOf(json)
  const ref = refOf(fields.id)
  const status = textOf(fields.status)?.toUpperCase() ?? ''
  const sms = (Array.isArray(fields.sms) ? fields.sms : []).map(smsIn)
  const state = stateOf(status, sms.length > 0)
  if (ref === null || state === null) return null
  return {
    ref,
    status,
    phone: phoneOf(fields.phone),
    product: {
      service: textOf(fields.product) ?? '',
      country: textOf(fields.country) ?? '',
      operator: lineOf(fields.operator, 100),
    },
    requestKey: null,
    state,
    sms,
    hasAllSms: true,
    cost: costOf(textOf(fields.price)),
    endsAt: timeOf(fields.expires),
  }
}

/** RECEIVED says that the number is ready: only `sms` says that a message is there. An order that ended
 * after a message counts as charged, whatever its status is called. */
function stateOf(status: string, hasSms: boolean): UpstreamState | null {
  switch (status) {
    case 'PENDING':
    case 'RECEIVED':
      return hasSms ? 'code' : 'waiting'
    case 'FINISHED':
      return 'charged'
    case 'CANCELED':
    case 'CANCELLED':
    case 'TIMEOUT':
    case 'BANNED':
      return hasSms ? 'charged' : 'refunded'
    default:
      return null
  }
}

function smsIn(json: unknown): UpstreamSms {
  const { created_at, date, sender, text, code } = objectOf(json)
  return {
    ref: lineOf(created_at ?? date, 40),
    text: lineOf(text),
    code: lineOf(code, 100),
    sender: lineOf(sender, 100),
    at: timeOf(created_at) ?? timeOf(date),
  }
}

const unknownOrders = ['order not found', 'record not found']

export const readOrder = (settings: Settings, ref: string): Talk<OrderReading> => ({
  request: requestFor(settings, ['user', 'check', ref]),
  read: reading((answer) => done(readCheck(answer))),
})

/** What an answer about one order means. */
export function readCheck(answer: HttpAnswer): OrderReading {
  const said = saidIn(answer)
  const order = orderIn(said.json)
  if (order !== null) return { kind: 'order', order }
  if (unknownOrders.includes(said.text)) return { kind: 'silent' }
  return refusalOfAny(answer, said) ?? unknown('an answer that is no order')
}

const pageSize = 100

/** The list has closed orders, too, the newest first. Orders live a quarter of an hour at most, so that
 * after a whole page of closed ones no open one follows. */
export const listOrders = (settings: Settings): Talk<ListReading> => listFrom(bookOf(settings), 0)

const bookOf = (settings: Settings): Book<number> => ({
  request: (offset) =>
    requestFor(settings, ['user', 'orders'], {
      ...{ category: 'activation', limit: String(pageSize), offset: String(offset) },
      ...{ order: 'id', reverse: 'true' },
    }),
  page(answer, offset) {
    const entries = entriesIn(answer)
    if ('kind' in entries) return entries
    const orders = entries.flatMap((one) => orderIn(one) ?? [])
    const hasOpen = orders.some(({ state }) => state === 'waiting' || state === 'code')
    return {
      ...{ orders, isReadable: orders.length === entries.length },
      next: entries.length < pageSize || !hasOpen ? null : offset + pageSize,
    }
  },
})

/** The entries of a page; what went wrong, if it is none. A platform without orders may write null. */
function entriesIn(answer: HttpAnswer): readonly unknown[] | No | Unknown {
  const said = saidIn(answer)
  const { Data: entries } = objectOf(said.json)
  if (Array.isArray(entries)) return entries
  if (entries === null) return []
  return refusalOfAny(answer, said) ?? unknown('an answer that is no list')
}

const ended = {
  cancel: ['CANCELED', 'CANCELLED'],
  finish: ['FINISHED'],
  ban: ['BANNED', 'CANCELED'],
}

/** Gives a command. Whatever is no plain yes is followed by reading the order. 5sim has no resend: an order
 * takes further messages until it ends. */
export function command(
  settings: Settings,
  { ref, verb }: { ref: string; verb: CommandVerb },
): Talk<CommandVerdict> {
  const state = mapped(readOrder(settings, ref), (found) => ({
    kind: 'state' as const,
    reading: found,
  }))
  if (verb === 'resend') return state
  return {
    request: requestFor(settings, ['user', verb, ref]),
    read: reading((answer): Step<CommandVerdict> => {
      const verdict = readCommand(answer, verb)
      return verdict === null ? { next: state } : done(verdict)
    }),
  }
}

/** What an answer to a command means; null: the state of the order decides. */
export function readCommand(
  answer: HttpAnswer,
  verb: Exclude<CommandVerb, 'resend'>,
): CommandVerdict | null {
  const said = saidIn(answer)
  if (ended[verb].includes(orderIn(said.json)?.status ?? '')) return { kind: 'done' }
  if (said.text === 'you need to wait time') return { kind: 'too_early' }
  return refusalOfAny(answer, said)
}

/** 5sim's messages have times, and seldom ids: one is made of the order, the time, and its place among those
 * of the same time. */
export function messagesOf(order: UpstreamOrder): readonly UpstreamMessage[] {
  const places = new Map<string, number>()
  return order.sms.map((one) => {
    const time = one.ref ?? ''
    const place = (places.get(time) ?? 0) + 1
    places.set(time, place)
    return { ...one, ref: [order.ref, time, place].join(':') }
  })
}
