// How often codes came, by number, operator, service or supplier: with the size of the sample, and the
// interval in which the true share lies with 95 % confidence. Read from the orders, for operators.
import type { Queryable } from '../../db/database.ts'
import { monthsOfOrders } from '../months/months.ts'

export const groupings = ['number', 'operator', 'service', 'supplier'] as const
export type Grouping = (typeof groupings)[number]

export type ResultsWanted = {
  readonly by: Grouping
  readonly days: number
  /** By name. */
  readonly supplier: string | null
  /** By slug. */
  readonly service: string | null
  readonly limit: number
}

export type Results = {
  /** The number, the country and the operator, or the name of the service or the supplier. */
  readonly name: string
  /** The sample: activations that ended. Each service of an order for several counts separately. */
  readonly orders: number
  readonly withMessage: number
  readonly withCode: number
  /** The share of orders with a code, and the ends of its interval, in percent. */
  readonly percent: number
  readonly lowPercent: number
  readonly highPercent: number
  /** Median of the seconds from an order to its first code; null: there was none. */
  readonly medianS: number | null
  readonly lastOrderAt: Date
}

const names: Readonly<Record<Grouping, string>> = {
  number: 'n.phone',
  operator: "o.country || ' ' || op.slug",
  service: 'sv.slug',
  supplier: 'su.name',
}

/** Of a normal distribution: 95 % lie within. */
const z = 1.959964
/** The interval of Wilson, which is right for small samples and shares near 0 and 1, too. */
const wilson = (sign: '+' | '-') =>
  `(with_code + ${(z * z) / 2} ${sign} ${z} * sqrt(with_code * (orders - with_code) / orders::float8
     + ${(z * z) / 4})) / (orders + ${z * z})`
const percent = (share: string) =>
  `round((100 * greatest(0, least(1, ${share})))::numeric, 1)::float8`

const dayMs = 24 * 60 * 60 * 1000
/** Longer than an activation is open. */
const longestMs = 2 * dayMs

/** The results of orders that ended within the last days; those with the lowest upper end first. */
export async function readResults(
  db: Queryable,
  now: Date,
  wanted: ResultsWanted,
): Promise<Results[]> {
  const since = new Date(now.getTime() - wanted.days * dayMs)
  const months = await monthsOfOrders(db)
  const first = months.find(({ until }) => until.getTime() >= since.getTime() - longestMs)
  if (!first) return []
  return db.query<Results>(
    `with uses as (
       select ${names[wanted.by]} as name, o.message_count > 0 as heard, o.closed_at,
              coalesce(os.state = 'paid', o.received_at is not null) as good,
              extract(epoch from coalesce(os.settled_at, o.received_at) - o.created_at) as seconds
         from orders o
         left join order_services os on os.order_id = o.id
         join services sv on sv.id = coalesce(os.service_id, o.service_id) and sv.test is null
         join numbers n on n.id = o.number_id
         join suppliers su on su.id = n.supplier_id
         join operators op on op.id = o.operator_id
        where o.kind = 'activation' and o.closed_at >= $1 and o.state <> 'failed'
          and ($2::bigint is null or o.id >= $2)
          and ($3::text is null or su.name = $3) and ($4::text is null or sv.slug = $4)
     ), counted as (
       select name, count(*) as orders, count(*) filter (where heard) as with_message,
              count(*) filter (where good) as with_code,
              percentile_cont(0.5) within group (order by seconds) filter (where good) as median,
              max(closed_at) as last_order_at
         from uses group by name
     )
     select name, orders::float8 as orders, with_message::float8 as "withMessage",
            with_code::float8 as "withCode", ${percent('with_code / orders::float8')} as percent,
            ${percent(wilson('-'))} as "lowPercent", ${percent(wilson('+'))} as "highPercent",
            round(median)::float8 as "medianS", last_order_at as "lastOrderAt"
       from counted order by ${wilson('+')}, orders desc, name limit $5`,
    [since, first.from, wanted.supplier, wanted.service, wanted.limit],
  )
}
