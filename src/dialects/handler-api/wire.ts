// Orders, times and states in the format of this protocol.
import type { App } from '../../app.ts'
import type { Catalog } from '../../core/catalog/catalog.ts'
import type { OrderMessage } from '../../core/messages/read.ts'
import { amountAsNumber } from '../../core/money.ts'
import type { Order, OrderState } from '../../core/orders/order.ts'
import { codeOf, currencyNumber, idOf } from './names.ts'

/** `2022-06-01 17:30:57`, in UTC. */
export const time = (date: Date) => date.toISOString().slice(0, 19).replace('T', ' ')

/** A missing time. */
export const noTime = '0000-00-00 00:00:00'

/** Digits only. */
export const digits = (order: Order) => (order.phone ?? '').replace(/^\+/, '')

/** An id as a number: clients read ids with `\d+` and with parseInt. */
export const number = (order: Order) => Number(order.id)

/** The protocol's numbers for states: 2 received, 4 waiting, 6 finished, 8 cancelled, 10 refunded. */
const statuses = {
  allocating: '4',
  waiting: '4',
  received: '2',
  active: '4',
  finished: '6',
  cancelled: '8',
  expired: '10',
  failed: '10',
  ended: '6',
} as const satisfies Record<OrderState, string>

/** The number for an order's state; 3 if another code was requested. */
export const statusNumber = (order: Order): string =>
  order.state === 'received' && order.resendPending ? '3' : statuses[order.state]

/** The service of an order. */
export const serviceCode = (catalog: Catalog, order: Order) =>
  codeOf(catalog.service(order.serviceId))

export const countryOf = (catalog: Catalog, order: Order) => catalog.country(order.country ?? '')

/** The object of getNumberV2, with types that clients of all its variants can read. */
export function activation(catalog: Catalog, order: Order) {
  const country = countryOf(catalog, order)
  return {
    activationId: String(order.id),
    phoneNumber: digits(order),
    activationCost: amountAsNumber(order.price),
    currency: currencyNumber(order.currency),
    countryCode: String(idOf(country)),
    countryPhoneCode: Number(country?.callingCode ?? 0),
    canGetAnotherSms: '1',
    activationTime: time(order.createdAt),
    activationEndTime: time(order.expiresAt),
    activationOperator: catalog.operator(order.operatorId)?.slug ?? 'any',
  }
}

/** The latest code; for a rental's message without a code, its text on one line. */
export async function codeText(app: App, order: Pick<Order, 'id' | 'code'>): Promise<string> {
  if (order.code !== null) return order.code
  const newest = (await app.messages.of(order.id)).at(-1)
  return newest?.code ?? oneLine(newest)
}

/** The text of a message on one line: responses of this protocol have only one. */
export const oneLine = (message: OrderMessage | undefined) =>
  (message?.text ?? '').replace(/\s+/g, ' ').trim()
