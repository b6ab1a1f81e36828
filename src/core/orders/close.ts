// The statements that end orders. Every transition out of an open state uses `move`.
import type { Tx } from '../../db/database.ts'
import { emitMany, ofOrder } from '../events/events.ts'
import { cancelFees, endInboxes } from '../inboxes/ending.ts'
import { restNumbers } from '../inventory/inventory.ts'
import { lockWallets, post, refundHolds, voidHolds } from '../ledger/ledger.ts'
import { type Move, moves, type Order } from './order.ts'
import { type OrderRow, orderColumns, toOrder } from './rows.ts'
import { refundServices } from './services.ts'

/** Moves that end an order. `receive_messages` makes the move `receive`, with the same table. */
export type Closing = Exclude<Move, 'receive'>

/**
 * Ends those of the orders whose state allows the move, with everything that belongs to them: money, leases,
 * counts, events. This is the only statement in TypeScript that changes an order's state.
 * @returns the orders that moved, in their new state
 */
export async function move(
  tx: Tx,
  now: Date,
  ids: readonly bigint[],
  name: Closing,
): Promise<Order[]> {
  const { from, to, hold, event } = moves[name]
  const rows = await tx.query<OrderRow>(
    `with due as (
       select id from orders where id = any($1) and state = any($2) order by id for no key update
     )
     update orders o set state = $3, closed_at = $4, resend_pending = false, remind_at = null
       from due where o.id = due.id returning ${orderColumns}`,
    [ids, [...from], to, now],
  )
  if (rows.length === 0) return []
  const orders = rows.map(toOrder).sort((a, b) => (a.id < b.id ? -1 : 1))
  await endLeases(tx, now, orders)
  const isRefunded = await settle(tx, now, orders, hold)
  await countClosed(tx, now, orders, cancels.includes(name))
  await endInboxes(
    tx,
    now,
    orders.filter((order) => order.kind === 'email').map((order) => order.id),
  )
  await emitMany(
    tx,
    now,
    orders.flatMap((order) => [
      ofOrder(event, order),
      ...(isRefunded(order) ? [ofOrder('order.refunded', order)] : []),
    ]),
  )
  return orders
}

/** Moves that count towards an account's share of cancelled orders. */
const cancels: readonly Closing[] = ['cancel', 'cancelForFee', 'replace', 'giveBack']

type IsRefunded = (order: Order) => boolean

/** Ends the orders' holds. @returns the orders that got money back */
async function settle(
  tx: Tx,
  now: Date,
  orders: readonly Order[],
  hold: (typeof moves)[Closing]['hold'],
): Promise<IsRefunded> {
  if (hold === null) return () => false
  if (hold === 'fee') return charge(tx, now, orders)
  if (hold === 'refund') await refundHolds(tx, now, orders.flatMap(holdOf))
  if (hold === 'void') await release(tx, now, orders)
  const partly = await refundServices(tx, now, orders)
  return hold === 'rest' ? (order) => partly.has(order.id) : () => true
}

/** The single hold of an order; an order for several services has none. */
const holdOf = ({ holdId, accountId, currency, price, id }: Order) =>
  holdId === null ? [] : [{ holdId, accountId, currency, amount: price, orderId: id }]

async function release(tx: Tx, now: Date, orders: readonly Order[]) {
  const holds = orders.flatMap(holdOf)
  const ended = await voidHolds(tx, now, holds)
  // An order in `waiting` always has an open hold: if not, something bypassed this table.
  if (ended.length !== holds.length) throw new Error('an open order had no open hold')
}

/** Posts the cancellation fee of each and returns the rest. @returns the orders that got money back */
async function charge(tx: Tx, now: Date, orders: readonly Order[]): Promise<IsRefunded> {
  const fees = await cancelFees(
    tx,
    orders.map((order) => order.id),
  )
  for (const order of orders) {
    const fee = fees.get(order.id)
    if (fee === undefined) throw new Error('an email order has no inbox')
    const [hold] = holdOf(order)
    if (fee === 0n) await release(tx, now, [order])
    else if (!hold || !(await post(tx, now, hold, fee)))
      throw new Error('an open order had no open hold')
  }
  return (order) => fees.get(order.id) !== order.price
}

async function endLeases(tx: Tx, now: Date, orders: readonly Order[]) {
  const leases = await tx.query<{
    order_id: bigint
    number_id: number
    service_id: number
    shelf_id: number
  }>(
    `update leases set ended_at = $2 where order_id = any($1) and ended_at is null
     returning order_id, number_id, service_id, shelf_id`,
    [orders.map((order) => order.id), now],
  )
  const rentals = new Map(
    orders
      .filter((order) => order.kind === 'rental' && order.state === 'ended')
      .map((order) => [order.id, order.expiresAt]),
  )
  await restNumbers(
    tx,
    now,
    leases.map((lease) => ({
      orderId: lease.order_id,
      rentedUntil: rentals.get(lease.order_id) ?? null,
      numberId: lease.number_id,
      serviceId: lease.service_id,
      shelfId: lease.shelf_id,
    })),
  )
}

async function countClosed(tx: Tx, now: Date, orders: readonly Order[], cancelled: boolean) {
  // @NOTE the wallet's lock guards the counts; a void has already taken it, a finish takes it here
  await lockWallets(
    tx,
    orders.map((order) => order.accountId),
  )
  await tx.query(
    `update account_usage u
        set open_orders = u.open_orders - c.closed,
            cancelled_today = u.cancelled_today
              + case when $2 and u.day = ($3::timestamptz at time zone 'utc')::date
                  then c.closed else 0 end
       from (select account_id, count(*)::int as closed from unnest($1::int[]) as account_id
              group by 1) c
      where u.account_id = c.account_id`,
    [orders.map((order) => order.accountId), cancelled, now],
  )
}
