// Where a service was recently bought, and how often its code arrived: read from the outcomes.
import type { Queryable } from '../../db/database.ts'

export type TopCountry = {
  readonly country: string
  /** Percent of the service's orders. */
  readonly share: number
  /** Percent of the orders there that received their code. */
  readonly rate: number
}

/** The countries with the most ended orders of a service, as far back as outcomes are kept. */
export function topCountries(
  db: Queryable,
  wanted: { readonly serviceId: number; readonly limit: number; readonly offset: number },
): Promise<TopCountry[]> {
  return db.query<TopCountry>(
    `select f.country,
            round(100 * sum(c.good + c.bad) / sum(sum(c.good + c.bad)) over ())::int as share,
            round(100.0 * sum(c.good) / sum(c.good + c.bad))::int as rate
       from outcomes c
       join offers f on f.id = c.offer_id and f.kind = 'activation'
       join countries l on l.code = f.country and not l.closed
      where c.service_id = $1 and c.good + c.bad > 0
      group by f.country
      order by sum(c.good + c.bad) desc, f.country limit $2 offset $3`,
    [wanted.serviceId, wanted.limit, wanted.offset],
  )
}
