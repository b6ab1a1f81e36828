// What comes after a request that brought no number: the next source of the same offer, or the order fails.
import type { Tx } from '../../db/database.ts'
import { type Allocation, maxAttempts } from '../allocations/allocation.ts'
import { fail } from '../orders/end.ts'
import type { Order } from '../orders/order.ts'
import type { Dealing } from './dealing.ts'
import { noteChoice } from './routings.ts'

/** A request that begins later than this before the order fails cannot be answered in time. */
export const minAskMs = 500

/**
 * Plans the request to the next source of the order's offer. If there is none, or no time is left, the order
 * fails, unless the answer to an earlier request may still come. Requires the order's lock.
 */
export async function planNext(
  tx: Tx,
  now: Date,
  { closers }: Pick<Dealing, 'closers'>,
  order: Order,
  after: Allocation,
): Promise<void> {
  const isReplacement = after.purpose === 'replace'
  if (order.state !== (isReplacement ? 'waiting' : 'allocating')) return
  const [asked] = await tx.query<{ attempts: number; underWay: boolean; open: boolean }>(
    `select max(attempt)::int as attempts, bool_or(state in ('planned', 'asking')) as "underWay",
            bool_or(state = 'unknown') as open
       from allocations where order_id = $1 and purpose = $2 and allocate_by = $3`,
    [order.id, after.purpose, after.allocateBy],
  )
  if (asked?.underWay) return
  const isTime = after.allocateBy.getTime() - now.getTime() > minAskMs
  const attempts = asked?.attempts ?? 0
  // No other source has a number that is bought again.
  if (isTime && attempts < maxAttempts && after.againOf === null) {
    const sourceId = await plan(tx, now, order, after)
    if (!isReplacement) await noteChoice(tx, now, order, { attempt: attempts + 1, sourceId })
    if (sourceId !== null) return
  }
  // Nothing has changed: whoever waits for a replacement sees that none is asked for any more.
  if (!isReplacement && (!asked?.open || !isTime))
    await fail(tx, now, closers, { ids: [order.id], reason: 'no supplier had a number' })
}

/** @returns the next source to ask; null if there is none */
async function plan(
  tx: Tx,
  now: Date,
  order: Order,
  { purpose, allocateBy }: Allocation,
): Promise<number | null> {
  const [planned] = await tx.query<{ sourceId: number }>(
    `insert into allocations (order_id, purpose, supplier_id, source_id, attempt, request_key, unwanted, via,
       created_at, allocate_by, price_base, currency, once_key)
     select l.order_id, l.purpose, s.supplier_id, s.id, l.attempt + 1, gen_random_uuid()::text, l.unwanted,
            l.via, $2, l.allocate_by, l.price_base, p.currency, l.once_key
       from (select * from allocations where order_id = $1 and purpose = $4 and allocate_by = $5
              order by attempt desc limit 1) l
      cross join lateral (
        select f.source_id from sources_for(p_now => $2, p_offer => $3, p_asked => array(
                 -- A supplier that has not answered is not asked twice for one order.
                 select s.id from allocations a join sources s on s.id = a.source_id
                     or (a.state = 'unknown' and s.supplier_id = a.supplier_id)
                  where a.order_id = $1
                    and (a.state = 'unknown' or a.purpose = $4 and a.allocate_by = $5))) f
         limit 1) f
       join sources s on s.id = f.source_id
       join suppliers p on p.id = s.supplier_id
     returning source_id as "sourceId"`,
    [order.id, now, order.offerId, purpose, allocateBy],
  )
  if (!planned) return null
  await tx.query(
    `update stock set upstream = upstream - 1 where offer_id = $1 and area = '' and upstream > 0`,
    [order.offerId],
  )
  await tx.query(
    'update rental_stock set upstream = upstream - 1 where offer_id = $1 and upstream > 0',
    [order.offerId],
  )
  return planned.sourceId
}
