// Replacing a number by one of a supplier: the new number is asked for first. When it is there, one
// transaction ends the old order, holds the price and makes the new one. If there is none in time, nothing
// has changed.
import type { Database, Queryable, Tx } from '../../db/database.ts'
import { capReached } from '../accounts/key-caps.ts'
import type { DefaultLimits } from '../accounts/limits.ts'
import type { Allocation } from '../allocations/allocation.ts'
import { DomainError } from '../error.ts'
import type { OrderWatch } from '../events/watch.ts'
import { claimKey, noteOrders, noteOrdersOf, type Repeated } from '../idempotency/idempotency.ts'
import type { Amount } from '../money.ts'
import { type Draft, lockCustomer, placeOrders } from './buying/purchase.ts'
import { refusal } from './buying/refusal.ts'
import { type Closers, move } from './lifecycle.ts'
import type { Order } from './order.ts'
import { assertReplaceable, lockOrder, notReplaceable, type Replacing } from './orders.ts'
import { orderOf } from './read.ts'

/** What another node has recorded without an event is noticed within this time. */
const lookMs = 500
/** A wait that ends so much too early was ended by the node, which stops. */
const earlyMs = lookMs / 2
const noLimits: DefaultLimits = { maxOpenOrders: 0, maxOrdersADay: 0, maxCancelledPercent: 0 }

export type ReplaceParts = {
  readonly db: Database
  readonly clock: () => Date
  readonly watch: Pick<OrderWatch, 'next' | 'listening'>
  readonly read: (accountId: number, id: bigint) => Promise<Order>
  readonly changed: (orderId: bigint) => void
}

/**
 * Asks a supplier for the number that replaces that of an order, and waits for it.
 * @returns the new order
 * @throws order_not_found, order_not_replaceable, out_of_stock if no number came in time
 */
export async function replaceAtSupplier(
  parts: ReplaceParts,
  target: Replacing,
): Promise<Order | Repeated> {
  const { db, clock, watch, read, changed } = parts
  const { accountId, id } = target
  const now = clock()
  await watch.listening()
  const by = await planReplacement(db, now, target)
  if (by === null) return { repeated: true }
  for (const end = performance.now() + (target.allocateS ?? 0) * 1000; ; ) {
    const { order, isOpen } = await stateOf(db, target, by)
    if (order.replacedBy !== null) return read(accountId, order.replacedBy)
    const leftMs = end - performance.now()
    if (!isOpen || leftMs <= 0 || order.state !== 'waiting') break
    const lookAt = performance.now() + Math.min(leftMs, lookMs)
    const why = await watch.next(id, lookAt - performance.now(), new AbortController().signal)
    // @NOTE a node that stops ends all waits at once, and each further one as soon as it begins
    if (why === 'over' && lookAt - performance.now() > earlyMs) break
  }
  const left = await giveUp(db, clock(), target, by)
  changed(id)
  if (left.replacedBy !== null) return read(accountId, left.replacedBy)
  throw left.state === 'waiting' ? refusal('out_of_stock') : notReplaceable()
}

/** Plans the request. Nothing is held yet. @returns until when it may be answered; null if its key was used
 * before */
function planReplacement(db: Database, now: Date, target: Replacing): Promise<Date | null> {
  const { accountId, once, via, allocateS = 0 } = target
  const by = new Date(now.getTime() + allocateS * 1000)
  return db.begin(async (tx) => {
    if (!(await claimKey(tx, now, accountId, once))) return null
    const order = await lockOrder(tx, target)
    await assertReplaceable(tx, now, order)
    const [source] = await tx.query<{ id: number | null }>(
      `select take_upstream(p_now => $1, p_service => s.service_id, p_shelf => s.shelf_id) as id
         from (select st.service_id, st.shelf_id from stock st
                where st.offer_id = $2 and st.area = '' and st.upstream > 0
                for no key update) s`,
      [now, order.offerId],
    )
    const [planned] = await tx.query<{ by: Date }>(
      `insert into allocations (order_id, purpose, supplier_id, source_id, attempt, request_key, unwanted,
         via, created_at, allocate_by, price_base, currency, once_key)
       select o.id, 'replace', s.supplier_id, s.id, 1, gen_random_uuid()::text,
              coalesce(o.unwanted, '{}') || ltrim(o.phone, '+'), $3, $4, $5, f.price, p.currency, $6
         from orders o
         join offers f on f.id = o.offer_id
         join sources s on s.id = $2
         join suppliers p on p.id = s.supplier_id
        where o.id = $1
          -- A supplier of which an answer is still awaited is not asked for the same order.
          and not exists (select from allocations a
            where a.order_id = o.id and a.supplier_id = s.supplier_id and a.state = 'unknown')
       returning allocate_by as by`,
      [order.id, source?.id ?? null, via ? [...via] : null, now, by, once?.key ?? null],
    )
    if (!planned) throw refusal('out_of_stock')
    await noteOrders(tx, accountId, once, [order.id])
    return planned.by
  })
}

const openOnes = `purpose = 'replace' and state in ('planned', 'asking', 'unknown')`

async function stateOf(db: Queryable, { accountId, id }: Replacing, by: Date) {
  const [row] = await db.query<{ open: boolean }>(
    `select exists (select from allocations
        where order_id = $1 and allocate_by = $2 and ${openOnes}) as open`,
    [id, by],
  )
  return { order: await orderOf(db, accountId, id), isOpen: row?.open === true }
}

/** Nobody waits any more: a number that still comes is given back, and the key may be used again.
 * @returns the order, which may have been replaced meanwhile */
function giveUp(db: Database, now: Date, target: Replacing, by: Date): Promise<Order> {
  return db.begin(async (tx) => {
    const order = await lockOrder(tx, target)
    if (order.replacedBy !== null) return order
    await tx.query(
      `update allocations set allocate_by = least(allocate_by, $3),
              state = case state when 'planned' then 'refused' else state end,
              error = case state when 'planned' then 'not asked in time' else error end
        where order_id = $1 and allocate_by = $2 and ${openOnes}`,
      [order.id, by, now],
    )
    if (target.once)
      await tx.query(
        `delete from idempotency_keys
          where account_id = $1 and key = $2 and status is null and subject_ids = $3`,
        [order.accountId, target.once.key, [order.id]],
      )
    return order
  })
}

/** Requests for replacements that nobody has sent in time are not sent. @returns how many */
export async function dropOverdueReplacements(db: Database, now: Date): Promise<number> {
  const rows = await db.once(
    `update allocations set state = 'refused', error = 'not asked in time'
      where id in (select id from allocations
                    where state in ('planned', 'asking', 'unknown') and allocate_by <= $1
                      and purpose = 'replace' and state = 'planned'
                    order by allocate_by limit 500 for no key update skip locked)
      returning 1 as yes`,
    [now],
  )
  return rows.length
}

/**
 * Ends the old order and makes the new one, for a number that has come. Requires the locks of the old order
 * and of the allocation, which is the new order's from now on.
 * @throws insufficient_balance, key_limit_reached, account_suspended, offer_not_found
 */
export async function moveToNew(
  tx: Tx,
  now: Date,
  closers: Closers,
  old: Order,
  allocation: Allocation,
): Promise<Order> {
  await move(tx, now, [old.id], 'replace', closers)
  // The old order lets go of all that is under way for it; this number is the new one's.
  await tx.query(`delete from supplier_commands where allocation_id = $1 and state = 'open'`, [
    allocation.id,
  ])
  const customer = await lockCustomer(tx, now, old.accountId, noLimits, 0)
  const price = await priceNow(tx, old)
  const { serviceId, country, operatorId, pool, offerId, cancelAfter, expiresAt } = old
  const { allocateBy } = allocation
  const annotations = { reference: old.reference, metadata: old.metadata }
  const draft: Draft = {
    ...{ serviceId, country, operatorId, pool, offerId, price, cancelAfter, expiresAt, allocateBy },
    ...{ kind: 'activation', state: 'allocating', annotations, unwanted: allocation.unwanted },
  }
  const [fresh] = await placeOrders(tx, now, customer, [draft], { post: false })
  if (!fresh) throw new Error('an order was placed and is not there')
  await spendWithItsKey(tx, now, old, fresh)
  await tx.query('update orders set replaced_by = $2 where id = $1', [old.id, fresh.id])
  await tx.query('update orders set replaces = $2 where id = $1', [fresh.id, old.id])
  const [moved] = await tx.query<{ once_key: string | null }>(
    'update allocations set order_id = $2 where id = $1 returning once_key',
    [allocation.id, fresh.id],
  )
  await tx.query(
    `select write_routing(p_now => $1, p_order => $2, p_offer => $3, p_attempt => 1, p_chosen => $4)`,
    [now, fresh.id, offerId, allocation.sourceId],
  )
  if (moved?.once_key) await noteOrdersOf(tx, old.accountId, moved.once_key, [fresh.id])
  return { ...fresh, replaces: old.id }
}

async function priceNow(tx: Tx, { offerId, currency }: Order): Promise<Amount> {
  const [offer] = await tx.query<{ price: Amount }>(
    `select price_in(o.price, r.rate, r.decimals) as price from offers o
       join services s on s.id = o.service_id and not s.closed
       join countries c on c.code = o.country and not c.closed
       join rates r on r.currency = $2
      where o.id = $1 and o.active`,
    [offerId, currency],
  )
  if (!offer) throw new DomainError('offer_not_found', 'This number is no longer offered.')
  return offer.price
}

/** The new order is of the key that the old one was bought with, and counts towards its cap. */
async function spendWithItsKey(tx: Tx, now: Date, old: Order, { id, price }: Order): Promise<void> {
  const [key] = await tx.query<{ id: number; may: boolean | null }>(
    `with own as (update orders n set key_id = o.key_id from orders o
                   where n.id = $1 and o.id = $2 and o.key_id is not null returning n.key_id as id)
     select k.id, case when k.max_spend_a_day is not null then may_spend(k.id, $3, $4) end as may
       from own join api_keys k on k.id = own.id`,
    [id, old.id, now, price],
  )
  if (key?.may === false) throw capReached()
  if (key?.may) await tx.query('select spend_with_key($1, $2, $3)', [key.id, now, price])
}
