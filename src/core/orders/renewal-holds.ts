// What is held for a renewal that a supplier is asked for: it ends with the supplier's answer.
import type { Tx } from '../../db/database.ts'
import { unspendWithKey } from '../accounts/key-caps.ts'
import { type NewHold, post, voidHolds } from '../ledger/ledger.ts'

/** Renewals that a supplier is being asked for. */
export const openRenewals = `purpose = 'renew' and state in ('planned', 'asking', 'unknown')`

type Hold = NewHold & {
  readonly accountId: number
  readonly currency: string
  /** The key with a limit that it was counted against; null: none. */
  readonly keyId: number | null
  readonly plannedAt: Date
}

/** Renewals that nobody has sent yet are not sent, and their prices are returned: their orders are over, or
 * their time is. Requires the locks of the orders. */
export async function dropPlanned(
  tx: Tx,
  now: Date,
  orderIds: readonly bigint[],
  why: string,
): Promise<void> {
  if (orderIds.length === 0) return
  const dropped = await tx.query<{ id: bigint }>(
    `update allocations set state = 'refused', error = $2
      where order_id = any($1) and purpose = 'renew' and state = 'planned' returning id`,
    [orderIds, why],
  )
  for (const { id } of dropped) await endRenewalHold(tx, now, id, 'void')
}

/** Posts what is held for a renewal, or returns it: then it no longer counts towards its key's limit.
 * Requires the lock of its order. */
export async function endRenewalHold(
  tx: Tx,
  now: Date,
  allocationId: bigint,
  how: 'post' | 'void',
): Promise<void> {
  const [hold] = await tx.query<Hold>(
    `select a.renew_hold_id as "holdId", a.renew_price as amount, o.id as "orderId",
            o.account_id as "accountId", o.currency, a.renew_key_id as "keyId",
            a.created_at as "plannedAt"
       from allocations a join orders o on o.id = a.order_id where a.id = $1`,
    [allocationId],
  )
  if (!hold) throw new Error('a renewal has no order')
  const isEnded =
    how === 'post' ? await post(tx, now, hold) : (await voidHolds(tx, now, [hold])).length > 0
  if (!isEnded) throw new Error('a renewal had no open hold')
  const { keyId: key, plannedAt: at, amount } = hold
  if (how === 'void' && key !== null) await unspendWithKey(tx, { key, at, amount })
}
