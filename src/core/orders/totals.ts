// Totals of orders for the metrics: each event is counted once, on any node, and stays counted.
import type { Database, Queryable } from '../../db/database.ts'
import { readOn } from '../events/reader.ts'

const eventsATurn = 5_000

/** The events that count, and the outcomes that they stand for. */
const outcomes: Readonly<Record<string, string>> = {
  'order.created': 'created',
  'order.code_received': 'code',
  'order.finished': 'finished',
  'order.cancelled': 'cancelled',
  'order.replaced': 'replaced',
  'order.expired': 'expired',
  'order.failed': 'failed',
  'order.refunded': 'refunded',
  'order.claimed': 'claimed',
  'order.renewed': 'renewed',
  'order.ended': 'ended',
}

/** The upper bounds of the seconds from an order to its first code. */
export const codeBoundsS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200] as const

/** Counts events since the last run. @returns the number of events read if there may be more; otherwise 0 */
export async function countTotals(db: Database): Promise<number> {
  const { isMore } = await readOn(db, 'totals', eventsATurn, async (tx, events) => {
    const counted = events.filter(({ type, orderId }) => orderId !== null && type in outcomes)
    const values = [
      counted.map(({ orderId }) => orderId),
      counted.map(({ type }) => outcomes[type]),
      counted.map(({ createdAt }) => createdAt),
    ]
    // An order may have several codes; the first one counts.
    const known = `
      from unnest($1::bigint[], $2::text[], $3::timestamptz[]) as e(order_id, outcome, at)
      join orders o on o.id = e.order_id
       and (e.outcome <> 'code' or date_trunc('milliseconds', o.received_at) = e.at)`
    await tx.query(
      `insert into order_totals as t (kind, service_id, outcome, orders)
       select o.kind, coalesce(o.service_id, 0), e.outcome, count(*) ${known}
        group by 1, 2, 3 order by 1, 2, 3
       on conflict (kind, service_id, outcome) do update set orders = t.orders + excluded.orders`,
      values,
    )
    await tx.query(
      `insert into code_times as t (kind, up_to_s, orders, seconds)
       select o.kind, coalesce((select min(b) from unnest($4::int[]) b where s.seconds <= b), 0),
              count(*), sum(s.seconds) ${known} and e.outcome = 'code'
        cross join lateral (
          select greatest(0, extract(epoch from o.received_at - o.created_at)) as seconds) s
        group by 1, 2 order by 1, 2
       on conflict (kind, up_to_s) do update
         set orders = t.orders + excluded.orders, seconds = t.seconds + excluded.seconds`,
      [...values, codeBoundsS],
    )
  })
  return isMore ? eventsATurn : 0
}

export type OrderTotal = {
  readonly kind: string
  /** The slug of the service; `none` for orders without one. */
  readonly service: string
  readonly outcome: string
  readonly orders: number
}

export const readOrderTotals = (db: Queryable): Promise<OrderTotal[]> =>
  db.query<OrderTotal>(
    `select t.kind, coalesce(s.slug, 'none') as service, t.outcome, sum(t.orders)::float8 as orders
       from order_totals t left join services s on s.id = t.service_id
      group by 1, 2, 3`,
  )

export type CodeTimes = {
  readonly kind: string
  /** Null: longer than every bound. */
  readonly upToS: number | null
  readonly orders: number
  readonly seconds: number
}

export const readCodeTimes = (db: Queryable): Promise<CodeTimes[]> =>
  db.query<CodeTimes>(
    `select kind, nullif(up_to_s, 0) as "upToS", orders::float8 as orders, seconds::float8 as seconds
       from code_times`,
  )
