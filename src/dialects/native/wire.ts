// Orders in the native API's wire format.
import type { z } from 'zod'
import type { App } from '../../app.ts'
import type { Catalog } from '../../core/catalog/catalog.ts'
import { type Esim, partsOf } from '../../core/esims/esim.ts'
import type { Inbox } from '../../core/inboxes/inbox.ts'
import type { OrderMessage } from '../../core/messages/read.ts'
import { formatAmount } from '../../core/money.ts'
import { renewableUntil, rentalTermsIn } from '../../core/orders/buying/rent.ts'
import { hasLateCode, type Order } from '../../core/orders/order.ts'
import { refundableUntil } from '../../core/orders/orders.ts'
import type { OrderService } from '../../core/orders/services.ts'
import { isoTime } from '../../http/iso-time.ts'
import { operatorName, serviceName } from './names.ts'
import type * as orders from './order-schemas.ts'

export type Wire<T extends z.ZodType> = z.output<T>

export const time = (date: Date | null) => (date === null ? null : isoTime(date))

export async function orderAnswer(app: App, order: Order): Promise<Wire<typeof orders.order>> {
  const [messages, services, inbox, esim, catalog] = await Promise.all([
    order.messageCount > 0 ? app.messages.of(order.id) : [],
    order.services === null ? null : app.orders.services(order.id),
    order.kind === 'email' ? app.inboxes.read(order.id) : null,
    order.kind === 'esim' ? app.esims.read(order) : null,
    app.catalog.current(),
  ])
  return formatOrder(app, catalog, order, { messages, services, inbox, esim })
}

export async function ordersAnswer(app: App, orders: readonly Order[]) {
  return Promise.all(orders.map((order) => orderAnswer(app, order)))
}

/** Data of an order from other tables. */
type Contents = {
  readonly messages: readonly OrderMessage[]
  readonly services: readonly OrderService[] | null
  readonly inbox: Inbox | null
  readonly esim: Esim | null
}

function formatOrder(
  app: App,
  catalog: Catalog,
  order: Order,
  { messages, services, inbox, esim }: Contents,
): Wire<typeof orders.order> {
  const decimals = app.money.decimals(order.currency)
  const named = { id: app.ids.toToken('ord', order.id), number: Number(order.id) }
  const own = {
    ...ownFields(app, order),
    messages: messages.map((message) => messageAnswer(app, catalog, message)),
  }
  const service = serviceName(catalog, order.serviceId)
  switch (order.kind) {
    case 'activation': {
      const parts = services?.map((one) => orderServiceAnswer(catalog, one, decimals)) ?? null
      const state = order.state as Wire<typeof orders.activationOrder>['state']
      const rest = { ...numberFields(catalog, order), services: parts, duration: null }
      return { ...named, kind: 'activation', state, ...rest, ...own }
    }
    case 'rental': {
      const state = order.state as Wire<typeof orders.rentalOrder>['state']
      const duration = order.durationS ?? 0
      const rest = { ...numberFields(catalog, order), services: null, duration }
      return { ...named, kind: 'rental', state, ...rest, ...own, ...termsOf(app, order) }
    }
    case 'email': {
      if (inbox === null || order.email === null) throw new Error(`order ${order.id} has no inbox`)
      const state = order.state as Wire<typeof orders.emailOrder>['state']
      const { email } = order
      const box = inboxAnswer(inbox, decimals)
      const rest = { ...noNumber, service, country: null, email, inbox: box }
      return { ...named, kind: 'email', state, ...rest, ...own }
    }
    case 'esim': {
      if (esim === null) throw new Error(`order ${order.id} has no eSIM`)
      const state = order.state as Wire<typeof orders.esimOrder>['state']
      const bought = { ...noNumber, service: null, country: order.country, esim: esimAnswer(esim) }
      return { ...named, kind: 'esim', state, ...bought, ...own }
    }
  }
}

/** Until when a rental can be cancelled or renewed, by the settings of now. */
function termsOf(app: App, order: Order) {
  const settings = app.settings()
  const cancellable = refundableUntil(order, settings.rental_refund_minutes)
  const renewable = renewableUntil(order, rentalTermsIn(settings))
  const toCome = (until: Date | null) => (until !== null && until > app.now() ? until : null)
  return {
    cancellable_until: time(toCome(cancellable)),
    renewable_until: time(toCome(renewable)),
  }
}

const noNumber = {
  services: null,
  operator: null,
  pool: null,
  phone: null,
  email: null,
  inbox: null,
  esim: null,
  duration: null,
} as const

/** @NOTE fields that every allocated number has; the table's CHECK constraints enforce it */
const numberFields = (catalog: Catalog, order: Order) => ({
  service: serviceName(catalog, order.serviceId) as string,
  country: order.country as string,
  operator: operatorName(catalog, order.operatorId) as string,
  pool: order.pool as string,
  phone: order.phone as string,
  email: null,
  inbox: null,
  esim: null,
})

function ownFields(app: App, order: Order) {
  const token = (id: bigint | null) => (id === null ? null : app.ids.toToken('ord', id))
  return {
    offer_id: order.offerId,
    reference: order.reference,
    metadata: { ...order.metadata },
    note: order.note,
    renewals: order.renewals,
    price: formatAmount(order.price, app.money.decimals(order.currency)),
    currency: order.currency,
    code: order.code,
    resend_count: order.resendCount,
    resend_pending: order.resendPending,
    replaces: token(order.replaces),
    replaced_by: token(order.replacedBy),
    created_at: isoTime(order.createdAt),
    cancel_after: isoTime(order.cancelAfter),
    expires_at: isoTime(order.expiresAt),
    received_at: time(order.receivedAt),
    closed_at: time(order.closedAt),
    late_code_available: hasLateCode(order, app.now()),
    claimed_at: time(order.claimedAt),
  }
}

const orderServiceAnswer = (catalog: Catalog, service: OrderService, decimals: number) => ({
  service: serviceName(catalog, service.serviceId) as string,
  offer_id: service.offerId,
  price: service.price === null ? null : formatAmount(service.price, decimals),
  state: service.state,
  code: service.code,
})

export const messageAnswer = (app: App, catalog: Catalog, message: OrderMessage) => ({
  id: app.ids.toToken('msg', message.id),
  sender: message.sender,
  text: message.text,
  code: message.code,
  links: message.links.map(({ url, text }) => ({ url, text })),
  service: serviceName(catalog, message.serviceId),
  subject: message.subject,
  headline: message.headline,
  html: message.html,
  received_at: message.receivedAt.toISOString(),
})

const inboxAnswer = (inbox: Inbox, decimals: number) => ({
  site: inbox.site,
  domain: inbox.domain,
  subject: inbox.subject,
  regex: inbox.pattern,
  cancellation_fee: formatAmount(inbox.cancelFee, decimals),
  session: inbox.sessionS,
})

function esimAnswer(esim: Esim) {
  const { smdpAddress, matchingId, asksConfirmation } = partsOf(esim.activationCode)
  return {
    plan: esim.planName,
    data_gb: esim.dataGb,
    validity_days: esim.validityDays,
    activation_code: esim.activationCode,
    smdp_address: smdpAddress,
    matching_id: matchingId,
    asks_confirmation: asksConfirmation,
  }
}
