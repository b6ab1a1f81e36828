// An order as `numlet orders` prints it.
import { type Catalog, readCatalog } from '../core/catalog/catalog.ts'
import { type Amount, formatAmount } from '../core/money.ts'
import type { OrderReport } from '../core/operating/order-report.ts'
import type * as operating from '../core/operating/orders.ts'
import type { PublicIds } from '../core/public-id.ts'
import type { Database } from '../db/database.ts'
import type { Session } from './session.ts'

export async function writerFor({ db, ids }: Session) {
  const catalog = await readCatalog(db)
  const decimals = await decimalsOf(db)
  const money = (amount: Amount, currency: string) =>
    formatAmount(amount, decimals.get(currency) ?? 2)
  const line = (order: operating.FoundOrder) => ({
    id: ids.toToken('ord', order.id),
    number: order.id,
    account_id: ids.toToken('acc', order.accountId),
    account_email: order.accountEmail,
    kind: order.kind,
    state: order.state,
    service: catalog.service(order.serviceId)?.slug ?? null,
    country: order.country,
    phone: order.phone,
    email: order.email,
    reference: order.reference,
    price: money(order.price, order.currency),
    currency: order.currency,
    created_at: order.createdAt,
    closed_at: order.closedAt,
  })
  return {
    money,
    line,
    whole: (report: OrderReport) => whole({ ids, catalog, money, line }, report),
  }
}

async function decimalsOf(db: Database): Promise<Map<string, number>> {
  const rows = await db.query<{ code: string; decimals: number }>(
    'select code, decimals from currencies',
  )
  return new Map(rows.map(({ code, decimals }) => [code, decimals]))
}

type Writer = {
  readonly ids: PublicIds
  readonly catalog: Catalog
  readonly money: (amount: Amount, currency: string) => string
  readonly line: (order: operating.FoundOrder) => Readonly<Record<string, unknown>>
}

function whole(writer: Writer, report: OrderReport) {
  const { ids, catalog, money, line } = writer
  const { order } = report
  const slug = (id: number | null) => catalog.service(id)?.slug ?? null
  return {
    ...line(order),
    services: order.services?.map(slug) ?? null,
    operator: catalog.operator(order.operatorId)?.slug ?? null,
    pool: order.pool,
    offer_id: order.offerId,
    replaces: order.replaces === null ? null : ids.toToken('ord', order.replaces),
    replaced_by: order.replacedBy === null ? null : ids.toToken('ord', order.replacedBy),
    cancel_after: order.cancelAfter,
    expires_at: order.expiresAt,
    received_at: order.receivedAt,
    late_until: order.lateUntil,
    claimed_at: order.claimedAt,
    texts: report.texts,
    ...(report.texts === 'shown' ? { code: order.code } : {}),
    messages: report.messages.map((message) => shownMessage(writer, message, report.texts)),
    timeline: report.timeline,
    routing: report.routing.map(({ supplier, serviceId, source, from, until, endedAt }) => ({
      supplier,
      service: slug(serviceId),
      source,
      from,
      until,
      ended_at: endedAt,
    })),
    allocations: report.allocations.map((one) => shownAllocation(writer, one)),
    routings: report.routings.map((one) => shownRouting(writer, one)),
    transfers: report.transfers.map((transfer) => ({
      id: ids.toToken('txn', transfer.seq),
      kind: transfer.kind,
      amount: money(transfer.amount, transfer.currency),
      change: money(transfer.change, transfer.currency),
      balance_after:
        transfer.balanceAfter === null ? null : money(transfer.balanceAfter, transfer.currency),
      currency: transfer.currency,
      created_at: transfer.createdAt,
    })),
    deliveries: report.deliveries.map((delivery) => ({
      id: ids.toToken('dlv', delivery.id),
      webhook_id: ids.toToken('whk', delivery.endpointId),
      type: delivery.type,
      state: delivery.state,
      attempts: delivery.attempts,
      last_status: delivery.lastStatus,
      last_error: delivery.lastError,
      created_at: delivery.createdAt,
      ended_at: delivery.endedAt,
    })),
  }
}

const shownAllocation = ({ money }: Writer, one: OrderReport['allocations'][number]) => ({
  supplier: one.supplier,
  product: one.product,
  purpose: one.purpose,
  attempt: one.attempt,
  state: one.state,
  asked_at: one.askedAt,
  max_cost: one.maxCost === null ? null : money(one.maxCost, one.currency),
  cost: one.cost === null ? null : money(one.cost, one.currency),
  currency: one.currency,
  cost_state: one.costState,
  reference: one.reference,
  last_word: one.lastWord,
  error: one.error,
})

const shownRouting = (
  { money }: Writer,
  { attempt, madeAt, policy, candidates }: OrderReport['routings'][number],
) => ({
  attempt,
  made_at: madeAt,
  policy,
  candidates: candidates.map(({ cost, why, ...one }) => ({
    ...one,
    cost: one.currency === null ? null : money(cost, one.currency),
    passed_over: why,
  })),
})

function shownMessage(
  { ids, catalog }: Writer,
  message: OrderReport['messages'][number],
  texts: OrderReport['texts'],
) {
  return {
    id: ids.toToken('msg', message.id),
    state: message.state,
    service: catalog.service(message.serviceId)?.slug ?? null,
    channel: message.channel,
    sender: message.sender,
    received_at: message.receivedAt,
    purged_at: message.purgedAt,
    has_code: message.hasCode,
    ...(texts === 'shown'
      ? { subject: message.subject, text: message.text, code: message.code }
      : {}),
  }
}
