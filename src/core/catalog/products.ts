// Activations for browsing: products in pages with a chosen sort order, and each service's market. A query
// covers either reserved pools only or other pools only.
import type { Queryable } from '../../db/database.ts'
import type { Amount } from '../money.ts'

export const productSorts = ['price_asc', 'price_desc', 'stock_desc', 'name_asc'] as const
export type ProductSort = (typeof productSorts)[number]

/** The activations of a service in a country and a pool, over all operators, with the names that they are
 * sorted by. */
export type Product = {
  /** The first of its offers, which represents the product. */
  readonly offerId: number
  readonly serviceId: number
  readonly serviceName: string
  readonly country: string
  readonly pool: string
  readonly poolName: string
  /** The price of the cheapest in stock, which a purchase takes; in the requested currency. */
  readonly price: Amount
  readonly stock: number
}

export type ProductFilter = {
  readonly currency: string
  readonly serviceId?: number
  readonly country?: string
  readonly sort: ProductSort
  readonly limit: number
  readonly offset: number
}

const openActivations = `
  from offers o
  join services s on s.id = o.service_id and not s.closed and s.test is null
  join countries c on c.code = o.country and not c.closed
  join pools pl on pl.id = o.pool
  join rates r on r.currency = $1
  cross join lateral (select price_in(o.price, r.rate, r.decimals) as price) p
  cross join lateral (select coalesce(sum(st.shown), 0)::int as stock
                        from stock st where st.offer_id = o.id) left_over
 where o.active and o.kind = 'activation'`

/** A page of the products in public pools, and their total number. */
export async function listProducts(
  db: Queryable,
  filter: ProductFilter,
): Promise<{ products: Product[]; total: number }> {
  const rows = await db.query<Product & { total: number; isRow: boolean }>(
    `with found as materialized (
       select min(o.id) as "offerId", s.id as "serviceId", s.name as "serviceName", c.code as country,
              c.name as country_name, pl.id as pool, pl.name as "poolName",
              (array_agg(p.price order by left_over.stock = 0, p.price, o.id))[1] as price,
              sum(left_over.stock)::int as stock
         ${openActivations} and not pl.reserved
          and ($2::int is null or o.service_id = $2)
          and ($3::text is null or o.country = $3)
        group by s.id, c.code, pl.id
     )
     select counted.total, page."offerId" is not null as "isRow", page.*
       from (select count(*)::int as total from found) counted
       left join lateral (
         select * from found
          order by case $4 when 'price_asc' then price end,
                   case $4 when 'price_desc' then price end desc,
                   case $4 when 'stock_desc' then stock end desc,
                   case $4 when 'name_asc' then "serviceName" end,
                   case $4 when 'name_asc' then country_name end,
                   price, "offerId"
          limit $5 offset $6) page on true`,
    [
      filter.currency,
      filter.serviceId ?? null,
      filter.country ?? null,
      filter.sort,
      filter.limit,
      filter.offset,
    ],
  )
  return {
    total: rows[0]?.total ?? 0,
    products: rows
      .filter((row) => row.isRow)
      .map(({ offerId, serviceId, serviceName, country, pool, poolName, price, stock }) => ({
        offerId,
        serviceId,
        serviceName,
        country,
        pool,
        poolName,
        price,
        stock,
      })),
  }
}

/** The countries and services that have an activation in a public pool, each sorted by name. */
export async function placesOfProducts(
  db: Queryable,
  wanted: { readonly country?: string },
): Promise<{ countries: string[]; serviceIds: number[] }> {
  const [row] = await db.query<{ countries: string[]; serviceIds: number[] }>(
    `with open as materialized (
       select distinct o.service_id, o.country
         from offers o
         join pools pl on pl.id = o.pool and not pl.reserved
         join services s on s.id = o.service_id and s.test is null
        where o.active and o.kind = 'activation' and ($1::text is null or o.country = $1)
     )
     select array(select c.code from countries c where not c.closed
                   and c.code in (select country from open) order by c.name) as countries,
            array(select s.id from services s where not s.closed
                   and s.id in (select o.service_id from open o
                                  join countries c on c.code = o.country and not c.closed)
                   order by s.name) as "serviceIds"`,
    [wanted.country ?? null],
  )
  return row ?? { countries: [], serviceIds: [] }
}

export type ServiceMarket = {
  readonly serviceId: number
  /** The cheapest in stock; if nothing is in stock, the cheapest of all. */
  readonly price: Amount
  readonly stock: number
  /** The pool of the cheapest offer. */
  readonly pool: string
}

/** Each service's cheapest activation, sorted by service name: in public pools, or in reserved ones. */
export function listMarket(
  db: Queryable,
  wanted: {
    readonly currency: string
    readonly reserved: boolean
    readonly serviceId?: number
    readonly country?: string
  },
): Promise<ServiceMarket[]> {
  return db.query<ServiceMarket>(
    `select s.id as "serviceId", sum(left_over.stock)::int as stock,
            (array_agg(p.price order by left_over.stock = 0, p.price, o.id))[1] as price,
            (array_agg(o.pool order by left_over.stock = 0, p.price, o.id))[1] as pool
       ${openActivations} and pl.reserved = $2
        and ($3::int is null or o.service_id = $3)
        and ($4::text is null or o.country = $4)
      group by s.id, s.name order by s.name`,
    [wanted.currency, wanted.reserved, wanted.serviceId ?? null, wanted.country ?? null],
  )
}
