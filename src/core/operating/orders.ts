// Operators' verbs on orders: find, report, cancel, refund.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { accountByEmail } from '../accounts/accounts.ts'
import { archiveOfOrder } from '../archive/archived.ts'
import { DomainError } from '../error.ts'
import { emitMany, ofOrder } from '../events/events.ts'
import { inboxCloser } from '../inboxes/ending.ts'
import { type Hold, refundHolds } from '../ledger/ledger.ts'
import { type Amount, formatAmount } from '../money.ts'
import { append, type By, logged, needReason } from '../operator-log.ts'
import { move } from '../orders/lifecycle.ts'
import type { Closing, Order, OrderState } from '../orders/order.ts'
import { lockOrder } from '../orders/orders.ts'
import { type OrderRow, orderColumns, toOrder } from '../orders/rows.ts'

export type FoundOrder = Order & { readonly accountEmail: string }

export type OrderSearch = {
  readonly id?: bigint | undefined
  readonly accountId?: number | undefined
  /** In any format: spaces, dashes and brackets are ignored. */
  readonly phone?: string | undefined
  /** The address of an inbox, or of the account. */
  readonly email?: string | undefined
  /** The customer's reference. */
  readonly reference?: string | undefined
  /** Only orders older than this one: the last of the previous page. */
  readonly before?: bigint | undefined
  readonly limit: number
}

/** Finds orders of all accounts that match all conditions, newest first. */
export async function findOrders(db: Queryable, wanted: OrderSearch): Promise<FoundOrder[]> {
  const { phone, email } = wanted
  const conditions: readonly Condition[] = [
    ['o.id = $', wanted.id],
    ['o.account_id = $', wanted.accountId],
    [hasPhone, phone && plainPhone(phone)],
    ...(email === undefined ? [] : [await conditionOf(db, email)]),
    ['o.id < $', wanted.before],
    ['o.reference = $', wanted.reference],
  ]
  const given = conditions.filter(([, value]) => value !== undefined)
  const rows = await db.query<OrderRow & { account_email: string }>(
    `select ${orderColumns}, a.email as account_email
       from orders o join accounts a on a.id = o.account_id
      where true ${given.map(([text], index) => `and ${text.replace('$', `$${index + 2}`)}`).join(' ')}
      order by o.id desc limit $1`,
    [wanted.limit, ...given.map(([, value]) => value)],
  )
  return rows.map((row) => ({ ...toOrder(row), accountEmail: row.account_email }))
}

/** SQL with one `$` for its value; without a value it is left out.
 * @NOTE left out, not disabled by a null: the plan of a prepared statement uses no index for that */
type Condition = readonly [text: string, value: unknown]

/** Leases are forgotten a day after their end. */
const hasPhone = `o.id in (
  with n as materialized (select id from numbers where phone = $)
  select l.order_id from n join leases l on l.number_id = n.id
   union all
  select p.order_id from n join past_leases p on p.number_id = n.id)`

/** Orders of the account with an address, or of the inbox with it. */
async function conditionOf(db: Queryable, email: string): Promise<Condition> {
  const accountId = await accountByEmail(db, email)
  if (accountId !== null) return ['o.account_id = $', accountId]
  return ['o.id in (select order_id from inboxes where address = lower($))', email]
}

/** `+1 (202) 555-0143` -> `+12025550143`. */
function plainPhone(text: string): string {
  const digits = text.replace(/\D/g, '')
  return digits === '' ? text : `+${digits}`
}

/** @throws order_not_found, with `archived` in its detail if the order is in the archive of a month */
export async function orderById(db: Queryable, id: bigint): Promise<FoundOrder> {
  const [order] = await findOrders(db, { id, limit: 1 })
  if (order) return order
  const month = await archiveOfOrder(db, id)
  if (month === null) throw new DomainError('order_not_found', 'There is no such order.')
  throw new DomainError('order_not_found', `The order ${inArchive(month)}`, { archived: month })
}

/** What to do about an order that is not in the database. */
export const inArchive = (month: string) =>
  `is in the archive of ${month}. numlet archive restore ${month} brings it back.`

/** The result of a verb. */
export type Undone = {
  readonly order: Order
  /** False if there was nothing to do. */
  readonly changed: boolean
  /** The amount returned to the customer now. */
  readonly refunded: Amount
}

/** The move that ends an order in each open state; null if the state is final. */
const endings: Readonly<Record<OrderState, Closing | null>> = {
  allocating: 'withdraw',
  waiting: 'withdraw',
  received: 'finish',
  active: 'revoke',
  finished: null,
  cancelled: null,
  expired: null,
  failed: null,
  ended: null,
}

/**
 * Cancels an order without a code, regardless of its cooldown, and returns all of its money. It does not
 * count towards the customer's cancellation limit. Safe to repeat.
 * @throws order_not_found, order_not_cancellable, invalid_request without a reason
 */
export function cancel(db: Database, now: Date, by: By, id: bigint): Promise<Undone> {
  return undo(db, needReason(by), id, 'order.cancel', async (tx, order) => {
    if (order.state === 'cancelled') return order
    if (endings[order.state] !== 'withdraw')
      throw new DomainError(
        'order_not_cancellable',
        `The order is ${order.state}. Only an order that waits for its code can be cancelled. ` +
          'Refund it instead.',
      )
    return ended(tx, now, order, 'withdraw')
  })
}

/**
 * Returns whatever money of an order was not returned yet, and ends the order if it is open: holds are
 * voided, and earned money is refunded, each hold once. Safe to repeat.
 * @throws order_not_found, invalid_request without a reason
 */
export function refund(db: Database, now: Date, by: By, id: bigint): Promise<Undone> {
  return undo(db, needReason(by), id, 'order.refund', async (tx, order) => {
    const ending = endings[order.state]
    const closed = ending === null ? order : await ended(tx, now, order, ending)
    const back = await refundHolds(tx, now, await earnedHolds(tx, order))
    if (back.length > 0) await emitMany(tx, now, [ofOrder('order.refunded', order)])
    if (isWhole(order, back)) await tx.query('select unspend_with_keys($1, $2)', [now, [id]])
    return closed
  })
}

/** Whether the order's own price was refunded, and not only that of a renewal or of a late code. */
const isWhole = ({ holdId, claimedAt }: Order, back: readonly string[]) =>
  holdId === null ? back.length > 0 && claimedAt === null : back.includes(holdId)

/** Runs under the order's lock, and logs the states and the money before and after. */
function undo(
  db: Database,
  by: By,
  id: bigint,
  action: string,
  work: (tx: Tx, order: Order) => Promise<Order>,
): Promise<Undone> {
  return logged(
    db,
    by,
    async (_, tx) => {
      const { accountId } = await orderById(tx, id)
      const before = await lockOrder(tx, { accountId, id })
      const returnedBefore = await returned(tx, before)
      const order = await work(tx, before)
      const refunded = (await returned(tx, before)) - returnedBefore
      return { before, order, refunded, changed: refunded > 0n || order.state !== before.state }
    },
    ({ before, order, refunded, changed }) =>
      changed
        ? {
            action,
            subject: { type: 'order', id },
            accountId: order.accountId,
            detail: {
              refunded: formatAmount(refunded, 0),
              currency: order.currency,
              before: { state: before.state },
              after: { state: order.state },
            },
          }
        : null,
  )
}

async function ended(tx: Tx, now: Date, order: Order, name: Closing): Promise<Order> {
  const [closed] = await move(tx, now, [order.id], name, { email: inboxCloser })
  if (!closed) throw new Error('a locked order did not move')
  return closed
}

/** The total that was returned to the customer of the money held for an order. */
async function returned(tx: Tx, order: Order): Promise<Amount> {
  const [row] = await tx.query<{ amount: bigint }>(
    `select coalesce(sum(amount), 0)::bigint as amount from transfers
      where account_id = $1 and order_id = $2 and kind in ('void', 'release', 'refund')`,
    [order.accountId, order.id],
  )
  return row?.amount ?? 0n
}

/** The posted holds of an order, with the amount of each: one for each service, and one for each renewal. */
async function earnedHolds(tx: Tx, order: Order): Promise<Hold[]> {
  const rows = await tx.query<{ hold_id: string; amount: bigint }>(
    `select p.hold_id, p.amount from transfers p
      where p.account_id = $1 and p.order_id = $2 and p.kind = 'post'
        and not exists (select from transfers r where r.hold_id = p.hold_id and r.kind = 'refund')
      order by p.seq`,
    [order.accountId, order.id],
  )
  const { accountId, currency, id: orderId } = order
  return rows.map((row) => ({
    holdId: row.hold_id,
    accountId,
    currency,
    amount: row.amount,
    orderId,
  }))
}

/** Logs that an operator reads an order's messages. */
export function noteReading(tx: Queryable, by: By, order: Order): Promise<void> {
  return append(tx, needReason(by), {
    action: 'order.read_texts',
    subject: { type: 'order', id: order.id },
    accountId: order.accountId,
  })
}
