// What closing an order means for the number of a supplier that it has, or is to get.
import type { Tx } from '../../db/database.ts'

/** A closed order, and what its supplier is told: it is finished if it had what it was bought for. */
export type LetGo = { readonly orderId: bigint; readonly verb: 'finish' | 'cancel' }

/**
 * Ends the leases of closed orders at their suppliers, and writes what these are to be told. A request that
 * nobody has sent yet is not sent. What is under way goes on: whatever number it brings is given back.
 */
export async function letGo(tx: Tx, now: Date, orders: readonly LetGo[]): Promise<void> {
  if (orders.length === 0) return
  const ids = orders.map(({ orderId }) => orderId)
  await tx.query(
    'update upstream_leases set ended_at = $2 where order_id = any($1) and ended_at is null',
    [ids, now],
  )
  await tx.query(
    `update allocations set state = 'refused', error = 'the order was over before it was asked'
      where order_id = any($1) and state = 'planned'`,
    [ids],
  )
  // The supplier is still working on these: whatever comes of them is not wanted any more.
  await tx.query(
    `update allocations set state = 'given_up', poll_at = $2
      where order_id = any($1) and state = 'unknown' and upstream_ref is not null`,
    [ids, now],
  )
  await tx.query(
    `update supplier_commands c set state = 'superseded', ended_at = $2
       from allocations a
      where a.order_id = any($1) and a.state in ('got', 'given_up') and a.last_word is null
        and c.allocation_id = a.id and c.state = 'open' and c.verb = 'resend'`,
    [ids, now],
  )
  await tx.query(
    `insert into supplier_commands (allocation_id, supplier_id, verb, asked_by, made_at, due_at)
     select a.id, a.supplier_id, v.verb, 'order', $2,
            case when v.verb = 'cancel' then greatest($2, a.cancel_after) else $2 end
       from unnest($1::bigint[], $3::text[]) as e(order_id, verb)
       join allocations a on a.order_id = e.order_id and a.state in ('got', 'given_up')
        and a.last_word is null
      cross join lateral (select case a.state when 'got' then e.verb else 'cancel' end as verb) v
     on conflict (allocation_id) where state = 'open' do nothing`,
    [ids, now, orders.map(({ verb }) => verb)],
  )
}
