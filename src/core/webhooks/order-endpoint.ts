// Endpoints of single orders: some APIs name where an order's messages go when they buy it.
import type { Database } from '../../db/database.ts'
import type { Order } from '../orders/order.ts'
import { type DialectFormat, newSecret } from './endpoint.ts'
import type { SecretKeeper } from './secrets.ts'

/**
 * Has an order's messages told to a URL, in a format's words, until some days after the order's end. Safe to
 * repeat: an order has one such endpoint, the first. The URL must have been judged by `assertDestination`.
 */
export async function tellOfOrder(
  db: Database,
  now: Date,
  webhookSecrets: SecretKeeper,
  order: Order,
  wanted: { readonly url: string; readonly format: DialectFormat },
): Promise<void> {
  const secret = await webhookSecrets.keep(newSecret())
  await db.once(
    `insert into webhook_endpoints (account_id, format, url, events, secret, order_id, created_at, updated_at)
     values ($1, $2, $3, '{message.received}', $4, $5, $6, $6)
     on conflict (order_id) where order_id is not null do nothing returning 1 as yes`,
    [order.accountId, wanted.format, wanted.url, secret, order.id, now],
  )
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
