// Success rates, measured from the outcomes of orders: each event is counted once, by the hour.
import type { Database } from '../../db/database.ts'
import { readOn } from '../events/reader.ts'
import { endings } from './order.ts'

const eventsATurn = 5_000
/** The minimum number of orders for a meaningful rate. */
const minOrders = 20

/** Events that end an order. */
const closing: ReadonlySet<string> = new Set(endings.map((ending) => ending.event))

/**
 * Counts the orders that ended since the last run: with a code (or an email) or without. Each service of an
 * order for several counts separately. Rentals and eSIMs do not count: they do not wait for one message.
 * Nor do orders that never had a number.
 * @returns the number of events read if there may be more; otherwise 0
 */
export async function countOutcomes(db: Database): Promise<number> {
  const { isMore } = await readOn(db, 'outcomes', eventsATurn, async (tx, events) => {
    const ended = events.flatMap(({ type, orderId }) =>
      orderId !== null && closing.has(type) ? [orderId] : [],
    )
    await tx.query(
      `insert into outcomes as c (offer_id, service_id, hour, good, bad)
       select coalesce(s.offer_id, o.offer_id), coalesce(s.service_id, o.service_id, 0),
              date_trunc('hour', o.closed_at), count(*) filter (where g.is_good),
              count(*) filter (where not g.is_good)
         from orders o
         left join order_services s on s.order_id = o.id
        cross join lateral (
          select coalesce(s.state = 'paid', o.received_at is not null) as is_good) g
        where o.id = any($1) and o.kind in ('activation', 'email') and o.closed_at is not null
          and o.state <> 'failed'
          and (o.number_id is not null or o.allocation_id is not null or o.email is not null)
        group by 1, 2, 3 order by 1, 2, 3
       on conflict (offer_id, service_id, hour)
         do update set good = c.good + excluded.good, bad = c.bad + excluded.bad`,
      [ended],
    )
  })
  return isMore ? eventsATurn : 0
}

/** Sets each offer's success rate from its orders of the last hours if there are enough of them, and deletes
 * older outcomes. @returns 0: one run is enough */
export function rateOffers(db: Database, now: Date, windowHours: number): Promise<number> {
  return db.begin(async (tx) => {
    await tx.query(
      'delete from outcomes where hour < $1::timestamptz - make_interval(hours => $2)',
      [now, windowHours],
    )
    await tx.query(
      `update offers o set measured_rate = m.rate
         from (select f.id, case when sum(c.good + c.bad) >= $1
                        then round(100.0 * sum(c.good) / sum(c.good + c.bad))::smallint end as rate
                 from offers f left join outcomes c on c.offer_id = f.id
                group by f.id) m
        where m.id = o.id and m.rate is distinct from o.measured_rate`,
      [minOrders],
    )
    return 0
  })
}
