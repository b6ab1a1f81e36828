// A full report of one order, for operators who answer questions about it. It contains texts and codes only
// if a reason is given, which is logged.
import type { Database, Queryable } from '../../db/database.ts'
import { type StatementLine, statement } from '../ledger/statement.ts'
import type { Amount } from '../money.ts'
import type { By } from '../operator-log.ts'
import type { Order } from '../orders/order.ts'
import { type Routing, routingsOf } from '../supply/routings.ts'
import { type FoundOrder, noteReading, orderById } from './orders.ts'

export type OrderReport = {
  readonly order: FoundOrder
  /** Null if no reason was given to read them. */
  readonly texts: 'shown' | 'hidden'
  readonly messages: readonly ReportedMessage[]
  readonly timeline: readonly TimelineEntry[]
  readonly routing: readonly MessageSource[]
  readonly allocations: readonly ReportedAllocation[]
  /** How the suppliers that were asked were chosen. */
  readonly routings: readonly Routing[]
  readonly transfers: readonly StatementLine[]
  readonly deliveries: readonly ReportedDelivery[]
}

/** A message of the order, including late ones. Its text and code are null if texts are hidden or purged. */
export type ReportedMessage = {
  readonly id: bigint
  readonly state: string
  readonly serviceId: number | null
  readonly channel: string
  readonly sender: string
  readonly receivedAt: Date
  readonly purgedAt: Date | null
  readonly hasCode: boolean
  readonly subject: string | null
  readonly text: string | null
  readonly code: string | null
}

export type TimelineEntry = {
  readonly at: Date
  /** An event's type, or an operator's action. */
  readonly type: string
  /** The operator; null if no operator did it. */
  readonly actor: string | null
  readonly reason: string | null
}

/** Where the order's messages come from. */
export type MessageSource = {
  readonly supplier: string | null
  readonly serviceId: number | null
  /** A number, an inbox, or an eSIM plan. */
  readonly source: string
  readonly from: Date
  readonly until: Date | null
  readonly endedAt: Date | null
}

/** A request for the order's number to another platform, and what became of it. Amounts are in `currency`. */
export type ReportedAllocation = {
  readonly supplier: string
  /** By the supplier's names. */
  readonly product: string
  readonly purpose: string
  readonly attempt: number
  readonly state: string
  readonly askedAt: Date | null
  readonly maxCost: Amount | null
  readonly cost: Amount | null
  readonly currency: string
  readonly costState: string
  /** The supplier's name of the order. */
  readonly reference: string | null
  readonly lastWord: string | null
  /** Why it was refused or given up. */
  readonly error: string | null
}

export type ReportedDelivery = {
  readonly id: bigint
  readonly endpointId: number
  readonly type: string
  readonly state: string
  readonly attempts: number
  readonly lastStatus: number | null
  readonly lastError: string | null
  readonly createdAt: Date
  readonly endedAt: Date | null
}

/** Of messages the newest, of everything else the oldest. */
const maxLines = 1_000

/**
 * @param by.reason why the texts are read; null: they stay hidden
 * @throws order_not_found, invalid_request
 */
export function reportOrder(db: Database, by: By, id: bigint): Promise<OrderReport> {
  return db.begin(async (tx) => {
    const order = await orderById(tx, id)
    const isShown = by.reason !== null
    if (isShown) await noteReading(tx, by, order)
    const messages = await messagesFor(tx, order)
    return {
      order: isShown ? order : { ...order, code: null, codeAsWritten: null },
      texts: isShown ? 'shown' : 'hidden',
      messages: isShown ? messages : messages.map(withoutTexts),
      timeline: await timelineOf(tx, order),
      routing: await sourcesOf(tx, order),
      allocations: await allocationsOf(tx, order),
      routings: await routingsOf(tx, order.id),
      transfers: await statement(tx, {
        accountId: order.accountId,
        orderId: id,
        limit: maxLines,
      }),
      deliveries: await deliveriesFor(tx, order),
    }
  })
}

const withoutTexts = (message: ReportedMessage): ReportedMessage => ({
  ...message,
  subject: null,
  text: null,
  code: null,
})

async function messagesFor(db: Queryable, order: Order): Promise<ReportedMessage[]> {
  const newest = await db.query<ReportedMessage>(
    `select id, state, service_id as "serviceId", channel, sender, received_at as "receivedAt",
            purged_at as "purgedAt", code is not null as "hasCode", subject, text, code
       from messages where order_id = $1 order by id desc limit ${maxLines}`,
    [order.id],
  )
  return newest.toReversed()
}

/** Events are deleted after some weeks; the order's own fields replace them then. */
async function timelineOf(db: Queryable, order: Order): Promise<TimelineEntry[]> {
  const happened = await db.query<TimelineEntry>(
    `select created_at as at, type, null as actor, null as reason, 0 as rank, id
       from events where order_id = $1
     union all
     select created_at, 'operator.' || action, actor, reason, 1, id
       from audit_log where subject_type = 'order' and subject_id = $1::text
     order by at, rank, id limit ${maxLines}`,
    [order.id],
  )
  const told = new Set(happened.map((one) => one.type))
  const remembered: TimelineEntry[] = []
  const remember = (type: string, at: Date | null) => {
    if (at !== null && !told.has(type)) remembered.push({ at, type, actor: null, reason: null })
  }
  remember('order.created', order.createdAt)
  const isForgotten = !told.has('order.created')
  if (isForgotten) remember('order.code_received', order.receivedAt)
  if (isForgotten) remember(`order.${order.state}`, order.closedAt)
  return [
    ...remembered,
    ...happened.map(({ at, type, actor, reason }) => ({ at, type, actor, reason })),
  ].sort((a, b) => a.at.getTime() - b.at.getTime())
}

function sourcesOf(db: Queryable, order: Order): Promise<MessageSource[]> {
  // Leases are deleted a day after their end; the order keeps the rest.
  return db.query<MessageSource>(
    `with leased as (
       select s.name as supplier, l.service_id as "serviceId", n.phone as source, l.starts_at as "from",
              l.until, l.ended_at as "endedAt"
         from leases l join numbers n on n.id = l.number_id join suppliers s on s.id = n.supplier_id
        where l.order_id = $1
     )
     select * from leased
     union all
     select s.name, o.service_id, n.phone, o.created_at, o.expires_at, o.closed_at
       from orders o join numbers n on n.id = o.number_id join suppliers s on s.id = n.supplier_id
      where o.id = $1 and not exists (select from leased)
     union all
     select s.name, l.service_id, l.phone, l.starts_at, l.until, l.ended_at
       from upstream_leases l join allocations a on a.id = l.allocation_id
       join suppliers s on s.id = a.supplier_id
      where l.order_id = $1
     union all
     select null, o.service_id, i.address, i.opened_at, o.expires_at, i.ended_at
       from inboxes i join orders o on o.id = i.order_id where i.order_id = $1
     union all
     select null, null, p.name, c.sold_at, null, null
       from esim_codes c join esim_plans p on p.id = c.plan_id where c.order_id = $1`,
    [order.id],
  )
}

function allocationsOf(db: Queryable, order: Order): Promise<ReportedAllocation[]> {
  return db.query<ReportedAllocation>(
    `select s.name as supplier, f.product, a.purpose, a.attempt, a.state, a.asked_at as "askedAt",
            a.max_cost as "maxCost", a.cost, a.currency, a.cost_state as "costState",
            a.upstream_ref as reference, a.last_word as "lastWord", a.error
       from allocations a
       join suppliers s on s.id = a.supplier_id
       join sources f on f.id = a.source_id
      where a.order_id = $1 order by a.id limit ${maxLines}`,
    [order.id],
  )
}

function deliveriesFor(db: Queryable, order: Order): Promise<ReportedDelivery[]> {
  return db.query<ReportedDelivery>(
    `select d.id, d.endpoint_id as "endpointId", d.type, d.state, d.attempts, a.status as "lastStatus",
            a.error as "lastError", d.created_at as "createdAt", d.ended_at as "endedAt"
       from webhook_deliveries d
       left join webhook_attempts a on a.delivery_id = d.id and a.number = d.attempts
      where d.order_id = $1 and d.created_at >= $2
      order by d.id limit ${maxLines}`,
    [order.id, order.createdAt],
  )
}
