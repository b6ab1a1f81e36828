// The stock by service, and what is out of it, for the metrics.
import type { Queryable } from '../../db/database.ts'

export type StockTotal = { readonly service: string; readonly numbers: number }

/** The numbers for sale of each service that is offered; 0 where it is sold out. */
export const readStockTotals = (db: Queryable): Promise<StockTotal[]> =>
  db.query<StockTotal>(
    `select s.slug as service, coalesce(sum(t.shown) filter (where t.for_sale), 0)::float8 as numbers
       from stock t join services s on s.id = t.service_id
      where t.offer_id is not null group by 1`,
  )

export type OutOfSale = {
  readonly supplier: string
  readonly why: string
  readonly numbers: number
}

/** The numbers out of sale of each supplier: by an operator, with their batch, or as silent. */
export const readOutOfSale = (db: Queryable): Promise<OutOfSale[]> =>
  db.query<OutOfSale>(
    `select s.name as supplier, coalesce(n.disabled_by, 'operator') as why, count(*)::float8 as numbers
       from numbers n join suppliers s on s.id = n.supplier_id
      where n.state = 'disabled' group by 1, 2`,
  )

export type BannedTotal = { readonly service: string; readonly numbers: number }

/** How many numbers are banned from each service. */
export const readBanned = (db: Queryable): Promise<BannedTotal[]> =>
  db.query<BannedTotal>(
    `select s.slug as service, count(*)::float8 as numbers
       from failing_numbers f join services s on s.id = f.service_id
      where f.banned_at is not null group by 1`,
  )
