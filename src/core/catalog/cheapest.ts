// The cheapest offers of activations that are in stock and meet a buyer's conditions.
import type { Queryable } from '../../db/database.ts'
import type { Amount } from '../money.ts'

export type Conditions = {
  readonly currency: string
  readonly serviceId: number | null
  readonly country: string | null
  readonly operatorId: number | null
  /** Empty: any pool that is not reserved. */
  readonly pools: readonly string[]
  readonly exceptPools: readonly string[]
  /** In the requested currency, like `maxPrice`. */
  readonly minPrice: Amount | null
  readonly maxPrice: Amount | null
  readonly limit: number
}

/** The ids of offers in stock, cheapest first. */
export async function cheapestInStock(db: Queryable, wanted: Conditions): Promise<number[]> {
  const rows = await db.query<{ offer_id: number }>(
    `select distinct p.price, st.offer_id
       from stock st
       join rates r on r.currency = $1
      cross join lateral (select price_in(st.price, r.rate, r.decimals) as price) p
      where st.for_sale and not st.reserved
        and ($2::int is null or st.service_id = $2)
        and ($3::text is null or st.country = $3)
        and ($4::int is null or st.operator_id = $4)
        and ($5::text[] = '{}' or st.pool = any($5)) and st.pool <> all($6)
        and ($7::bigint is null or p.price >= $7)
        and ($8::bigint is null or p.price <= $8)
      order by p.price, st.offer_id limit $9`,
    [
      wanted.currency,
      wanted.serviceId,
      wanted.country,
      wanted.operatorId,
      wanted.pools,
      wanted.exceptPools,
      wanted.minPrice,
      wanted.maxPrice,
      wanted.limit,
    ],
  )
  return rows.map((row) => row.offer_id)
}
