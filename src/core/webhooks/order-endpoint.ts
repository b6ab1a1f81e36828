// Endpoints of single orders: in some APIs a purchase names the URL for the order's messages.
import type { Database, Tx } from '../../db/database.ts'
import { logOfKey } from '../accounts/key-origin.ts'
import type { Order } from '../orders/order.ts'
import { assertDestination } from './destination.ts'
import { newSecret } from './endpoint.ts'
import type { Surroundings } from './endpoints.ts'

export type OrderEndpoint = {
  readonly accountId: number
  readonly url: string
  readonly format: string
  /** The key that requests it. */
  readonly keyId?: number
}

/**
 * Prepares an endpoint that receives an order's messages in a format, until some days after the order's end.
 * Call the returned function in the transaction of the purchase.
 * @throws invalid_request if the URL may not be called
 */
export async function orderEndpoint(
  now: Date,
  { network, secrets }: Surroundings,
  wanted: OrderEndpoint,
): Promise<(tx: Tx, order: Order) => Promise<void>> {
  await assertDestination(network, wanted.accountId, wanted.url)
  const secret = await secrets.keep(newSecret())
  return (tx, order) => insert(tx, now, order, { ...wanted, secret })
}

async function insert(
  tx: Tx,
  now: Date,
  order: Order,
  wanted: OrderEndpoint & { readonly secret: string },
): Promise<void> {
  const [row] = await tx.query<{ id: number }>(
    `insert into webhook_endpoints (account_id, format, url, events, secret, order_id, created_at, updated_at)
     values ($1, $2, $3, '{message.received}', $4, $5, $6, $6) returning id`,
    [order.accountId, wanted.format, wanted.url, wanted.secret, order.id, now],
  )
  const { id } = row as { id: number }
  await logOfKey(tx, wanted.keyId, { action: 'webhook.create', subject: { type: 'webhook', id } })
}

/** Deletes the endpoints of orders that ended before a time. @returns the number; 1,000: there may be more */
export async function forgetOrderEndpoints(db: Database, before: Date): Promise<number> {
  const rows = await db.once(
    `with over as (
       select e.id from webhook_endpoints e left join orders o on o.id = e.order_id
        where e.order_id is not null and (o.id is null or o.closed_at < $1)
        limit 1000 for update of e skip locked)
     delete from webhook_endpoints e using over where e.id = over.id returning 1 as yes`,
    [before],
  )
  return rows.length
}
