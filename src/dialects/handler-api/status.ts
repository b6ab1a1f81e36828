// The actions about one activation: its messages and its status.
import { DomainError } from '../../core/error.ts'
import type { OrderMessage } from '../../core/messages/read.ts'
import { isClosed, type Order } from '../../core/orders/order.ts'
import { type Action, type Call, countIn, numberOrder, sizeIn } from './call.ts'
import { refused } from './errors.ts'
import { codeOf } from './names.ts'
import { codeText, noTime, oneLine, serviceCode, time } from './wire.ts'

/** An order's state in this protocol: waiting, received, or ended without a message. */
export function standing(
  order: Pick<Order, 'state' | 'messageCount' | 'resendPending'>,
): 'waiting' | 'retry' | 'received' | 'cancelled' {
  if (order.state === 'waiting' || order.state === 'allocating') return 'waiting'
  if (order.state === 'received') return order.resendPending ? 'retry' : 'received'
  if (order.state === 'finished') return 'received'
  // Rentals may receive messages until they end.
  if (order.state === 'active') return order.messageCount > 0 ? 'received' : 'waiting'
  if (order.state === 'ended' && order.messageCount > 0) return 'received'
  return 'cancelled'
}

const waitCode = 'STATUS_WAIT_CODE'
const cancelled = 'STATUS_CANCEL'

export const getStatus: Action = async (call) => {
  const order = await numberOrder(call)
  const state = standing(order)
  if (state === 'waiting') return waitCode
  if (state === 'cancelled') return cancelled
  const word = state === 'retry' ? 'STATUS_WAIT_RETRY' : 'STATUS_OK'
  return `${word}:${await codeText(call.app, order)}`
}

/** The whole text of the latest message on one line, also if it contains no code. */
export const getFullSms: Action = async (call) => {
  const order = await numberOrder(call)
  if (standing(order) === 'cancelled') return cancelled
  const newest = (await call.app.messages.of(order.id)).at(-1)
  return newest ? `FULL_SMS:${oneLine(newest)}` : waitCode
}

const noCall = { from: '', text: '', code: '', dateTime: noTime, url: '', parsingCount: 0 }

/** The latest message as an object. Its code and text are present only once one has arrived. */
export const getStatusV2: Action = async (call) => {
  const order = await numberOrder(call)
  if (standing(order) === 'cancelled') return cancelled
  const newest = (await call.app.messages.of(order.id)).at(-1)
  return { verificationType: 0, sms: smsOf(newest), call: noCall }
}

const smsOf = (message: OrderMessage | undefined) =>
  message
    ? {
        dateTime: time(message.receivedAt),
        code: message.code ?? '',
        text: message.text ?? '',
      }
    : { dateTime: noTime }

/** A page of an open activation's messages, newest first. */
export const getAllSms: Action = async (call) => {
  const { app, ask } = call
  const order = await numberOrder(call)
  const size = sizeIn(ask, 'size', { min: 1, max: 100, fallback: 10 })
  const page = countIn(ask, 'page', { min: 1, max: 1_000, fallback: 1 })
  if (isClosed(order.state))
    throw refused('The activation has ended.', { token: 'ACTIVATION_NOT_ACTIVE', hero: [409] })
  const catalog = await app.catalog.current()
  const messages = await app.messages.page(order.id, { offset: (page - 1) * size, limit: size })
  return {
    data: messages.map((message) => ({
      id: String(message.id),
      phoneFrom: message.sender,
      code: message.code,
      text: message.text,
      service: codeOf(catalog.service(message.serviceId ?? order.serviceId)),
      date: time(message.receivedAt),
      type: 'sms',
    })),
    meta: { total: order.messageCount, service: serviceCode(catalog, order) },
  }
}

/** 1, 3, 6 and 8; -1 is an older value for 8. */
export const setStatus: Action = async (call) => {
  const step = steps.get(call.ask.get('status') ?? '')
  if (!step) throw refused('This status cannot be set.', { token: 'BAD_STATUS', hero: [422] })
  return step(call)
}

/** The client is ready for the code, which it gets in any case. */
async function ready(call: Call): Promise<string> {
  const order = await numberOrder(call)
  if (isClosed(order.state)) throw over()
  return 'ACCESS_READY'
}

/** Requests another code. Repeating the request before it arrives changes nothing. */
async function retry(call: Call): Promise<string> {
  const { app, caller } = call
  const { id } = await numberOrder(call)
  try {
    await app.orders.resend({ accountId: caller.accountId, id, once: null })
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    if (error.code === 'order_not_resendable') throw await tooEarly(call, error)
    if (error.code !== 'resend_pending') throw error
  }
  return 'ACCESS_RETRY_GET'
}

async function finish(call: Call): Promise<string> {
  const { app, caller } = call
  const { id, kind } = await numberOrder(call)
  const end = kind === 'rental' ? app.orders.end : app.orders.finish
  try {
    await end({ accountId: caller.accountId, id })
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'order_not_finishable')) throw error
    throw await tooEarly(call, error)
  }
  return 'ACCESS_ACTIVATION'
}

/** Cancels the activation. If it has already been refunded, the request succeeds. */
async function cancel(call: Call): Promise<string> {
  const { app, caller } = call
  const { id, kind } = await numberOrder(call)
  try {
    await app.orders.cancel({ accountId: caller.accountId, id })
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'order_not_cancellable')) throw error
    const order = await app.orders.readNumbered(caller.accountId, id)
    if (kind === 'activation' && (order.state === 'expired' || order.state === 'failed'))
      return 'ACCESS_CANCEL'
    throw notCancelled(order, 'BAD_STATUS')
  }
  return 'ACCESS_CANCEL'
}

/** Why an order is not cancelled: it has ended, its number was used, or it is too late for a rental. */
export function notCancelled({ state, messageCount }: Order, token: string): DomainError {
  if (isClosed(state))
    return refused('The order has ended.', { token, hero: [409, 'ACTIVATION_NOT_ACTIVE'] })
  return messageCount > 0
    ? refused('A message has arrived: the number was used.', { token, hero: [409, 'OTP_RECEIVED'] })
    : refused('The time to cancel is over.', {
        token,
        hero: [409, 'FREE_CANCELLATION_EXPIRED'],
      })
}

/** The refusal of a status that an order still waiting for its code does not accept. A client that hears that
 * the activation has ended would give up its number. */
async function tooEarly(call: Call, error: DomainError): Promise<DomainError> {
  const { state } = await numberOrder(call)
  return isClosed(state) ? over() : refused(error.message, { token: 'BAD_STATUS', hero: [409] })
}

const over = () =>
  refused('The activation has ended.', {
    token: 'BAD_STATUS',
    hero: [409, 'ACTIVATION_NOT_ACTIVE'],
  })

const steps: ReadonlyMap<string, (call: Call) => Promise<string>> = new Map([
  ['1', ready],
  ['3', retry],
  ['6', finish],
  ['8', cancel],
  // Two relatives' own numbers for cancel.
  ['-1', cancel],
  ['10', cancel],
])

export const finishActivation: Action = async (call) => {
  await finish(call)
  return null
}

export const cancelActivation: Action = async (call) => {
  await cancel(call)
  return null
}
