// Prices and stock by service, country and operator, for dialects that do not show pools.
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
  /** The length of a rental; 0 for an activation. */
  readonly durationS: number
  /** The cheapest in stock; if nothing is in stock, the cheapest of all. */
  readonly price: Amount
  readonly stock: number
  /** The measured success rate at that price, in percent; null if there are too few orders. */
  readonly rate: number | null
}

/** More than any platform offers; every list has a limit. */
const maxRows = 200_000

/** Test services are shown only to callers who name one. */
const openOffers = ({ serviceId }: Pick<PriceFilter, 'serviceId'>) => `
       from offers o
       join services s on s.id = o.service_id and not s.closed
        ${serviceId === undefined ? 'and s.test is null' : ''}
       join countries c on c.code = o.country and not c.closed
       join pools p on p.id = o.pool and not p.reserved
       join rates r on r.currency = $1`

/** The remaining numbers of an offer, and those that suppliers show for it. An activation's stock names its
 * offer; a rental takes numbers from the shelves that its service's activations are sold from. */
const leftOver = {
  activation: (filters: string) => `
       left join (select st.offer_id, sum(st.shown)::int as numbers
                    from stock st where not st.reserved and not st.closed${filters} group by 1) l
         on l.offer_id = o.id`,
  rental: (filters: string) => `
       left join (select st.service_id, st.country, st.operator_id, st.pool,
                         sum(st.remaining)::int as numbers
                    from stock st where not st.reserved and not st.closed${filters}
                   group by 1, 2, 3, 4) own
         on own.service_id = o.service_id and own.country = o.country
        and own.operator_id = o.operator_id and own.pool = o.pool
       left join rental_stock rs on rs.offer_id = o.id
       cross join lateral (select coalesce(own.numbers, 0) + coalesce(rs.upstream, 0) as numbers) l`,
}

/** Lists open offers as one price per operator. Reserved pools do not count. */
export function pricesByOperator(db: Queryable, filter: PriceFilter): Promise<OperatorPrice[]> {
  const { filtersOf, values } = narrowed(filter)
  return db.query<OperatorPrice>(
    `select o.service_id as "serviceId", o.country, o.operator_id as "operatorId",
            extract(epoch from o.duration)::int as "durationS",
            (array_agg(price_in(o.price, r.rate, r.decimals)
               order by coalesce(l.numbers, 0) = 0, o.price))[1] as price,
            coalesce(sum(l.numbers), 0)::int as stock,
            (array_agg(o.measured_rate order by coalesce(l.numbers, 0) = 0, o.price))[1] as rate
       ${openOffers(filter)} ${leftOver[filter.kind](filtersOf('st'))}
      where o.active and o.kind = $2${filtersOf('o')}
      group by o.service_id, o.country, o.operator_id, o.duration
      order by o.country, o.service_id, o.operator_id, o.duration limit ${maxRows}`,
    [filter.currency, filter.kind, ...values],
  )
}

export type Tier = {
  readonly serviceId: number
  readonly country: string
  readonly price: Amount
  /** The stock of all operators and pools together at this price. */
  readonly stock: number
}

/** Lists open activations by service, country and price. Reserved pools do not count. */
export function tiersOfActivations(
  db: Queryable,
  filter: Omit<PriceFilter, 'kind'>,
): Promise<Tier[]> {
  const { filtersOf, values } = narrowed(filter)
  return db.query<Tier>(
    `select o.service_id as "serviceId", o.country,
            price_in(o.price, r.rate, r.decimals) as price,
            coalesce(sum(l.numbers), 0)::int as stock
       ${openOffers(filter)} ${leftOver.activation(filtersOf('st'))}
      where o.active and o.kind = $2${filtersOf('o')}
      group by 1, 2, 3 order by 2, 1, 3 limit ${maxRows}`,
    [filter.currency, 'activation', ...values],
  )
}

export type PoolPrice = {
  readonly serviceId: number
  readonly country: string
  readonly pool: string
  /** The cheapest in stock. */
  readonly price: Amount
  readonly stock: number
}

/** Lists the activations in stock by service, country and pool. Reserved pools do not count. */
export function pricesByPool(
  db: Queryable,
  filter: Omit<PriceFilter, 'kind'>,
): Promise<PoolPrice[]> {
  const { filtersOf, values } = narrowed(filter)
  return db.query<PoolPrice>(
    `select o.service_id as "serviceId", o.country, o.pool,
            min(price_in(o.price, r.rate, r.decimals)) as price, sum(l.numbers)::int as stock
       ${openOffers(filter)} ${leftOver.activation(filtersOf('st'))}
      where o.active and o.kind = $2 and l.numbers > 0${filtersOf('o')}
      group by 1, 2, 3 order by 2, 1, 3 limit ${maxRows}`,
    [filter.currency, 'activation', ...values],
  )
}

/**
 * The conditions of a filter, for a table with the given alias.
 * @NOTE an absent condition is omitted, not disabled by a null: a prepared statement is planned without its
 * values, as if each condition matched very few rows; for the full list that takes minutes.
 */
function narrowed({ serviceId, country, operatorId }: Omit<PriceFilter, 'kind' | 'currency'>) {
  const asked = Object.entries({ service_id: serviceId, country, operator_id: operatorId }).filter(
    ([, value]) => value !== undefined,
  )
  // Parameters 1 and 2 are the currency and the kind.
  const filtersOf = (table: 'o' | 'st') =>
    asked.map(([column], index) => ` and ${table}.${column} = $${index + 3}`).join('')
  return { filtersOf, values: asked.map(([, value]) => value) }
}
