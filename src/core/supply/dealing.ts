// What the verbs of this folder share: where they run, by which terms, and how their order is locked.
import type { Database, Tx } from '../../db/database.ts'
import { type Allocation, lockAllocation } from '../allocations/allocation.ts'
import type { OrderTerms } from '../orders/buying/selection.ts'
import type { Closers } from '../orders/lifecycle.ts'
import type { Order } from '../orders/order.ts'
import { ordersById } from '../orders/read.ts'

export type Dealing = {
  readonly db: Database
  readonly terms: OrderTerms
  readonly closers: Closers
}

/** Locks an order until the transaction ends: before its allocations, and before wallets and stock.
 * @returns undefined if it is in an archive */
export async function lockOrderById(tx: Tx, id: bigint): Promise<Order | undefined> {
  await tx.query('select 1 from orders where id = $1 for no key update', [id])
  const [order] = await ordersById(tx, [id])
  return order
}

/** Locks the order of an allocation, unless it is in an archive, and then the allocation. */
export async function lockNumber(
  tx: Tx,
  allocationId: bigint,
): Promise<{ order: Order | undefined; allocation: Allocation }> {
  const [row] = await tx.query<{ order_id: bigint }>(
    'select order_id from allocations where id = $1',
    [allocationId],
  )
  const order = row && (await lockOrderById(tx, row.order_id))
  return { order, allocation: await lockAllocation(tx, allocationId) }
}
