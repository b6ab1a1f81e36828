// Converts our objects to OTPZap's. Only this file and `shapes.ts` have its names.
import type { z } from 'zod'
import type { App } from '../../app.ts'
import type { Catalog } from '../../core/catalog/catalog.ts'
import type { Product, ServiceMarket } from '../../core/catalog/products.ts'
import {
  creditedIn,
  type Deposit,
  type DepositState,
  stateAt,
} from '../../core/deposits/deposit.ts'
import { payUrlOf } from '../../core/deposits/invoices.ts'
import type { OrderMessage } from '../../core/messages/read.ts'
import { amountAsNumber } from '../../core/money.ts'
import type { Order, OrderState } from '../../core/orders/order.ts'
import { isComplete, type OrderService } from '../../core/orders/services.ts'
import type { Endpoint } from '../../core/webhooks/endpoint.ts'
import type * as shapes from './shapes.ts'
import { toRef, wib } from './values.ts'

type Data<Shape extends z.ZodType> =
  z.output<Shape> extends { data: infer Inner } ? Inner : z.output<Shape>

const statuses = {
  allocating: 'pending',
  waiting: 'pending',
  received: 'otp_received',
  active: 'pending',
  finished: 'success',
  cancelled: 'cancelled',
  expired: 'failed',
  failed: 'failed',
  ended: 'success',
} as const satisfies Record<OrderState, (typeof shapes.orderStatuses)[number]>

export type Server = 1 | 2

/** The note on orders of server 2. */
export const serverTwoChannel = 'otpzap-2'

/** The server that an order is shown under: server 1 sells one service from the open pools. */
export async function serverOf(app: App, order: Order): Promise<Server> {
  if (order.services !== null) return 2
  const { pools } = await app.catalog.current()
  if (pools.some((pool) => pool.id === order.pool && pool.reserved)) return 2
  return order.channel === serverTwoChannel ? 2 : 1
}

/** An order with all its messages. */
export async function orderData(app: App, order: Order): Promise<Data<typeof shapes.order>> {
  const [server, messages, services, catalog] = await Promise.all([
    serverOf(app, order),
    order.messageCount > 0 ? app.messages.of(order.id) : [],
    order.services === null ? null : app.orders.services(order.id),
    app.catalog.current(),
  ])
  return orderFrom(catalog, order, { server, messages, services })
}

/** Data of an order from other tables. */
type Contents = {
  readonly server: Server
  readonly messages: readonly OrderMessage[]
  /** For orders for several services; otherwise null. */
  readonly services: readonly OrderService[] | null
}

/** On server 2, and for special services, an order is a success as soon as it has its OTP; with several
 * services, as soon as each of them has its own. */
const statusOf = (order: Order, server: Server, services: Contents['services']) =>
  order.state === 'received' && server === 2 && (services === null || isComplete(services))
    ? 'success'
    : statuses[order.state]

function orderFrom(
  catalog: Catalog,
  order: Order,
  { server, messages, services }: Contents,
): Data<typeof shapes.order> {
  const nameOf = (id: number | null) => catalog.service(id)?.name
  const serviceIds = order.services ?? [order.serviceId]
  return {
    order_id: Number(order.id),
    server,
    status: statusOf(order, server, services),
    phone_number: order.phone,
    service_name: serviceIds.map((id) => nameOf(id) ?? '').join(', '),
    ...(services && { services: services.map((one) => serviceData(catalog, order, one)) }),
    country_name: order.country === null ? null : (catalog.country(order.country)?.name ?? null),
    operator_name: catalog.operator(order.operatorId)?.name ?? null,
    price: amountAsNumber(order.price),
    currency: order.currency,
    otp_code: order.code,
    otps: messages.flatMap(({ code, text, sender, serviceId, receivedAt }) =>
      code === null
        ? []
        : [
            {
              otp_code: code,
              message: text,
              sender,
              // With several services, a message may not say which one it is for.
              service_name: nameOf(order.services ? serviceId : order.serviceId) ?? null,
              received_at: wib(receivedAt),
            },
          ],
    ),
    resend_count: order.resendCount,
    resend_locked_until: order.resendPending ? wib(order.expiresAt) : null,
    cancel_available_at: wib(order.cancelAfter),
    expires_at: wib(order.expiresAt),
    created_at: wib(order.createdAt),
  }
}

const serviceData = (
  catalog: Catalog,
  order: Order,
  service: OrderService,
): z.output<typeof shapes.orderService> => ({
  service_id: service.serviceId,
  service_name: catalog.service(service.serviceId)?.name ?? '',
  price: service.price === null ? null : amountAsNumber(service.price),
  status: serviceStatusOf(order, service),
  otp_code: service.code,
})

function serviceStatusOf(order: Order, { state }: OrderService) {
  if (state === 'refunded') return order.state === 'cancelled' ? 'cancelled' : 'failed'
  return state === 'paid' ? 'success' : 'pending'
}

/** Null if the current catalog does not know the product. */
export function productData(
  catalog: Catalog,
  product: Product,
): Data<typeof shapes.product> | null {
  const country = catalog.country(product.country)
  if (!country) return null
  return {
    id: product.offerId,
    product_id: product.offerId,
    platform_id: product.serviceId,
    service_id: product.serviceId,
    platform_name: product.serviceName,
    country_id: country.number,
    country_name: country.name,
    tier: product.poolName,
    price: amountAsNumber(product.price),
    stock: product.stock,
  }
}

export const marketData = (catalog: Catalog, market: ServiceMarket) => ({
  id: market.serviceId,
  platform_id: market.serviceId,
  service_id: market.serviceId,
  name: catalog.service(market.serviceId)?.name ?? '',
  price: amountAsNumber(market.price),
  stock: market.stock,
})

const depositRef = (app: App, deposit: Deposit) =>
  toRef('APIDEP', deposit.accountId, app.ids.toToken('dep', deposit.id))

/** OTPZap's states of a deposit. One that an operator must decide is still pending; a refunded one has
 * failed. */
const depositStatuses = {
  pending: 'pending',
  success: 'success',
  expired: 'expired',
  failed: 'failed',
  review: 'pending',
  refunded: 'failed',
} as const satisfies Record<DepositState, (typeof shapes.depositStatuses)[number]>

export const invoiceData = (
  app: App,
  deposit: Deposit,
  now: Date,
): Data<typeof shapes.invoice> => ({
  order_id: depositRef(app, deposit),
  amount: amountAsNumber(deposit.amount),
  total_amount: amountAsNumber(deposit.total),
  currency: deposit.currency,
  status: depositStatuses[stateAt(deposit, now)],
  payment_url: payUrlOf(deposit),
  qris: deposit.qris,
  expired_at: wib(deposit.expiresAt),
})

export const depositData = (
  app: App,
  deposit: Deposit,
  now: Date,
): Data<typeof shapes.deposit> => ({
  order_id: depositRef(app, deposit),
  // A reseller passes on the amount that arrived, if it differs from the request.
  amount: amountAsNumber(deposit.credited === null ? deposit.amount : creditedIn(deposit)),
  currency: deposit.currency,
  status: depositStatuses[stateAt(deposit, now)],
  paid_at: deposit.state === 'success' && deposit.paidAt ? wib(deposit.paidAt) : null,
  created_at: wib(deposit.createdAt),
})

type WebhookEvent = (typeof shapes.webhookEvents)[number]

/** OTPZap's events and the events of the outbox. */
const eventTypes = {
  'order.otp_received': 'order.code_received',
  'order.cancelled': 'order.cancelled',
  'order.finished': 'order.finished',
  'order.replaced': 'order.replaced',
  'deposit.success': 'deposit.success',
  '*': '*',
} as const satisfies Record<WebhookEvent, string>

export const eventTypeOf = (event: WebhookEvent): string => eventTypes[event]

/** OTPZap's name of an event; null if it has none. */
export const eventNameOf = (type: string): WebhookEvent | null =>
  (Object.keys(eventTypes) as WebhookEvent[]).find((event) => eventTypes[event] === type) ?? null

export const webhookData = (endpoint: Endpoint): Data<typeof shapes.webhook> => ({
  url: endpoint.url,
  events: (Object.keys(eventTypes) as WebhookEvent[]).filter((event) =>
    endpoint.events.includes(eventTypes[event]),
  ),
  is_active: endpoint.isActive,
  created_at: wib(endpoint.createdAt),
  updated_at: wib(endpoint.updatedAt),
})
