// The native API's wire format: the core's objects as JSON, and back.
import type { z } from 'zod'
import type { App } from '../../app.ts'
import type { ApiKey } from '../../core/accounts/keys.ts'
import type { Catalog } from '../../core/catalog/catalog.ts'
import type { Offer } from '../../core/catalog/offers.ts'
import { DomainError } from '../../core/error.ts'
import { type Esim, type EsimPlan, partsOf } from '../../core/esims/esim.ts'
import type { DomainOffer } from '../../core/inboxes/domains.ts'
import type { Inbox } from '../../core/inboxes/inbox.ts'
import type { StatementLine } from '../../core/ledger/statement.ts'
import type { OrderMessage } from '../../core/messages/read.ts'
import { formatAmount } from '../../core/money.ts'
import type { MultiServiceQuote } from '../../core/orders/buying/quote.ts'
import type { Order } from '../../core/orders/order.ts'
import type { OrderService } from '../../core/orders/services.ts'
import { isoTime } from '../../http/iso-time.ts'
import type * as orders from './order-schemas.ts'
import type * as schemas from './schemas.ts'
import { testOf } from './tests.ts'

type Wire<T extends z.ZodType> = z.output<T>

const time = (date: Date | null) => (date === null ? null : isoTime(date))

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
      return { ...named, kind: 'rental', state, ...rest, ...own }
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

const serviceName = (catalog: Catalog, id: number | null) =>
  id === null ? null : (catalog.service(id)?.slug ?? String(id))

const operatorName = (catalog: Catalog, id: number | null) =>
  id === null ? null : (catalog.operator(id)?.slug ?? String(id))

/** The time filters of a list. @throws invalid_request if they leave no time between them */
export function timesOf(query: {
  readonly created_after?: string | undefined
  readonly created_before?: string | undefined
}): { since: Date | undefined; until: Date | undefined } {
  const dateOf = (text: string | undefined) => (text === undefined ? undefined : new Date(text))
  const [since, until] = [dateOf(query.created_after), dateOf(query.created_before)]
  if (since && until && since > until) {
    const detail = 'must not be later than created_before'
    throw new DomainError('invalid_request', `created_after: ${detail}.`, {
      fields: [{ pointer: 'created_after', detail }],
    })
  }
  return { since, until }
}

export function offerAnswer(
  catalog: Catalog,
  offer: Offer,
  own: { readonly domain: DomainOffer | undefined; readonly plan: EsimPlan | undefined },
  { currency, decimals }: { readonly currency: string; readonly decimals: number },
): Wire<typeof schemas.offer> {
  const { domain, plan } = own
  return {
    id: offer.id,
    kind: offer.kind as Order['kind'],
    service: serviceName(catalog, offer.serviceId),
    country: offer.country,
    operator: operatorName(catalog, offer.operatorId),
    pool: offer.pool,
    duration: offer.durationS || null,
    price: formatAmount(offer.price, decimals),
    currency,
    stock: offer.stock,
    success_rate: offer.successRate,
    email: domain
      ? {
          domain: domain.domain,
          cancellation_fee: formatAmount(domain.cancellationFee, decimals),
        }
      : null,
    ...testOf(catalog, offer),
    esim: plan ? { plan: plan.name, data_gb: plan.dataGb, validity_days: plan.validityDays } : null,
  }
}

export const quoteAnswer = (
  catalog: Catalog,
  quote: MultiServiceQuote,
  { currency, decimals }: { readonly currency: string; readonly decimals: number },
): Wire<typeof schemas.quote> => ({
  services: quote.parts.map((part) => ({
    service: serviceName(catalog, part.serviceId) as string,
    offer_id: part.offerId,
    price: formatAmount(part.price, decimals),
  })),
  price: formatAmount(quote.price, decimals),
  currency,
  country: quote.country,
  operator: operatorName(catalog, quote.operatorId) as string,
  pool: quote.pool,
})

export function transactionAnswer(
  app: App,
  line: StatementLine,
  decimals: number,
): Wire<typeof schemas.transaction> {
  const token = (prefix: string, id: bigint) => app.ids.toToken(prefix, id)
  const id = token('txn', line.seq)
  const movement = {
    amount: formatAmount(line.amount, decimals),
    change: formatAmount(line.change, decimals),
    balance_after: line.balanceAfter === null ? null : formatAmount(line.balanceAfter, decimals),
    currency: line.currency,
    reference: line.reference,
    created_at: line.createdAt.toISOString(),
  }
  switch (line.kind) {
    case 'deposit':
    case 'credit':
    case 'debit': {
      const deposit = line.depositId === null ? null : token('dep', line.depositId)
      return { id, type: line.kind, order_id: null, deposit_id: deposit, ...movement }
    }
    default: {
      if (line.orderId === null) throw new Error(`transfer ${line.id} is of no order`)
      const order = token('ord', line.orderId)
      return { id, type: line.kind, order_id: order, deposit_id: null, ...movement }
    }
  }
}

export function keyAnswer(app: App, key: ApiKey): Wire<typeof schemas.apiKey> {
  return {
    id: app.ids.toToken('key', key.id),
    name: key.name,
    hint: key.hint,
    scopes: [...key.scopes],
    default_country: key.defaultCountry,
    error_form: key.errorForm,
    allowed_ips: [...key.allowedIps],
    expires_at: time(key.expiresAt),
    revoked_at: time(key.revokedAt),
    last_used_at: time(key.lastUsedAt),
    created_by: createdBy(app, key),
    created_at: key.createdAt.toISOString(),
  }
}

const createdBy = (app: App, { madeBy, madeWith }: ApiKey) => {
  if (madeBy !== null) return 'operator'
  return madeWith === null ? null : app.ids.toToken('key', madeWith)
}

/** A cursor holds the end of the previous page. It is opaque to callers. */
const toCursor = (place: bigint | number) => Buffer.from(`after:${place}`).toString('base64url')

/** @throws invalid_request */
export function fromCursor(cursor: string | undefined): bigint | undefined {
  if (cursor === undefined) return undefined
  const place = /^after:(\d{1,18})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1]
  if (place === undefined)
    throw new DomainError('invalid_request', 'The cursor is not valid.', {
      fields: [{ pointer: 'cursor', detail: 'is not a cursor of this API' }],
    })
  return BigInt(place)
}

/** Makes a page from the rows, of which one more than a page was read. */
export function toPage<T, W>(
  rows: readonly T[],
  limit: number,
  placeOf: (row: T) => bigint | number,
  format: (row: T) => W,
): { data: W[]; next_cursor: string | null } {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    data: shown.map(format),
    next_cursor: rows.length > limit && last !== undefined ? toCursor(placeOf(last)) : null,
  }
}
