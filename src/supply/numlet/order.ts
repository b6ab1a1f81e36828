// Orders of another Numlet: what they say, and how they are read, listed and ended.
import {
  done,
  jsonIn,
  lineOf,
  mapped,
  phoneOf,
  reading,
  refOf,
  retryAfterOf,
  timeOf,
  unknown,
} from '../answers.ts'
import { objectOf, textOf } from '../bodies.ts'
import { costOf } from '../decimals.ts'
import { type Book, listFrom, type Page } from '../pages.ts'
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
import { problemIn, refusalOfAny, requestFor } from './request.ts'

export type NumletOrder = UpstreamOrder & {
  readonly currency: string | null
  readonly cancelAfter: Date | null
}

const states: Readonly<Record<string, UpstreamState>> = {
  allocating: 'asking',
  waiting: 'waiting',
  received: 'code',
  active: 'waiting',
  cancelled: 'refunded',
  expired: 'refunded',
  failed: 'refunded',
  finished: 'charged',
  ended: 'charged',
}

/** An order as Numlet shows it; null if it is none. */
export function orderIn(json: unknown): NumletOrder | null {
  const fields = objectOf(json)
  const ref = refOf(fields.id)
  const word = textOf(fields.state) ?? ''
  const state = Object.hasOwn(states, word) ? states[word] : undefined
  if (ref === null || state === undefined) return null
  const sms = (Array.isArray(fields.messages) ? fields.messages : []).map(smsIn)
  return {
    ref,
    phone: phoneOf(fields.phone),
    product: {
      service: textOf(fields.service) ?? '',
      country: textOf(fields.country) ?? '',
      operator: lineOf(fields.operator, 100),
      pool: lineOf(fields.pool, 100),
    },
    requestKey: lineOf(fields.reference, 200),
    // A rental with a message goes on.
    state: word === 'active' && sms.length > 0 ? 'code' : state,
    sms,
    hasAllSms: true,
    cost: costOf(textOf(fields.price)),
    currency: lineOf(fields.currency, 3),
    endsAt: timeOf(fields.expires_at),
    cancelAfter: timeOf(fields.cancel_after),
  }
}

function smsIn(json: unknown): UpstreamSms {
  const { id, text, code, sender, received_at } = objectOf(json)
  return {
    ref: refOf(id),
    text: lineOf(text),
    code: lineOf(code, 100),
    sender: lineOf(sender, 100),
    at: timeOf(received_at),
  }
}

export const readOrder = (settings: Settings, ref: string): Talk<OrderReading> => ({
  request: requestFor(settings, 'GET', { path: ['orders', ref] }),
  read: reading((answer) => done(readOne(answer))),
})

/** What an answer about one order means. */
export function readOne(answer: HttpAnswer): OrderReading {
  const order = answer.status === 200 ? orderIn(jsonIn(answer.body)) : null
  if (order !== null) return { kind: 'order', order }
  if (problemIn(answer) === 'order_not_found') return { kind: 'silent' }
  return refusalOfAny(answer) ?? unknown('an answer that is no order')
}

/** A page of a list of orders; what went wrong, if it is none. */
export function pageIn(answer: HttpAnswer): Page<string> | No | Unknown {
  const { data, next_cursor } = objectOf(jsonIn(answer.body))
  if (answer.status !== 200 || !Array.isArray(data))
    return refusalOfAny(answer) ?? unknown('an answer that is no list')
  const orders = data.flatMap((one) => orderIn(one) ?? [])
  return { orders, next: lineOf(next_cursor, 100), isReadable: orders.length === data.length }
}

/** The list shows one state at a time. */
type Place = { readonly states: readonly string[]; readonly cursor: string | null }

const openStates = ['allocating', 'waiting', 'received', 'active']

/** All open orders. */
export const listOrders = (settings: Settings): Talk<ListReading> =>
  listFrom(bookOf(settings), { states: openStates, cursor: null })

const bookOf = (settings: Settings): Book<Place> => ({
  request: ({ states: [state = ''], cursor }) => {
    const query = { state, limit: '100', ...(cursor === null ? {} : { cursor }) }
    return requestFor(settings, 'GET', { path: ['orders'], query })
  },
  page(answer, { states }) {
    const found = pageIn(answer)
    if ('kind' in found) return found
    const left = found.next === null ? states.slice(1) : states
    return { ...found, next: left.length === 0 ? null : { states: left, cursor: found.next } }
  },
})

/** Numlet has no ban: a used number is cancelled. */
const paths = { cancel: 'cancel', finish: 'finish', resend: 'resend', ban: 'cancel' } as const

/** Gives a command. Whatever is no plain yes is followed by reading the order. */
export const command = (
  settings: Settings,
  { ref, verb }: { ref: string; verb: CommandVerb },
): Talk<CommandVerdict> => ({
  request: requestFor(settings, 'POST', { path: ['orders', ref, paths[verb]] }),
  read: reading((answer): Step<CommandVerdict> => {
    const verdict = readCommand(answer)
    if (verdict !== null) return done(verdict)
    const state = mapped(readOrder(settings, ref), (found) => ({
      kind: 'state' as const,
      reading: found,
    }))
    return { next: state }
  }),
})

/** What an answer to a command means; null: the state of the order decides. */
export function readCommand(answer: HttpAnswer): CommandVerdict | null {
  if (answer.status === 200 && orderIn(jsonIn(answer.body)) !== null) return { kind: 'done' }
  const code = problemIn(answer)
  // The request that it already has is ours: its answer was lost.
  if (code === 'resend_pending') return { kind: 'done' }
  if (code !== 'cancel_cooldown') return refusalOfAny(answer)
  const retryAfterS = retryAfterOf(answer)
  return { kind: 'too_early', ...(retryAfterS === undefined ? {} : { retryAfterS }) }
}

/** Numlet's messages have ids. */
export const messagesOf = (order: UpstreamOrder): readonly UpstreamMessage[] =>
  order.sms.flatMap((one) => (one.ref === null ? [] : [{ ...one, ref: one.ref }]))
