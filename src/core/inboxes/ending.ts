// What closing an order does to its inbox.
import type { Tx } from '../../db/database.ts'
import type { Amount } from '../money.ts'
import type { Closer } from '../orders/lifecycle.ts'

/** For `move`. */
export const inboxCloser: Closer = { end: endInboxes, fees: cancelFees }

/** Ends the inboxes of closed orders and releases their domains' capacity. Runs after the wallets are locked:
 * a purchase locks the same rows in that order. */
async function endInboxes(tx: Tx, now: Date, orderIds: readonly bigint[]): Promise<void> {
  const ended = await tx.query<{ offer_id: number }>(
    `update inboxes set ended_at = $2 where order_id = any($1) and ended_at is null
     returning offer_id`,
    [orderIds, now],
  )
  const offerIds = ended.map((row) => row.offer_id)
  await tx.query(
    'select 1 from email_domains where offer_id = any($1) order by offer_id for no key update',
    [offerIds],
  )
  await tx.query(
    `update email_domains d set open_inboxes = d.open_inboxes - e.inboxes
       from (select offer_id, count(*)::int as inboxes from unnest($1::int[]) as offer_id group by 1) e
      where d.offer_id = e.offer_id`,
    [offerIds],
  )
}

/** The cancellation fee of each order, in its currency: at most its price. */
async function cancelFees(tx: Tx, orderIds: readonly bigint[]): Promise<Map<bigint, Amount>> {
  const rows = await tx.query<{ order_id: bigint; cancel_fee: Amount }>(
    'select order_id, cancel_fee from inboxes where order_id = any($1)',
    [orderIds],
  )
  return new Map(rows.map((row) => [row.order_id, row.cancel_fee]))
}
