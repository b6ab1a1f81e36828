// The offers with the highest recent success rates.
import type { Queryable } from '../../db/database.ts'
import type { Amount } from '../money.ts'

export type BestOffer = {
  readonly serviceId: number
  readonly offerId: number
  /** In the requested currency. */
  readonly price: Amount
  /** Percent: measured if there are enough orders, otherwise the operator's estimate. */
  readonly successRate: number | null
  readonly stock: number
}

/** For each open service of a country, the activation in stock with the highest success rate; the cheaper one
 * if rates are equal. Sorted by success rate. */
export async function bestOffers(
  db: Queryable,
  wanted: {
    readonly currency: string
    readonly country: string
    readonly serviceId?: number
    /** Percent; offers below it are excluded. */
    readonly atLeast?: number
    readonly limit: number
  },
): Promise<BestOffer[]> {
  return db.query<BestOffer>(
    `select service_id as "serviceId", offer_id as "offerId", price, rate as "successRate", stock
       from (
         select distinct on (o.service_id) o.service_id, o.id as offer_id,
                price_in(o.price, r.rate, r.decimals) as price,
                coalesce(o.measured_rate, o.success_rate) as rate, left_over.stock, s.name
           from offers o
           join services s on s.id = o.service_id and not s.closed
           join countries c on c.code = o.country and not c.closed
           join pools pl on pl.id = o.pool and not pl.reserved
           join rates r on r.currency = $1
          cross join lateral (select coalesce(sum(st.shown), 0)::int as stock
             from stock st where st.offer_id = o.id) left_over
          where o.kind = 'activation' and o.active and o.country = $2 and left_over.stock > 0
            and ($3::int is null and s.test is null or o.service_id = $3)
            and ($4::int is null or coalesce(o.measured_rate, o.success_rate) >= $4)
          order by o.service_id, coalesce(o.measured_rate, o.success_rate) desc nulls last, o.price
       ) best
      order by rate desc nulls last, name limit $5`,
    [
      wanted.currency,
      wanted.country,
      wanted.serviceId ?? null,
      wanted.atLeast ?? null,
      wanted.limit,
    ],
  )
}
