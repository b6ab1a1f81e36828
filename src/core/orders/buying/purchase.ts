// Shared by purchases that are not batched (buy.ts): locking the customer, and writing orders.
import type { Tx } from '../../../db/database.ts'
import { actingKey } from '../../accounts/acting-key.ts'
import { spendWithKey } from '../../accounts/key-caps.ts'
import type { DefaultLimits } from '../../accounts/limits.ts'
import { type Annotations, metadataColumn, noAnnotations } from '../../annotations.ts'
import { DomainError } from '../../error.ts'
import { emitMany, ofOrder } from '../../events/events.ts'
import { holdAll, lockWallets, type NewHold, payNow } from '../../ledger/ledger.ts'
import { newTransferId } from '../../ledger/transfer-id.ts'
import type { Amount } from '../../money.ts'
import type { Order, OrderKind } from '../order.ts'
import { type OrderRow, orderColumns, toOrder } from '../rows.ts'
import { insertServices, type ServiceHold } from '../services.ts'
import { refusal } from './refusal.ts'

/** A customer whose wallet is locked: its balance and counts do not change until the transaction ends. */
export type Customer = {
  readonly accountId: number
  readonly currency: string
  /** The value of one unit of the base currency in the account's currency, as a decimal. */
  readonly rate: string
  readonly decimals: number
  readonly balance: Amount
}

/**
 * Locks the wallet: after orders, before stock.
 * @param count the number of orders to create; 0 skips the limits
 * @throws account_suspended, too_many_open_orders, daily_limit_reached, too_many_cancelled
 */
export async function lockCustomer(
  tx: Tx,
  now: Date,
  accountId: number,
  limits: DefaultLimits,
  count: number,
): Promise<Customer> {
  await lockWallets(tx, [accountId])
  const [row] = await tx.query<Omit<Customer, 'accountId'> & { refused: string | null }>(
    `select w.balance, a.currency, r.rate::text, r.decimals,
            limit_reached(a => a, u => u, p_now => $2, p_count => $3, p_max_open => $4,
              p_max_day => $5, p_max_cancelled => $6) as refused
       from accounts a
       join rates r on r.currency = a.currency
       join ledger_accounts w on w.kind = 'customer' and w.account_id = a.id
        and w.currency = a.currency
       left join account_usage u on u.account_id = a.id
      where a.id = $1`,
    [accountId, now, count, limits.maxOpenOrders, limits.maxOrdersADay, limits.maxCancelledPercent],
  )
  if (!row) throw new DomainError('not_found', 'There is no such account.')
  const { refused, ...customer } = row
  if (refused) throw refusal(refused)
  return { accountId, ...customer }
}

/** The part of a purchase that concerns one service. */
export type Part = { readonly serviceId: number; readonly offerId: number; readonly price: Amount }

/** An order to be written. */
export type Draft = {
  readonly kind: OrderKind
  readonly state: 'allocating' | 'waiting' | 'active' | 'finished'
  readonly serviceId?: number | null
  readonly services?: readonly number[] | null
  readonly country?: string | null
  readonly operatorId?: number | null
  readonly pool?: string | null
  readonly offerId: number
  readonly numberId?: number | null
  readonly phone?: string | null
  readonly email?: string | null
  /** In the account's currency. */
  readonly price: Amount
  /** For an order for several services: each with its price, which is held separately. They sum to
   * `price`. */
  readonly parts?: readonly Part[] | null
  readonly durationS?: number | null
  readonly cancelAfter: Date
  readonly expiresAt: Date
  /** When an order without its number fails. Omitted: when its window is over. */
  readonly allocateBy?: Date | undefined
  readonly annotations?: Annotations | undefined
  /** A note of the dialect's own. */
  readonly channel?: string | undefined
  /** Prefixes that the number must not have: a replacement keeps them. */
  readonly unwanted?: readonly string[] | undefined
}

/**
 * Holds the prices (and posts them if the price is earned at once), and writes the orders, their counts and
 * their events.
 * @throws insufficient_balance if the balance is lower than the total; key_limit_reached
 */
export async function placeOrders(
  tx: Tx,
  now: Date,
  customer: Customer,
  drafts: readonly Draft[],
  money: { readonly post: boolean },
): Promise<Order[]> {
  const total = drafts.reduce((sum, draft) => sum + draft.price, 0n)
  if (total > customer.balance) throw refusal('insufficient_balance', { ...customer, price: total })
  const ids = await tx.query<{ id: bigint }>(
    `select nextval('order_ids') as id from hold_epoch() cross join generate_series(1, $1)`,
    [drafts.length],
  )
  const placed = drafts.map((draft, place): Placed => {
    const { id } = ids[place] as { id: bigint }
    const parts = draft.parts?.map((part) => ({ ...part, holdId: newTransferId(now) }))
    const hold = (holdId: string, amount: Amount) => ({ holdId, amount, orderId: id })
    if (parts) {
      const holds = parts.map((part) => hold(part.holdId, part.price))
      return { ...draft, id, holdId: null, parts, holds }
    }
    const holdId = newTransferId(now)
    return { ...draft, id, holdId, parts: null, holds: [hold(holdId, draft.price)] }
  })
  await spendWithKey(tx, now, total)
  const holds = placed.flatMap((one) => one.holds)
  if (money.post) await payNow(tx, now, customer, holds)
  else await holdAll(tx, now, customer, holds)
  const rows = await insertOrders(tx, now, customer, placed)
  for (const { id, parts } of placed) if (parts) await insertServices(tx, id, parts)
  await countBought(tx, now, customer.accountId, {
    bought: placed.length,
    open: placed.filter((one) => one.state !== 'finished').length,
  })
  await emitMany(
    tx,
    now,
    placed
      .map(({ id, state }) => ({ id, state, accountId: customer.accountId }))
      .flatMap((one) => [
        ofOrder('order.created', one),
        ...(one.state === 'finished' ? [ofOrder('order.finished', one)] : []),
      ]),
  )
  return rows
}

type Placed = Draft & {
  readonly id: bigint
  readonly holdId: string | null
  readonly parts: readonly ServiceHold[] | null
  readonly holds: readonly NewHold[]
}

async function insertOrders(
  tx: Tx,
  now: Date,
  customer: Customer,
  placed: readonly Placed[],
): Promise<Order[]> {
  const rows: OrderRow[] = []
  for (const one of placed)
    rows.push(
      ...(await tx.query<OrderRow>(
        `insert into orders as o (id, account_id, kind, state, service_id, services, country,
           operator_id, pool, offer_id, number_id, phone, email, price, currency, hold_id, duration,
           created_at, cancel_after, expires_at, closed_at, reference, metadata, channel, allocate_by,
           unwanted, key_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
           make_interval(secs => $17::int), $18, $19, $20,
           case when $4 = 'finished' then $18::timestamptz end, $21, $22, $23,
           case when $4 = 'allocating' then $24::timestamptz end, $25, $26)
         returning ${orderColumns}`,
        [
          one.id,
          customer.accountId,
          one.kind,
          one.state,
          one.serviceId ?? null,
          one.services ?? null,
          one.country ?? null,
          one.operatorId ?? null,
          one.pool ?? null,
          one.offerId,
          one.numberId ?? null,
          one.phone ?? null,
          one.email ?? null,
          one.price,
          customer.currency,
          one.holdId,
          one.durationS ?? null,
          now,
          one.cancelAfter,
          one.expiresAt,
          ...annotationColumns(one.annotations),
          one.channel ?? null,
          one.allocateBy ?? one.expiresAt,
          one.unwanted && one.unwanted.length > 0 ? [...one.unwanted] : null,
          actingKey(),
        ],
      )),
    )
  return rows.map(toOrder)
}

const annotationColumns = ({ reference, metadata }: Annotations = noAnnotations) => [
  reference,
  metadataColumn(metadata),
]

/** Adds orders to an account's counts of open orders and of today's purchases. Requires its wallet's lock. */
async function countBought(
  tx: Tx,
  now: Date,
  accountId: number,
  counts: { readonly bought: number; readonly open: number },
) {
  await tx.query(
    `insert into account_usage as u (account_id, open_orders, day, bought_today, cancelled_today)
     values ($1, $2, ($4::timestamptz at time zone 'utc')::date, $3, 0)
     on conflict (account_id) do update set
       open_orders = u.open_orders + $2,
       bought_today = $3 + case when u.day = excluded.day then u.bought_today else 0 end,
       cancelled_today = case when u.day = excluded.day then u.cancelled_today else 0 end,
       day = excluded.day`,
    [accountId, counts.open, counts.bought, now],
  )
}
