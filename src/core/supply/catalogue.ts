// What suppliers have on sale: the offers of a pool, and the products that serve them.
import type { Queryable, Tx } from '../../db/database.ts'
import { baseCurrency } from '../catalog/rates.ts'
import { DomainError } from '../error.ts'
import type { Amount } from '../money.ts'
import { keyOf, type OfferPlace, type OnSale } from './preview.ts'

/** A product on sale, and the offer that it serves. */
export type ProductOnSale = OnSale & OfferPlace & { readonly pool: string }

/** An offer of activations or of rentals in a pool. */
export type PoolOffer = {
  readonly id: number
  readonly price: Amount
  /** Whether its price stays, whatever a supplier's products cost. */
  readonly isFixed: boolean
}

/** The products that a supplier has on sale, in all pools. */
export function productsOnSale(db: Queryable, supplierId: number): Promise<ProductOnSale[]> {
  return db.query<ProductOnSale>(
    `select s.product, s.cost, s.stock_seen as stock, o.price, o.service_id as "serviceId", o.country,
            op.slug as operator, o.pool, extract(epoch from o.duration)::int as "durationS"
       from sources s
       join offers o on o.id = s.offer_id
       join operators op on op.id = o.operator_id
      where s.supplier_id = $1 and s.state = 'on' order by s.id`,
    [supplierId],
  )
}

/**
 * The offers of a pool, by their places. A price is a supplier's to make if its rules made it, or those of a
 * supplier that has nothing on sale there any more.
 */
export async function offersOfPool(
  db: Queryable,
  pool: string,
  supplierId: number,
): Promise<ReadonlyMap<string, PoolOffer>> {
  const rows = await db.query<PoolOffer & OfferPlace>(
    `select o.id, o.service_id as "serviceId", o.country, op.slug as operator, o.price,
            extract(epoch from o.duration)::int as "durationS",
            o.priced_by is null or o.priced_by <> $2 and exists (
              select from sources s
               where s.offer_id = o.id and s.supplier_id = o.priced_by and s.state = 'on') as "isFixed"
       from offers o join operators op on op.id = o.operator_id
      where o.pool = $1 and o.kind in ('activation', 'rental')`,
    [pool, supplierId],
  )
  return new Map(rows.map((row) => [keyOf(row), row]))
}

/** Takes the products of a supplier off sale that are not among those given, by offer and product.
 * @returns the offers that they served */
export async function takeOffSale(
  tx: Tx,
  supplierId: number,
  kept: { readonly offerIds: readonly number[]; readonly products: readonly string[] },
): Promise<number[]> {
  const rows = await tx.query<{ id: number }>(
    `update sources s set state = 'off'
      where s.supplier_id = $1 and s.state = 'on' and not exists (
        select from unnest($2::int[], $3::text[]) k(offer_id, product)
         where k.offer_id = s.offer_id and k.product = s.product)
     returning s.offer_id as id`,
    [supplierId, kept.offerIds, kept.products],
  )
  return [...new Set(rows.map(({ id }) => id))]
}

/** Adds the operators of places that are new to us, under the names that their supplier has for them. */
export async function openOperators(tx: Tx, places: readonly OfferPlace[]): Promise<void> {
  await tx.query(
    `insert into operators (country, slug, name)
     select distinct t.country, t.slug, case t.slug when 'any' then 'Any operator' else t.slug end
       from unnest($1::text[], $2::text[]) t(country, slug)
      where not exists (select from operators o where o.country = t.country and o.slug = t.slug)
      order by 1, 2
     on conflict do nothing`,
    [places.map((one) => one.country), places.map((one) => one.operator)],
  )
}

/** The value of one unit of the base currency. @throws invalid_request if there is no rate */
export async function rateOf(db: Queryable, currency: string): Promise<string> {
  const [row] = await db.query<{ rate: string }>(
    'select trim_scale(rate)::text as rate from rates where currency = $1',
    [currency],
  )
  if (row) return row.rate
  throw new DomainError(
    'invalid_request',
    `There is no rate from ${baseCurrency} to ${currency}. Set it with \`rates set ${currency}\`.`,
  )
}
