// The stock by service, for the metrics.
import type { Queryable } from '../../db/database.ts'

export type StockTotal = { readonly service: string; readonly numbers: number }

/** The numbers for sale of each service that is offered; 0 where it is sold out. */
export const readStockTotals = (db: Queryable): Promise<StockTotal[]> =>
  db.query<StockTotal>(
    `select s.slug as service, coalesce(sum(t.shown) filter (where t.for_sale), 0)::float8 as numbers
       from stock t join services s on s.id = t.service_id
      where t.offer_id is not null group by 1`,
  )
