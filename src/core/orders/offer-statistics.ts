// How often codes came for an offer in the last days, and how soon, as customers are shown it: sums over all
// accounts, and none of few orders.
import type { Database, Queryable } from '../../db/database.ts'
import { readOn } from '../events/reader.ts'
import { endings } from './order.ts'

const eventsATurn = 5_000
const days = 30
const dayMs = 24 * 60 * 60 * 1000

/** The fewest orders that are told of: a sum of fewer says little, and may tell whose they are. */
export const minSample = 20

/** The upper bounds of the seconds to the first code. */
const boundsS = [
  ...[1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 90, 120, 150, 180, 240, 300],
  ...[420, 600, 900, 1200],
] as const

/** Events that end an order. */
const closing: ReadonlySet<string> = new Set(endings.map((ending) => ending.event))

/**
 * Counts the orders that ended since the last run, as success rates do (`countOutcomes`).
 * @returns the number of events read if there may be more; otherwise 0
 */
export async function countOfferDays(db: Database): Promise<number> {
  const { isMore } = await readOn(db, 'offer-days', eventsATurn, async (tx, events) => {
    const ended = events.flatMap(({ type, orderId }) =>
      orderId !== null && closing.has(type) ? [orderId] : [],
    )
    await tx.query(
      `insert into offer_days as d (offer_id, day, up_to_s, orders)
       select coalesce(s.offer_id, o.offer_id), (o.closed_at at time zone 'UTC')::date,
              case when not coalesce(s.state = 'paid', o.received_at is not null) then -1
                   else coalesce((select min(b) from unnest($2::int[]) b where extract(epoch
                     from coalesce(s.settled_at, o.received_at) - o.created_at) <= b), 0) end,
              count(*)
         from orders o left join order_services s on s.order_id = o.id
        where o.id = any($1) and o.kind in ('activation', 'email') and o.closed_at is not null
          and o.state <> 'failed'
          and (o.number_id is not null or o.allocation_id is not null or o.email is not null)
        group by 1, 2, 3 order by 1, 2, 3
       on conflict (offer_id, day, up_to_s) do update set orders = d.orders + excluded.orders`,
      [ended, boundsS],
    )
  })
  return isMore ? eventsATurn : 0
}

/** Sums up the last 30 days, and forgets older ones. @returns 0: one run is enough */
export function sumUpOffers(db: Database, now: Date): Promise<number> {
  const since = new Date(now.getTime() - days * dayMs).toISOString().slice(0, 10)
  return db.begin(async (tx) => {
    await tx.query('delete from offer_days where day < $1', [since])
    await tx.query(
      `with counted as materialized (
         select offer_id, up_to_s, sum(orders) as n from offer_days group by 1, 2),
       of_offers as (${measured('c.offer_id', '')}),
       -- Offers of one service, country and pool differ in their operator.
       of_pools as (${measured('f.service_id, f.country, f.pool', "where f.kind = 'activation'")}),
       fresh as (
         select offer_id, false as of_pool, orders, with_code, median_s, p90_s from of_offers
         union all
         select f.id, true, p.orders, p.with_code, p.median_s, p.p90_s
           from of_pools p join offers f on (f.service_id, f.country, f.pool)
             = (p.service_id, p.country, p.pool) and f.kind = 'activation'),
       gone as (
         delete from offer_statistics s where not exists (
           select from fresh f where (f.offer_id, f.of_pool) = (s.offer_id, s.of_pool)))
       insert into offer_statistics as s (offer_id, of_pool, orders, with_code, median_s, p90_s)
       select offer_id, of_pool, orders, with_code, median_s, p90_s from fresh order by 1, 2
       on conflict (offer_id, of_pool) do update
         set orders = excluded.orders, with_code = excluded.with_code,
             median_s = excluded.median_s, p90_s = excluded.p90_s
         where (s.orders, s.with_code, s.median_s, s.p90_s) is distinct from
           (excluded.orders, excluded.with_code, excluded.median_s, excluded.p90_s)`,
      [boundsS, minSample],
    )
    return 0
  })
}

/** The sums by a key: the time below which a share of the codes came lies between the bounds around it. */
const measured = (key: string, where: string) => {
  const names = key.replace(/\w\./g, '')
  const at = (share: number) => `round(min(case when b.reached >= ${share} * b.codes
      and b.reached - b.n < ${share} * b.codes then case when b.up_to_s = 0 then b.low else
        b.low + (b.up_to_s - b.low) * (${share} * b.codes - (b.reached - b.n)) / b.n end end))::int`
  return `
    select ${names}, max(b.orders)::int as orders, max(b.codes)::int as with_code,
           ${at(0.5)} as median_s, ${at(0.9)} as p90_s
      from (select t.*, sum(t.n) over (partition by ${names}) as orders,
                   coalesce(sum(t.n) filter (where t.up_to_s >= 0) over (partition by ${names}), 0) as codes,
                   case when t.up_to_s >= 0 then sum(t.n) filter (where t.up_to_s >= 0) over (
                     partition by ${names} order by nullif(t.up_to_s, 0) nulls last) end as reached,
                   coalesce((select max(x) from unnest($1::int[]) x
                     where t.up_to_s = 0 or x < t.up_to_s), 0) as low
              from (select ${key}, c.up_to_s, sum(c.n) as n
                      from counted c join offers f on f.id = c.offer_id ${where}
                     group by ${key}, c.up_to_s) t) b
     where b.orders >= $2 group by ${names}`
}

export type OfferStatistics = {
  readonly offerId: number
  /** Over all operators of the offer's service, country and pool. */
  readonly ofPool: boolean
  readonly orders: number
  readonly withCode: number
  /** Seconds in which half of the codes came, and nine tenths; null: none came. */
  readonly medianS: number | null
  readonly p90S: number | null
}

/** What is known of some offers. Those with too few orders have none. */
export const offerStatistics = (
  db: Queryable,
  offerIds: readonly number[],
): Promise<OfferStatistics[]> =>
  db.query<OfferStatistics>(
    `select offer_id as "offerId", of_pool as "ofPool", orders, with_code as "withCode",
            median_s as "medianS", p90_s as "p90S"
       from offer_statistics where offer_id = any((select $1::int[])::int[])`,
    [offerIds],
  )
