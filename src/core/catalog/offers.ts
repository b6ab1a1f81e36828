// Offers: what can be bought now, at which price, and the remaining stock.
import type { Queryable } from '../../db/database.ts'
import type { Amount } from '../money.ts'
import type { OfferKind } from './kinds.ts'

export type Offer = {
  readonly id: number
  readonly kind: string
  /** Null, as in an order. */
  readonly serviceId: number | null
  readonly country: string | null
  readonly operatorId: number | null
  readonly pool: string | null
  /** In the requested currency. */
  readonly price: Amount
  readonly durationS: number
  readonly stock: number
  readonly successRate: number | null
}

export type OfferFilter = {
  readonly currency: string
  readonly id?: number
  readonly kind?: string
  readonly serviceId?: number
  readonly country?: string
  readonly operatorId?: number
  readonly pool?: string
  /** Seconds; rentals only. */
  readonly durationS?: number
  /** True: only reserved pools; false: only other pools; omitted: all pools. */
  readonly reserved?: boolean
  readonly maxPrice?: Amount
  readonly inStock?: boolean
  /** Only offers of test services, instead of all others. An `id` finds offers of both. */
  readonly tests?: boolean
  /** Only offers with a larger id: the last of the previous page. */
  readonly after?: number
  readonly limit: number
}

const openOffers = `
  from offers o
  left join services s on s.id = o.service_id
  left join countries c on c.code = o.country
  join rates r on r.currency = $1
  join currencies cu on cu.code = $1
  -- A rental takes its numbers from the shelves that its service's activations are sold from.
  -- The offset has the stock counted once, however often the query refers to it.
  cross join lateral (
    select coalesce(case o.kind
      when 'activation' then (select sum(st.shown)::int from stock st where st.offer_id = o.id)
      when 'rental' then coalesce((select sum(st.remaining)::int from shelves sh
          join stock st on st.service_id = o.service_id and st.shelf_id = sh.id
         where sh.country = o.country and sh.operator_id = o.operator_id and sh.pool = o.pool), 0)
        + coalesce((select rs.upstream from rental_stock rs where rs.offer_id = o.id), 0)
      when 'esim' then (select ep.remaining from esim_plans ep where ep.offer_id = o.id)
      when 'email' then (select greatest(ed.capacity - ed.open_inboxes, 0)
                           from email_domains ed where ed.offer_id = o.id)
      end, 0) as stock offset 0) left_over
  cross join lateral (select price_in(o.price, r.rate, cu.decimals) as price) p`

/** Lists open offers by id. */
export async function listOffers(db: Queryable, filter: OfferFilter): Promise<Offer[]> {
  const rows = await db.query<{
    id: number
    kind: string
    service_id: number | null
    country: string | null
    operator_id: number | null
    pool: string | null
    price: bigint
    duration_s: number
    stock: number
    success_rate: number | null
  }>(
    `select o.id, o.kind, o.service_id, o.country, o.operator_id, o.pool, p.price,
            extract(epoch from o.duration)::int as duration_s, left_over.stock,
            coalesce(o.measured_rate, o.success_rate) as success_rate
       ${openOffers}
      where o.active and not coalesce(s.closed, false) and not coalesce(c.closed, false)
        and ($2::int is null or o.id = $2)
        and ($3::text is null or o.kind = $3)
        and ($4::int is null or o.service_id = $4)
        and ($5::text is null or o.country = $5)
        and ($6::int is null or o.operator_id = $6)
        and ($7::text is null or o.pool = $7)
        and ($8::bigint is null or p.price <= $8)
        and (not $9 or left_over.stock > 0)
        and ($10::int is null or o.id > $10)
        and ($12::int is null or o.duration = make_interval(secs => $12))
        and ($13::boolean is null
          or $13 = (select pl.reserved from pools pl where pl.id = o.pool))
        and ($2::int is not null or (s.test is not null) = $14)
      order by o.id limit $11`,
    [
      filter.currency,
      filter.id ?? null,
      filter.kind ?? null,
      filter.serviceId ?? null,
      filter.country ?? null,
      filter.operatorId ?? null,
      filter.pool ?? null,
      filter.maxPrice ?? null,
      filter.inStock ?? false,
      filter.after ?? null,
      filter.limit,
      filter.durationS ?? null,
      filter.reserved ?? null,
      filter.tests ?? false,
    ],
  )
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    serviceId: row.service_id,
    country: row.country,
    operatorId: row.operator_id,
    pool: row.pool,
    price: row.price,
    durationS: row.duration_s,
    stock: row.stock,
    successRate: row.success_rate,
  }))
}

/** What an offer sells, regardless of who may buy it and whether it is in stock. */
export async function offerKind(
  db: Queryable,
  id: number,
): Promise<{ readonly kind: OfferKind; readonly durationS: number } | null> {
  const [row] = await db.query<{ kind: OfferKind; durationS: number }>(
    `select kind, extract(epoch from duration)::int as "durationS" from offers where id = $1`,
    [id],
  )
  return row ?? null
}

export type ServicePrice = {
  readonly serviceId: number
  /** The cheapest in stock; if nothing is in stock, the cheapest of all. */
  readonly price: Amount
  readonly stock: number
}

/** The cheapest activation of each open service, in one country or in any. */
export async function cheapestByService(
  db: Queryable,
  wanted: { readonly currency: string; readonly country: string | null },
): Promise<ServicePrice[]> {
  const rows = await db.query<{ service_id: number; price: bigint; stock: number }>(
    `select o.service_id,
            coalesce(min(p.price) filter (where left_over.stock > 0), min(p.price)) as price,
            sum(left_over.stock)::int as stock
       ${openOffers}
      where o.active and o.kind = 'activation' and not s.closed and not c.closed and s.test is null
        and ($2::text is null or o.country = $2)
        and not exists (select from pools pl where pl.id = o.pool and pl.reserved)
      group by o.service_id, s.name order by s.name`,
    [wanted.currency, wanted.country],
  )
  return rows.map((row) => ({ serviceId: row.service_id, price: row.price, stock: row.stock }))
}
