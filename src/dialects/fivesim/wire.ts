// Converts orders, messages and prices to 5sim's format.
import type { MaxPrice } from '../../core/accounts/max-prices.ts'
import type { Catalog, Country } from '../../core/catalog/catalog.ts'
import type { BalanceChange } from '../../core/ledger/balance-history.ts'
import type { StatementLine } from '../../core/ledger/statement.ts'
import type { OrderMessage } from '../../core/messages/read.ts'
import { amountAsNumber } from '../../core/money.ts'
import type { Order, OrderState } from '../../core/orders/order.ts'
import { isoTime } from '../../http/iso-time.ts'
import { countryName, productName, productOf } from './names.ts'
import type { Shape } from './schemas.ts'

type Status = Shape<'order'>['status']

/** 5sim's RECEIVED means a number that is ready for messages, whether any has arrived or not. */
const statuses = {
  allocating: 'PENDING',
  waiting: 'RECEIVED',
  received: 'RECEIVED',
  active: 'RECEIVED',
  finished: 'FINISHED',
  cancelled: 'CANCELED',
  expired: 'TIMEOUT',
  failed: 'CANCELED',
  ended: 'FINISHED',
} as const satisfies Record<OrderState, Status>

/** An order with the data that is shown with it. */
export type SeenOrder = {
  readonly order: Order
  readonly messages: readonly OrderMessage[]
  readonly banned: boolean
}

export const orderAnswer = (catalog: Catalog, seen: SeenOrder): Shape<'order'> => ({
  ...orderFields(catalog, seen.order),
  status: seen.banned ? 'BANNED' : statuses[seen.order.state],
  sms: seen.messages.map(smsAnswer),
})

/** A purchase is answered like an order that was never read: PENDING, with no list of messages. */
export const boughtAnswer = (catalog: Catalog, order: Order): Shape<'order'> => ({
  ...orderFields(catalog, order),
  status: 'PENDING',
  sms: null,
})

function orderFields(catalog: Catalog, order: Order): Omit<Shape<'order'>, 'status' | 'sms'> {
  const country = order.country === null ? undefined : catalog.country(order.country)
  return {
    id: Number(order.id),
    phone: order.phone ?? '',
    operator: catalog.operator(order.operatorId)?.slug ?? '',
    product: productOf(catalog, order),
    price: amountAsNumber(order.price),
    expires: isoTime(order.expiresAt),
    created_at: isoTime(order.createdAt),
    forwarding: false,
    forwarding_number: '',
    country: country ? countryName(country) : '',
  }
}

/** `2018-10-13T08:19:38Z`: messages have whole seconds. */
const wholeSeconds = (date: Date) => `${date.toISOString().slice(0, 19)}Z`

const smsFields = (message: OrderMessage) => ({
  created_at: message.receivedAt.toISOString(),
  date: wholeSeconds(message.receivedAt),
  sender: message.sender,
  text: message.text ?? '',
  code: message.code ?? '',
})

const smsAnswer = (message: OrderMessage) => ({ id: Number(message.id), ...smsFields(message) })

/** @param total of all messages of the order; older ones may not be listed */
export const inboxAnswer = (messages: readonly OrderMessage[], total: number): Shape<'inbox'> => ({
  Data: messages.map((message) => ({
    ID: Number(message.id),
    ...smsFields(message),
    is_wave: false,
    wave_uuid: '',
  })),
  Total: total,
})

export const maxPriceAnswer = (catalog: Catalog, max: MaxPrice): Shape<'maxPrice'> => {
  const service = catalog.service(max.serviceId)
  return {
    id: max.id,
    product: service ? productName(service) : '',
    price: amountAsNumber(max.price),
    CreatedAt: max.createdAt.toISOString(),
    created_at: max.createdAt.toISOString(),
  }
}

export const defaultCountry = (country: Country | undefined) => ({
  name: country ? countryName(country) : '',
  iso: country?.code.toLowerCase() ?? '',
  prefix: country ? `+${country.callingCode}` : '',
})

/** `england:google:virtual53:1:0.2` */
export const orderLine = (catalog: Catalog, order: Order) => {
  const { country, product, operator, price } = orderFields(catalog, order)
  return [country, product, operator, 1, price].join(':')
}

type PaymentType = Shape<'payments'>['Data'][number]['TypeName']

const paymentTypes = {
  hold: 'buy',
  post: 'buy',
  void: 'refund',
  release: 'refund',
  refund: 'refund',
  credit: 'charge',
  debit: 'withdraw',
  deposit: 'charge',
} as const satisfies Record<StatementLine['kind'], PaymentType>

/** Money without an order comes from the operator or from a payment gateway. */
const ownProviders: Partial<Record<StatementLine['kind'], string>> = {
  credit: 'admin',
  debit: 'admin',
  deposit: 'deposit',
}

/** @param products the products of the orders, by order id */
export function paymentAnswer(change: BalanceChange, products: ReadonlyMap<bigint, string>) {
  const ofOrder = change.orderId === null ? undefined : products.get(change.orderId)
  return {
    ID: Number(change.seq),
    TypeName: paymentTypes[change.kind],
    ProviderName: ofOrder ?? ownProviders[change.kind] ?? '',
    Amount: amountAsNumber(change.change),
    Balance: amountAsNumber(change.balanceAfter),
    CreatedAt: change.createdAt.toISOString(),
  }
}
