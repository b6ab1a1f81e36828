// The input of every action, and its kinds of response.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../../app.ts'
import type { Principal } from '../../core/accounts/principal.ts'
import { DomainError } from '../../core/error.ts'
import type { Order } from '../../core/orders/order.ts'
import { orderIdOf } from '../../http/ids.ts'
import type { Params } from './params.ts'

export type Call = {
  readonly app: App
  readonly caller: Principal
  readonly ask: Params
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** An action that only reads or can be repeated. It returns plain text, JSON, or nothing. */
export type Action = (call: Call) => Promise<string | object | null>

/** An action that buys. It sends its own response, once per Idempotency-Key. */
export type Purchase = (call: Call) => Promise<void>

/** The order's id in a parameter. @throws order_not_found */
export const orderIdIn = ({ app, ask }: Call, name = 'id'): bigint =>
  orderIdOf(app, ask.get(name) ?? '')

/** An order of a number; mail and eSIMs are not part of this protocol. @throws order_not_found */
export async function numberOrder(call: Call, name = 'id'): Promise<Order> {
  const order = await call.app.orders.readNumbered(call.caller.accountId, orderIdIn(call, name))
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

type Bounds = { readonly min: number; readonly max: number; readonly fallback: number }

/** A whole number within bounds, or the default.
 * @throws invalid_request */
export function countIn(ask: Params, name: string, bounds: Bounds): number {
  const count = numberIn(ask, name, bounds)
  if (count < bounds.min || count > bounds.max) throw outOf(bounds, name)
  return count
}

/** The page size, clamped to the bounds.
 * @throws invalid_request if it is not a number */
export const sizeIn = (ask: Params, name: string, bounds: Bounds): number =>
  Math.min(Math.max(numberIn(ask, name, bounds), bounds.min), bounds.max)

function numberIn(ask: Params, name: string, bounds: Bounds): number {
  const text = ask.get(name)
  if (text === undefined) return bounds.fallback
  if (!/^\d{1,15}$/.test(text)) throw outOf(bounds, name)
  return Number(text)
}

function outOf({ min, max }: Bounds, name: string) {
  const detail = `must be ${min} to ${max}`
  return new DomainError('invalid_request', `The parameter ${name} ${detail}.`, {
    fields: [{ pointer: name, detail }],
  })
}

/** Whether a flag is set, in any of the words that clients use. */
export const isSet = (text: string | undefined): boolean =>
  text !== undefined && /^(?:1|true|yes|on)$/i.test(text)
