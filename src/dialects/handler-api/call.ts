// What every action is given, and how it answers.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../../app.ts'
import type { Caller } from '../../core/accounts/keys.ts'
import { DomainError } from '../../core/error.ts'
import type { Order } from '../../core/orders/order.ts'
import { orderIdOf } from '../../http/ids.ts'
import type { Params } from './params.ts'

export type Call = {
  readonly app: App
  readonly caller: Caller
  readonly ask: Params
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** An action that only reads, or may be repeated. Its answer is text as it stands, JSON, or nothing. */
export type Action = (call: Call) => Promise<string | object | null>

/** An action that buys: it answers by itself, once for an Idempotency-Key. */
export type Purchase = (call: Call) => Promise<void>

/** The order's id in a parameter. @throws order_not_found */
export const orderIdIn = ({ app, ask }: Call, name = 'id'): bigint =>
  orderIdOf(app, ask.get(name) ?? '')

/** An order on a number; mail and eSIMs are not of this protocol. @throws order_not_found */
export async function numberOrder(call: Call, name = 'id'): Promise<Order> {
  const order = await call.app.readOrder(call.caller.accountId, orderIdIn(call, name))
  if (order.kind !== 'activation' && order.kind !== 'rental') throw noOrder()
  return order
}

/** @throws order_not_found */
export async function rental(call: Call): Promise<Order> {
  const order = await numberOrder(call)
  if (order.kind !== 'rental') throw noOrder()
  return order
}

const noOrder = () => new DomainError('order_not_found', 'There is no such order.')

type Bounds = { readonly least: number; readonly most: number; readonly fallback: number }

/** A whole number within bounds, or what it is by default.
 * @throws invalid_request */
export function countIn(ask: Params, name: string, bounds: Bounds): number {
  const count = numberIn(ask, name, bounds)
  if (count < bounds.least || count > bounds.most) throw outOf(bounds, name)
  return count
}

/** How many rows a page has: what is beyond the bounds is cut.
 * @throws invalid_request for what is no number */
export const sizeIn = (ask: Params, name: string, bounds: Bounds): number =>
  Math.min(Math.max(numberIn(ask, name, bounds), bounds.least), bounds.most)

function numberIn(ask: Params, name: string, bounds: Bounds): number {
  const text = ask.get(name)
  if (text === undefined) return bounds.fallback
  if (!/^\d{1,15}$/.test(text)) throw outOf(bounds, name)
  return Number(text)
}

function outOf({ least, most }: Bounds, name: string) {
  const detail = `must be ${least} to ${most}`
  return new DomainError('invalid_request', `The parameter ${name} ${detail}.`, {
    fields: [{ pointer: name, detail }],
  })
}

/** Whether a flag is up, in the words that clients have for it. */
export const isSet = (text: string | undefined): boolean =>
  text !== undefined && /^(?:1|true|yes|on)$/i.test(text)
