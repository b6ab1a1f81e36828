// Endpoints of single orders: some APIs name where an order's messages go when they buy it.
import type { Database, Tx } from '../../db/database.ts'
import { logOfKey } from '../accounts/key-origin.ts'
import type { Order } from '../orders/order.ts'
import { assertDestination } from './destination.ts'
import { type DialectFormat, newSecret } from './endpoint.ts'
import type { Surroundings } from './endpoints.ts'

type Wanted = {
  readonly accountId: number
  readonly url: string
  readonly format: DialectFormat
  /** The key that asks for it. */
  readonly keyId?: number
}

/**
 * Prepares to have an order's messages told to a URL, in a format's words, until some days after its end. The
 * returned function is for the transaction of the purchase.
 * @throws invalid_request where the URL may not be called
 */
export async function orderEndpoint(
  now: Date,
  { network, webhookSecrets }: Surroundings,
  wanted: Wanted,
): Promise<(tx: Tx, order: Order) => Promise<void>> {
  await assertDestination(network, wanted.accountId, wanted.url)
  const secret = await webhookSecrets.keep(newSecret())
  return (tx, order) => insert(tx, now, order, { ...wanted, secret })
}

async function insert(
  tx: Tx,
  now: Date,
  order: Order,
  wanted: Wanted & { readonly secret: string },
): Promise<void> {
  const [row] = await tx.query<{ id: number }>(
    `insert into webhook_endpoints (account_id, format, url, events, secret, order_id, created_at, updated_at)
     values ($1, $2, $3, '{message.received}', $4, $5, $6, $6) returning id`,
    [order.accountId, wanted.format, wanted.url, wanted.secret, order.id, now],
  )
  const { id } = row as { id: number }
  await logOfKey(tx, wanted.keyId, { action: 'webhook.create', subject: { type: 'webhook', id } })
}

/** Takes away the endpoints of orders that ended before a time. @returns how many; 1,000: maybe more */
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
