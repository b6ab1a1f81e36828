// Paying for a code that came after its activation was over.
import type { Database, Tx } from '../../db/database.ts'
import { spendWithKey } from '../accounts/key-caps.ts'
import type { DefaultLimits } from '../accounts/limits.ts'
import { DomainError } from '../error.ts'
import { emitMany, ofOrder } from '../events/events.ts'
import { claimKey, noteOrders, type Once, type Repeated } from '../idempotency/idempotency.ts'
import { payNow } from '../ledger/ledger.ts'
import { transferIdFor } from '../ledger/transfer-id.ts'
import { lockCustomer } from './buying/purchase.ts'
import { refusal } from './buying/refusal.ts'
import { hasLateCode, type Order } from './order.ts'
import { lockOrder, type Outcome, type Target } from './orders.ts'
import { type OrderRow, orderColumns, toOrder } from './rows.ts'

/**
 * Pays the order's price for its late messages: those that are there, and those that come until the end of
 * its day. The order shows them from then on, and its state stays. Safe to repeat.
 * @throws order_not_found, order_not_claimable, insufficient_balance, account_suspended
 */
export function claimOrder(
  db: Database,
  now: Date,
  limits: DefaultLimits,
  target: Target & { readonly once: Once | null },
): Promise<Outcome | Repeated> {
  return db.begin(async (tx) => {
    if (!(await claimKey(tx, now, target.accountId, target.once))) return { repeated: true }
    const order = await lockOrder(tx, target)
    const outcome =
      order.claimedAt === null
        ? { order: await claim(tx, now, limits, order), changed: true }
        : { order, changed: false }
    await noteOrders(tx, target.accountId, target.once, [order.id])
    return outcome
  })
}

const notClaimable = () =>
  new DomainError('order_not_claimable', 'The order has no late code that can be claimed.')

async function claim(tx: Tx, now: Date, limits: DefaultLimits, order: Order): Promise<Order> {
  if (!hasLateCode(order, now)) throw notClaimable()
  const messages = await lockLateMessages(tx, order)
  if (!messages.some(({ has_code: hasCode }) => hasCode)) throw notClaimable()
  const { accountId, currency, price } = order
  const customer = await lockCustomer(tx, now, accountId, limits, 0)
  if (price > customer.balance) throw refusal('insufficient_balance', { ...customer, price })
  await spendWithKey(tx, now, price)
  const holdId = transferIdFor('claim', order.id)
  await payNow(tx, now, { accountId, currency }, [{ holdId, amount: price, orderId: order.id }])
  await tx.query('select give_claimed($1, $2)', [now, messages.map(({ id }) => id)])
  const [row] = await tx.query<OrderRow>(
    `update orders o set claimed_at = $2, claim_hold_id = $3 where o.id = $1 returning ${orderColumns}`,
    [order.id, now, holdId],
  )
  await emitMany(tx, now, [ofOrder('order.claimed', order)])
  return toOrder(row as OrderRow)
}

function lockLateMessages(tx: Tx, { id }: Order) {
  return tx.query<{ id: bigint; has_code: boolean }>(
    `select id, code is not null as has_code from messages
      where order_id = $1 and state = 'late' and claimable and purged_at is null
      order by id for update`,
    [id],
  )
}
