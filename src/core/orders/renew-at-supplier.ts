// Renewing a rental whose number a supplier gave: the price is held, the supplier is asked, and its answer
// posts the price and extends the rental, or returns the price. One that has ended runs again only then.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { spendWithKey } from '../accounts/key-caps.ts'
import type { DefaultLimits } from '../accounts/limits.ts'
import type { OrderWatch } from '../events/watch.ts'
import { claimKey, noteOrders, type Repeated } from '../idempotency/idempotency.ts'
import { holdAll } from '../ledger/ledger.ts'
import { newTransferId } from '../ledger/transfer-id.ts'
import { lockCustomer } from './buying/purchase.ts'
import type { CanRebuy } from './buying/rebuy-at-supplier.ts'
import {
  assertRenewable,
  nextReminder,
  notRenewable,
  priceOfRenewal,
  type RentalTerms,
  type ToRenew,
} from './buying/rent.ts'
import { pending, type Waiting } from './cancel-at-supplier.ts'
import { move } from './lifecycle.ts'
import type { Order } from './order.ts'
import { lockOrder, type Target } from './orders.ts'
import { orderOf } from './read.ts'
import { dropPlanned, endRenewalHold, openRenewals } from './renewal-holds.ts'

/** How long a request may wait to be sent, and a caller for the answer unless it says otherwise. */
const defaultWaitS = 15
/** What another node has recorded without an event is noticed within this time. */
const lookMs = 500
const earlyMs = lookMs / 2

export type RenewParts = {
  readonly db: Database
  readonly clock: () => Date
  readonly watch: Pick<OrderWatch, 'next' | 'listening'>
  readonly changed: (orderId: bigint) => void
  readonly limits: () => DefaultLimits
  readonly rentalTerms: () => RentalTerms
  /** Whether a supplier can renew. */
  readonly canRenew: CanRebuy
}

/**
 * Renews a rental at its supplier, and waits for the answer. The rental goes on meanwhile, also beyond its
 * end.
 * @throws order_not_found, order_not_renewable, price_above_maximum, insufficient_balance, key_limit_reached,
 * account_suspended, and supply_pending if there is no answer in time: it is asked for until there is one
 */
export async function renewAtSupplier(
  parts: RenewParts,
  target: ToRenew & Waiting,
): Promise<Order | Repeated> {
  const { db, clock, watch, changed } = parts
  await watch.listening()
  const allocationId = await plan(parts, clock(), target)
  if (allocationId === null) return { repeated: true }
  changed(target.id)
  const waitS = target.waitS ?? defaultWaitS
  for (const end = performance.now() + waitS * 1000; ; ) {
    const state = await stateOf(db, allocationId)
    if (state === 'got') return orderOf(db, target.accountId, target.id)
    if (state === 'refused' || state === 'given_up') break
    const leftMs = end - performance.now()
    const lookAt = performance.now() + Math.min(Math.max(0, leftMs), lookMs)
    const why =
      leftMs <= 0
        ? 'over'
        : await watch.next(target.id, lookAt - performance.now(), new AbortController().signal)
    // @NOTE a node that stops ends all waits at once, and each further one as soon as it begins
    const isLast = leftMs <= 0 || (why === 'over' && lookAt - performance.now() > earlyMs)
    if (isLast && !(await dropUnsent(db, clock(), target))) throw pending('renewed')
    if (isLast) break
  }
  await forgetKey(db, target)
  throw notRenewable('This rental cannot be renewed now.')
}

/** Holds the price and plans the request. @returns null if its key was used before */
function plan(
  { db, limits, rentalTerms, canRenew }: RenewParts,
  now: Date,
  target: ToRenew,
): Promise<bigint | null> {
  const { accountId, once } = target
  return db.begin(async (tx) => {
    if (!(await claimKey(tx, now, accountId, once))) return null
    const order = await lockOrder(tx, target)
    assertRenewable(order, now, rentalTerms())
    await assertCanRenew(tx, order, canRenew)
    const customer = await lockCustomer(tx, now, accountId, limits(), 0)
    const price = await priceOfRenewal(tx, customer, order.offerId, target.maxPrice)
    const keyId = await spendWithKey(tx, now, price)
    const holdId = newTransferId(now)
    await holdAll(tx, now, customer, [{ holdId, amount: price, orderId: order.id }])
    const [row] = await tx.query<{ id: bigint }>(
      `insert into allocations (order_id, purpose, again_of, supplier_id, source_id, attempt, request_key,
         created_at, allocate_by, price_base, currency, once_key, renew_hold_id, renew_price,
         renew_key_id)
       select $1, 'renew', a.id, a.supplier_id, a.source_id, 1, gen_random_uuid()::text, $2,
              $2::timestamptz + make_interval(secs => $3), f.price, p.currency, $4, $5, $6, $7
         from orders o
         join allocations a on a.id = o.allocation_id
         join suppliers p on p.id = a.supplier_id
         join offers f on f.id = o.offer_id
        where o.id = $1
       returning id`,
      [order.id, now, defaultWaitS, once?.key ?? null, holdId, price, keyId],
    )
    await noteOrders(tx, accountId, once, [order.id])
    return (row as { id: bigint }).id
  })
}

/** Says before any money moves if the supplier cannot renew, or would be paid more than the price leaves. */
async function assertCanRenew(tx: Tx, order: Order, canRenew: CanRebuy): Promise<void> {
  const { id, state } = order
  if (state === 'ended' && !(await isStillTheirs(tx, order)))
    throw notRenewable('The number is no longer available.')
  const [supplier] = await tx.query<Parameters<CanRebuy>[0] & { busy: boolean; open: boolean }>(
    `select p.kind, p.config,
            (o.state = 'active' and o.cancel_requested_at is not null) or exists (
              select from allocations r where r.order_id = o.id and ${openRenewals}) as busy,
            case o.state when 'active' then a.last_word is null and a.over_since is null
              else a.last_word is distinct from 'refunded' end and p.state = 'on' and p.dry_since is null
              and p.rate_moved_at is null and not rate_has_moved(p.priced_rate, r.rate)
              and s.cost <= most_for(f.price, r.rate) as open
       from orders o
       join allocations a on a.id = o.allocation_id
       join sources s on s.id = a.source_id
       join suppliers p on p.id = a.supplier_id
       join offers f on f.id = o.offer_id
       join rates r on r.currency = p.currency
      where o.id = $1`,
    [id],
  )
  if (!supplier?.open || !canRenew(supplier)) throw notRenewable('This rental cannot be renewed.')
  if (supplier.busy) throw pending('renewed or cancelled')
}

/** Whether nobody else has had the number of an ended rental for its service since, from us. */
async function isStillTheirs(tx: Tx, { id }: Order): Promise<boolean> {
  const theirs = await tx.query(
    `select 1 as yes from upstream_leases m
      where m.order_id = $1
        and not exists (select from upstream_leases l
          where l.phone = m.phone and l.service_id = m.service_id and l.order_id <> m.order_id
            and (l.ended_at is null or l.starts_at >= m.ended_at))
        and not exists (select from numbers n where n.phone = m.phone)`,
    [id],
  )
  return theirs.length > 0
}

async function stateOf(db: Queryable, id: bigint): Promise<string> {
  const [row] = await db.query<{ state: string }>('select state from allocations where id = $1', [
    id,
  ])
  return row?.state ?? 'refused'
}

/** @returns whether the request was not sent, and is not any more */
function dropUnsent(db: Database, now: Date, target: Target): Promise<boolean> {
  return db.begin(async (tx) => {
    const { id } = await lockOrder(tx, target)
    await dropPlanned(tx, now, [id], 'not asked in time')
    const open = await tx.query(
      `select 1 as yes from allocations where order_id = $1 and ${openRenewals}`,
      [id],
    )
    return open.length === 0
  })
}

/** The key of a request that came to nothing may be used again. */
async function forgetKey(db: Queryable, { accountId, id, once }: ToRenew): Promise<void> {
  if (once)
    await db.query(
      `delete from idempotency_keys where account_id = $1 and key = $2 and status is null
          and subject_ids = $3`,
      [accountId, once.key, [id]],
    )
}

/** Renewals that nobody has sent in time are not sent, and their prices are returned. @returns how many */
export function dropOverdueRenewals(db: Database, now: Date): Promise<number> {
  return db.begin(async (tx) => {
    const due = await tx.query<{ id: bigint }>(
      `select o.id from orders o
        where o.id in (select order_id from allocations
                        where state in ('planned', 'asking', 'unknown') and allocate_by <= $1
                          and purpose = 'renew' and state = 'planned')
        order by o.id limit 500 for no key update skip locked`,
      [now],
    )
    await dropPlanned(
      tx,
      now,
      due.map(({ id }) => id),
      'not asked in time',
    )
    return due.length
  })
}

/** The end of a rental that its supplier has renewed: our length, and never beyond the supplier's end. */
function newEnd({ expiresAt, durationS }: Order, endsAt: Date): Date {
  return new Date(Math.min(expiresAt.getTime() + (durationS ?? 0) * 1000, endsAt.getTime()))
}

/** Whether a rental that its supplier has renewed is of use to its customer. It may have come too late, or
 * somebody else has got the number since its end. Requires the lock of the order. */
export async function isOfUse(tx: Tx, now: Date, order: Order, endsAt: Date): Promise<boolean> {
  if (newEnd(order, endsAt) <= now) return false
  return order.state === 'active' || (order.state === 'ended' && (await isStillTheirs(tx, order)))
}

/** Posts the price of a renewal, and extends the rental to its new end: one that has ended runs again.
 * Requires the lock of the order. */
export async function extendRental(
  tx: Tx,
  now: Date,
  terms: RentalTerms,
  order: Order,
  renewal: { readonly allocationId: bigint; readonly endsAt: Date },
): Promise<void> {
  const until = newEnd(order, renewal.endsAt)
  await endRenewalHold(tx, now, renewal.allocationId, 'post')
  if (order.state === 'ended') await dropCommands(tx, now, order)
  await tx.query(
    'update upstream_leases set until = $2, remind_at = $3, ended_at = null where order_id = $1',
    [order.id, until, nextReminder(terms, now, until)],
  )
  // What the supplier has said of the end is of the time before.
  await tx.query(
    `update allocations set ends_at = $2, last_word = null, last_word_at = null, over_since = null,
            poll_at = coalesce(poll_at, $3) where id = $1`,
    [order.allocationId, renewal.endsAt, now],
  )
  await tx.query(
    `update orders set expires_at = $2, renewals = renewals + 1,
            cancel_requested_at = case state when 'active' then cancel_requested_at end where id = $1`,
    [order.id, until],
  )
  const renewed = await move(tx, now, [order.id], 'renew')
  if (renewed.length === 0) throw new Error('a locked order did not move')
}

/** What the supplier was to be told of a rental that had ended is not told any more. */
async function dropCommands(tx: Tx, now: Date, { allocationId }: Order): Promise<void> {
  await tx.query(
    `update supplier_commands set state = 'superseded', ended_at = $2
      where allocation_id = $1 and state = 'open'`,
    [allocationId, now],
  )
}
