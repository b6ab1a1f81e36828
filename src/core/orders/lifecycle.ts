// The statement that changes orders' states, and everything that a change brings with it.
import type { Tx } from '../../db/database.ts'
import { type LetGo, letGo } from '../allocations/let-go.ts'
import { emitMany, ofOrder } from '../events/events.ts'
import { restNumbers } from '../inventory/inventory.ts'
import { lockWallets, post, refundHolds, voidHolds } from '../ledger/ledger.ts'
import type { Amount } from '../money.ts'
import { inNewestCell } from '../months/cells.ts'
import {
  closedStates,
  effectOf,
  hasLateCode,
  isClosed,
  type Move,
  moves,
  type Order,
  type OrderState,
  orderKinds,
} from './order.ts'
import { dropPlanned } from './renewal-holds.ts'
import { type OrderRow, orderColumns, toOrder } from './rows.ts'
import { refundServices } from './services.ts'

/** Moves made here. The database makes `receive` (functions/deliver-messages.sql). */
type Made = Exclude<Move, 'receive'>

/** What closing an order does to what its kind has besides leases. */
export type Closer = {
  /** Ends it. Runs after the wallets are locked. */
  end(tx: Tx, now: Date, orderIds: readonly bigint[]): Promise<void>
  /** The fee for cancelling each order, in its currency: at most its price. */
  fees(tx: Tx, orderIds: readonly bigint[]): Promise<Map<bigint, Amount>>
}

/** The closers of the kinds that have one. They are handed in, because their folders import this one. */
export type Closers = { readonly email: Closer }

/**
 * Moves those of the orders whose state allows it, with everything that belongs to the move: money, leases,
 * inboxes, counts, events. No other statement in TypeScript changes an order's state.
 * @param closers may be omitted where the orders cannot be of a kind that has one
 * @returns the orders that moved, in their new state
 */
export async function move(
  tx: Tx,
  now: Date,
  ids: readonly bigint[],
  name: Made,
  closers?: Closers,
): Promise<Order[]> {
  const moved = await changeStates(tx, now, ids, name)
  if (moved.length === 0) return []
  const orders = moved.map(({ order }) => order)
  const closed = orders.filter((order) => isClosed(order.state))
  await endLeases(tx, now, closed)
  const rentals = closed.filter((order) => order.kind === 'rental' && wasAsked(order))
  await dropPlanned(
    tx,
    now,
    rentals.map(({ id }) => id),
    'the order was over before it was asked',
  )
  await letGo(tx, now, closed.filter(wasAsked).map(toLetGo))
  const isRefunded = await settle(tx, now, orders, name, closers)
  await countMoved(tx, now, moved, name)
  const inboxes = closed.filter((order) => order.kind === 'email').map((order) => order.id)
  if (inboxes.length > 0) await closerOf('email', closers).end(tx, now, inboxes)
  await emitMany(
    tx,
    now,
    orders.flatMap((order) => {
      const { event } = effectOf(name, order.kind)
      return [
        ...(event === null ? [] : [ofOrder(event, order)]),
        ...(isRefunded(order) ? [ofOrder('order.refunded', order)] : []),
        // It came after the order's time, and before the order was closed.
        ...(hasLateCode(order, now) ? [ofOrder('order.late_code', order)] : []),
      ]
    }),
  )
  return orders
}

/** Whether a supplier is, or was to be, asked for its number. */
const wasAsked = ({ allocateBy }: Order) => allocateBy !== null

const toLetGo = ({ id, state }: Order): LetGo => ({
  orderId: id,
  verb: state === 'finished' || state === 'ended' ? 'finish' : 'cancel',
})

function closerOf(kind: keyof Closers, closers: Closers | undefined): Closer {
  if (!closers) throw new Error(`closing an order of kind ${kind} needs its closer`)
  return closers[kind]
}

/** Moves that count towards an account's share of cancelled orders. */
const cancels: readonly Made[] = ['cancel', 'cancelForFee', 'replace', 'giveBack', 'abandon']

type Moved = { readonly order: Order; readonly was: OrderState }

async function changeStates(
  tx: Tx,
  now: Date,
  ids: readonly bigint[],
  name: Made,
): Promise<Moved[]> {
  const among = (column: string) => inNewestCell(column, ids)
  const rows = await tx.query<OrderRow & { was: OrderState }>(
    `with due as (
       select id, kind, state from orders where id = any($1) and state = any($2) ${among('id')}
        order by id for no key update
     )
     update orders o set state = n.state,
            closed_at = case when n.state = any($3) then $4::timestamptz end,
            resend_pending = o.resend_pending and n.state <> all($3)
       from due join unnest($5::text[], $6::text[]) as n(kind, state) on n.kind = due.kind
      where o.id = due.id ${among('o.id')} returning ${orderColumns}, due.state as was`,
    [
      ids,
      [...moves[name].from],
      [...closedStates],
      now,
      [...orderKinds],
      orderKinds.map((kind) => effectOf(name, kind).to),
    ],
  )
  return rows
    .map(({ was, ...row }) => ({ order: toOrder(row), was }))
    .sort((a, b) => (a.order.id < b.order.id ? -1 : 1))
}

type IsRefunded = (order: Order) => boolean

/** Ends the orders' holds as the move says. @returns the orders that got money back */
async function settle(
  tx: Tx,
  now: Date,
  orders: readonly Order[],
  name: Made,
  closers: Closers | undefined,
): Promise<IsRefunded> {
  const refunded = new Set<bigint>()
  for (const [hold, some] of Map.groupBy(orders, ({ kind }) => effectOf(name, kind).hold)) {
    const isRefunded = await settleAs(tx, now, some, hold, closers)
    for (const order of some) if (isRefunded(order)) refunded.add(order.id)
  }
  return (order) => refunded.has(order.id)
}

async function settleAs(
  tx: Tx,
  now: Date,
  orders: readonly Order[],
  hold: ReturnType<typeof effectOf>['hold'],
  closers: Closers | undefined,
): Promise<IsRefunded> {
  if (hold === null) return () => false
  if (hold === 'post') return earn(tx, now, orders)
  if (hold === 'fee') return charge(tx, now, orders, closerOf('email', closers))
  if (hold === 'refund') await refundHolds(tx, now, orders.flatMap(holdOf))
  if (hold === 'void') await release(tx, now, orders)
  if (hold === 'void' || hold === 'refund') await unspend(tx, now, orders)
  const partly = await refundServices(tx, now, orders)
  return hold === 'rest' ? (order) => partly.has(order.id) : () => true
}

/** Orders whose money came back whole no longer count towards the limits of their keys. */
async function unspend(tx: Tx, now: Date, orders: readonly Order[]) {
  await tx.query('select unspend_with_keys($1, $2)', [now, orders.map(({ id }) => id)])
}

/** The single hold of an order; an order for several services has none. */
const holdOf = ({ holdId, accountId, currency, price, id }: Order) =>
  holdId === null ? [] : [{ holdId, accountId, currency, amount: price, orderId: id }]

async function release(tx: Tx, now: Date, orders: readonly Order[]) {
  const holds = orders.flatMap(holdOf)
  const ended = await voidHolds(tx, now, holds)
  // An order without a code always has an open hold: if not, something bypassed this table.
  if (ended.length !== holds.length) throw new Error('an open order had no open hold')
}

async function earn(tx: Tx, now: Date, orders: readonly Order[]): Promise<IsRefunded> {
  for (const hold of orders.flatMap(holdOf))
    if (!(await post(tx, now, hold))) throw new Error('an open order had no open hold')
  return () => false
}

/** Posts the cancellation fee of each and returns the rest. @returns the orders that got money back */
async function charge(
  tx: Tx,
  now: Date,
  orders: readonly Order[],
  closer: Closer,
): Promise<IsRefunded> {
  const fees = await closer.fees(
    tx,
    orders.map((order) => order.id),
  )
  for (const order of orders) {
    const fee = fees.get(order.id)
    if (fee === undefined) throw new Error('an email order has no inbox')
    const [hold] = holdOf(order)
    if (fee === 0n) {
      await release(tx, now, [order])
      await unspend(tx, now, [order])
    } else if (!hold || !(await post(tx, now, hold, fee)))
      throw new Error('an open order had no open hold')
  }
  return (order) => fees.get(order.id) !== order.price
}

async function endLeases(tx: Tx, now: Date, orders: readonly Order[]) {
  if (orders.length === 0) return
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

/** Keeps the accounts' counts of open orders, and of those bought and cancelled today. An order that its
 * supplier could not serve does not count as bought. */
async function countMoved(tx: Tx, now: Date, moved: readonly Moved[], name: Made) {
  const changes = moved
    .map(({ order, was }) => ({
      accountId: order.accountId,
      opened: Number(isClosed(was)) - Number(isClosed(order.state)),
      unbought: Number(name === 'fail' && dayOf(order.createdAt) === dayOf(now)),
    }))
    .filter(({ opened }) => opened !== 0)
  if (changes.length === 0) return
  // @NOTE the wallet's lock guards the counts; a void has already taken it, a finish takes it here
  await lockWallets(
    tx,
    changes.map((one) => one.accountId),
  )
  await tx.query(
    `update account_usage u
        set open_orders = u.open_orders + c.opened,
            bought_today = u.bought_today
              - case when u.day = ($4::timestamptz at time zone 'utc')::date
                  then least(c.unbought, u.bought_today) else 0 end,
            cancelled_today = u.cancelled_today
              + case when $3 and u.day = ($4::timestamptz at time zone 'utc')::date
                  then c.closed else 0 end
       from (select account_id, sum(opened)::int as opened, sum(unbought)::int as unbought,
                    count(*) filter (where opened < 0)::int as closed
               from unnest($1::int[], $2::int[], $5::int[]) as t(account_id, opened, unbought)
              group by 1) c
      where u.account_id = c.account_id`,
    [
      changes.map((one) => one.accountId),
      changes.map((one) => one.opened),
      cancels.includes(name),
      now,
      changes.map((one) => one.unbought),
    ],
  )
}

/** Days are UTC days. */
const dayOf = (at: Date) => at.toISOString().slice(0, 10)
