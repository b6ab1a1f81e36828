// Lists the countries that have something to sell.
import type { Queryable } from '../../db/database.ts'

/** The codes of open countries with at least one activation in stock, sorted by name; reserved pools do not
 * count. */
export async function countriesInStock(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ code: string }>(
    `select c.code from countries c
      where not c.closed
        and exists (select from offers o
                      join stock st on st.offer_id = o.id and st.for_sale and not st.reserved
                      join services s on s.id = o.service_id and s.test is null
                     where o.country = c.code and o.kind = 'activation' and o.active)
      order by c.name`,
  )
  return rows.map((row) => row.code)
}

/** The codes of open countries where a number can be rented now: for the given seconds, or any duration. */
export async function countriesWithRentals(
  db: Queryable,
  durationS: number | null,
): Promise<string[]> {
  const rows = await db.query<{ code: string }>(
    `select c.code from countries c
      where not c.closed
        and exists (select from offers o
                      join shelves sh on sh.country = o.country
                       and sh.operator_id = o.operator_id and sh.pool = o.pool
                      join stock st on st.service_id = o.service_id and st.shelf_id = sh.id
                     where o.country = c.code and o.kind = 'rental' and o.active
                       and (st.remaining > 0 or exists (select from rental_stock rs
                                                           where rs.offer_id = o.id and rs.upstream > 0))
                       and not st.closed and not st.reserved
                       and ($1::int is null or o.duration = make_interval(secs => $1)))
      order by c.name`,
    [durationS],
  )
  return rows.map((row) => row.code)
}
