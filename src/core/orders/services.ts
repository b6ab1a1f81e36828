// The services of an order for several. Each has its own price and hold: its first code pays for it
// (`pay_services` in the database), and the remaining holds are voided when the order ends.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { gather } from '../../db/gather.ts'
import { voidHolds } from '../ledger/ledger.ts'
import type { Amount } from '../money.ts'
import type { Order } from './order.ts'

export const orderServiceStates = ['held', 'paid', 'refunded'] as const

export type OrderService = {
  readonly serviceId: number
  /** Null, like the price, for an old order whose services have no separate holds. */
  readonly offerId: number | null
  /** In the order's currency. */
  readonly price: Amount | null
  readonly state: (typeof orderServiceStates)[number]
  /** The newest code for this service; null before one is received and after its retention. */
  readonly code: string | null
}

/** A service of an order to be written, with its hold. */
export type ServiceHold = {
  readonly serviceId: number
  readonly offerId: number
  readonly price: Amount
  readonly holdId: string
}

/** Whether every service has received its code, so that the order waits for nothing more. */
export const isComplete = (services: readonly OrderService[]) =>
  services.every((service) => service.state === 'paid')

/** Writes the services of an order, in their order. */
export async function insertServices(
  tx: Tx,
  orderId: bigint,
  services: readonly ServiceHold[],
): Promise<void> {
  await tx.query(
    `insert into order_services (order_id, place, service_id, offer_id, price, hold_id)
     select $1, s.place, s.service_id, s.offer_id, s.price, s.hold_id
       from unnest($2::int[], $3::int[], $4::bigint[], $5::uuid[])
            with ordinality as s(service_id, offer_id, price, hold_id, place)`,
    [
      orderId,
      services.map((one) => one.serviceId),
      services.map((one) => one.offerId),
      services.map((one) => one.price),
      services.map((one) => one.holdId),
    ],
  )
}

/** Voids the holds of services without a code. Requires the orders' locks.
 * @returns the ids of the orders that got money back */
export async function refundServices(
  tx: Tx,
  now: Date,
  orders: readonly Order[],
): Promise<ReadonlySet<bigint>> {
  const byId = new Map(orders.flatMap((one) => (one.holdId === null ? [[one.id, one]] : [])))
  if (byId.size === 0) return new Set()
  const rows = await tx.query<{ order_id: bigint; hold_id: string; price: Amount }>(
    `update order_services set state = 'refunded', settled_at = $2
      where order_id = any($1) and state = 'held' returning order_id, hold_id, price`,
    [[...byId.keys()], now],
  )
  const holds = rows.map(({ order_id: orderId, hold_id: holdId, price: amount }) => {
    const { accountId, currency } = byId.get(orderId) as Order
    return { holdId, accountId, currency, amount, orderId }
  })
  const ended = await voidHolds(tx, now, holds)
  if (ended.length !== holds.length) throw new Error('a service that was held had no open hold')
  return new Set(holds.map((one) => one.orderId))
}

/** The services of an order for several, in the requested order; concurrent reads are combined. */
export function servicesReader(db: Database): (orderId: bigint) => Promise<OrderService[]> {
  return gather<bigint, OrderService[]>({
    name: 'services of orders',
    maxBatch: 500,
    maxRunning: 2,
    run: async (orderIds) => {
      const byOrder = await servicesOf(db, orderIds)
      return orderIds.map((id) => byOrder.get(id) ?? [])
    },
  })
}

export async function servicesOf(
  db: Queryable,
  orderIds: readonly bigint[],
): Promise<Map<bigint, OrderService[]>> {
  const rows = await db.query<OrderService & { orderId: bigint }>(
    `select o.id as "orderId", n.service_id as "serviceId", s.offer_id as "offerId", s.price,
            coalesce(s.state, case when o.state = 'waiting' then 'held'
              when o.state in ('received', 'finished') then 'paid' else 'refunded' end) as state,
            (select m.code from messages m
              where m.order_id = o.id and m.state = 'delivered' and m.code is not null
                and (m.service_id = n.service_id or m.id = s.paid_by)
              order by m.id desc limit 1) as code
       from orders o
      cross join unnest(o.services) with ordinality as n(service_id, place)
       left join order_services s on s.order_id = o.id and s.place = n.place
      where o.id = any($1) order by o.id, n.place`,
    [orderIds],
  )
  const services = new Map<bigint, OrderService[]>()
  for (const { orderId, ...service } of rows)
    services.set(orderId, [...(services.get(orderId) ?? []), service])
  return services
}
