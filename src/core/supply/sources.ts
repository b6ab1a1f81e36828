// Sources: which products of which suppliers serve an offer, and how many numbers they show.
import type { Tx } from '../../db/database.ts'
import { openStock } from '../catalog/set-offers.ts'
import type { Amount } from '../money.ts'

export type NewSource = {
  readonly offerId: number
  readonly supplierId: number
  /** How the supplier names it. */
  readonly product: string
  /** In the supplier's currency. */
  readonly cost: Amount
  readonly stock: number
  /** The percentage of the stock that is shown, if the source is new; by default what all others of the
   * supplier have, or 100. */
  readonly trust?: number
}

/** How often in a row a source may be empty before it is hidden, and for how long it is then. */
const emptyTimes = 3
const hiddenS = 10 * 60

/**
 * Adds sources, or updates what was seen of them, and shows their stock. Safe to repeat.
 * @param seenAt when their stock was read: what was seen of a source after that stands
 */
export async function putSources(
  tx: Tx,
  now: Date,
  sources: readonly NewSource[],
  seenAt: Date = now,
): Promise<void> {
  const offerIds = [...new Set(sources.map((one) => one.offerId))]
  await tx.query(
    `insert into sources as s (offer_id, supplier_id, product, cost, stock_seen, seen_at, trust)
     select t.offer_id, t.supplier_id, t.product, t.cost, t.stock, $1, coalesce(t.trust, u.trust, 100)
       from unnest($2::int[], $3::int[], $4::text[], $5::bigint[], $6::int[], $7::smallint[])
              as t(offer_id, supplier_id, product, cost, stock, trust)
       join offers o on o.id = t.offer_id and o.kind in ('activation', 'rental')
       left join (select supplier_id, min(trust) as trust from sources where supplier_id = any($3)
                   group by 1 having min(trust) = max(trust)) u on u.supplier_id = t.supplier_id
      order by 1, 2, 3
     on conflict (offer_id, supplier_id, product)
       do update set cost = excluded.cost, state = 'on', seen_at = greatest(s.seen_at, excluded.seen_at),
         stock_seen = case when s.seen_at > excluded.seen_at then s.stock_seen else excluded.stock_seen end`,
    [
      seenAt,
      sources.map((one) => one.offerId),
      sources.map((one) => one.supplierId),
      sources.map((one) => one.product),
      sources.map((one) => one.cost),
      sources.map((one) => one.stock),
      sources.map((one) => one.trust ?? null),
    ],
  )
  await openShelves(tx, offerIds)
  await restock(tx, now, offerIds)
}

/** Opens the shelves that offers are sold from, also where there are no numbers of ours. */
async function openShelves(tx: Tx, offerIds: readonly number[]): Promise<void> {
  await tx.query(
    `insert into shelves (country, operator_id, pool, area)
     select distinct country, operator_id, pool, '' from offers where id = any($1) order by 1, 2, 3
     on conflict do nothing`,
    [offerIds],
  )
  const shelves = await tx.query<{ id: number }>(
    `select distinct sh.id from shelves sh
       join offers o on o.country = sh.country and o.operator_id = sh.operator_id and o.pool = sh.pool
      where o.id = any($1) and sh.area = ''`,
    [offerIds],
  )
  await openStock(
    tx,
    shelves.map((shelf) => shelf.id),
  )
}

/**
 * Sets the upstream stock of offers: what their sources have shown, as far as it is trusted, less what was
 * ordered since. Sources that cannot be asked, or at whose cost money would be lost, show nothing.
 */
export async function restock(tx: Tx, now: Date, offerIds: readonly number[]): Promise<void> {
  await tx.query(
    `with ${shownOf('activation')}
     update stock st set upstream = f.numbers from shown f
      where st.offer_id = f.id and st.area = '' and st.upstream <> f.numbers`,
    [now, offerIds],
  )
  await tx.query(
    `with ${shownOf('rental')}
     insert into rental_stock as st (offer_id, upstream)
     select f.id, f.numbers from shown f order by f.id
     on conflict (offer_id) do update set upstream = excluded.upstream
      where st.upstream <> excluded.upstream`,
    [now, offerIds],
  )
}

// The numbers are counted once for each offer, whatever the planner thinks of the rest.
const shownOf = (kind: 'activation' | 'rental') => `shown as materialized (
  select o.id, (select coalesce(sum(greatest(0, s.stock_seen * s.trust / 100 - (
                         select count(*) from allocations a
                          where a.source_id = s.id and a.created_at > s.seen_at
                            and a.purpose in ('buy', 'replace') and a.again_of is null))), 0)::int
                  from sources_for(p_now => $1, p_offer => o.id, p_asked => '{}') f
                  join sources s on s.id = f.source_id) as numbers
    from offers o where o.id = any($2) and o.kind = '${kind}')`

/** Notes that a source had no number, though it showed some: it shows none until it is seen again, and after
 * several times in a row it is not asked for a while. */
export async function noteEmpty(tx: Tx, now: Date, sourceId: number): Promise<void> {
  const [source] = await tx.query<{ offer_id: number }>(
    `update sources set stock_seen = 0, seen_at = $2, empty_streak = empty_streak + 1,
            hidden_until = case when (empty_streak + 1) % $3 = 0
              then $2::timestamptz + make_interval(secs => $4) else hidden_until end
      where id = $1 returning offer_id`,
    [sourceId, now, emptyTimes, hiddenS],
  )
  if (source) await restock(tx, now, [source.offer_id])
}

/** Notes that a source names something that its supplier does not know: it is off until its next sync. */
export async function noteUnknownName(tx: Tx, now: Date, sourceId: number): Promise<void> {
  const [source] = await tx.query<{ offer_id: number }>(
    `update sources set state = 'off' where id = $1 returning offer_id`,
    [sourceId],
  )
  if (source) await restock(tx, now, [source.offer_id])
}
