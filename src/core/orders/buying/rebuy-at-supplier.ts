// Buying a supplier's number again: the supplier that had it is asked for this very number.
import type { Queryable, Tx } from '../../../db/database.ts'
import type { Annotations } from '../../annotations.ts'
import type { Amount } from '../../money.ts'
import type { Order } from '../order.ts'
import { type Customer, placeOrders } from './purchase.ts'
import type { OrderTerms, Purchase } from './selection.ts'

/** Whether a supplier can be asked for a number that it had sold. */
export type CanRebuy = (supplier: {
  readonly kind: string
  readonly config: Readonly<Record<string, string>>
}) => boolean

/** Where a number can be bought again. */
type Origin = { readonly allocationId: bigint; readonly supplierId: number }

/** The supplier of an order's number, if it can be asked for it again, and nobody else has had it since.
 * @returns null if not */
export async function originOf(
  db: Queryable,
  { id, allocationId, accountId, serviceId }: Order,
  canRebuy: CanRebuy,
): Promise<Origin | null> {
  const [row] = await db.query<Origin & Parameters<CanRebuy>[0]>(
    `select a.id as "allocationId", p.id as "supplierId", p.kind, p.config
       from allocations a
       join sources s on s.id = a.source_id
       join suppliers p on p.id = a.supplier_id
      where a.id = $1 and a.state = 'got' and p.state = 'on' and p.dry_since is null
        and not exists (select from numbers n where n.phone = a.phone)
        and not exists (select from upstream_leases l
          left join banned_orders b on b.order_id = l.order_id
          where l.phone = a.phone and l.service_id = $2 and (l.ended_at is null
            or b.order_id is not null or (l.order_id > $3 and l.account_id <> $4)))`,
    [allocationId, serviceId, id, accountId],
  )
  return row && canRebuy(row) ? row : null
}

/** Writes the order for a number that its supplier is to be asked for again, and plans the request. */
export async function askAgain(
  tx: Tx,
  now: Date,
  terms: OrderTerms,
  customer: Customer,
  wanted: {
    readonly order: Order
    readonly origin: Origin
    readonly price: Amount
    readonly allocateS: number
    readonly annotations?: Annotations | undefined
  } & Pick<Purchase, 'via'>,
): Promise<Order[]> {
  const { order, origin, price, allocateS, annotations, via } = wanted
  const { serviceId, country, operatorId, pool, offerId } = order
  const after = (seconds: number) => new Date(now.getTime() + seconds * 1000)
  const allocateBy = after(allocateS)
  const orders = await placeOrders(
    tx,
    now,
    customer,
    [
      {
        ...{ kind: 'activation', state: 'allocating', allocateBy, annotations, price },
        ...{ serviceId, country, operatorId, pool, offerId },
        cancelAfter: after(terms.cancelCooldownS),
        expiresAt: after(terms.activationWindowS),
      },
    ],
    { post: false },
  )
  await tx.query(
    `insert into allocations (order_id, purpose, again_of, supplier_id, source_id, attempt, request_key, via,
       created_at, allocate_by, price_base, currency)
     select $1, 'again', a.id, a.supplier_id, a.source_id, 1, gen_random_uuid()::text, $3, $4, $5, o.price,
            p.currency
       from allocations a
       join suppliers p on p.id = a.supplier_id
       join offers o on o.id = $6
      where a.id = $2`,
    [orders[0]?.id, origin.allocationId, via ? [...via] : null, now, allocateBy, offerId],
  )
  return orders
}
