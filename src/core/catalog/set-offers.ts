// Setting offers, and opening the stock that they sell.
import type { Queryable, Tx } from '../../db/database.ts'
import type { Amount } from '../money.ts'

export type NewOffer = {
  readonly kind: 'activation' | 'rental'
  readonly serviceId: number
  readonly country: string
  readonly operatorId: number
  readonly pool: string
  /** In the base currency. */
  readonly price: Amount
  /** The length of a rental in seconds. */
  readonly durationS?: number
  readonly successRate?: number | null
}

/** Creates offers or updates their prices, and opens the stock that they sell. Safe to repeat. */
export async function putOffers(tx: Tx, offers: readonly NewOffer[]): Promise<void> {
  await tx.query(
    `insert into offers (kind, service_id, country, operator_id, pool, price, success_rate, duration)
     select kind, service_id, country, operator_id, pool, price, success_rate,
            make_interval(secs => duration_s)
       from unnest($1::text[], $2::int[], $3::text[], $4::int[], $5::text[], $6::bigint[],
         $7::smallint[], $8::int[])
         as t(kind, service_id, country, operator_id, pool, price, success_rate, duration_s)
     on conflict (service_id, country, kind, operator_id, pool, duration)
       do update set price = excluded.price,
         success_rate = coalesce(excluded.success_rate, offers.success_rate)`,
    [
      offers.map((offer) => offer.kind),
      offers.map((offer) => offer.serviceId),
      offers.map((offer) => offer.country),
      offers.map((offer) => offer.operatorId),
      offers.map((offer) => offer.pool),
      offers.map((offer) => offer.price),
      offers.map((offer) => offer.successRate ?? null),
      offers.map((offer) => offer.durationS ?? 0),
    ],
  )
  await openStock(tx, null)
  await priceStock(tx)
}

/**
 * Notes whose prices offers have from now on.
 * @param supplierId the supplier whose margin rules make them; null: an operator has set them, and they stay
 */
export async function notePricing(
  tx: Tx,
  supplierId: number | null,
  offers: readonly NewOffer[],
): Promise<void> {
  await tx.query(
    `update offers o set priced_by = $1
       from unnest($2::text[], $3::int[], $4::text[], $5::int[], $6::text[], $7::int[])
              as t(kind, service_id, country, operator_id, pool, duration_s)
      where o.kind = t.kind and o.service_id = t.service_id and o.country = t.country
        and o.operator_id = t.operator_id and o.pool = t.pool
        and o.duration = make_interval(secs => t.duration_s) and o.priced_by is distinct from $1`,
    [
      supplierId,
      offers.map((offer) => offer.kind),
      offers.map((offer) => offer.serviceId),
      offers.map((offer) => offer.country),
      offers.map((offer) => offer.operatorId),
      offers.map((offer) => offer.pool),
      offers.map((offer) => offer.durationS ?? 0),
    ],
  )
}

/** Withdraws offers together with the stock that they sell, or restores them.
 * @returns the ids of the offers that changed */
export async function setOffersActive(
  tx: Tx,
  ids: readonly number[],
  active: boolean,
): Promise<number[]> {
  const changed = await tx.query<{ id: number }>(
    'update offers set active = $2 where id = any($1) and active <> $2 returning id',
    [ids, active],
  )
  if (active) {
    await openStock(tx, null)
    await priceStock(tx)
  } else
    await tx.query('update stock set offer_id = null, price = null where offer_id = any($1)', [ids])
  return changed.map((row) => row.id)
}

/** Adds the missing stock rows: one for each pair of a service and a shelf that has an offer.
 * @param shelfIds only these shelves; null: all
 * @param serviceIds only these services; null: all */
export async function openStock(
  tx: Tx,
  shelfIds: readonly number[] | null,
  serviceIds: readonly number[] | null = null,
): Promise<void> {
  // @NOTE an import also locks its shelves, so its inserts do not race with this count
  await tx.query(
    `select 1 from shelves where $1::int[] is null or id = any($1) order by id for no key update`,
    [shelfIds],
  )
  await tx.query(
    // The shelves are chosen once: the planner knows little of rows that this transaction has made.
    `with sh as materialized (select * from shelves where $1::int[] is null or id = any($1))
     insert into stock (service_id, shelf_id, country, operator_id, pool, area, offer_id, price,
       closed, reserved, remaining)
     select distinct on (o.service_id, sh.id)
            o.service_id, sh.id, sh.country, sh.operator_id, sh.pool, sh.area,
            case when o.kind = 'activation' then o.id end,
            case when o.kind = 'activation' then o.price end,
            s.closed or c.closed, pl.reserved, n.numbers
       from sh
       join pools pl on pl.id = sh.pool
       cross join lateral (select count(*)::int as numbers from numbers n
                            where n.shelf_id = sh.id and n.state = 'active') n
       join offers o on sh.country = o.country and sh.operator_id = o.operator_id
        and sh.pool = o.pool and o.kind in ('activation', 'rental') and o.active
       join services s on s.id = o.service_id
       join countries c on c.code = sh.country
      where ($2::int[] is null or o.service_id = any($2))
        and (s.test is null or s.test <> 'none_left' and has_simulated_numbers(sh.id))
        and not exists (select from stock st
                         where st.service_id = o.service_id and st.shelf_id = sh.id)
      order by o.service_id, sh.id, o.kind
     on conflict do nothing`,
    [shelfIds, serviceIds],
  )
}

/** Copies the prices of offers to their stock. */
async function priceStock(tx: Tx): Promise<void> {
  await tx.query(
    `update stock st set offer_id = o.id, price = o.price
       from offers o
       join shelves sh on sh.country = o.country and sh.operator_id = o.operator_id and sh.pool = o.pool
      where st.shelf_id = sh.id and st.service_id = o.service_id and o.kind = 'activation' and o.active
        and (st.offer_id, st.price) is distinct from (o.id, o.price)`,
  )
}

/** Marks the stock of closed services and countries as closed, and the rest as open. */
export async function closeStock(tx: Queryable): Promise<void> {
  await tx.query(
    `update stock st set closed = s.closed or c.closed
       from services s, countries c
      where s.id = st.service_id and c.code = st.country
        and st.closed is distinct from (s.closed or c.closed)`,
  )
}
