// Prices and stock by service, country and operator: what dialects show of which the pools are no part.
import type { Queryable } from '../../db/database.ts'
import type { Amount } from '../money.ts'

export type PriceFilter = {
  readonly currency: string
  readonly kind: 'activation' | 'rental'
  readonly serviceId?: number
  readonly country?: string
  readonly operatorId?: number
}

export type OperatorPrice = {
  readonly serviceId: number
  readonly country: string
  readonly operatorId: number
  /** Of a rental; 0 of an activation. */
  readonly durationS: number
  /** The cheapest in stock; of those that are not, where nothing is. */
  readonly price: Amount
  readonly stock: number
  /** The measured success rate at that price, in percent; null where too few orders tell. */
  readonly rate: number | null
}

/** More than any platform offers; a list has an end. */
const maxRows = 200_000

/** Open offers as an operator's price each. Pools that are set apart do not count. */
export function pricesByOperator(db: Queryable, filter: PriceFilter): Promise<OperatorPrice[]> {
  return db.query<OperatorPrice>(
    `with left_over as (
       select st.service_id, st.country, st.operator_id, st.pool, sum(st.remaining)::int as numbers
         from stock st
        where not st.reserved and not st.closed
          and ($3::int is null or st.service_id = $3) and ($4::text is null or st.country = $4)
          and ($5::int is null or st.operator_id = $5)
        group by 1, 2, 3, 4
     )
     select o.service_id as "serviceId", o.country, o.operator_id as "operatorId",
            extract(epoch from o.duration)::int as "durationS",
            (array_agg(price_in(o.price, r.rate, r.decimals)
               order by coalesce(l.numbers, 0) = 0, o.price))[1] as price,
            coalesce(sum(l.numbers), 0)::int as stock,
            (array_agg(o.measured_rate order by coalesce(l.numbers, 0) = 0, o.price))[1] as rate
       from offers o
       join services s on s.id = o.service_id and not s.closed
       join countries c on c.code = o.country and not c.closed
       join pools p on p.id = o.pool and not p.reserved
       join rates r on r.currency = $1
       left join left_over l on l.service_id = o.service_id and l.country = o.country
        and l.operator_id = o.operator_id and l.pool = o.pool
      where o.active and o.kind = $2
        and ($3::int is null or o.service_id = $3) and ($4::text is null or o.country = $4)
        and ($5::int is null or o.operator_id = $5)
      group by o.service_id, o.country, o.operator_id, o.duration
      order by o.country, o.service_id, o.operator_id, o.duration limit ${maxRows}`,
    [
      filter.currency,
      filter.kind,
      filter.serviceId ?? null,
      filter.country ?? null,
      filter.operatorId ?? null,
    ],
  )
}
